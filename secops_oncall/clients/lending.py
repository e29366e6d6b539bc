"""An SDK's sessions, which only one thread may use at a time: made when none is free, and used again after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Lending:
    """As many sessions as were ever used at once; `make` makes one.

    One for each thread would be one for each request: threads begin and end with what they ask.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._free: list[Any] = []

    @contextmanager
    def one(self) -> Iterator[Any]:
        """A session that nobody else has."""
        try:
            lent = self._free.pop()
        except IndexError:
            lent = self._make()
        try:
            yield lent
        finally:
            self._free.append(lent)
