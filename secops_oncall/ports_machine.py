"""What few workflows ask of this machine: its journal as a whole, a browser, and what it remembers for a day."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from secops_oncall.domain.events import Event


class WholeJournal(Protocol):
    """The journal as a whole, to be moved to another machine."""

    account: str | None  # the PagerDuty id of whose it is, where that is known

    def snapshot(self) -> tuple[int, Iterator[Event]]:
        """How many events there are now, and those, in the order they were written and one at a time."""
        ...

    def take(self, read: Callable[[], Iterable[Event]]) -> int:
        """Write the events that aren't here yet, all or none, and say how many they were; `read` may be called again.

        What it raises leaves everything as it was.
        """
        ...


class Opener(Protocol):
    """The engineer's browser."""

    def open(self, url: str) -> bool:
        """Open a URL that was checked; False where there is no browser."""
        ...


class Memory(Protocol):
    """What this machine keeps for a day, to be used when a service can't be asked in time."""

    def get(self, key: str, *, read: Callable[[Any], Any]) -> Any:
        """The value of a key as `read` understands it; None where there is none that can be read."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Keep a value (anything that JSON can hold) for a key."""
        ...
