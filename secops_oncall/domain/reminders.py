"""What there is to remind of without anybody at the keyboard: a shift that ends soon, and one nobody has taken over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.people import OnCall, Person, Role, RoleName, same
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.shifts import Shift, turns
from secops_oncall.domain.thread_line import text_in

AHEAD = timedelta(hours=1)  # before the end of a shift
PATIENCE, LATEST = timedelta(minutes=15), timedelta(hours=2)  # after the start of the next one
BACK = timedelta(days=3)  # a shift this long ago may have ended in a gap that is over just now
# How the automation's text begins, until somebody has posted the hand-off in its place.
DRAFT = "**Not written yet.** The automation renews this draft until `oncall handoff post` has replaced it."

Kind = Literal["ending", "waiting"]
Side = Literal["outgoing", "incoming"]


@dataclass(frozen=True)
class Due:
    """That a shift is `ending`, or that its hand-off may be `waiting` for whoever took over."""

    kind: Kind
    rota: Rota
    end: datetime
    outgoing: Person

    @property
    def shift(self) -> Shift:
        return self.rota.shift

    @property
    def people(self) -> dict[Side, Person]:
        """Whom it concerns; nobody comes in where the same engineer goes on, or the schedule knows no other.

        Whom the posted hand-off names comes before the schedule.
        """
        known: dict[Side, Person | None] = {"outgoing": self.outgoing, "incoming": self.rota.taking_over}
        return {side: person for side, person in known.items() if person}

    @property
    def waits_for_nobody(self) -> bool:
        """Whether it is about an acceptance, where the same engineer goes on and the hand-off names nobody else."""
        return self.kind == "waiting" and self.rota.goes_on and self.rota.named is None

    def handed_to(self, named: Person | None) -> "Due":
        """The same with whom the posted hand-off names as taking over."""
        following = self.rota.taking_over
        is_news = named is not None and not (following and same(named, following))
        return replace(self, rota=replace(self.rota, named=named)) if is_news else self

    def zone(self, person: Person) -> str | None:
        """The time zone of somebody on call."""
        return next((entry.time_zone for entry in self.rota.entries if entry.person.id == person.id), None)

    def marker(self, person: Person) -> str:
        """By which the message to somebody is known again: the id of its block in Slack."""
        return f"oncall:remind:{self.kind}:{self.shift.id}:{person.id or person.email or person.name}"


@dataclass(frozen=True)
class Notice:
    """A message to somebody: `place` is their Slack id or a channel, None where neither is known.

    Its text has a place for where the hand-over issue is: `documents.WHERE`.
    """

    side: Side
    place: str | None
    marker: str
    text: str


def due(
    entries: Iterable[OnCall], roles: Mapping[Role, RoleName], now: datetime, rules: ShiftRules = RULES
) -> list[Due]:
    """What there is to remind of at a moment (aware), as the engineers' on-call entries have it.

    The next shift begins where this one ends, or where the gap behind it does.
    """
    every, found = list(entries), []
    for shift in turns("engineer", every, roles, now - BACK, now + AHEAD, rules):
        if shift.end is None or shift.user is None:
            continue
        rota = Rota(shift, roles, every)
        begins = rota.gap.end if rota.gap else shift.end
        if timedelta(0) < shift.end - now <= AHEAD:
            found.append(Due("ending", rota, shift.end, shift.user))
        elif PATIENCE <= now - begins < LATEST:
            found.append(Due("waiting", rota, shift.end, shift.user))
    return found


def is_draft(issue: Issue) -> bool:
    """Whether a hand-over issue is still as the automation has opened it: nobody has posted a hand-off there."""
    return text_in(issue.description).startswith(DRAFT)
