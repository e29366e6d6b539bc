"""The shift's memory as it was typed: append-only events, and the folds that every view is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import uuid4

NoteKind = Literal["note", "automate", "question", "risk", "process"]
NOTE_KINDS: tuple[NoteKind, ...] = get_args(NoteKind)


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
    """A note of the engineer; `page` is the page's id, `filed` the issue that an improvement became."""

    id: str
    at: datetime
    kind: NoteKind
    text: str
    page: str | None
    shift: str | None
    filed: str | None


@dataclass(frozen=True)
class Focus:
    """The page in focus: what commands that read mean when they name none."""

    id: str
    number: int
    title: str
    until: datetime


def notes(events: Iterable[Event], since: datetime | None = None) -> list[Note]:
    """The notes among the events, oldest first; `since` leaves out earlier ones."""
    return [
        Note(
            event.uid,
            event.at,
            event.data.get("kind", "note"),
            event.text,
            event.subject or None,
            event.data.get("shift"),
            event.data.get("filed"),
        )
        for event in sorted(events, key=lambda one: one.at)
        if event.kind == "note" and (since is None or event.at >= since)
    ]


def focus(events: Iterable[Event], now: datetime) -> Focus | None:
    """The page that was put in focus last, unless its shift is over or its work is closed."""
    moved = sorted((event for event in events if event.kind == "focus"), key=lambda event: event.at)
    if not moved:
        return None
    last = moved[-1]
    if not last.subject or "until" not in last.data:
        return None
    until = datetime.fromisoformat(last.data["until"])
    if now >= until:
        return None
    return Focus(last.subject, int(last.data.get("number", 0)), last.text, until)
