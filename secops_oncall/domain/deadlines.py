"""Deadlines by a policy's levels: when the next is paged where a page doesn't say, and whether that is the manager."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import OnCall, RoleName

P = TypeVar("P", bound=Page)

_FRESH = timedelta(seconds=30)  # half of the shortest delay between two levels


@dataclass(frozen=True)
class Levels:
    """A policy's levels, counted from 1: how long each waits, how often they begin again, and who stood on which."""

    delays: tuple[timedelta, ...]
    loops: int
    entries: tuple[OnCall, ...]


def with_deadline(page: Page, ack_minutes: int) -> Page:
    """The page with the time at which its next level is paged: its own pending action, else the given delay.

    A page of low urgency escalates to nobody, unless PagerDuty says so itself.
    """
    escalations = [action.at for action in page.pending if action.kind == "escalate"]
    if page.status != "triggered" or (page.urgency == "low" and not escalations):
        return page
    after_delay = page.created_at + timedelta(minutes=ack_minutes)
    return replace(page, ack_deadline=min(escalations, default=after_delay))


def is_unsure(page: Page) -> bool:
    """Whether PagerDuty will or did page another level for it, and doesn't say when."""
    told = any(action.kind == "escalate" for action in page.pending)
    known = bool(page.policy_id and page.assigned_at)
    return known and page.status == "triggered" and page.urgency != "low" and not told


def is_unplaced(page: Page, manager: RoleName) -> bool:
    """Whether PagerDuty says when another level is paged for it, but not whether that is the manager's."""
    told = any(action.kind == "escalate" for action in page.pending)
    known = bool(page.policy_id and page.assigned_at)
    possible = manager.level is None or (_is_policy_of(manager, page) and not _is_fresh(page))
    return known and page.status == "triggered" and told and possible


def derived(page: Page, levels: Levels | None) -> Page:
    """An unsure page with its deadline by its level's own delay, and since when a later level has it.

    No deadline where nothing more will be paged: on the last level of a policy that doesn't begin again, and where
    somebody assigned it by hand (api-schema, `assigned_via`). As it was where its level is not known (`levels` None:
    they could not be read).
    """
    if page.assigned_directly:
        return replace(page, ack_deadline=None)
    level = level_of(page, levels) if levels else None
    if levels is None or level is None or page.assigned_at is None:
        return page
    last = level == len(levels.delays) and not levels.loops
    deadline = None if last else page.assigned_at + levels.delays[level - 1]
    return replace(page, ack_deadline=deadline, escalated_at=page.assigned_at if level > 1 else None)


def level_of(page: Page, levels: Levels) -> int | None:
    """The level that a page is on, which no field says (pagerduty.md, 1.3): that of most whom it is assigned to.

    The lowest of several, as they stood when it was assigned; None where none of them was on call.
    """
    at, users = page.assigned_at, {person.id for person in page.assigned_to}
    entries = [one for one in levels.entries if at and one.covers(at) and one.person.id in users]
    stood = {(one.level, one.person.id) for one in entries}
    counts = {n: sum(level == n for level, _ in stood) for n in range(1, len(levels.delays) + 1)}
    most = max(counts.values(), default=0)
    return next((level for level, count in counts.items() if count == most), None) if most else None


def addressed(page: Page, levels: Levels | None, manager: RoleName) -> Page:
    """A page with its deadline, marked where the level that its `due` is about is the manager's.

    Without levels (None: not asked for, or not to be read) only a page's first level is known, by where it began.
    """
    level = level_of(page, levels) if levels else 1 if _is_fresh(page) else None
    if level is None or page.due is None:
        return page
    if page.ack_deadline:  # what comes after the last level is the first
        level = 1 if levels and level == len(levels.delays) else level + 1
    if manager.level is None:
        schedules = (
            {one.schedule.casefold() for one in levels.entries if one.level == level and one.schedule}
            if levels
            else set()
        )
        theirs = manager.name.casefold() in schedules
    else:
        theirs = level == manager.level and _is_policy_of(manager, page)
    return replace(page, pages_manager=theirs)


def dated_as(page: P, dated: Page) -> P:
    """A page with the deadline that another reading of it was given."""
    return replace(
        page, ack_deadline=dated.ack_deadline, escalated_at=dated.escalated_at, pages_manager=dated.pages_manager
    )


def _is_policy_of(role: RoleName, page: Page) -> bool:
    """Whether a role is a level of the page's policy, whose name differs in its letters' case at most."""
    return role.name.casefold() == page.policy.casefold()


def _is_fresh(page: Page) -> bool:
    """Whether it is still with whom it came to when it began: then nobody escalated, acked or assigned it since."""
    return page.assigned_at is not None and page.assigned_at - page.created_at < _FRESH and not page.assigned_directly
