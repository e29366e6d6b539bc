"""The steps of a review without a terminal: what is read when, and what a verdict covers."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.walking import Steps
from secops_oncall.config import Config
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.reviews import past
from secops_oncall.editor import Draft
from secops_oncall.errors import Cancelled, ConfigError, RemoteError
from secops_oncall.keys import ENTER
from secops_oncall.streams import Streams
from secops_oncall.workflows.reviewing import begin
from tests.fakes import NOW, FakeGitLab, FakeJournal, an_issue
from tests.views.samples import Consoles
from tests.workflows.test_reviewing import SETTINGS, on_duty

MINUTE = timedelta(minutes=1)


class Lab(FakeGitLab):
    """A GitLab that remembers when which issue was read."""

    read: list[tuple[str, datetime]]
    home: "Home"

    def issue(self, ref: str) -> Issue:
        self.read.append((ref[-2:], self.home.now()))
        return super().issue(ref)


class Home(App):
    """The program with a GitLab in memory, and an engineer who needs some minutes for each key."""

    def __init__(self, issues: Sequence[Issue], keys: Iterable[str], minutes: int = 0) -> None:
        self.time = NOW
        self.consoles = Consoles()
        super().__init__({"COLUMNS": "80"}, self.consoles.streams, lambda: self.time)
        self.lab = Lab(issues)
        self.lab.read, self.lab.home = [], self
        self.gitlab: Any = self.lab
        self.journal: Any = FakeJournal()
        self.keys, self.minutes = iter(keys), minutes

    def go(self) -> bool:
        walk = begin(self.lab, on_duty(), self.journal, SETTINGS, NOW)
        return Steps(self, walk, UTC, self.press).go()

    def press(self, streams: Streams, line: str) -> str:
        until = time.monotonic() + 5
        while len({ref for ref, _ in self.lab.read}) < len(self.lab.kept) and time.monotonic() < until:
            time.sleep(0.002)  # the next one is being read in a thread
        self.time += self.minutes * MINUTE
        return next(self.keys)


def labelled(number: int) -> Issue:
    return an_issue(f"acme/web#{number}", labels=("oncall",), minutes=60 + number)


def test_the_next_issue_is_read_while_this_one_is_looked_at() -> None:
    home = Home([labelled(1), labelled(2)], "nn", minutes=1)
    assert home.go()
    assert home.lab.read == [("#1", NOW), ("#2", NOW)]


def test_what_was_read_long_before_is_read_again() -> None:
    home = Home([labelled(1), labelled(2)], "nn", minutes=3)
    assert home.go()
    assert home.lab.read == [("#1", NOW), ("#2", NOW), ("#2", NOW + 3 * MINUTE)]


def test_back_and_enter_read_an_issue_again() -> None:
    home = Home([labelled(1), labelled(2)], ["n", "b", ENTER, "h", "s"])
    assert home.go()
    assert sorted(ref for ref, _ in home.lab.read) == ["#1"] * 3 + ["#2"] * 2
    assert [event.data["verdict"] for event in home.journal.events("verdict")] == ["noise", "human", "skip"]


def test_a_verdict_covers_what_was_on_the_screen_and_no_more() -> None:
    """Somebody comments while I look at the issue."""
    home = Home([labelled(1)], (), minutes=1)

    def keys() -> Iterator[str]:
        home.lab.kept["acme/web#1"] = replace(labelled(1), updated_at=NOW + MINUTE)
        yield "n"

    home.keys = keys()
    assert home.go()
    assert past(home.journal.written, NOW).judged(home.lab.kept["acme/web#1"]).change == "changed"


def test_back_at_the_first_and_unchanged_where_none_is_do_nothing() -> None:
    home = Home([labelled(1)], "buq")
    assert not home.go()
    assert home.journal.events("verdict") == []


class Losing(Lab):
    """A GitLab that has a comment, and never says so."""

    lost = False

    def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
        note = super().add_note(ref, text, markers, internal=internal)
        if self.lost:
            raise RemoteError("GitLab does not answer", "try again")
        return note


class Writing(Home):
    """An engineer who leaves what the editor offers, and else writes that they were here."""

    def __init__(self, keys: Iterable[str], folder: Path) -> None:
        super().__init__([], keys)
        self.losing = self.lab = self.gitlab = Losing([labelled(1)])
        self.lab.read, self.lab.home = [], self
        self.config: Any = Config()
        self.folder, self.offered = folder / "drafts", list[str]()

    def draft(self, text: str, name: str, ending: str = ".md") -> Draft:
        self.offered.append(text)
        self.folder.joinpath(name[-2:]).mkdir(parents=True, exist_ok=True)
        return Draft(text or "I was here", self.folder / name[-2:] / "draft.md")


def test_a_comment_that_arrived_after_all_is_neither_offered_again_nor_warned_of(tmp_path: Path) -> None:
    def keys() -> Iterator[str]:
        home.losing.lost, home.lab.failing = True, {"marked": RemoteError("GitLab does not answer", "try again")}
        yield "c"
        home.losing.lost, home.lab.failing = False, {}
        yield "c"
        yield "q"

    home = Writing((), tmp_path)
    home.keys = keys()
    assert not home.go()
    assert home.offered == ["", ""]
    assert "may not be there" not in home.consoles.err


def test_a_comment_that_the_journal_could_not_keep_is_offered_again_and_its_draft_stays(tmp_path: Path) -> None:
    def keys() -> Iterator[str]:
        home.journal.failing = ConfigError("the disk is full", "make room")
        yield "c"
        assert list(home.folder.iterdir()) != []
        home.journal.failing = None
        yield "c"
        assert list(home.folder.iterdir()) == []
        yield "q"

    home = Writing((), tmp_path)
    home.keys = keys()
    assert not home.go()
    assert home.offered == ["", "I was here"]


def test_leaving_says_how_many_were_seen() -> None:
    def keys() -> Iterator[str]:
        yield "n"
        raise Cancelled("cancelled", "nothing more was sent")

    with pytest.raises(Cancelled, match="1 of 2 seen"):
        Home([labelled(1), labelled(2)], keys()).go()
