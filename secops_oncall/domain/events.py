"""The shift's memory as it was typed: append-only events, and the folds that every view is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import uuid4

from secops_oncall.domain.times import parse

NoteKind = Literal["note", "automate", "question", "risk", "process"]
NOTE_KINDS: tuple[NoteKind, ...] = get_args(NoteKind)
SHORT = 8  # characters: of some thousand notes no two begin alike
FOCUS_LASTS = timedelta(hours=12)  # a weekday shift: what was in focus longer ago belongs to another one
DROPPED = "dropped"  # what a note is filed as that nothing is to become of
# Their text is the title of a page or an issue; every other kind's was typed.
TITLED = frozenset({"focus", "ack", "resolve", "snooze", "pick", "done", "drop"})


@dataclass(frozen=True)
class Event:
    """One line of the journal: what happened to whom or what. `uid` tells it apart for ever, on every machine."""

    at: datetime
    kind: str
    subject: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    uid: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Note:
    """A note of the engineer; `page` is the page's id, `filed` the issue that an improvement became, or `dropped`.

    `confidential` says that the issue was made so, or meant to be.
    """

    id: str
    at: datetime
    kind: NoteKind
    text: str
    page: str | None
    shift: str | None
    filed: str | None
    confidential: bool = field(default=False, metadata={"internal": True})  # `people.INTERNAL`: a note loads little

    @property
    def short(self) -> str:
        """Its id as people read and type it."""
        return self.id[:SHORT]


@dataclass(frozen=True)
class KnownShift:
    """A shift as it was known when a command asked PagerDuty, so that its notes are found without the network.

    `learnt` says when that was.
    """

    id: str
    role: str
    start: datetime
    end: datetime | None
    learnt: datetime = field(default=datetime.min.replace(tzinfo=UTC), compare=False)

    def covers(self, moment: datetime) -> bool:
        """Whether a moment (aware) lies in it."""
        return self.start <= moment and (self.end is None or moment < self.end)


@dataclass(frozen=True)
class Focus:
    """The page in focus: what commands that read mean when they name none."""

    id: str
    number: int
    title: str
    until: datetime


def notes(events: Iterable[Event], since: datetime | None = None) -> list[Note]:
    """The notes among the events, oldest first; `since` leaves out earlier ones.

    A note belongs to the shift that its time falls in, worked out now: a shift may have been swapped since.
    """
    ordered = sorted(events, key=lambda one: one.at)
    ends = {event.subject: event for event in ordered if event.kind == "filed"}
    filed = {note: str(end.data.get("issue") or DROPPED) for note, end in ends.items()}
    known = shifts(ordered)
    return [
        Note(
            event.uid,
            event.at,
            event.data.get("kind", "note"),
            event.text,
            event.subject or None,
            next((shift.id for shift in known if shift.covers(event.at)), None),
            filed.get(event.uid),
            event.uid in ends and ends[event.uid].data.get("confidential") is True,
        )
        for event in ordered
        if event.kind == "note" and (since is None or event.at >= since)
    ]


def filed(note: str, issue: str | None, at: datetime, why: str = "", *, confidential: bool = False) -> Event:
    """That a note (its id) became an issue, or with None that nothing is to become of it."""
    return Event(at, "filed", note, why, {"issue": issue, **({"confidential": True} if confidential else {})})


def shifts(events: Iterable[Event]) -> list[KnownShift]:
    """The shifts that the journal knows, the one that was learnt last first; of one shift the last word counts."""
    found: dict[str, KnownShift] = {}
    for event in sorted((one for one in events if one.kind == "shift"), key=lambda one: one.at):
        start, end = parse(event.data.get("start")), parse(event.data.get("end"))
        if start:
            found.pop(event.subject, None)
            found[event.subject] = KnownShift(event.subject, str(event.data.get("role", "")), start, end, event.at)
    return list(reversed(found.values()))


def focus(events: Iterable[Event], now: datetime) -> Focus | None:
    """The page that was put in focus last, unless the shift in which that was is over, or it was taken out since.

    Where no event tells of that shift, it lasts as long as a shift on a weekday.
    """
    ordered = sorted(events, key=lambda one: one.at)
    moved = [event for event in ordered if event.kind == "focus"]
    if not moved or not moved[-1].subject:
        return None
    last = moved[-1]
    until = _end(shifts(ordered), last.at) or last.at + FOCUS_LASTS
    return Focus(last.subject, int(last.data.get("number", 0)), last.text, until) if now < until else None


def _end(known: Iterable[KnownShift], moment: datetime) -> datetime | None:
    """When the shift ends that a moment falls in: of several the shortest, an engineer's within a backup's week."""
    ends = {shift.end - shift.start: shift.end for shift in known if shift.end and shift.covers(moment)}
    return ends[min(ends)] if ends else None
