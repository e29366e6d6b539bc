"""A hand-off or a review that is due is said, where I am on call as engineer, and asking for it delays nothing."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.people import Role
from secops_oncall.domain.posting import Spot, begin, end
from secops_oncall.domain.reviews import elsewhere
from secops_oncall.domain.said import TYPED
from secops_oncall.domain.shifts import Shift
from secops_oncall.errors import ConfigError, OncallError, RemoteError
from secops_oncall.ports import Journal
from secops_oncall.threads import is_aside
from secops_oncall.workflows.reminding import SOON, Reminder, ShiftSource
from secops_oncall.workflows.this_shift import FRESH, keep
from tests.fakes import ME, NOW, FakeJournal, FakeMemory, FakePagerDuty

HOUR = timedelta(hours=1)
LINE = "half the shift has gone with no review of the oncall issues: oncall review"
DOWN = RemoteError("PagerDuty is down", "wait")


def shift(begins: float, ends: float | None, role: Role = "engineer") -> Shift:
    """A shift of mine, in hours from NOW."""
    start, end = NOW + begins * HOUR, None if ends is None else NOW + ends * HOUR
    return Shift(f"{role}/{ME.id}/{begins}", start, end, "weekday", role, ME.person, "Responder")


def heard(*shifts: Shift, ago: float = 1) -> FakeJournal:
    """A journal that has heard of shifts so many hours ago."""
    journal = FakeJournal()
    for one in shifts:
        keep(journal, one, journal.events("shift"), NOW - ago * HOUR)
    return journal


class Answering:
    """What PagerDuty says of my shift, and how often it was asked."""

    def __init__(self, answer: "Shift | OncallError | None" = DOWN, seconds: float = 0.0) -> None:
        self.answer = answer
        self.seconds = seconds
        self.asked: list[bool] = []

    def __call__(self, journal: Journal) -> Shift | None:
        self.asked.append(is_aside())
        time.sleep(self.seconds)
        if isinstance(self.answer, OncallError):
            raise self.answer
        keep(journal, self.answer, journal.events("shift"), NOW)
        return self.answer


def line(
    journal: FakeJournal,
    ask: Answering | None = None,
    memory: FakeMemory | None = None,
    pagerduty: FakePagerDuty | None = None,
    *,
    at: datetime = NOW,
    room: int = 140,
) -> str | None:
    known = pagerduty or FakePagerDuty()
    source = ShiftSource(known, lambda: journal, ask or Answering(), memory or FakeMemory(), "oncall")
    return Reminder(source, at).line(at, room)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (shift(-6.1, 6), True),
        (shift(-6, 6), False),
        (shift(-25, 23), True),
        (shift(-23, 25), False),
        (shift(-12, 0), False),
        (shift(-9, None), False),
        (shift(-100, 68, "backup"), False),
        (shift(-100, 68, "manager"), False),
    ],
)
def test_more_than_half_of_a_shift_as_engineer_has_gone(known: Shift, said: bool) -> None:
    assert line(heard(known)) == (LINE if said else None)


def test_one_review_in_the_shift_is_enough() -> None:
    for hours, said in ((8.1, True), (7.9, False), (0.1, False)):
        journal = heard(shift(-8, 4))
        journal.append(elsewhere(ME.name, "on the board", NOW - hours * HOUR))
        assert line(journal) == (LINE if said else None), hours


def test_a_shift_that_was_heard_of_lately_is_not_asked_for() -> None:
    ask = Answering()
    assert line(heard(shift(-8, 4)), ask) == LINE
    assert ask.asked == []


@pytest.mark.parametrize("journal", [heard(), heard(shift(-8, 4), ago=6), heard(shift(-20, -8))])
def test_where_nothing_was_heard_lately_it_is_asked_for_aside_and_kept(journal: FakeJournal) -> None:
    ask = Answering(shift(-8, 4))
    assert line(journal, ask) == LINE
    assert ask.asked == [True]
    assert line(journal, ask) == LINE
    assert ask.asked == [True]


@pytest.mark.parametrize("answer", [None, shift(-20, -8), shift(-100, 68, "backup")])
def test_that_i_am_not_on_call_is_remembered_for_a_while_and_beats_what_was_known(answer: Shift | None) -> None:
    journal, ask, memory = heard(shift(-8, 12), ago=7), Answering(answer), FakeMemory()
    for hours, times in ((0, 1), (5.9, 1), (6, 2)):
        assert line(journal, ask, memory, at=NOW + hours * HOUR) is None
        assert len(ask.asked) == times, hours


def test_a_shift_that_was_heard_of_since_beats_that() -> None:
    journal, memory = heard(), FakeMemory()
    line(journal, Answering(None), memory)
    later = NOW + 2 * HOUR
    keep(journal, shift(-8, 4), journal.events("shift"), NOW + HOUR)
    assert line(journal, memory=memory, at=later) == LINE


def test_what_the_journal_knows_is_good_enough_where_pagerduty_fails_or_is_slow() -> None:
    known = heard(shift(-8, 4), ago=FRESH / HOUR)
    assert line(known, Answering(DOWN)) == LINE
    began = time.monotonic()
    assert line(known, Answering(shift(-8, 4), seconds=50 * SOON)) == LINE
    assert time.monotonic() - began < 40 * SOON


def test_nothing_is_said_where_nobody_knows_who_i_am_or_the_journal_can_not_be_read() -> None:
    pagerduty = FakePagerDuty()
    pagerduty.failing["me"] = DOWN
    assert line(heard(shift(-8, 4)), pagerduty=pagerduty) is None

    class Unreadable(FakeJournal):
        def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
            raise ConfigError("the journal can't be used", "make room")

    assert line(Unreadable()) is None


def test_the_engineer_who_is_manager_for_the_week_is_reminded_of_the_shift_as_engineer() -> None:
    assert line(heard(shift(-100, 68, "manager"), shift(-8, 4))) == LINE


MINUTE = timedelta(minutes=1)
WRITE = "the shift ends in {} min, and the hand-off is to be written: oncall handoff edit"
POST = "the shift ends in {} min, and the hand-off is to be posted: oncall handoff post"
SPOT = Spot("gitlab", "issue")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (61, LINE),
        (60, "the shift ends in 1 h, and the hand-off is to be written: oncall handoff edit"),
        (31, WRITE.format(31)),
        (30, POST.format(30)),
        (1, POST.format(1)),
        (0, None),
    ],
)
def test_in_the_last_hour_the_hand_off_is_to_be_written_and_then_to_be_posted(minutes: int, said: str | None) -> None:
    known = shift(-12, 0)
    assert line(heard(known, ago=2), Answering(known), at=NOW - minutes * MINUTE) == said


def test_what_was_written_in_this_shift_is_to_be_posted() -> None:
    journal = heard(shift(-11.2, 0.8))
    journal.append(Event(NOW - 12 * HOUR, TYPED, "acme/operations#101", data={"summary": "an earlier shift's"}))
    assert line(journal) == WRITE.format(48)
    journal.append(Event(NOW, TYPED, "acme/operations#101", data={"summary": "a key leaked"}))
    assert line(journal) == POST.format(48)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result.DONE, LINE),
        (Result.ALREADY, LINE),
        (Result.QUEUED, POST.format(24)),
        (Result.UNKNOWN, POST.format(24)),
        (Result.FAILED, POST.format(24)),
    ],
)
def test_once_it_is_posted_whole_nothing_is_said_of_it_any_more(result: Result, said: str) -> None:
    known, told = shift(-11.6, 0.4), Outcome("acme/on-call", result, place="gitlab")
    journal = heard(known)
    journal.append(begin("1", known.id, {SPOT: replace(told, result=Result.QUEUED)}, {}, NOW))
    assert line(journal) == POST.format(24)  # nobody has seen how it ended
    journal.append(end("1", known.id, {SPOT: told}, NOW, over=True))
    assert line(journal) == said


def test_the_last_run_counts_and_that_of_another_shift_does_not() -> None:
    known, told = shift(-11.6, 0.4), Outcome("acme/on-call", Result.DONE, place="gitlab")
    journal = heard(known)
    journal.append(end("1", "engineer/another/shift", {SPOT: told}, NOW, over=True))
    assert line(journal) == POST.format(24)
    journal.append(end("2", known.id, {SPOT: told}, NOW, over=True))
    assert line(journal) == LINE
    journal.append(begin("3", known.id, {SPOT: told}, {SPOT: Outcome("x", Result.QUEUED)}, NOW))
    assert line(journal) == POST.format(24)


def test_words_typed_after_it_was_posted_are_to_be_posted_too() -> None:
    known, told = shift(-11.6, 0.4), Outcome("acme/on-call", Result.DONE, place="gitlab")
    journal = heard(known)
    journal.append(end("1", known.id, {SPOT: told}, NOW - MINUTE, over=True, read=NOW - 3 * MINUTE))
    assert line(journal) == LINE
    journal.append(Event(NOW - 2 * MINUTE, TYPED, "acme/operations#101", data={"state": "it came back"}))
    said = "the shift ends in 24 min, and what you typed since the post is posted nowhere: oncall handoff post"
    assert line(journal) == said
    assert line(journal, room=58) == "24 min left, words posted nowhere: oncall handoff post"
    journal.append(end("2", known.id, {SPOT: told}, NOW, over=True, read=NOW))
    assert line(journal) == LINE


@pytest.mark.parametrize(
    ("room", "said"),
    [(79, POST.format(24)), (78, "24 min left, hand-off not posted: oncall handoff post"), (30, "oncall handoff post")],
)
def test_where_there_is_little_room_the_command_stays_whole(room: int, said: str) -> None:
    assert line(heard(shift(-11.6, 0.4)), room=room) == said


def test_a_review_that_is_due_fits_the_room_too() -> None:
    assert line(heard(shift(-8, 4)), room=58) == "no review in half the shift: oncall review"


def test_as_manager_nobody_is_to_hand_off() -> None:
    assert line(heard(shift(-167.5, 0.5, "manager"))) is None
