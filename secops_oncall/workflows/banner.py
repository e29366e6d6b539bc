"""The line that every networked command ends with while a page of mine is unacked."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, TimeoutError
from dataclasses import dataclass
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, PageQuery, urgent_first, with_deadline
from secops_oncall.domain.text import plural, shorten
from secops_oncall.domain.times import iso, parse, span
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import Memory, PagerDuty
from secops_oncall.workflows.deadlines import with_deadlines

GRACE = 0.2  # seconds that an answer waits for the banner at the most
FRESH = timedelta(minutes=1)  # a command that took longer, as with a picker, tells the age of what it saw, too
ROOM = 140  # columns for the line
_LEAST = 12  # columns that a title keeps
_KEY = "banner"


@dataclass(frozen=True)
class Unacked:
    """A page of mine that nobody has acked, as it was seen `at` a moment."""

    id: str
    number: int
    title: str
    deadline: datetime | None
    at: datetime


class Banner:
    """Asks beside the command's own requests, and has its line ready when the answer is, or does without.

    `listed` are pages of mine that the command has listed itself `at` a moment (aware): nothing is asked then.
    `memory` keeps what was seen last, for when PagerDuty is slower than the command.
    """

    def __init__(
        self,
        pagerduty: PagerDuty,
        memory: Memory,
        ack_minutes: int,
        at: datetime,
        listed: Sequence[Page] | None = None,
    ) -> None:
        self._memory = memory
        self._ack_minutes = ack_minutes
        self._at = at
        self._told: set[str] = set()
        self._done: set[str] = set()
        self._listed: Future[Sequence[Page]] = threads.start(lambda: _mine(pagerduty) if listed is None else listed)
        self._dated = threads.start(lambda: with_deadlines(pagerduty, self._listed.result(), ack_minutes))

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        """Leave out what this command has done something about; of what failed its own line tells."""
        for outcome in outcomes:
            if outcome.result in (Result.DONE, Result.ALREADY):
                self._done.add(outcome.id)
            elif outcome.result in (Result.FAILED, Result.UNKNOWN):
                self._told.add(outcome.id)

    def waiting(self, patience: float) -> list[Page]:
        """My unacked pages with their deadlines, the most urgent first, kept for the next command.

        Raises OncallError, also where PagerDuty takes longer than so many seconds.
        """
        seen = self._answered(patience)
        pages = urgent_first(page for page in seen if page.status == "triggered" and page.id not in self._done)
        self._memory.put(_KEY, [_kept(page, self._at) for page in pages])
        return [page for page in pages if page.id not in self._told]

    def _answered(self, patience: float) -> list[Page]:
        """My pages within so many seconds; the configured delay stands for one of a policy that takes longer."""
        try:
            return self._dated.result(patience)
        except TimeoutError:
            if self._listed.done():
                return [with_deadline(page, self._ack_minutes) for page in self._listed.result()]
            raise RemoteError(f"PagerDuty has not answered within {patience:g} s", "oncall pages") from None

    def line(self, now: datetime, room: int = ROOM) -> str | None:
        """What to say at the end of the command, None where nothing waits."""
        waiting = self._seen(now)
        return said(waiting, now, room) if waiting else None

    def _seen(self, now: datetime) -> list[Unacked]:
        """The pages as PagerDuty answers now, else as they were seen last."""
        try:
            pages = self.waiting(GRACE)
        except OncallError:
            kept: list[Unacked] = self._memory.get(_KEY, read=lambda pages: [_read(page) for page in pages]) or []
            return [page for page in kept if page.id not in self._done | self._told]
        at = now if now - self._at < FRESH else self._at
        return [Unacked(page.id, page.number, page.title, _due(page), at) for page in pages]


def said(waiting: Sequence[Unacked], now: datetime, room: int = ROOM) -> str:
    """One line that names the first of them, how long there is left, and how many more; the title gives way."""
    first = waiting[0]
    more = f", and {plural(len(waiting) - 1, 'more page')}" if len(waiting) > 1 else ""
    age = f" (as of {span(now - first.at)} ago)" if first.at < now else ""
    begin, end = f"unacked: {first.number} ", f"{_left(first, now)}{more}{age}: oncall ack"
    return begin + shorten(first.title, max(room - len(begin + end), _LEAST)) + end


def _mine(pagerduty: PagerDuty) -> list[Page]:
    return pagerduty.pages(PageQuery(("triggered",), users=(pagerduty.me().id,)))


def _left(page: Unacked, now: datetime) -> str:
    if page.deadline is None:
        return ""
    left = span(page.deadline - now)
    return f", manager in {left}" if page.deadline > now else f", manager paged {left} ago"


def _due(page: Page) -> datetime | None:
    """When the next level is paged; where none will be, when the present one was."""
    return page.ack_deadline or page.escalated_at


def _kept(page: Page, at: datetime) -> dict[str, object]:
    due = _due(page)
    deadline = iso(due) if due else None
    return {"id": page.id, "number": page.number, "title": page.title, "deadline": deadline, "at": iso(at)}


def _read(kept: dict[str, object]) -> Unacked:
    at = parse(kept["at"])
    if at is None:
        raise ValueError("what was kept has no time")
    return Unacked(str(kept["id"]), int(str(kept["number"])), str(kept["title"]), parse(kept["deadline"]), at)
