"""One line on standard error while services are asked, for whatever takes longer than half a second."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from secops_oncall import threads
from secops_oncall.domain.text import plural

PATIENCE = 0.5  # seconds before anything is shown
_TICK = 0.1
_WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"  # a step each tick
_MANY, _LONG = 4, 20  # parts that are worth a bar, and its columns
_CLEAR = "\r\x1b[K"


class Activity:
    """Draws while `asking` says that a request is on its way, and takes the line away before anything is printed.

    `write` puts text on the terminal, which has so many columns as `room` says; `answered` is called after each
    request. Work of many parts gets a bar. Only for terminals.
    """

    def __init__(self, write: Callable[[str], None], asking: Callable[[], bool], room: Callable[[], int]) -> None:
        self._write = write
        self._asking = asking
        self._room = room
        self._answers = 0
        self._shown = False
        self._lock = Lock()

    def start(self) -> "Activity":
        """Watch from a daemon thread, gone with the process."""
        Thread(target=self._watch, daemon=True).start()
        return self

    def answered(self) -> None:
        """Count an answer."""
        self._answers += 1

    def clear(self) -> None:
        """Take the line away."""
        with self._lock:
            if self._shown:
                self._write(_CLEAR)
                self._shown = False

    def _watch(self) -> None:
        since: float | None = None
        while True:
            time.sleep(_TICK)
            if not self._asking():
                since = None
                self.clear()
                continue
            now = time.monotonic()
            since = since or now
            if now - since > PATIENCE:
                self._draw(now - since)

    def _draw(self, seconds: float) -> None:
        wheel = _WHEEL[int(seconds / _TICK) % len(_WHEEL)]
        line = f"{wheel} asking… {seconds:.0f} s{_progress(*threads.parts()) or self._counted()}"
        with self._lock:
            if self._asking():
                self._write(_CLEAR + line[: self._room() - 1])  # of a broken line only the last part would be cleared
                self._shown = True

    def _counted(self) -> str:
        return f", {plural(self._answers, 'answer')}" if self._answers else ""


def _progress(done: int, of: int) -> str:
    """How far work of many parts is, as a bar and in numbers."""
    if of < _MANY:
        return ""
    full = _LONG * done // of
    return f"  {'━' * full}{'╌' * (_LONG - full)} {done} of {of}"
