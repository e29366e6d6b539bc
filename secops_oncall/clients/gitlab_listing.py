"""A long list of GitLab's, page by page: how many at once, in which order, and how far it came where it broke off."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from secops_oncall import threads
from secops_oncall.errors import OncallError

PAGE = 100  # rows; more is silently cut to it (gitlab.md, "Pagination")
TOLD = 100  # pages: of more than 10,000 rows GitLab doesn't tell the number
AHEAD = 8  # pages that are asked for at once while nobody tells how many there are

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page that was read: its rows by their ids, the number of the page after it, and what GitLab tells of all."""

    rows: dict[Any, T]
    next: int | None = None
    pages: int | None = None
    total: int | None = None


class Listing(Generic[T]):
    """One list. `ask` reads a page by its number (from 1), and is called from several threads.

    Only what was read of the rows is kept, never the rows themselves: of 10,000 issues these are some 200 MB.
    """

    def __init__(self, ask: Callable[[int], Page[T]], noun: str) -> None:
        self._ask = ask
        self._noun = noun
        self._lock = Lock()
        self._total: int | None = None
        self._read = 0
        self._broken: OncallError | None = None

    def whole(self) -> list[T]:
        """Every row, once, in GitLab's order; raises the first page's error, with how far the list came by then.

        Side by side where GitLab tells the number of pages; else some ahead, until one of them is the last. Raises
        ValueError for a list that only repeats itself.
        """
        try:
            first = self._page(1)
            found = dict(first.rows)
            if first.pages is not None and first.pages <= TOLD:
                self._add(found, range(2, first.pages + 1))
                return list(found.values())
            following = first.next
            while following is not None:
                before = len(found)
                following = self._add(found, range(following, following + AHEAD))
                if len(found) == before and following is not None:
                    raise ValueError("endless")
            return list(found.values())
        except OncallError as error:
            self._tell_progress(error)
            raise

    def _add(self, found: dict[Any, T], numbers: Iterable[int]) -> int | None:
        """Read pages side by side, add what isn't there yet, and answer the number of the page after them."""
        pages = threads.each(self._page, numbers)
        for page in pages:
            for id, row in page.rows.items():
                found.setdefault(id, row)
        return pages[-1].next if pages else None

    def _page(self, number: int) -> Page[T]:
        """A page; where another one failed already, no more are asked for."""
        if self._broken is not None:
            raise self._broken
        try:
            page = self._ask(number)
        except OncallError as error:
            self._broken = error
            raise
        with self._lock:
            self._read += len(page.rows)
            self._total = self._total or page.total
        return page

    def _tell_progress(self, error: OncallError) -> None:
        if self._read:
            of = f" of {self._total:,}" if self._total else ""
            error.message += f", after {self._read:,}{of} {self._noun}"
            error.args = (error.message,)


def once(rows: Iterable[tuple[Any, T]]) -> dict[Any, T]:
    """Rows by their ids, each once: a list that changes while it is read repeats some.

    Raises ValueError for one that only repeats itself, page after page.
    """
    found: dict[Any, T] = {}
    repeated = 0
    for id, row in rows:
        repeated = repeated + 1 if id in found else 0
        if repeated > 2 * PAGE:
            raise ValueError("endless")
        found.setdefault(id, row)
    return found
