"""Pages: the list of them, and what each of its rows says."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Person
from secops_oncall.domain.snoozing import NOBODY
from secops_oncall.domain.times import clock_ahead, span
from secops_oncall.streams import MARKS, Streams
from secops_oncall.views.screen import age
from secops_oncall.views.table import Column, Field, Listing, Output, named, print_list

STATES = {
    "triggered": f"{MARKS['refused']} triggered",
    "snoozed": f"{MARKS['queued']} snoozed",
    "acknowledged": f"{MARKS['done']} acked",
    "resolved": f"{MARKS['done']} resolved",
}
_FIELDS: tuple[Field[Page], ...] = (
    *named("id", "number", "status", "urgency", "ack_deadline"),
    Field("owner", lambda page: page.owner.name if page.owner else None),
    *named("created_at", "service", "title", "url", "priority"),
    Field("assigned_to", lambda page: [person.name for person in page.assigned_to]),
    Field("acknowledged_by", lambda page: [person.name for person in page.acknowledged_by]),
    Field("snoozed_until", lambda page: page.snoozed_until),
    Field("issue", lambda page: page.issue.ref if page.issue else None),
    Field("whose_shift", lambda page: page.whose_shift),
)


def print_pages(
    streams: Streams,
    pages: Sequence[Page],
    output: Output | None,
    now: datetime,
    limit: int | None = None,
    empty: str = "No open pages.",
) -> None:
    """Print sorted pages; `empty` is what a person is told where there are none."""
    listing = Listing(lambda page: page.id, _FIELDS, columns(now), empty)
    print_list(streams, listing, pages, output, limit)


def columns(now: datetime) -> tuple[Column[Page], ...]:
    """What a person reads of a page in a list."""

    def urgent(page: Page) -> str:
        return "bold red" if is_late(page, now) or page.whose_shift == NOBODY else _weight(page)

    return (
        Column("page", lambda page: str(page.number), _weight, url=lambda page: page.url),
        Column("status", state, lambda page: "bold red" if page.status == "triggered" else "dim"),
        Column("urgency", lambda page: "" if page.urgency == "high" else page.urgency, lambda _: "dim", drop=5),
        Column("prio", lambda page: page.priority or "", _weight, drop=3),
        Column("age", lambda page: age(now - page.created_at), lambda _: "dim", drop=1),
        Column(
            "next", lambda page: _coming(page, now), urgent, least=24, tight=19, short=lambda page: _short(page, now)
        ),
        Column("owner", _holder, lambda _: "dim", least=12, drop=1, short=_first_names),
        Column("service", lambda page: page.service, lambda _: "dim", least=12, drop=4),
        Column("title", lambda page: page.title, _weight, least=28, tight=16),
    )


def countdown(page: Page, now: datetime, spell: Callable[[timedelta], str] = span) -> str:
    """Whom PagerDuty will page for a page by itself and when, or has paged; and when an ack of it ends."""
    if page.due:
        left = spell(page.due - now)
        return f"{page.due_to} in {left}" if page.due > now else f"{page.due_to} paged {left} ago"
    if back := comes_back(page, now):
        return f"back in {spell(back - now)}"
    return f"ack runs out in {spell(page.ack_ends - now)}" if page.ack_ends and page.ack_ends > now else ""


def _coming(page: Page, now: datetime) -> str:
    """The same as lists have room for, but for a snoozed page: until when it rests, and in whose shift that ends."""
    back = comes_back(page, now)
    shift = f", {page.whose_shift}'s shift" if page.whose_shift else ""
    return f"back {clock_ahead(back, now)}{shift}" if back else countdown(page, now, age)


def _short(page: Page, now: datetime) -> str:
    back = comes_back(page, now)
    if back is None:
        return countdown(page, now, age).replace(" paged ", " ")
    return ", ".join(filter(None, [clock_ahead(back, now), page.whose_shift]))


def comes_back(page: Page, now: datetime) -> datetime | None:
    """When a page that rests comes back, where nothing comes before it."""
    return None if page.due or not page.snoozed_until or page.snoozed_until <= now else page.snoozed_until


def is_late(page: Page, now: datetime) -> bool:
    """Whether a level was paged for it that should not have been."""
    return page.due is not None and page.due <= now


def _holder(page: Page) -> str:
    """Who owns a page as far as a list tells: of a resolved one it doesn't, since only its log knows its ackers."""
    if page.owner:
        return page.owner.name
    paged = f"paged: {names(page.assigned_to) or 'nobody'}"
    return {"triggered": paged, "acknowledged": "nobody", "resolved": ""}[page.status]


def _first_names(page: Page) -> str:
    """The same where somebody is only paged for it, whose first name is enough to be told from the others."""
    if page.owner or page.status != "triggered" or not page.assigned_to:
        return _holder(page)
    return f"paged: {', '.join(person.name.split(' ')[0] for person in page.assigned_to)}"


def state(page: Page) -> str:
    """What became of it so far, with a mark."""
    snoozed = page.snoozed_until is not None and page.status == "acknowledged"
    return STATES["snoozed" if snoozed else page.status]


def _weight(page: Page) -> str:
    return "bold" if page.status == "triggered" and page.urgency != "low" else ""


def names(people: Sequence[Person]) -> str:
    """People by their names."""
    return ", ".join(person.name for person in people)
