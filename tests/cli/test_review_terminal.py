"""`oncall review` by keys on a real terminal: a whole review, one that is killed, colleagues, and hostile text."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pexpect
import pytest
import requests
from rich.cells import cell_len

from secops_oncall.journal import SqliteJournal
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.cli.conftest import Oncall, Served, two_lines
from tests.cli.test_hostile import POISON, dangerous
from tests.cli.test_improvements import wait_until
from tests.cli.test_once import Gate
from tests.forked import Forks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it needs a pseudo-terminal")
FIRST, SECOND, THIRD = (f"acme-security/operations#{iid}" for iid in (45, 40, 31))
KEYS = re.compile(r"\r\x1b\[K")


class Terminal:
    """The program on a terminal; `until` waits for a text and answers all that was printed up to it."""

    def __init__(self, forks: Forks, environ: dict[str, Any], *arguments: str, columns: int = 80) -> None:
        world = {**os.environ, "TERM": "xterm-256color", **environ}
        world.pop("COLUMNS", None)
        self.running: Any = forks.terminal(*arguments, env=world, dimensions=(24, columns))

    def until(self, text: str) -> str:
        self.running.expect_exact(text.replace("\n", "\r\n"))
        return plain(self.running.before) + text

    def press(self, key: str, then: str) -> str:
        """Press a key once the keys' line is there, and wait for what comes of it."""
        self.running.expect(r"\[q\]uit|Quit")
        self.running.until_keys_count()
        self.running.send(key)
        return self.until(then)

    def ended(self) -> tuple[int, str]:
        self.running.expect(pexpect.EOF)
        self.running.close()
        return self.running.exitstatus, plain(self.running.before)


def plain(text: str) -> str:
    return KEYS.sub("", text.replace("\r\n", "\n"))


@pytest.fixture
def world(oncall: Oncall, tmp_path: Path) -> Iterator[Served]:
    """The services at the time of this machine, for processes of their own."""
    oncall.now = datetime.now(UTC)
    with Sandbox(tmp_path / "served", clock=lambda: datetime.now(UTC)) as services:
        yield Served(services)


@pytest.fixture
def environ(world: Served, oncall: Oncall, tmp_path: Path) -> dict[str, Any]:
    """Three issues to review, and an editor that writes without asking."""
    (tmp_path / "words").write_text("/close\nlooks like our scanner, @ben and @all\n", "utf-8")
    editor = f"cp '{tmp_path / 'words'}'"
    return world.environ(ONCALL_ISSUES_LABEL="runbook", ONCALL_STATE_DIR=str(oncall.state), EDITOR=editor, NO_COLOR="1")


@pytest.fixture
def review(environ: dict[str, Any], forks: Forks) -> Iterator[Callable[..., Terminal]]:
    started: list[Terminal] = []

    def start(columns: int = 80, **more: str) -> Terminal:
        started.append(Terminal(forks, {**environ, **more}, "review", columns=columns))
        return started[-1]

    yield start
    for each in started:
        each.running.close(force=True)


class Colleague:
    """What somebody else does in GitLab."""

    def __init__(self, world: Served, login: str) -> None:
        self._base = f"{world.services.addresses.gitlab}/api/v4/projects"
        self._headers = {"PRIVATE-TOKEN": cast.token("gitlab", login)}

    def comments(self, ref: str, text: str) -> None:
        requests.post(f"{self._of(ref)}/notes", json={"body": text}, headers=self._headers, timeout=5)

    def changes(self, ref: str, **body: object) -> None:
        assert requests.put(self._of(ref), json=body, headers=self._headers, timeout=5).ok

    def sees(self, ref: str) -> Any:
        return requests.get(self._of(ref), headers=self._headers, timeout=5).json()

    def reads(self, ref: str) -> list[str]:
        notes = requests.get(f"{self._of(ref)}/notes?sort=asc", headers=self._headers, timeout=5).json()
        return [note["body"] for note in notes if not note["system"]]

    def _of(self, ref: str) -> str:
        project, _, iid = ref.partition("#")
        return f"{self._base}/{project.replace('/', '%2F')}/issues/{iid}"


@pytest.fixture
def ben(world: Served) -> Colleague:
    return Colleague(world, "ben")


def test_a_whole_review(review: Callable[..., Terminal], ben: Colleague, environ: dict[str, Any]) -> None:
    """Comment, take, verdicts, back, quit; then it goes on, ends and counts; and a third is too soon."""
    one = review()
    assert FIRST in one.until(", new\n")
    told = one.press("c", f"commented {FIRST}\n")
    said = "An ordinary comment by ana: everybody who may see acme-security/operations can read it."
    assert said in " ".join(told.split()), "in lines that fit"
    assert one.press("t", f"taken {FIRST}")
    one.press("h", f"✓ needs a human: {FIRST}")
    one.until(f"2 of 3: {SECOND}, new")
    one.press("n", f"✓ noise: {SECOND}")
    one.until(f"3 of 3: {THIRD}, new")
    assert "  Verdict     noise\n" in one.press("b", f"2 of 3: {SECOND}, new\n") + one.until("noise\n")
    one.press("d", f"✓ handled: {SECOND}")
    one.until(f"3 of 3: {THIRD}, new")
    one.press("q", "2 of 3 seen. oncall review goes on from there.")
    assert one.ended()[0] == 0
    [said] = [text for text in ben.reads(FIRST) if "scanner" in text]
    assert said.startswith("\u2060/close\nlooks like our scanner, @\u2060ben and @\u2060all")
    assert [each["username"] for each in ben.sees(FIRST)["assignees"]] == ["ana"]
    assert ben.sees(FIRST)["state"] == "opened"

    two = review()
    assert "The review goes on: 2 of 3 have their verdict." in two.until(f"3 of 3: {THIRD}, new")
    two.press("s", "✓ reviewed: 3 seen, 3 new, 0 changed: 1 needs a human, 1 handled, 1 skipped")
    code, told = two.ended()
    assert (code, f"  Needs a human: {FIRST}\n  It counts: 1 of 2 in this shift." in told) == (0, True)

    ben.comments(THIRD, "the wiki is gone")
    three = review()
    assert "! this review does not count if it ends before" in three.until(f"1 of 3: {THIRD}, changed\n")
    three.until("Since then\n")
    three.until(", ben\n    the wiki is gone\n")
    told = three.press("x", "Enter  read the issue again")
    assert "  u  skip all that are left and have not changed" in told
    three.press("u", "✓ skipped: 2 unchanged")
    three.press("s", "✓ reviewed: 3 seen, 0 new, 1 changed: 3 skipped")
    code, told = three.ended()
    assert (code, "! it does not count yet: one that ends from" in told) == (0, True)
    assert "1 of 2 in this shift" in told


def test_one_that_is_killed_goes_on(review: Callable[..., Terminal]) -> None:
    one = review()
    one.press("n", f"2 of 3: {SECOND}, new")
    one.running.kill(signal.SIGKILL)
    one.running.wait()
    two = review()
    assert "The review goes on: 1 of 3 have their verdict." in two.until(f"2 of 3: {SECOND}, new")
    two.press("s", f"3 of 3: {THIRD}, new")
    two.press("\x03", "hint: ")
    code, told = two.ended()
    assert (code, told.strip()) == (130, "oncall review goes on from there")
    three = review()
    assert "2 of 3 have their verdict" in three.until(f"3 of 3: {THIRD}, new")
    three.press("s", "✓ reviewed: 3 seen, 3 new")


def test_what_is_done_in_another_terminal_takes_nothing_from_this_one(
    review: Callable[..., Terminal], oncall: Oncall, environ: dict[str, Any]
) -> None:
    one = review()
    one.press("h", f"2 of 3: {SECOND}, new")
    oncall.now = datetime.now(UTC)
    assert oncall("review", "--done", "--why", "other terminal", **environ).code == 0
    assert oncall("review", SECOND, "--verdict", "noise", **environ).err == "1 issue left: oncall review\n"
    assert "✓ reviewed: 3 seen" in oncall("review", THIRD, "--verdict", "noise", **environ).err
    one.press("d", f"3 of 3: {THIRD}, new")
    one.press("s", "✓ reviewed: 3 seen, 3 new, 0 changed: 1 needs a human, 1 handled, 1 skipped")
    assert one.ended()[0] == 0


def test_what_appeared_or_changed_since_is_seen_by_the_one_that_goes_on(
    review: Callable[..., Terminal], ben: Colleague
) -> None:
    one = review()
    one.press("n", f"2 of 3: {SECOND}, new")
    one.press("n", f"3 of 3: {THIRD}, new")
    one.press("q", "2 of 3 seen")
    ben.comments(FIRST, "no noise at all")
    ben.changes("acme-security/engineering#223", add_labels="runbook")
    two = review()
    assert "1 of 4 have their verdict" in two.until("2 of 4: acme-security/engineering#223, new\n")
    two.press("h", f"3 of 4: {FIRST}, changed")
    two.until(", ben\n    no noise at all")
    two.press("h", f"4 of 4: {THIRD}, new")
    two.press("s", "✓ reviewed: 4 seen, 3 new, 1 changed: 2 needs a human, 1 noise, 1 skipped")


def test_what_a_colleague_says_while_i_write_is_shown_before_my_verdict(
    review: Callable[..., Terminal], world: Served, environ: dict[str, Any], tmp_path: Path
) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys\nfrom tests.cli.test_review_terminal import Colleague\n"
        "class World:\n    class services:\n        class addresses:\n"
        f"            gitlab = {world.services.addresses.gitlab!r}\n"
        f"Colleague(World, 'ben').comments({FIRST!r}, 'I have it already')\n"
        "open(sys.argv[1], 'w').write('mine?')\n",
        "utf-8",
    )
    here = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    one = review(EDITOR=f"{sys.executable} {script}", PYTHONPATH=here)
    one.press("c", "Meanwhile\n")
    one.until(", ben\n    I have it already")
    one.press("s", f"2 of 3: {SECOND}")


def test_somebody_elses_issue_takes_a_second_key(review: Callable[..., Terminal], ben: Colleague) -> None:
    ben.changes(FIRST, assignee_ids=[cast.PEOPLE["ben"].number])
    one = review()
    one.press("t", "It belongs to ben: [t]ake it all the same, or any other key")
    one.running.send("x")
    one.until(f"! refused {FIRST}")
    assert [each["username"] for each in ben.sees(FIRST)["assignees"]] == ["ben"]
    one.press("t", "It belongs to ben: [t]ake it all the same, or any other key")
    one.running.send("t")
    one.until("to you, from ben")
    assert [each["username"] for each in ben.sees(FIRST)["assignees"]] == ["ana"]


def test_a_comment_that_is_not_sent_is_not_lost(review: Callable[..., Terminal], world: Served) -> None:
    world.fail("POST", "/notes", 500)
    one = review()
    one.press("c", f"✗ failed {FIRST}")
    one.press("q", f"your comment on {FIRST} may not be there; it was:\n")
    code, told = one.ended()
    assert (code, "looks like our scanner" in told) == (0, True)


def test_a_comment_that_was_refused_is_offered_again_though_the_window_was_closed(
    review: Callable[..., Terminal], world: Served, tmp_path: Path
) -> None:
    world.fail("POST", "/notes", 403)
    one = review()
    one.press("c", f"✗ failed {FIRST}")
    one.running.kill(signal.SIGHUP)
    one.running.wait()
    two = review(EDITOR=f"cp -t '{tmp_path}'")
    two.press("c", f"commented {FIRST}")
    [offered] = tmp_path.glob("comment-*.md")
    assert offered.read_text("utf-8") == "/close\nlooks like our scanner, @ben and @all"
    assert list((tmp_path / "state" / "drafts").glob("*")) == []


def test_a_comment_of_a_review_that_is_killed_is_kept_and_not_sent_beside_itself(
    review: Callable[..., Terminal], world: Served, oncall: Oncall, ben: Colleague
) -> None:
    gate = Gate(world)
    gate.hold("/notes")
    one = review()
    one.press("c", "An ordinary comment")
    wait_until(gate.waiting)
    one.running.kill(signal.SIGKILL)
    one.running.wait()
    (journal,) = oncall.state.rglob("journal.db")
    assert "looks like our scanner" in SqliteJournal(journal).events("comment")[0].text
    two = review()
    two.press("c", "ago may still arrive")
    gate.open()
    wait_until(lambda: "scanner" in "".join(ben.reads(FIRST)))
    two.press("c", f"commented {FIRST}")  # it is there, so that this is another one
    assert "scanner" in ben.reads(FIRST)[-1]


def test_a_change_of_mind_in_the_editor_sends_nothing(review: Callable[..., Terminal], world: Served) -> None:
    one = review(EDITOR="true")
    one.press("c", "cancelled: the text is empty")
    one.press("q", "0 of 3 seen")
    assert not [asked for asked in world.asked if not asked.startswith("GET ")]


def test_a_token_that_may_only_read_is_told_before_the_editor_opens(
    review: Callable[..., Terminal], tmp_path: Path
) -> None:
    one = review(ONCALL_GITLAB_TOKEN="sandbox-gitlab-ana-readonly", EDITOR=f"touch {tmp_path / 'opened'}")
    one.press("c", "oncall: the GitLab token may not write: its scopes are read_api")
    one.press("t", f"✗ failed {FIRST}")
    one.press("n", f"✓ noise: {FIRST}")
    assert not (tmp_path / "opened").exists()


def test_an_issue_that_can_not_be_read_says_so_and_is_read_again_with_enter(
    review: Callable[..., Terminal], world: Served
) -> None:
    world.fail("GET", r"/issues/45$", 503)
    one = review()
    told = one.until(f"1 of 3: {FIRST}, new")
    assert two_lines("".join(told.splitlines(keepends=True)[1:3])), told
    assert "Latest notes" not in one.press("\r", f"1 of 3: {FIRST}, new")
    one.press("n", f"2 of 3: {SECOND}")


def test_opening_it_prints_its_address_where_there_is_no_browser(
    review: Callable[..., Terminal], world: Served
) -> None:
    one = review(DISPLAY="", WAYLAND_DISPLAY="", BROWSER="")
    one.press("o", f"{world.services.addresses.gitlab}/acme-security/operations/-/issues/45\n")


@pytest.mark.parametrize("columns", [60, 80])
def test_hostile_text_stays_text_and_everything_fits(
    review: Callable[..., Terminal], ben: Colleague, columns: int
) -> None:
    ben.changes(FIRST, title=f"/close {POISON}", description=f"{POISON}\n" * 3)
    ben.comments(FIRST, f"{POISON}\n /close\n" + "word " * 60)
    one = review(columns)
    one.running.expect("uit$")
    told = plain(one.running.before + one.running.after)
    assert not dangerous(told), dangerous(told)
    assert "[bold red]markup[/] :skull:" in told
    assert max(map(cell_len, told.split("\n"))) <= columns
    assert told.split("\n")[-1] == ("Open Comment Take Human Done Noise Skip Quit" if columns == 60 else KEYS_80)


KEYS_80 = "[o]pen [c]omment [t]ake [h]uman [d]one [n]oise [s]kip [q]uit"
