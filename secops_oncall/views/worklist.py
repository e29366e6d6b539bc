"""The open work as a list: what is stale or uncovered, whose it is, and who acts on it."""

from collections.abc import Sequence
from datetime import datetime

from secops_oncall.domain.attention import updated
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.times import clock_ahead
from secops_oncall.streams import Streams
from secops_oncall.views.issues import title_of
from secops_oncall.views.screen import age
from secops_oncall.views.table import Column, Field, Listing, Output, named, print_list

_FIELDS: tuple[Field[Incident], ...] = (
    Field("id", lambda work: work.id),
    Field("pages", lambda work: [page.number for page in work.pages]),
    *named("stale", "uncovered", "posture"),
    Field("owner", lambda work: work.owner.name if work.owner else None),
    Field("acting", lambda work: work.acting.name if work.acting else None),
    Field("updated_at", lambda work: updated(work)),
    Field("summary", lambda work: work.summary),
    Field("issue_url", lambda work: work.issue.url if work.issue else None),
    Field("confidential", lambda work: work.issue.confidential if work.issue else None),
    Field("assignees", lambda work: work.issue.assignees if work.issue else ()),
    Field("engaged", lambda work: [person.name for person in work.engaged]),
)


def print_work(
    streams: Streams, work: Sequence[Incident], output: Output | None, now: datetime, limit: int | None = None
) -> None:
    """Print open work in the order given, with the age of its last update; who acts, where known, stays longest."""
    notes = any(each.acting for each in work)
    columns: tuple[Column[Incident], ...] = (
        Column("work", name, _weight, url=url),
        Column("wants", wants, lambda _: "bold", short=_most),
        Column("posture", lambda each: each.posture or "", _weight),
        Column("updated", lambda each: f"{age(now - updated(each))} ago", lambda _: "dim", drop=3),
        Column("owner", owner, lambda _: "dim", least=8, drop=2 if notes else 1),
        Column("acting", lambda each: acting(each, now), least=8, drop=1, short=_actor),
        Column("summary", _summary, _weight, least=28, tight=18),
    )
    print_list(streams, Listing(lambda each: each.id, _FIELDS, columns, "No open work."), work, output, limit)


def labelled(work: Sequence[Incident]) -> list[tuple[str, Incident]]:
    """What is picked from: each incident by its name and what it is about."""
    wide = max((len(name(each)) for each in work), default=0)
    return [(f"{name(each):<{wide}}  {_summary(each)}", each) for each in work]


def name(work: Incident) -> str:
    """How an incident is named: its issue's ref, else its page's number."""
    return work.issue.ref if work.issue else f"page {work.pages[0].number}"


def url(work: Incident) -> str | None:
    """Where it lies: its issue, else its page."""
    return work.issue.url if work.issue else work.pages[0].url


def wants(work: Incident) -> str:
    """What is amiss with it, in words."""
    found = {"uncovered": work.uncovered, "stale": work.stale, "no issue": work.issue is None}
    return ", ".join(word for word, it_is in found.items() if it_is)


def _most(work: Incident) -> str:
    """The same without what its name tells, too: one that is called after its page has no issue."""
    told = wants(work)
    return told.removesuffix(", no issue")


def owner(work: Incident) -> str:
    """Who acked it first, else whose issue it is, as far as lists tell."""
    if work.owner:
        return work.owner.name
    return ", ".join(work.issue.assignees) if work.issue else "nobody"


def acting(work: Incident, now: datetime) -> str:
    """Who acts on it where that is known; on a break until when, which may be over."""
    gone = work.charge.on_break
    until = f" until {clock_ahead(gone.back, now)}" if gone and gone.back else ""
    return f"{work.acting.name}{until}" if work.acting else ""


def _actor(work: Incident) -> str:
    return work.acting.name if work.acting else ""


def _summary(work: Incident) -> str:
    if work.issue and not work.said.summary:
        return title_of(work.issue)
    return f"confidential: {work.summary}" if work.issue and work.issue.confidential else work.summary


def _weight(work: Incident) -> str:
    return "bold" if work.uncovered or work.stale else ""
