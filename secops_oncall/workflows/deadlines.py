"""When the next level of each page is paged, asking PagerDuty only about those that don't say it themselves."""

from collections.abc import Iterable

from secops_oncall import threads
from secops_oncall.domain.deadlines import Levels, addressed, derived, is_unplaced, is_unsure, with_deadline
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import RoleName
from secops_oncall.errors import OncallError
from secops_oncall.ports import PagerDuty


def with_deadlines(pagerduty: PagerDuty, pages: Iterable[Page], ack_minutes: int, manager: RoleName) -> list[Page]:
    """The pages with their deadlines, marked where these are the manager's, in their order.

    No request where each has its pending action and is where it began, else one wave. A page that has its deadline
    keeps it. What can't be read costs nothing but exactness: then `ack_minutes` after the page was created stands
    there, and a level that may be the manager's is just the next one.
    """
    found = list(pages)
    undated = {page.id: with_deadline(page, ack_minutes) for page in found if page.due is None}
    asked = {id: page for id, page in undated.items() if is_unsure(page) or is_unplaced(page, manager)}
    policies = {page.policy_id for page in asked.values() if not page.assigned_directly}
    levels = dict(threads.each(lambda policy: (policy, _levels(pagerduty, policy, asked.values())), policies))

    def dated(page: Page) -> Page:
        known = levels.get(page.policy_id) if page.id in asked else None
        return addressed(derived(page, known) if is_unsure(page) else page, known, manager)

    return [dated(undated[page.id]) if page.id in undated else page for page in found]


def _levels(pagerduty: PagerDuty, policy: str, pages: Iterable[Page]) -> Levels | None:
    """A policy's levels as they stood when its pages were assigned; None where they can't be read."""
    moments = [page.assigned_at for page in pages if page.policy_id == policy and page.assigned_at]
    try:
        return pagerduty.levels(policy, min(moments), max(moments))
    except OncallError:
        return None
