"""The escalation ladder: whom to call, in which order and why, with the numbers beside."""

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from secops_oncall.domain.ladder import DIALLED, Step
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Contact, OnDuty
from secops_oncall.domain.text import clean, shorten
from secops_oncall.domain.times import both
from secops_oncall.streams import Streams
from secops_oncall.views.table import Column, Field, Listing, Output, draw, named, print_list, room

_INDENT = " " * 4

_FIELDS: tuple[Field[Step], ...] = (
    Field("id", lambda step: _of(step).id),
    *named("n", "role"),
    Field("name", lambda step: _of(step).name),
    Field("email", lambda step: _of(step).email),
    *named("why", "automatic_at", "problem"),
    Field("time_zone", lambda step: _of(step).time_zone),
    Field("local_time", lambda step: _of(step).local_time),
    Field("awake", lambda step: _of(step).awake),
    Field("contacts", lambda step: [f"{way.kind}:{way.address}" for way in _of(step).contacts or ()]),
)
_COLUMNS: tuple[Column[Step], ...] = (
    Column("", lambda step: str(step.n), lambda _: "dim"),
    Column("role", lambda step: step.role, lambda _: "dim"),
    Column(
        "name", lambda step: _of(step).name or "NOBODY", lambda step: "bold" if step.person else "bold red", least=12
    ),
    Column("time there", lambda step: _of(step).local_time or "", lambda _: "dim", drop=1),
    Column("awake", lambda step: {True: "awake", False: "asleep", None: ""}[_of(step).awake], drop=2),
)
_NOBODY = OnDuty("engineer", None, None, None, None, None, None, None, None)


def print_ladder(
    streams: Streams,
    page: Page | None,
    steps: Sequence[Step],
    output: Output | None,
    now: datetime,
    zone: tzinfo = UTC,
    limit: int | None = None,
) -> None:
    """Print the steps, manager first; the page that they are for is said on standard error."""
    if page:
        state = f", its deadline {both(page.ack_deadline, now, zone)}" if page.ack_deadline else ""
        streams.say(f"page {page.number} {shorten(page.title, 60)}: {page.status}{state}")
    print_list(streams, Listing(lambda step: _of(step).id, _FIELDS, _COLUMNS, "", _draw), steps, output, limit)


def _draw(streams: Streams, steps: Sequence[Step]) -> None:
    """Each step with its reason and numbers below it, so that no width ever costs one of them."""
    from rich.text import Text

    lines = []
    for step, row in zip(steps, draw(_COLUMNS, steps, room(streams), header=False), strict=True):
        lines.append(row)
        lines += [Text(line, "dim") for line in _wrapped(step.why, streams)]
        for way in _ways(_of(step).contacts or ()):
            lines.append(
                Text.assemble(f"{_INDENT}{way.kind:<9} ", (clean(way.address), "bold"), f"  {clean(way.label)}")
            )
        if step.problem:
            lines.append(Text(f"{_INDENT}{streams.mark('refused')} {step.problem}", "bold"))
    streams.page(Text("\n").join(lines))


def _wrapped(text: str, streams: Streams) -> list[str]:
    return textwrap.wrap(clean(text), max(streams.width - 2, 20), initial_indent=_INDENT, subsequent_indent=_INDENT)


def _ways(contacts: Sequence[Contact]) -> list[Contact]:
    """What to dial, each number once; mail only where there is no number."""
    numbers: dict[str, Contact] = {}
    for kind in DIALLED:
        for way in contacts:
            if way.kind == kind:
                numbers.setdefault(way.address, way)
    return list(numbers.values()) or [way for way in contacts if way.kind == "email"]


def _of(step: Step) -> OnDuty:
    return step.person or _NOBODY
