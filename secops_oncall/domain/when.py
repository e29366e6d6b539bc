"""A time as people type it: ISO-8601, `HH:MM`, `Sun 04:00`, or a duration from now."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d{1,6}(?:s|m|min|h|d|w))+", re.IGNORECASE)
_PART = re.compile(r"(\d+)(s|min|m|h|d|w)", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?:([a-z]{3,9})\s+)?(\d{1,2}):(\d{2})", re.IGNORECASE)


@dataclass(frozen=True)
class Typed:
    """A moment (aware, UTC), and whether the clock shows it twice that day: then the first was taken."""

    moment: datetime
    ambiguous: bool = False


def duration(text: str) -> timedelta | None:
    """`90m`, `2h`, `1h30m`, `1d`: a length of time; None where it is none."""
    word = text.strip()
    if not _DURATION.fullmatch(word):
        return None
    return timedelta(seconds=sum(int(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(word)))


def moment(text: str, now: datetime, zone: tzinfo, *, toward: Literal["future", "past"] = "future") -> Typed | None:
    """The moment that a TIME names, read in `zone` unless it has one of its own; None where it names none.

    A clock time or a week day means the next one, or with `toward` past the last one; so does a duration.
    Raises ValueError, with the reason, for a time that the clock skips that day.
    """
    length = duration(text)
    if length is not None:
        return Typed(now + length if toward == "future" else now - length)
    found = _CLOCK.fullmatch(text.strip())
    if found:
        return _clock(found[1], int(found[2]), int(found[3]), now.astimezone(zone), toward)
    try:
        named = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _real(named) if named.tzinfo else _real(named.replace(tzinfo=zone))


def _clock(day: str | None, hour: int, minute: int, here: datetime, toward: str) -> Typed | None:
    """The nearest such time on the clock of `here`'s zone, on that side of it."""
    days = [index for index, name in enumerate(_DAYS) if day and day.lower()[:3] == name]
    if hour > 23 or minute > 59 or (day and not days):
        return None
    step = timedelta(days=1 if toward == "future" else -1)
    date = here.date()
    for _ in range(8):
        there = datetime(date.year, date.month, date.day, hour, minute, tzinfo=here.tzinfo)
        beyond = there > here if toward == "future" else there <= here
        if beyond and (not days or there.weekday() == days[0]):
            return _real(there)
        date += step
    return None


def _real(there: datetime) -> Typed:
    """A local time as the moment it is, checked against the changes of its zone's clock (PEP 495)."""
    first = there.replace(fold=0).astimezone(UTC)
    if first.astimezone(there.tzinfo).replace(tzinfo=None) != there.replace(tzinfo=None):
        raise ValueError(f"the clock skips {there:%Y-%m-%d %H:%M} {there.tzinfo}")
    return Typed(first, there.replace(fold=1).astimezone(UTC) != first)
