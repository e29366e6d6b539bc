"""How many requests are on their way to one service at once, and who goes first."""

import time
from threading import Condition

from secops_oncall import threads

LULL = 0.03  # seconds: requests that begin together have found their slots by then


class Slots:
    """So many slots for requests. A command's own go before what runs aside (`threads.start`).

    What runs aside takes only a slot that is left over once there has been a `lull` (seconds) in which none of the
    command's own began or ended: a request is not taken back, and the next one of the command would wait for it.
    """

    def __init__(self, limit: int, lull: float = LULL) -> None:
        self._free = limit
        self._waiting = 0  # of the command's own
        self._lull = lull
        self._stirred = time.monotonic()
        self._changed = Condition()

    def acquire(self, timeout: float) -> bool:
        """Take a slot; False where there is none within so many seconds."""
        with self._changed:
            taken = self._left_over(timeout) if threads.is_aside() else self._own(timeout)
            self._free -= taken
            return taken

    def release(self) -> None:
        """Give a slot back."""
        with self._changed:
            self._free += 1
            if not threads.is_aside():
                self._stirred = time.monotonic()
            self._changed.notify_all()

    def _own(self, timeout: float) -> bool:
        self._waiting += 1
        try:
            return self._changed.wait_for(lambda: self._free > 0, timeout)
        finally:
            self._waiting -= 1
            self._stirred = time.monotonic()

    def _left_over(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            restless = self._stirred + self._lull - time.monotonic()
            is_free = self._free > 0 and not self._waiting
            if is_free and restless <= 0:
                return True
            self._changed.wait(min(left, restless) if is_free else left)
        return False
