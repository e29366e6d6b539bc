"""Moments and spans of time as people read them and as programs exchange them; every moment is aware."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, tzinfo

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")


def iso(moment: datetime) -> str:
    """A moment as UTC ISO-8601 with `Z`, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse(text: object) -> datetime | None:
    """A service's ISO-8601 time as an aware UTC moment; None where there is none, or none that can be read and told."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if is_told(moment) else None


def is_told(moment: datetime) -> bool:
    """Whether every zone can tell a moment, and what lies a shift or so around it: not at the ends of the calendar."""
    return MINYEAR < moment.year < MAXYEAR


def moment(text: object) -> datetime:
    """The same of a time that must be there: ValueError for none."""
    found = parse(text)
    if found is None:
        raise ValueError(f"no time: {text}")
    return found


def stamp(moment: datetime) -> str:
    """A moment as it is written wherever it is to last: `2026-11-23 14:00 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def stamps(text: str) -> list[datetime]:
    """The moments that stand so in a text, in order."""
    found = (parse(f"{each}Z") for each in _STAMP.findall(text))
    return [each for each in found if each]


def span(length: timedelta) -> str:
    """A length of time in its two largest units: `45 s`, `6 min`, `2 h 10 min`, `3 d 4 h`."""
    seconds = int(abs(length).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def effort(length: timedelta) -> str:
    """A length of work in hours and minutes, never in days: `2 h 30 min`, `24 h`.

    A day of work has 8 hours in GitLab, where a clock's has 24 (doc/user/project/time_tracking.md).
    """
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    told = [f"{hours} h"] if hours else []
    told += [f"{minutes} min"] if minutes else []
    return " ".join(told) or span(length)


def clock(moment: datetime, now: datetime) -> str:
    """A moment as `14:00 UTC`, with its date where it is another day than `now`'s."""
    there = moment.astimezone(UTC)
    return f"{there:%H:%M} UTC" if there.date() == now.astimezone(UTC).date() else stamp(moment)


def clock_ahead(moment: datetime, now: datetime) -> str:
    """A moment of the coming week as `14:00 UTC`, from the next day's same hour on with its week day: `Fri 14:00 UTC`.

    With its date where it lies further ahead, or behind.
    """
    if not timedelta(0) <= moment - now < timedelta(days=7):
        return clock(moment, now)
    return moment.astimezone(UTC).strftime("%H:%M UTC" if moment - now < timedelta(days=1) else "%a %H:%M UTC")


def both(moment: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """A moment in UTC and in a zone's own time: `14:00 UTC (06:00 PST)`, with the date where it isn't today."""
    local = moment.astimezone(zone)
    if not local.utcoffset():
        return clock(moment, now)
    day = "" if local.date() == moment.astimezone(UTC).date() else f"{local:%a} "
    return f"{clock(moment, now)} ({day}{local:%H:%M %Z})"
