"""The line that every networked command ends with while a page of mine is unacked."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, TimeoutError
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.pages import Page, urgent_first, with_deadline
from secops_oncall.domain.text import plural, shorten
from secops_oncall.domain.times import iso, parse, span
from secops_oncall.errors import OncallError
from secops_oncall.ports import Memory, PageQuery, PagerDuty

GRACE = 0.2  # seconds that an answer waits for the banner at the most
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

    `memory` keeps what was seen last, for when PagerDuty is slower than the command.
    """

    def __init__(self, pagerduty: PagerDuty, memory: Memory, ack_minutes: int, now: datetime) -> None:
        self._memory = memory
        self._ack_minutes = ack_minutes
        self._now = now
        self._asked: Future[list[Page]] = threads.start(lambda: _mine(pagerduty))

    def line(self, settled: Iterable[str], room: int = ROOM) -> str | None:
        """What to say at the end of the command, None where nothing waits; `settled` are the ids it has acked."""
        done = set(settled)
        waiting = [page for page in self._seen() if page.id not in done]
        return said(waiting, self._now, room) if waiting else None

    def _seen(self) -> list[Unacked]:
        """The pages as PagerDuty answers now, else as they were seen last."""
        with suppress(OncallError, TimeoutError):
            seen = unacked(self._asked.result(GRACE), self._ack_minutes, self._now)
            self._memory.put(_KEY, [_kept(page) for page in seen])
            return seen
        kept: list[Unacked] | None = self._memory.get(_KEY, read=lambda pages: [_read(page) for page in pages])
        return kept or []


def unacked(pages: Iterable[Page], ack_minutes: int, now: datetime) -> list[Unacked]:
    """The triggered ones among pages that were seen now, the most urgent first."""
    triggered = urgent_first(with_deadline(page, ack_minutes) for page in pages if page.status == "triggered")
    return [Unacked(page.id, page.number, page.title, page.ack_deadline, now) for page in triggered]


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


def _kept(page: Unacked) -> dict[str, object]:
    deadline = iso(page.deadline) if page.deadline else None
    return {"id": page.id, "number": page.number, "title": page.title, "deadline": deadline, "at": iso(page.at)}


def _read(kept: dict[str, object]) -> Unacked:
    at = parse(kept["at"])
    if at is None:
        raise ValueError("what was kept has no time")
    return Unacked(str(kept["id"]), int(str(kept["number"])), str(kept["title"]), parse(kept["deadline"]), at)
