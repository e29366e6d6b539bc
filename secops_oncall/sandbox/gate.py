"""Holding requests at a gate, in the memory of the process that serves, to let them through one by one."""

import re
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock

ANSWERED_WITHIN = 30.0  # seconds in which a request that was let through is answered, or never


@dataclass(frozen=True)
class Rule:
    """Which requests a gate holds: by method (`*`: any), a regular expression for the path, and whose they are."""

    method: str
    path: str
    user: str = ""  # the login of the token's owner; nobody named means anybody

    def __post_init__(self) -> None:
        re.compile(self.path)

    def holds(self, method: str, path: str, user: str) -> bool:
        """Whether a request stops here; `path` is with its decoded query."""
        return self.method in (method, "*") and self.user in (user, "") and bool(re.search(self.path, path))


@dataclass(frozen=True)
class Parked:
    """A request that waits. It goes on when it is `let`, and is `answered` when its answer has left, or never will."""

    id: int
    user: str
    method: str
    path: str
    let: Event = field(default_factory=Event)
    answered: Event = field(default_factory=Event)


class Gate:
    """The rules that hold requests, and the requests that wait; open while there is no rule."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count(1)
        self._rules: list[Rule] = []
        self._parked: dict[int, Parked] = {}

    def hold(self, rule: Rule) -> None:
        """Hold what a rule names, besides what is held already."""
        with self._lock:
            self._rules.append(rule)

    def park(self, method: str, path: str, user: str) -> Parked | None:
        """Wait until this request is let through; None for one that no rule holds."""
        with self._lock:
            if not any(rule.holds(method, path, user) for rule in self._rules):
                return None
            parked = Parked(next(self._numbers), user, method, path.partition("?")[0])
            self._parked[parked.id] = parked
        parked.let.wait()
        return parked

    def waiting(self) -> list[Parked]:
        """The requests that wait, in the order they came."""
        with self._lock:
            return list(self._parked.values())

    def let(self, number: int) -> Parked | None:
        """Let one through, and answer it when it was answered; None where none of that id waits."""
        with self._lock:
            parked = self._parked.pop(number, None)
        if parked is not None:
            parked.let.set()
            parked.answered.wait(ANSWERED_WITHIN)
        return parked

    def open(self) -> None:
        """Hold nothing more, and let everything through that waits."""
        with self._lock:
            freed = list(self._parked.values())
            self._parked.clear()
            self._rules.clear()
        for parked in freed:
            parked.let.set()
