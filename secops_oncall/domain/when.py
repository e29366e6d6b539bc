"""A time as people type it: ISO-8601, `HH:MM`, `Sun 04:00`, or a duration from now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from secops_oncall.domain.times import is_told

Toward = Literal["future", "past"]

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d{1,6}(?:s|m|min|h|d|w))+", re.IGNORECASE)
_PART = re.compile(r"(\d+)(s|min|m|h|d|w)", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UTC = re.compile(r"(?<=\d)(?:\s*Z|\s+UTC)$", re.IGNORECASE)
_CLOCK = re.compile(r"(?:([a-z]{3,9})\s+)?(\d{1,2}):(\d{2})", re.IGNORECASE)


@dataclass(frozen=True)
class Typed:
    """A moment (aware, UTC); where the clock shows that time twice that day, `of_two` says which of them was taken."""

    moment: datetime
    of_two: Literal["first", "second"] | None = None


def duration(text: str) -> timedelta | None:
    """`90m`, `2h`, `1h30m`, `1d`: a length of time; None where it is none."""
    word = text.strip()
    if not _DURATION.fullmatch(word):
        return None
    return timedelta(seconds=sum(int(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(word)))


def moment(text: str, now: datetime, zone: tzinfo, *, toward: Toward = "future") -> Typed | None:
    """The moment that a TIME names, read in `zone` unless it has one of its own (`UTC`); None where it names none.

    So it is with one at an end of the calendar, which not every zone can tell.

    A clock time or a week day means the next one, or with `toward` past the last one; so does a duration. Of a time
    that the clock shows twice the first is taken that lies on that side of now. Raises ValueError, with the reason,
    for a time that the clock skips that day.
    """
    try:
        found = _named(text, now, zone, toward)
    except OverflowError:
        return None
    return found if found and is_told(found.moment) else None


def _named(text: str, now: datetime, zone: tzinfo, toward: Toward) -> Typed | None:
    length = duration(text)
    if length is not None:
        return Typed(now + length if toward == "future" else now - length)
    local = _UTC.sub("", text.strip())
    zone = zone if local == text.strip() else UTC
    found = _CLOCK.fullmatch(local)
    if found:
        return _clock(found[1], int(found[2]), int(found[3]), now.astimezone(zone), toward)
    try:
        named = datetime.fromisoformat(local)
    except ValueError:
        return None
    there = named if named.tzinfo else named.replace(tzinfo=zone)
    real = _real(there)
    return _beyond(real, now, toward) or real[0]


def _clock(day: str | None, hour: int, minute: int, here: datetime, toward: Toward) -> Typed | None:
    """The nearest such time on the clock of `here`'s zone, on that side of it; a day by its name or its first letters.

    Which side is a question of moments: two times of one zone are compared as its clock shows them.
    """
    days = [index for index, name in enumerate(_DAYS) if day and name.startswith(day.lower())]
    if hour > 23 or minute > 59 or (day and not days):
        return None
    step = timedelta(days=1 if toward == "future" else -1)
    date = here.date()
    for _ in range(8):
        there = datetime(date.year, date.month, date.day, hour, minute, tzinfo=here.tzinfo)
        meant = not days or there.weekday() == days[0]
        if meant and (found := _beyond(_moments(there) or _skipped(there, here, toward), here, toward)):
            return found
        date += step
    return None


def _beyond(moments: Sequence[Typed], now: datetime, toward: Toward) -> Typed | None:
    """The first of some moments that lies on that side of now."""
    ahead, now = toward == "future", now.astimezone(UTC)
    return next((each for each in moments if (each.moment > now) is ahead), None)


def _skipped(there: datetime, here: datetime, toward: Toward) -> list[Typed]:
    """Raises ValueError for a skipped time on that side of now, as the clock shows them; nothing for another one."""
    return _real(there) if (there > here) is (toward == "future") else []


def _real(there: datetime) -> list[Typed]:
    """A local time as the one or two moments that it is; ValueError for none."""
    found = _moments(there)
    if not found:
        raise ValueError(f"the clock skips {there:%Y-%m-%d %H:%M} {there.tzinfo}")
    return found


def _moments(there: datetime) -> list[Typed]:
    """The moments at which its zone's clock shows a local time, earliest first; none where it skips it (PEP 495)."""
    shown, both = there.replace(tzinfo=None), [there.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    found = [each for each in dict.fromkeys(both) if each.astimezone(there.tzinfo).replace(tzinfo=None) == shown]
    return [Typed(found[0], "first"), Typed(found[1], "second")] if len(found) == 2 else [Typed(one) for one in found]
