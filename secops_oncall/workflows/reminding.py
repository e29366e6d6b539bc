"""What a command ends with where no page waits: that half of my shift has gone with no review of the issues."""

from collections.abc import Callable
from concurrent.futures import TimeoutError
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import KnownShift, shifts
from secops_oncall.domain.reviews import counting, reviews
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.times import iso, parse
from secops_oncall.errors import OncallError
from secops_oncall.ports import Journal, Memory, PagerDuty
from secops_oncall.workflows.this_shift import FRESH

SOON = 0.1  # seconds that PagerDuty's word on my shift is waited for at the most
_KEY = "off duty"


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

    def line(self, now: datetime) -> str | None:
        """What to say at the end of the command, None where there is nothing to remind of, or nobody knows."""
        with suppress(OncallError, TimeoutError):
            self._learnt.result(SOON)
        with suppress(OncallError):
            return self._said(now) if self._me.done() and self._me.result() else None
        return None

    def _learn(self) -> None:
        self._me.result()
        journal = self._source.journal()
        if self._heard(journal, self._at)[1]:
            return
        shift = self._source.ask(journal)
        if shift is None or shift.role != "engineer" or not shift.covers(self._at):
            self._source.memory.put(_KEY, iso(self._at))

    def _said(self, now: datetime) -> str | None:
        journal = self._source.journal()
        shift, _ = self._heard(journal, now)
        if shift is None or shift.end is None or now - shift.start <= (shift.end - shift.start) / 2:
            return None
        if counting(reviews(journal.events("review", shift.start))):
            return None
        return f"half the shift has gone with no review of the {self._source.label} issues: oncall review"

    def _heard(self, journal: Journal, now: datetime) -> tuple[KnownShift | None, bool]:
        """The shift as engineer that I have now, as far as this machine has heard, and whether that was lately."""
        known = shifts(journal.events("shift"))
        mine = next((shift for shift in known if shift.role == "engineer" and shift.covers(now)), None)
        off_duty = self._source.memory.get(_KEY, read=parse)
        if off_duty and now - off_duty < FRESH and not (mine and mine.learnt > off_duty):
            return None, True
        return mine, mine is not None and now - mine.learnt < FRESH
