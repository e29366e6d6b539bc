"""What a read-back of mine has come to, as the journal tells it: which issues have it, and what still has to go out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import THERE, Outcome, Result, read, row
from secops_oncall.domain.posting import POSTED
from secops_oncall.domain.times import parse

BEGUN, ANSWERED, ACCEPTED = "readback", "answered", "accepted"  # kinds of events; the subject is the shift's id
COMMAND = "oncall handoff accept"
_ENDS = (ACCEPTED, POSTED)
AGAIN = f"{COMMAND}, which repeats only what is missing"
_LEFT = (Result.QUEUED, Result.UNKNOWN, Result.FAILED)


def answered(shift: str, outcomes: Iterable[Outcome], at: datetime) -> Event:
    """How the read-back of a shift's hand-off has ended in each place."""
    return Event(at, ANSWERED, shift, data={"places": rows(outcomes)})


def rows(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Places for the journal."""
    return list(map(row, outcomes))


def left(events: Iterable[Event], since: datetime) -> list[Outcome]:
    """What still has to go out of every read-back that was last begun since a moment; a run cut off has ended none."""
    last: dict[str, Event] = {}
    for event in sorted(events, key=lambda one: one.at):
        if event.kind in (BEGUN, ANSWERED):
            last[event.subject] = event
    return [one for event in last.values() if event.at >= since for one in _places(event) if one.result in _LEFT]


def acted_on(events: Iterable[Event], me: str) -> set[str]:
    """The ids of the issues on which I act (`me`, in PagerDuty) since I have read them back.

    Once somebody else has accepted what I handed off it is theirs, and so is what a colleague has read back after me.
    """
    ends = [event for event in events if event.kind in (ANSWERED, ACCEPTED)]
    found, taken = dict[str, set[str]](), {event.subject for event in ends if event.kind == ANSWERED}
    theirs = set[str]()
    for event in sorted(ends, key=lambda one: one.at if one.subject in taken else _when(one)):
        mine = event.kind == ANSWERED or event.data.get("id") == me
        if event.kind == ANSWERED:
            there = (one.id for one in _places(event) if one.result in THERE)
            found.setdefault(event.subject, set()).update(there)
        elif not mine and event.subject not in taken:
            found.clear()
        (theirs.discard if mine else theirs.add)(event.subject)
    return {id for shift, ids in found.items() if shift not in theirs for id in ids}


def answered_shifts(events: Iterable[Event]) -> frozenset[str]:
    """The ids of the shifts whose hand-off I have read back on this machine."""
    return frozenset(event.subject for event in events if event.kind == ANSWERED)


def accepted_shifts(events: Iterable[Event]) -> frozenset[str]:
    """The ids of the shifts whose hand-off was accepted, as far as this machine knows, and nothing posted since."""
    last = {event.subject: event.kind for event in sorted(events, key=lambda one: one.at) if event.kind in _ENDS}
    return frozenset(shift for shift, kind in last.items() if kind == ACCEPTED)


def _when(event: Event) -> datetime:
    """When it happened: that somebody has accepted is learnt later."""
    return (parse(event.data.get("at")) if event.kind == ACCEPTED else None) or event.at


def _places(event: Event) -> list[Outcome]:
    """What the journal kept, whatever an older or newer program wrote there."""
    kept = event.data.get("places")
    return [one for each in (kept if isinstance(kept, list) else ()) if (one := read(each, COMMAND))]
