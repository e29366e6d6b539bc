"""How many requests of a service are on their way at once, and which of those that wait goes first."""

import math
import time
from collections.abc import Callable
from threading import Condition

HEAD_START = 0.05  # seconds in which the threads of a command all begin, which ask side by side


class Slots:
    """Room for `limit` requests at once. What is asked aside goes last, and only when a command has what it asks for.

    A slot that is taken can't be given back before its answer is there; so what is asked aside takes none within
    HEAD_START of the beginning or the end of a command's own requests, which others of its own may still follow.
    `clock` answers seconds.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = limit
        self._clock = clock
        self._stirred = clock()  # when a request that is not asked aside began or ended last
        self._waiting = 0  # of those
        self._changed = Condition()

    def take(self, patience: float, *, aside: bool = False) -> bool:
        """Take a slot within so many seconds; False where none came free."""
        until = self._clock() + patience
        with self._changed:
            self._waiting += not aside
            try:
                while wait := self._wait(aside):
                    left = until - self._clock()
                    if left <= 0:
                        return False
                    self._changed.wait(min(wait, left))
            finally:
                self._waiting -= not aside
            self._free -= 1
            self._stir(aside)
            return True

    def give(self, *, aside: bool = False) -> None:
        """Give a slot back."""
        with self._changed:
            self._free += 1
            self._stir(aside)
            self._changed.notify_all()

    def _stir(self, aside: bool) -> None:
        self._stirred = self._stirred if aside else self._clock()

    def _wait(self, aside: bool) -> float:
        """The seconds to wait for a slot: none, or until something changes."""
        if not self._free or (aside and self._waiting):
            return math.inf
        return max(0.0, self._stirred + HEAD_START - self._clock()) if aside else 0.0
