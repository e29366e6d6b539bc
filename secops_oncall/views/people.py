"""Who is on call for what, until when, and how to reach them."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, tzinfo

from secops_oncall.domain.people import OnDuty
from secops_oncall.domain.text import clean
from secops_oncall.domain.times import both, span
from secops_oncall.streams import Streams
from secops_oncall.views.table import Column, Field, Listing, Output, draw, named, print_list, room

_FIELDS: tuple[Field[OnDuty], ...] = (
    *named("id", "role", "name", "email", "start", "end", "time_zone", "local_time", "awake"),
    Field("contacts", lambda one: [f"{way.kind}:{way.address}" for way in one.contacts or ()]),
)


def print_people(
    streams: Streams,
    people: Sequence[OnDuty],
    output: Output | None,
    now: datetime,
    zone: tzinfo = UTC,
    *,
    at: datetime | None = None,
    contacts: bool = False,
    unread: Collection[str] = (),
) -> None:
    """Print who holds each role at a moment (else now), with numbers where there are any.

    A role that nobody holds is a warning; so is, where `contacts` were asked for, somebody whose are not to be seen.
    `unread` are the ids of those of whom something else says why they are not known.
    """
    columns = _columns(now, zone, at or now)

    def screen(streams: Streams, people: Sequence[OnDuty]) -> None:
        _draw(streams, columns, people)

    print_list(streams, Listing(lambda one: one.id, _FIELDS, columns, "No role is asked for.", screen), people, output)
    for one in people:
        if one.id is None:
            streams.warn(f"nobody is on call as {one.role}" + (f" ({one.source})" if one.source else ""))
    unknown = [one for one in people if contacts and one.id and one.contacts is None and one.id not in unread]
    hidden = dict.fromkeys(one.name or "" for one in unknown)
    if hidden:
        streams.warn(f"this token may not see how to reach {', '.join(hidden)}")


def _columns(now: datetime, zone: tzinfo, at: datetime) -> tuple[Column[OnDuty], ...]:
    return (
        Column("role", lambda one: one.role, lambda _: "dim"),
        Column("name", lambda one: one.name or "NOBODY", lambda one: "bold" if one.id else "bold red", least=12),
        Column("until", lambda one: _until(one, now, zone)),
        Column("left", lambda one: span(one.end - at) if one.end else "", lambda _: "dim", drop=2),
        Column("time there", lambda one: one.local_time or "", lambda _: "dim", drop=3),
        Column("awake", lambda one: {True: "awake", False: "asleep", None: ""}[one.awake], drop=1),
    )


def _draw(streams: Streams, columns: Sequence[Column[OnDuty]], people: Sequence[OnDuty]) -> None:
    from rich.text import Text

    header, *rows = draw(columns, people, room(streams))
    lines = [header]
    for one, row in zip(people, rows, strict=True):
        lines.append(row)
        for way in one.contacts or ():
            label = f"  {clean(way.label)}" if way.label else ""
            lines.append(Text.assemble(f"  {way.kind:<9} ", (clean(way.address), "bold"), (label, "dim")))
    streams.page(Text("\n").join(lines))


def _until(one: OnDuty, now: datetime, zone: tzinfo) -> str:
    if one.id is None:
        return ""
    return both(one.end, now, zone) if one.end else "without end"
