"""Shifts as a calendar file (RFC 5545) that phones and mail programs subscribe to or open."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.text import clean
from secops_oncall.views.shift import described

FOLD = 75  # octets of a line, its end not counted (RFC 5545, 3.1)
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def calendar(shifts: Sequence[Shift], now: datetime) -> str:
    """A calendar with an event for each shift that has an end; times are UTC, so that every zone shows them right."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//secops-oncall//oncall//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", "X-WR-CALNAME:On call", *_events(shifts, now), "END:VCALENDAR"]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _events(shifts: Iterable[Shift], now: datetime) -> Iterator[str]:
    for shift in shifts:
        if shift.end is None or shift.user is None:
            continue
        swapped = ", swapped" if shift.swap else ""
        yield "BEGIN:VEVENT"
        # The same shift has the same name in every file, so that a calendar moves it instead of adding another.
        yield f"UID:{_text(shift.id.replace('/', '-'))}@oncall"
        yield f"DTSTAMP:{_utc(now)}"
        yield f"DTSTART:{_utc(shift.start)}"
        yield f"DTEND:{_utc(shift.end)}"
        yield f"SUMMARY:{_text(f'On call: {shift.role}, {described(shift)}{swapped}')}"
        yield f"DESCRIPTION:{_text(f'{shift.user.name}: {shift.policy or shift.role}')}"
        yield "STATUS:CONFIRMED"
        yield "TRANSP:OPAQUE"
        yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    return clean(value).translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, each further one behind a space; no character is torn."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > FOLD:
            yield piece
            piece = " "
        piece += character
    yield piece
