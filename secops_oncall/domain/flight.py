"""Writes on their way: begun in the journal before the request, and for how long one without an answer may arrive."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from secops_oncall.domain.events import Event

FLIGHT = timedelta(seconds=30)  # for so long a request whose answer nobody has seen may be carried out still


def failed(begun: Event, at: datetime) -> Event:
    """That what was begun has come to nothing, for certain."""
    return Event(at, begun.kind, begun.subject, data={**begun.data, "failed": begun.uid})


def sent(begun: Event, at: datetime) -> Event:
    """That what was begun has arrived, for certain."""
    return Event(at, begun.kind, begun.subject, data={**begun.data, "sent": begun.uid})


def unended(events: Iterable[Event], kind: str, subject: str) -> list[Event]:
    """Every write of a kind that was begun, and of which nobody knows how it ended, in the order they were written."""
    mine = [event for event in events if (event.kind, event.subject) == (kind, subject)]
    over = {uid for event in mine for uid in (event.data.get("failed"), event.data.get("sent")) if uid}
    return [event for event in mine if not is_end(event) and event.uid not in over]


def is_end(event: Event) -> bool:
    """Whether an event tells how a write ended, rather than that it was begun."""
    return "failed" in event.data or "sent" in event.data


def flying(begun: Iterable[Event], now: datetime) -> list[Event]:
    """Those that may still arrive; where a clock was set back since, too."""
    return [event for event in begun if abs(now - event.at) < FLIGHT]
