"""The line that every networked command ends with: a page of mine that is unacked, else a hand-off or review due."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, TimeoutError
from dataclasses import dataclass
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.deadlines import addressed, with_deadline
from secops_oncall.domain.outcomes import THERE, Outcome, Result
from secops_oncall.domain.pages import Page, PageQuery, urgent_first
from secops_oncall.domain.people import RoleName
from secops_oncall.domain.text import plural, shorten
from secops_oncall.domain.times import iso, moment, parse, span
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import PagerDuty
from secops_oncall.ports_machine import Memory
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.reminding import Reminder

GRACE = 0.2  # seconds that an answer waits for the banner at the most
FRESH = timedelta(minutes=1)  # a command that took longer, as with a picker, tells the age of what it saw, too
DAY = timedelta(days=1)
_LEAST = 12  # columns that a title keeps, or it goes
_SEEN, _SETTLED = "banner", "banner settled"


@dataclass(frozen=True)
class Unacked:
    """A page of mine that nobody has acked, as it was seen `at` a moment; `due_to` is who its deadline is about."""

    id: str
    number: int
    title: str
    deadline: datetime | None
    at: datetime
    due_to: str


class Banner:
    """Asks beside the command's own requests, and has its line ready when the answer is, or does without.

    `listed` are pages of mine that the command has listed itself `at` a moment (aware): nothing is asked then.
    `memory` keeps what was seen last, for when PagerDuty is slower than the command. `reminder` has its say where no
    page waits.
    """

    def __init__(
        self,
        pagerduty: PagerDuty,
        memory: Memory,
        ack_minutes: int,
        manager: RoleName,
        at: datetime,
        listed: Sequence[Page] | None = None,
        reminder: Reminder | None = None,
    ) -> None:
        self._memory = memory
        self._reminder = reminder
        self._ack_minutes, self._manager = ack_minutes, manager
        self._at = at
        self._told: set[str] = set()
        self._done: set[str] = set()
        self._listed: Future[Sequence[Page]] = threads.start(lambda: _mine(pagerduty) if listed is None else listed)
        self._dated = threads.start(
            lambda: with_deadlines(pagerduty, self._listed.result(), ack_minutes, manager), aside=True
        )

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Leave out what this command has done something about; of what failed its own line tells."""
        self._done |= _done(outcomes)
        self._told |= {one.id for one in outcomes if one.result in (Result.FAILED, Result.UNKNOWN)}

    def waiting(self, patience: float) -> list[Page]:
        """My unacked pages with their deadlines, the most urgent first, kept for the next command.

        Raises OncallError, also where PagerDuty takes longer than so many seconds.
        """
        seen, settled = self._answered(patience), _settled(self._memory)
        open_still = (page for page in seen if page.status == "triggered" and page.id not in self._done)
        pages = urgent_first(page for page in open_still if not _is_over(page.id, self._at, settled))
        self._memory.put(_SEEN, [_kept(page, self._at) for page in pages])
        return [page for page in pages if page.id not in self._told]

    def _answered(self, patience: float) -> list[Page]:
        """My pages within so many seconds; the configured delay stands for one of a policy that takes longer."""
        try:
            return self._dated.result(patience)
        except TimeoutError:
            if self._listed.done():
                listed = (with_deadline(page, self._ack_minutes) for page in self._listed.result())
                return [addressed(page, None, self._manager) for page in listed]
            raise RemoteError(f"PagerDuty has not answered within {patience:g} s", "oncall pages") from None

    def line(self, now: datetime, room: int) -> str | None:
        """What to say at the end of the command, None where nothing waits."""
        if waiting := self._seen(now):
            return said(waiting, now, room)
        return self._reminder.line(now, room) if self._reminder else None

    def _seen(self, now: datetime) -> list[Unacked]:
        """The pages as PagerDuty answers now, else as they were seen last."""
        try:
            pages = self.waiting(GRACE)
        except OncallError:
            kept: list[Unacked] = self._memory.get(_SEEN, read=lambda pages: [_read(page) for page in pages]) or []
            told, settled = self._done | self._told, _settled(self._memory)
            return [page for page in kept if page.id not in told and not _is_over(page.id, page.at, settled)]
        at = now if now - self._at < FRESH else self._at
        return [Unacked(page.id, page.number, page.title, page.due, at, page.due_to) for page in pages]


def settle(memory: Memory, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Have the next commands know what this one has done something about, whatever they or others saw before now.

    So it is also where this command has no banner, or PagerDuty was too slow for it.
    """
    done = _done(outcomes)
    if done:
        recent = {page: at for page, at in _settled(memory).items() if now - at < DAY}
        memory.put(_SETTLED, {page: at.isoformat() for page, at in {**recent, **dict.fromkeys(done, now)}.items()})


def said(waiting: Sequence[Unacked], now: datetime, room: int) -> str:
    """One line that names the first of them, how long there is left, and how many more; the title gives way first."""
    first, others = waiting[0], len(waiting) - 1
    begin, left, end = f"unacked: {first.number}", _left(first, now), ": oncall ack"
    more, few = (f", and {plural(others, 'more page')}", f", {others} more") if others else ("", "")
    old = f"{span(now - first.at)} ago" if first.at < now else ""
    as_of, ago = (f" (as of {old})", f" ({old})") if old else ("", "")
    for rest in (left + more + as_of, left + few + ago):
        spare = room - len(f"{begin} {rest}{end}")
        if spare >= _LEAST:
            return f"{begin} {shorten(first.title, spare)}{rest}{end}"
    bare = (f"{begin}{rest}{end}" for rest in (left + few + ago, left + ago, left))
    return next((line for line in bare if len(line) <= room), shorten(f"{begin}{left}{end}", room))


def _mine(pagerduty: PagerDuty) -> Sequence[Page]:
    """My unacked pages, asked for aside; who I am is not: the command itself may be waiting for that."""
    query = PageQuery(("triggered",), users=(pagerduty.me().id,))
    return threads.start(lambda: pagerduty.pages(query), aside=True).result()


def _done(outcomes: Iterable[Outcome]) -> set[str]:
    return {one.id for one in outcomes if one.result in THERE}


def _settled(memory: Memory) -> dict[str, datetime]:
    """When commands of this machine did something about pages, by id."""
    kept: dict[str, datetime] = memory.get(_SETTLED, read=lambda all: {id: moment(at) for id, at in all.items()}) or {}
    return kept


def _is_over(page: str, seen: datetime, settled: Mapping[str, datetime]) -> bool:
    """Whether something was done about a page (its id) after it was seen."""
    return page in settled and settled[page] >= seen


def _left(page: Unacked, now: datetime) -> str:
    if page.deadline is None:
        return ""
    left = span(page.deadline - now)
    return f", {page.due_to} in {left}" if page.deadline > now else f", {page.due_to} paged {left} ago"


def _kept(page: Page, at: datetime) -> dict[str, object]:
    deadline = iso(page.due) if page.due else None
    known = {"id": page.id, "number": page.number, "title": page.title, "deadline": deadline, "at": iso(at)}
    return {**known, "due_to": page.due_to}


def _read(kept: dict[str, object]) -> Unacked:
    known = str(kept["id"]), int(str(kept["number"])), str(kept["title"]), parse(kept["deadline"])
    return Unacked(*known, moment(kept["at"]), str(kept["due_to"]))
