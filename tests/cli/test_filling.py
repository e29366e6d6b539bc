"""The prompts without a terminal: what is asked, in which order, and what becomes of every answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from secops_oncall.app import App
from secops_oncall.cli.desk import Desk
from secops_oncall.cli.filling import Filling, _WholeText
from secops_oncall.domain.editing import Gap
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.domain.said import TYPED, Said, joined, said
from secops_oncall.domain.traces import NextStep
from secops_oncall.errors import Cancelled, ConfigError
from secops_oncall.keys import ENTER
from secops_oncall.streams import Streams
from secops_oncall.workflows.steps import People, Times
from tests.fakes import NOW, FakeJournal, FakePagerDuty, a_page
from tests.views.samples import Terminal

PAGE = "Q1ONE00001"
HOUR = timedelta(hours=1)
WORK = Incident(
    PAGE, (a_page(PAGE),), None, None, None, (), None, "x", None, None, None, (), (), (), None, (), (), False, False
)
BEN = OnCall(Person("PBEN002", "Ben Okafor", "ben@example.com"), NOW - HOUR, NOW + HOUR, "Security Responder", 1)


class Asked(Streams):
    """A terminal of 60 columns on which somebody answers; `asked` is every question with what stood there already."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.told = Terminal()
        super().__init__(Terminal(), self.told, Terminal(), environ={"COLUMNS": "60", "NO_COLOR": "1"})
        self.answers = iter(answers)
        self.asked: list[tuple[str, str]] = []

    def ask(self, question: str, *, default: str = "", secret: bool = False) -> str:
        self.asked.append((question, default))
        answer = next(self.answers, None)
        if answer is None:
            raise Cancelled("cancelled", "nothing more was sent")
        return default if answer == ENTER else answer

    def press(self, streams: Streams, line: str) -> str:
        assert len(line) < 60
        answer = self.ask(line)
        return answer or ENTER


def filling(gaps: Sequence[Gap], *answers: str, journal: FakeJournal | None = None) -> tuple[Filling, Asked]:
    streams = Asked(answers)
    home = App({}, streams, lambda: NOW)
    home.own_journal = journal or FakeJournal()  # type: ignore[assignment]
    desk = Desk(home)
    desk.since, desk.zone = NOW - 5 * HOUR, UTC
    desk.people = People(lambda: FakePagerDuty(turns=[BEN]), (RoleName("Security Responder", 1),), NOW, {})
    desk.times = lambda: Times(NOW, lambda: UTC)  # type: ignore[method-assign]
    return Filling(desk, gaps, streams.press), streams


def told(asking: Filling) -> Said:
    return joined([PAGE], said(asking._desk.home.own_journal.events(TYPED)))


def gap(
    field: str, message: str = "nobody has said it", incident: Incident = WORK, step: NextStep | None = None
) -> Gap:
    return Gap(incident, field, message, step)


def test_a_step_that_lacks_something_is_asked_for_just_that() -> None:
    steps = (NextStep("read | the logs", "Dana"), NextStep("ask", None, NOW + HOUR), NextStep("close"))
    work = replace(WORK, said=Said(next_steps=steps), next_steps=steps)
    journal = FakeJournal()
    asking, streams = filling(
        [gap("next_steps", incident=work, step=step) for step in steps], "2h", "ben", "ben | 30m", journal=journal
    )
    asking.go()
    assert [question for question, _ in streams.asked] == [
        "read | the logs: by when?",
        "ask: who?",
        "close: who and by when?",
    ]
    assert told(asking).next_steps == (
        NextStep("read | the logs", "Dana", NOW + 2 * HOUR),
        NextStep("ask", "Ben Okafor", NOW + HOUR),
        NextStep("close", "Ben Okafor", NOW + HOUR / 2),
    )
    assert "  ask, Ben Okafor, by 15:00 UTC\n" in streams.told.getvalue()
    assert asking.kept == 3


def test_what_is_wrong_with_what_is_there_is_said_and_can_be_mended() -> None:
    work = replace(WORK, said=Said(state="the usual TBD", tried="two\nlines"))
    asking, streams = filling(
        [gap("state", "it only says TBD", work), gap("tried", "it only says TBD", work)], "all is well", ENTER
    )
    asking.go()
    assert streams.asked[0] == ("State now (what is true now)", "the usual TBD")
    assert streams.asked[1][1] == "", "several lines have no room in one"
    assert "  State now: it only says TBD\n" in streams.told.getvalue()
    assert told(asking) == Said(state="all is well")


def test_what_the_last_hand_off_said_is_shown_and_filled_in_only_where_the_engineer_says_so() -> None:
    before = Said(
        state="key is dead",
        tried="two\nlines",
        posture="watch",
        confidence="rather high",
        next_steps=(NextStep("rotate", "Dana", NOW + HOUR), NextStep("tell legal")),
    )
    gaps = [gap(name, incident=replace(WORK, suggested=before)) for name in ("state", "tried", "posture", "confidence")]
    asking, streams = filling(gaps, "=", "key is dead, all of it", "=", "=", "=", "m")
    asking.go()
    assert told(asking) == Said(
        state="key is dead, all of it", tried="two\nlines", posture="watch", confidence="medium"
    )
    assert streams.asked[1] == ("State now (what is true now)", "key is dead")
    for line in ("key is dead", "two lines", "watch", "rather high"):
        assert f"  suggested: {line}\n" in streams.told.getvalue()
    asking, streams = filling(
        [gap("next_steps", incident=replace(WORK, suggested=before))],
        *("=", "rotate | ben | 1h", "own | ben | 1h", "=", "tell legal | ben | 1h", "=", ENTER),
    )
    asking.go()
    filled_in = [default for _, default in streams.asked]
    assert filled_in == ["", "rotate | Dana | 2026-11-23 15:00 UTC", "", "", "tell legal", "", ""]
    assert [(step.action, step.who) for step in told(asking).next_steps] == [
        ("rotate", "Ben Okafor"),
        ("own", "Ben Okafor"),
        ("tell legal", "Ben Okafor"),
    ]


def test_lines_are_asked_for_until_there_are_no_more() -> None:
    asking, _ = filling([gap("if_then"), gap("related")], "a", "a => b", ENTER, "None", ENTER)
    asking.go()
    assert told(asking) == Said(related=("None",), if_then=("If a, then b",))


def test_an_answer_that_says_what_is_said_already_is_not_counted() -> None:
    asking, _ = filling([gap("related"), gap("zoom")], "g/p#1", "g/p#1", ENTER, "None")
    asking.go()
    assert (asking.kept, asking.edited[PAGE].changed) == (2, ("related", "zoom"))


@pytest.mark.parametrize("field", ["state", "posture", "next_steps"])
def test_e_is_for_the_whole_text(field: str) -> None:
    asking, _ = filling([gap(field)], "e")
    with pytest.raises(_WholeText):
        asking.go()


def test_leaving_says_what_was_kept() -> None:
    asking, _ = filling([gap("state"), gap("posture")], "fine")
    with pytest.raises(Cancelled) as left:
        asking.go()
    assert (left.value.message, left.value.hint) == (
        "cancelled: 1 answer kept",
        "oncall handoff edit goes on from there",
    )
    assert told(asking) == Said(state="fine")


def test_an_answer_that_can_not_be_kept_is_repeated() -> None:
    journal = FakeJournal()
    journal.failing = ConfigError("no room", "make some")
    asking, _ = filling([gap("state")], "precious words", journal=journal)
    with pytest.raises(ConfigError) as refused:
        asking.go()
    assert refused.value.hint == "make some; not kept: precious words"
