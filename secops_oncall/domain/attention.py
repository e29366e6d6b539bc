"""Open work as lists alone tell it, and the notes of its issues where these were read: what wants attention first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from secops_oncall.domain import posted
from secops_oncall.domain.charge import charge
from secops_oncall.domain.events import Event
from secops_oncall.domain.incidents import STALE, Incident, engaged, listed, owner_of
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts, named_pages, open_work
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.pages import Owner, PageDetail
from secops_oncall.domain.people import Person, same
from secops_oncall.domain.said import POSTURES, Said, joined
from secops_oncall.domain.status import outline

_ORDER: dict[str, int] = {
    posture: -place for place, posture in enumerate(POSTURES)
}  # active first; what nobody has said is watched


def overview(facts: Facts, acks: Mapping[str, datetime]) -> list[Incident]:
    """Every piece of open work that the facts' lists tell, uncovered before stale before the rest.

    Where an issue's notes were read (`facts.comments`) it is known who acts, who is engaged and what the last hand-off
    said; elsewhere nobody is said to act. `acks` are mine, which lists forget when a page is resolved.
    """
    return sorted((_seen(issue, pages, facts, acks) for issue, pages in open_work(facts)), key=_attention)


def updated(incident: Incident) -> datetime:
    """When anything last happened to it: to its issue, else to its newest page."""
    return incident.issue.updated_at if incident.issue else max(page.created_at for page in incident.pages)


def acked(events: Sequence[Event]) -> dict[str, datetime]:
    """When I acked each page by the journal, by its id, and so own it; not those that I only joined."""
    mine = [event for event in events if event.kind == "ack" and event.data.get("result") == Result.DONE]
    return {event.subject: event.at for event in reversed(mine) if event.data.get("code") != "joined"}


def is_mine(incident: Incident, me: Person, user: str) -> bool:
    """Whether I own it, have its issue assigned (by a GitLab user name), or act on it by its notes."""
    owned = incident.owner is not None and incident.owner.id == me.id
    assigned = incident.issue is not None and user in incident.issue.assignees
    return owned or assigned or (incident.acting is not None and same(incident.acting, me))


def _seen(issue: Issue | None, pages: Sequence[PageDetail], facts: Facts, acks: Mapping[str, datetime]) -> Incident:
    found = outline(issue, pages, facts.me, facts.until)
    named = [*(page.id for page in pages), *(named_pages(issue) if issue else ())]
    found = replace(found, owner=found.owner or _by_journal(named, facts.me, acks))
    comments = facts.comments.get(found.id)
    whose = charge(comments or (), owner_of(found.owner, facts.people.values()), facts.people, facts.bot)
    said = joined([*named, found.id], facts.said).over(posted.read(whose.posted.text) if whose.posted else Said())
    return replace(
        found,
        pages=tuple(listed(page, issue) for page in pages),
        acting=whose.acting if comments is not None or issue is None else None,
        engaged=engaged(found.engaged, whose),
        summary=said.summary or found.summary,
        posture=said.posture or None,
        state=said.state or None,
        tried=said.tried or None,
        confidence=said.confidence or None,
        next_steps=said.next_steps,
        if_then=said.if_then,
        zoom=said.zoom or None,
        slack=said.slack,
        stale=facts.until - updated(found) >= STALE,
        uncovered=not facts.covered or _nobody_has(found, whose.acting),
        said=said,
        charge=whose,
    )


def _by_journal(pages: Iterable[str], me: Person, acks: Mapping[str, datetime]) -> Owner | None:
    """Me, where I acked one of the pages: a list tells no owner of one that is resolved."""
    found = [acks[page] for page in pages if page in acks]
    return Owner(me.id, me.name, min(found)) if found else None


def _nobody_has(incident: Incident, acting: Person | None) -> bool:
    """Whether a page of it waits for its ack, or nobody has it as far as lists (and notes) tell."""
    unacked = any(page.status == "triggered" for page in incident.pages)
    return unacked or not (incident.owner or acting or (incident.issue and incident.issue.assignees))


def _attention(incident: Incident) -> tuple[bool, bool, bool, int, bool, datetime]:
    """Unacked first, then uncovered, stale, by posture and urgency; what nobody has touched longest before the rest."""
    unacked = any(page.status == "triggered" for page in incident.pages)
    urgent = any(page.urgency == "high" for page in incident.pages)
    posture = _ORDER.get(incident.posture or "watch", _ORDER["watch"])
    return not unacked, not incident.uncovered, not incident.stale, posture, not urgent, updated(incident)
