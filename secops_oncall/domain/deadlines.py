"""The deadline of a page without a pending escalation: from its policy's levels, and who stood on them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import OnCall


@dataclass(frozen=True)
class Levels:
    """A policy's levels, counted from 1: how long each waits, how often they begin again, and who stood on which."""

    delays: tuple[timedelta, ...]
    loops: int
    entries: tuple[OnCall, ...]


def is_unsure(page: Page) -> bool:
    """Whether PagerDuty will or did page another level for it, and doesn't say when."""
    told = any(action.kind == "escalate" for action in page.pending)
    known = bool(page.policy_id and page.assigned_at)
    return known and page.status == "triggered" and page.urgency != "low" and not told


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
