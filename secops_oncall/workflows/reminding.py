"""What a command ends with where no page waits: that a hand-off is due, or a review of the issues."""

from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.events import Event, KnownShift, shifts
from secops_oncall.domain.posting import is_posted, typed_since
from secops_oncall.domain.reviews import counting, reviews
from secops_oncall.domain.said import TYPED
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.times import iso, parse, span
from secops_oncall.errors import OncallError
from secops_oncall.ports import Journal, PagerDuty
from secops_oncall.ports_machine import Memory
from secops_oncall.workflows.this_shift import FRESH

SOON = 0.1  # seconds that PagerDuty's word on my shift is waited for at the most
WRITE, POST = (
    timedelta(hours=1),
    timedelta(minutes=30),
)  # before the end: written by then, the next one has time to read
_KEY = "off duty"
_POST, _REVIEW = "oncall handoff post", "oncall review"


@dataclass(frozen=True)
class ShiftSource:
    """Where my shift is known from: the journal, and PagerDuty, which `ask` asks and keeps in the journal.

    Both raise OncallError, and neither is called before `pagerduty` knows who I am: the journal is mine.
    """

    pagerduty: PagerDuty
    journal: Callable[[], Journal]
    ask: Callable[[Journal], Shift | None]
    memory: Memory
    label: str


class Reminder:
    """Asks for my shift beside a command `at` a moment (aware), where nobody has told this machine of it lately."""

    def __init__(self, source: ShiftSource, at: datetime) -> None:
        self._source = source
        self._at = at
        self._me = threads.start(source.pagerduty.me)  # not aside: the command may wait for it, too
        self._learnt = threads.start(self._learn, aside=True)

    def line(self, now: datetime, room: int) -> str | None:
        """What to say at the end of the command in so many columns, as far as they hold it with the command to type.

        None where there is nothing to remind of, or nobody knows.
        """
        with suppress(OncallError, TimeoutError):
            self._learnt.result(SOON)
        with suppress(OncallError):
            said = self._said(now) if self._me.done() and self._me.result() else []
            return next((one for one in said if len(one) <= room), said[-1] if said else None)
        return None

    def _learn(self) -> None:
        self._me.result()
        journal = self._source.journal()
        if self._heard(journal, self._at)[1]:
            return
        shift = self._source.ask(journal)
        if shift is None or shift.role != "engineer" or not shift.covers(self._at):
            self._source.memory.put(_KEY, iso(self._at))

    def _said(self, now: datetime) -> list[str]:
        """What is due in the words for it, the longest first."""
        journal = self._source.journal()
        shift, _ = self._heard(journal, now)
        if shift is None or shift.end is None:
            return []
        left, gone = shift.end - now, now - shift.start
        if left <= WRITE and (due := _handoff(journal.events(since=shift.start), shift.id, left)):
            what, command = due
            return [f"the shift ends in {span(left)}, and {what}: {command}", f"{span(left)} left: {command}", command]
        if gone > left and not counting(reviews(journal.events("review", shift.start))):
            what = f"half the shift has gone with no review of the {self._source.label} issues"
            return [f"{what}: {_REVIEW}", f"no review in half the shift: {_REVIEW}", _REVIEW]
        return []

    def _heard(self, journal: Journal, now: datetime) -> tuple[KnownShift | None, bool]:
        """The shift as engineer that I have now, as far as this machine has heard, and whether that was lately."""
        known = shifts(journal.events("shift"))
        mine = next((shift for shift in known if shift.role == "engineer" and shift.covers(now)), None)
        off_duty = self._source.memory.get(_KEY, read=parse)
        if off_duty and now - off_duty < FRESH and not (mine and mine.learnt > off_duty):
            return None, True
        return mine, mine is not None and now - mine.learnt < FRESH


def _handoff(events: Sequence[Event], shift: str, left: timedelta) -> tuple[str, str] | None:
    """What is to be done about the hand-off of a shift with so much time left, and the command for it."""
    if not is_posted(events, shift):
        is_written = left <= POST or any(event.kind == TYPED for event in events)
        what, command = ("posted", _POST) if is_written else ("written", "oncall handoff edit")
        return f"the hand-off is to be {what}", command
    return ("what you typed since the post is posted nowhere", _POST) if typed_since(events, shift) else None
