"""Pages: the list of them, and one whole on a screen."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from secops_oncall.domain.pages import KinPage, Page, PageDetail, WholeIssue
from secops_oncall.domain.people import Person
from secops_oncall.domain.snoozing import NOBODY
from secops_oncall.domain.text import plural, shorten
from secops_oncall.domain.times import clock_ahead, span
from secops_oncall.streams import MARKS, Streams
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.screen import Screen, age, when
from secops_oncall.views.table import Column, Field, Listing, Output, print_list

STATES = {
    "triggered": f"{MARKS['refused']} triggered",
    "snoozed": f"{MARKS['queued']} snoozed",
    "acknowledged": f"{MARKS['done']} acked",
    "resolved": f"{MARKS['done']} resolved",
}
# What is worth doing with a page in each state; `{0}` is its number.
_NEXT = {
    "triggered": (("oncall ack {0}", "make it yours: whoever acks owns it"),),
    "acknowledged": (
        ('oncall note "what you saw" --page {0}', "write it down at once"),
        ("oncall resolve {0}", "the alarm; the work goes on in the issue"),
    ),
    "resolved": (('oncall note "what you know" --page {0}', "the work goes on in the issue"),),
}
_KIN = 3
_DETAILS, _ENTRIES, _NOTES, _LINES, _ALERTS = 12, 10, 3, 4, 5  # how much of each a screen has room for

_FIELDS: tuple[Field[Page], ...] = (
    Field("id", lambda page: page.id),
    Field("number", lambda page: page.number),
    Field("status", lambda page: page.status),
    Field("urgency", lambda page: page.urgency),
    Field("ack_deadline", lambda page: page.ack_deadline),
    Field("owner", lambda page: page.owner.name if page.owner else None),
    Field("created_at", lambda page: page.created_at),
    Field("service", lambda page: page.service),
    Field("title", lambda page: page.title),
    Field("url", lambda page: page.url),
    Field("priority", lambda page: page.priority),
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
        return "bold red" if _is_late(page, now) or page.whose_shift == NOBODY else _weight(page)

    return (
        Column("page", lambda page: str(page.number), _weight),
        Column("status", _state, lambda page: "bold red" if page.status == "triggered" else "dim"),
        Column("urgency", lambda page: "" if page.urgency == "high" else page.urgency, lambda _: "dim", drop=4),
        Column("age", lambda page: age(now - page.created_at), lambda _: "dim", drop=2),
        Column("next", lambda page: _coming(page, now), urgent, least=24, short=lambda page: _coming_short(page, now)),
        Column("owner", _holder, lambda _: "dim", least=12, drop=1),
        Column("service", lambda page: page.service, lambda _: "dim", least=12, drop=3),
        Column("title", lambda page: page.title, _weight, least=28, tight=18),
    )


def countdown(page: Page, now: datetime, spell: Callable[[timedelta], str] = span) -> str:
    """What PagerDuty will do with a page by itself and when, or has done."""
    if due := _due(page):
        return f"manager in {spell(due - now)}" if due > now else f"manager paged {spell(due - now)} ago"
    back = _back(page, now)
    return f"back in {spell(back - now)}" if back else ""


def _coming(page: Page, now: datetime) -> str:
    """The same as lists have room for, but for a snoozed page: until when it rests, and in whose shift that ends."""
    back = _back(page, now)
    shift = f", {page.whose_shift}'s shift" if page.whose_shift else ""
    return f"back {clock_ahead(back, now)}{shift}" if back else countdown(page, now, age)


def _coming_short(page: Page, now: datetime) -> str:
    back = _back(page, now)
    if back is None:
        return countdown(page, now, age)
    return ", ".join(filter(None, [clock_ahead(back, now), page.whose_shift]))


def _back(page: Page, now: datetime) -> datetime | None:
    """When a page that rests comes back, where nothing comes before it."""
    return None if _due(page) or not page.snoozed_until or page.snoozed_until <= now else page.snoozed_until


def _due(page: Page) -> datetime | None:
    """When the next level is paged; where none will be, when the present one was."""
    return page.ack_deadline or page.escalated_at


def _is_late(page: Page, now: datetime) -> bool:
    due = _due(page)
    return due is not None and due <= now


def print_page(
    streams: Streams,
    page: PageDetail,
    output: Literal["text", "json"],
    now: datetime,
    zone: tzinfo = UTC,
) -> None:
    """One page whole, with the issue behind it and that issue's notes where they are known; times also in `zone`."""
    if output == "json":
        print_json(streams, page)
        return
    screen = Screen(streams)
    screen.heading(f"{page.number}  {page.title}")
    alert = "bold red" if page.status == "triggered" else "bold"
    screen.line(", ".join(filter(None, [_state(page), f"{page.urgency} urgency", page.priority])), alert)
    _facts(screen, page, now, zone)
    _alerts(screen, page)
    _said(screen, page, now, zone)
    _timeline(screen, page, now, zone)
    _what_next(screen, page)
    screen.show()


def _next(page: Page, now: datetime, zone: tzinfo) -> str:
    """What PagerDuty does by itself and when, and for a snoozed page in whose shift; empty where it does nothing."""
    back = _back(page, now)
    at = _due(page) or back
    if at is None:
        return ""
    shift = f"in {page.whose_shift}'s shift" if page.whose_shift != NOBODY else "when nobody is on call"
    return ", ".join([countdown(page, now), when(at, now, zone), *([shift] if back and page.whose_shift else [])])


def _facts(screen: Screen, page: PageDetail, now: datetime, zone: tzinfo) -> None:
    screen.fact("Service", page.service)
    screen.fact("Began", f"{span(now - page.created_at)} ago, {when(page.created_at, now, zone)}")
    screen.fact("Next", _next(page, now, zone), style="bold red" if _is_late(page, now) else "bold")
    screen.fact("Owner", _owner(page, now, zone))
    screen.fact("Acting", _acting(page, now, zone))
    screen.fact("Assigned", _names(page.assigned_to))
    screen.fact("Engaged", _names(page.engaged), _left(page, now, zone))
    screen.fact("Issue", *_issue(page))
    screen.fact("Runbook", page.runbook or "")
    screen.fact("Bridge", page.conference_url or "")
    screen.fact("Links", page.url, *page.links)
    screen.fact("Fields", *(f"{name}: {value}" for name, value in page.custom_fields.items()))
    screen.fact("Similar", *(_akin(other, now) for other in page.similar[:_KIN]))
    screen.fact("Related", *(_akin(other, now) for other in page.related[:_KIN]))


def _akin(other: KinPage, now: datetime) -> str:
    """A page akin to the one on the screen, its id first: `oncall show` takes it."""
    return f"{other.id} {f'{age(now - other.created_at)} ago, ' if other.created_at else ''}{other.title}"


def _issue(page: PageDetail) -> list[str]:
    """The issue behind a page in up to three lines: its state, its title where it is another one, its URL.

    Where several may be it, a line for each.
    """
    issue = page.issue
    if issue is None:
        several = [f"{_brief(one)}{f': {one.title}' if one.title else ''}" for one in page.issue_candidates]
        return [f"one of {len(several)}:", *several] if several else ["none known"]
    words = [_brief(issue)]
    if issue.assignees is not None:
        words += [f"assigned to {', '.join(issue.assignees) or 'nobody'}", *(issue.labels or ())]
    title = issue.title if issue.title and issue.title != page.title else ""
    return [", ".join(words), title, issue.url]


def _brief(issue: WholeIssue) -> str:
    state = (issue.state or "").replace("opened", "open")
    return ", ".join(filter(None, [issue.ref, state, "confidential" if issue.confidential else ""]))


def _alerts(screen: Screen, page: PageDetail) -> None:
    if page.details:
        screen.heading("Details")
    for name, value in list(page.details.items())[:_DETAILS]:
        screen.fact(shorten(name, 24), value)
    _more(screen, len(page.details) - _DETAILS, page)
    if len(page.alerts) > 1:
        screen.heading(plural(len(page.alerts), "alert"))
        for alert in page.alerts[:_ALERTS]:
            screen.line(" ".join(filter(None, [alert.severity, alert.summary])))
        _more(screen, len(page.alerts) - _ALERTS, page)


def _said(screen: Screen, page: PageDetail, now: datetime, zone: tzinfo) -> None:
    if page.notes:
        screen.heading("Notes in PagerDuty")
        _more(screen, len(page.notes) - _NOTES, page)
    for note in page.notes[-_NOTES:]:
        screen.line(f"{when(note.at, now, zone)}, {note.who}", "dim")
        screen.lines(note.text, lead="    ", most=_LINES)
    comments = [note for note in (page.issue and page.issue.notes) or () if not note.system]
    if comments:
        screen.heading("Notes in the issue")
        _more(screen, len(comments) - _NOTES, page)
    for comment in comments[-_NOTES:]:
        private = ", internal" if comment.internal else ""
        screen.line(f"{when(comment.at, now, zone)}, {comment.author}{private}", "dim")
        screen.lines(comment.text, lead="    ", most=_LINES)


def _timeline(screen: Screen, page: PageDetail, now: datetime, zone: tzinfo) -> None:
    if not page.timeline:
        return
    screen.heading("Time line")
    entries = sorted(page.timeline, key=lambda entry: entry.at)
    _more(screen, len(entries) - _ENTRIES, page)
    for entry in entries[-_ENTRIES:]:
        screen.line(entry.text or f"{entry.kind} by {entry.who}", lead=f"  {when(entry.at, now, zone)}  ")


def _what_next(screen: Screen, page: PageDetail) -> None:
    screen.heading("Next")
    commands = [(command.format(page.number), why) for command, why in _NEXT[page.status]]
    wide = max(len(command) for command, _ in commands)
    for command, why in commands:
        screen.line(why, "dim", lead=f"  {command:<{wide}}  ")


def _more(screen: Screen, count: int, page: Page) -> None:
    if count > 0:
        screen.line(f"… {count} more: oncall show {page.number} --json", "dim")


def _owner(page: PageDetail, now: datetime, zone: tzinfo) -> str:
    if page.owner:
        return f"{page.owner.name}, acked {when(page.owner.acked_at, now, zone)}"
    if not page.timeline:  # every log begins with what triggered the page
        return "not known: its log could not be read"
    return {
        "triggered": "nobody yet: whoever acks it owns it",
        "acknowledged": f"acked by {_names(page.acknowledged_by) or 'no person'}",
        "resolved": "nobody: it was resolved without an ack",
    }[page.status]


def _acting(page: PageDetail, now: datetime, zone: tzinfo) -> str:
    """Who acts on it, where a note of its issue says so, and what that waits for."""
    whose = page.charge
    if whose is None or whose.acting is None or whose.since is None:
        return ""
    gone = whose.on_break
    until = f"until {when(gone.back, now, zone)}" if gone and gone.back else ""
    waits = "the hand-off waits for its read-back" if whose.waits else ""
    return ", ".join(filter(None, [whose.acting.name, f"since {when(whose.since, now, zone)}", until, waits]))


def _left(page: PageDetail, now: datetime, zone: tzinfo) -> str:
    gone = page.charge.left if page.charge else ()
    return ", ".join(f"{each.person.name} left {when(each.at, now, zone)}" for each in gone)


def _holder(page: Page) -> str:
    """Who owns a page as far as a list tells: of a resolved one it doesn't, since only its log knows its ackers."""
    if page.owner:
        return page.owner.name
    paged = f"paged: {_names(page.assigned_to) or 'nobody'}"
    return {"triggered": paged, "acknowledged": "nobody", "resolved": ""}[page.status]


def _state(page: Page) -> str:
    snoozed = page.snoozed_until is not None and page.status == "acknowledged"
    return STATES["snoozed" if snoozed else page.status]


def _weight(page: Page) -> str:
    return "bold" if page.status == "triggered" and page.urgency != "low" else ""


def _names(people: Sequence[Person]) -> str:
    return ", ".join(person.name for person in people)
