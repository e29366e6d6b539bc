"""Notices on their way: what the journal keeps of each from before its requests until every place has it."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import unended
from secops_oncall.domain.notices import Notice

BEGUN, SENDING = "notice", "telling"  # the kinds of a notice's events, and of those of each request that it takes
LASTS = timedelta(hours=12)  # a shift: the same words are another notice then, whatever became of the first one


def begin(notice: Notice, thread: str, at: datetime) -> Event:
    """That a notice is told; `thread` (a `ts`) because the notice itself may link another one."""
    return Event(at, BEGUN, notice.key, notice.said, {"kind": notice.kind, "thread": thread, "typed": notice.typed})


def joined(begun: Event, name: str) -> Event:
    """That somebody was told to come again for a notice: they mean that very one, though another run ends it."""
    return Event(begun.at, BEGUN, begun.subject, begun.text, {**begun.data, "as": name})


def name(begun: Event) -> str:
    """What a notice is found by in either place."""
    return str(begun.data.get("as") or begun.uid)


def same(events: Iterable[Event], notice: Notice) -> list[Event]:
    """The beginnings of the very same notice that has not come to its end in every place, as they were written."""
    begun = unended(events, BEGUN, notice.key)
    return [event for event in begun if (event.data.get("kind"), event.text) == (notice.kind, notice.said)]


def alike(events: Iterable[Event], notice: Notice) -> list[Event]:
    """The beginnings of notices that have not come to their end, and in which the time was typed in the same words."""
    begun = unended(events, BEGUN, notice.key)
    return [
        event for event in begun if (event.data.get("kind"), event.data.get("typed")) == (notice.kind, notice.typed)
    ]


def sending(begun: Event, place: str, at: datetime) -> Event:
    """That a notice's request to a place is about to be sent."""
    data = {"kind": begun.data["kind"], "of": name(begun), "words": _digest(begun.text)}
    return Event(at, SENDING, _to(place, begun.subject), data=data)


def in_doubt(events: Iterable[Event], notice: Notice, place: str) -> list[Event]:
    """The requests of these very words to a place, of which nobody knows what became."""
    words = _digest(notice.said)
    sent = unended(events, SENDING, _to(place, notice.key))
    return [event for event in sent if (event.data.get("kind"), event.data.get("words")) == (notice.kind, words)]


def _to(place: str, key: str) -> str:
    return f"{place} {key}"


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
