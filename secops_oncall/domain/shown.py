"""A posted hand-off as it is shown and as programs get it: what was said of each incident, and who has read it back."""

from dataclasses import dataclass
from datetime import datetime

from secops_oncall.domain import posted
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.people import Person
from secops_oncall.domain.received import Acceptance, Handed, Place, shift_name
from secops_oncall.domain.said import Said


@dataclass(frozen=True)
class Added:
    """What was added to a hand-off after it was read back: by whom (a GitLab user name), and whether it waits still."""

    at: datetime
    by: str
    text: str
    waits: bool


@dataclass(frozen=True)
class ShownIncident:
    """One incident as it was handed off: its issue, the text of the note, and what that says with all additions."""

    id: str
    issue: Issue
    at: datetime
    text: str
    said: Said
    accepted: Acceptance | None
    addenda: tuple[Added, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A hand-off as it stands in GitLab: `text` is its issue's, `waits` whether somebody is to read it back still."""

    id: str
    role: str
    start: datetime | None
    outgoing: Person
    incoming: str
    at: datetime
    waits: bool
    accepted: Acceptance | None
    issue: Issue | None
    text: str
    incidents: tuple[ShownIncident, ...]
    addenda: tuple[Added, ...] = ()


def shown(handed: Handed) -> Shown:
    """A hand-off for programs."""
    name, place = shift_name(handed.shift), handed.handover
    return Shown(
        handed.shift,
        handed.role,
        name.start if name else None,
        handed.outgoing,
        handed.incoming,
        handed.at,
        handed.waits,
        handed.accepted,
        place.issue if place else None,
        place.text if place else "",
        tuple(_incident(each) for each in handed.incidents),
        _added(place) if place else (),
    )


def _incident(place: Place) -> ShownIncident:
    issue, note = place.issue, place.posted
    return ShownIncident(
        issue.ref, issue, note.at, place.text, posted.read(place.latest), place.accepted, _added(place)
    )


def _added(place: Place) -> tuple[Added, ...]:
    return tuple(Added(note.at, note.author, note.text, note in place.waiting) for note in place.addenda)
