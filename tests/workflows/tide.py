"""Waves of requests to services in memory: links of the chain in which one waits for the other."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any


class Tide:
    """Holds every request until no further one comes, then lets all of them go: one wave."""

    SETTLED = 0.08

    def __init__(self) -> None:
        self.waves: list[int] = []
        self._held: list[Signal] = []
        self._last = 0.0
        self._lock = Lock()

    def wrap(self, service: object) -> Any:
        """The service, its requests held; identity and boards come from the cache."""
        tide = self

        class Held:
            def __getattr__(self, name: str) -> Callable[..., Any]:
                method = getattr(service, name)

                def call(*args: Any) -> Any:
                    if name not in ("me", "board"):
                        tide._hold()
                    return method(*args)

                return call

        return Held()

    @contextmanager
    def running(self) -> Iterator[None]:
        over = Signal()
        thread = Thread(target=self._run, args=(over,), daemon=True)
        thread.start()
        yield
        over.set()
        thread.join()

    def _hold(self) -> None:
        signal = Signal()
        with self._lock:
            self._held.append(signal)
            self._last = time.monotonic()
        assert signal.wait(10)

    def _run(self, over: Signal) -> None:
        while not over.wait(0.01):
            with self._lock:
                if self._held and time.monotonic() - self._last > self.SETTLED:
                    self.waves.append(len(self._held))
                    for signal in self._held:
                        signal.set()
                    self._held = []
