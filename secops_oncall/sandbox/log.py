"""What one server has answered, and how many requests waited for each other."""

from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True)
class Seen:
    """One request in the log: its query decoded; `start` and `end` are seconds on this machine's monotonic clock."""

    method: str
    path: str
    query: str
    status: int
    start: float
    end: float


@dataclass
class Log:
    """Every request that one server has answered, oldest first."""

    seen: list[Seen] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, seen: Seen) -> None:
        with self._lock:
            self.seen.append(seen)

    def waves(self) -> int:
        """The longest chain of requests that waited for each other: one began after the one before had ended."""
        longest: list[int] = []
        ordered = sorted(self.seen, key=lambda one: one.start)
        for index, one in enumerate(ordered):
            before = [longest[i] for i in range(index) if ordered[i].end <= one.start]
            longest.append(1 + max(before, default=0))
        return max(longest, default=0)
