"""A shift among the turns around it: who takes over, who covers it, and who holds a role when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from secops_oncall.domain.people import ROLES, OnCall, Person, Role, RoleName
from secops_oncall.domain.shifts import Shift, incoming, on_duty

COVERAGE = timedelta(hours=24)


@dataclass(frozen=True)
class Turn:
    """Who holds a role for how long; `name` None is a gap."""

    role: Role
    start: datetime
    end: datetime
    name: str | None


@dataclass(frozen=True)
class Rota:
    """A shift, the on-call entries around it, and whom the outgoing engineer has named to take over."""

    shift: Shift
    roles: Mapping[Role, RoleName]
    entries: Sequence[OnCall]
    named: Person | None = None

    @property
    def incoming(self) -> OnCall | None:
        """Whose turn is the next after the shift: the first one of somebody else."""
        return incoming(self.shift, self.roles[self.shift.role], self.entries)

    @property
    def taking_over(self) -> Person | None:
        """Who takes over: whoever was named, else whose turn is next; nobody where that is the same engineer again."""
        if self.named:
            return self.named
        following = None if self.goes_on else self.incoming
        return following.person if following else None

    @property
    def goes_on(self) -> bool:
        """Whether the engineer of the shift is on call after it, too."""
        end, user = self.shift.end, self.shift.user
        after = self.holder(end) if end else None
        return bool(after and user and after.person.id == user.id)

    @property
    def gap(self) -> Turn | None:
        """The time after the shift in which nobody is on call, until the next one begins."""
        end, following = self.shift.end, self.incoming
        if end is None or following is None or not following.start or following.start <= end or self.holder(end):
            return None
        return Turn(self.shift.role, end, following.start, None)

    @property
    def people(self) -> list[Person]:
        """Everybody who stands in these turns, each once."""
        return list({entry.person.id: entry.person for entry in self.entries}.values())

    def holder(self, moment: datetime, role: Role | None = None) -> OnCall | None:
        """Whoever holds a role (the shift's own, unless one is given) at a moment."""
        return on_duty(self.roles[role or self.shift.role], self.entries, moment)

    def whose(self, moment: datetime, role: Role | None = None) -> str | None:
        """The name of whoever holds a role at a moment."""
        entry = self.holder(moment, role)
        return entry.person.name if entry else None

    def coverage(self, since: datetime) -> list[Turn]:
        """Who holds which role in the 24 hours from a moment on, gaps included."""
        return [turn for role in ROLES for turn in self._turns(role, since, since + COVERAGE)]

    def _turns(self, role: Role, since: datetime, until: datetime) -> list[Turn]:
        edges = {edge for entry in self.entries if self.roles[role].matches(entry) for edge in (entry.start, entry.end)}
        cuts = [since, *sorted(edge for edge in edges if edge and since < edge < until), until]
        turns: list[Turn] = []
        for start, end in pairwise(cuts):
            name = self.whose(start, role)
            if turns and turns[-1].name == name:
                start = turns.pop().start
            turns.append(Turn(role, start, end, name))
        return turns
