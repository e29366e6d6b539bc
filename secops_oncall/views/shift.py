"""My shifts: one of them, or a list with the gaps between everybody's."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Literal

from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.times import both, effort, span
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.screen import Screen
from secops_oncall.views.table import Column, Field, Listing, Output, named, print_list

_FIELDS: tuple[Field[Shift], ...] = (
    *named("id", "start", "end", "kind", "role"),
    Field("user", lambda one: one.user.name if one.user else None),
    *named("policy", "source", "gap", "swap"),
)


def print_shift(
    streams: Streams, shift: Shift | None, output: Literal["text", "json"], now: datetime, zone: tzinfo = UTC
) -> None:
    """Print one shift; that there is none is said, and `null` in JSON."""
    if output == "json":
        print_json(streams, shift)
    elif shift is None:
        streams.say("You have no shift in the coming weeks.")
    else:
        screen = Screen(streams)
        screen.heading(_title(shift, now))
        screen.fact("From", f"{shift.start.astimezone(UTC):%a} {both(shift.start, now, zone)}")
        screen.fact("Until", f"{shift.end.astimezone(UTC):%a} {both(shift.end, now, zone)}" if shift.end else "")
        screen.fact("By", shift.policy or "")
        screen.fact("Swap", _swap(shift))
        screen.fact("Times", "configured: PagerDuty has none" if shift.source == "config" else "")
        screen.show(whole=True)


def print_shifts(
    streams: Streams,
    shifts: Sequence[Shift],
    output: Output | None,
    zone: tzinfo = UTC,
    limit: int | None = None,
) -> None:
    """Print shifts, and gaps among them, earliest first."""
    columns: tuple[Column[Shift], ...] = (
        Column("from", lambda one: f"{one.start.astimezone(zone):%a %b %d}"),
        Column("time", lambda one: _times(one, zone)),
        Column("UTC", lambda one: _times(one, UTC) if one.start.astimezone(zone).utcoffset() else "", drop=2),
        Column("kind", described, lambda _: "dim", drop=1),
        Column("role", lambda one: one.role),
        Column("", _marks, lambda one: "bold red" if one.gap else "bold", least=6),
    )
    empty = "You have no shift in these weeks."
    print_list(streams, Listing(lambda one: one.id, _FIELDS, columns, empty), shifts, output, limit)


def say_gaps(streams: Streams, gaps: Sequence[Shift], now: datetime, zone: tzinfo = UTC) -> None:
    """Warn of each time in which nobody is on call."""
    for gap in gaps:
        ends = both(gap.end, gap.start, zone) if gap.end else "further on"
        streams.warn(f"nobody is on call as {gap.role} from {both(gap.start, now, zone)} to {ends}")


def _swap(shift: Shift) -> str:
    if shift.override:
        return "an override in PagerDuty gives it to you"
    return "held in a row with the shift before or after it" if shift.swap else ""


def _title(shift: Shift, now: datetime) -> str:
    place = ", ".join(filter(None, [shift.role, described(shift)]))
    if shift.start > now:
        return f"Next shift in {span(shift.start - now)}: {place}"
    left = f", {span(shift.end - now)} left" if shift.end else ""
    return f"On call now: {place}{left}"


def described(shift: Shift) -> str:
    """A shift's kind and length: `weekday 12 h`; only its length where it is no usual one, as a week's turn."""
    return " ".join(filter(None, [shift.kind if shift.usual else "", _length(shift)]))


def _length(shift: Shift) -> str:
    """How long it is in hours, as shifts are called: `48 h`, though it is two days."""
    return effort(shift.end - shift.start) if shift.end else ""


def _times(shift: Shift, zone: tzinfo) -> str:
    start = shift.start.astimezone(zone)
    if shift.end is None:
        return f"{start:%H:%M}"
    end = shift.end.astimezone(zone)
    day = "" if end.date() == start.date() else f"{end:%a} "
    return f"{start:%H:%M} – {day}{end:%H:%M}"


def _marks(shift: Shift) -> str:
    words = ["NOBODY" if shift.gap else "", "swap" if shift.swap else ""]
    if shift.source == "config" and not shift.gap:
        words.append("config")
    return ", ".join(word for word in words if word)
