"""When the next level of each page is paged, asking PagerDuty only about those that don't say it themselves."""

from collections.abc import Iterable

from secops_oncall import threads
from secops_oncall.domain.deadlines import Levels, derived, is_unsure
from secops_oncall.domain.pages import Page, with_deadline
from secops_oncall.errors import OncallError
from secops_oncall.ports import PagerDuty


def with_deadlines(pagerduty: PagerDuty, pages: Iterable[Page], ack_minutes: int) -> list[Page]:
    """The pages with their deadlines, in their order: no request where each has its pending action, else one wave.

    A page that has its deadline keeps it. What can't be read costs nothing but exactness: `ack_minutes` after the page
    was created stands there then.
    """
    found = list(pages)
    undated = {page.id for page in found if not (page.ack_deadline or page.escalated_at)}
    dated = [with_deadline(page, ack_minutes) if page.id in undated else page for page in found]
    unsure = {page.id: page for page in dated if page.id in undated and is_unsure(page)}
    policies = {page.policy_id for page in unsure.values() if not page.assigned_directly}
    levels = dict(threads.each(lambda policy: (policy, _levels(pagerduty, policy, unsure.values())), policies))
    return [derived(page, levels.get(page.policy_id)) if page.id in unsure else page for page in dated]


def _levels(pagerduty: PagerDuty, policy: str, pages: Iterable[Page]) -> Levels | None:
    """A policy's levels as they stood when its pages were assigned; None where they can't be read."""
    moments = [page.assigned_at for page in pages if page.policy_id == policy and page.assigned_at]
    try:
        return pagerduty.levels(policy, min(moments), max(moments))
    except OncallError:
        return None
