"""The pages of a shift: how fast each was acked and by whom, what woke somebody, and what was noise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from secops_oncall.domain.incidents import listed
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts, issues_behind
from secops_oncall.domain.pages import Page, PageDetail
from secops_oncall.domain.people import AWAKE, INTERNAL, local


@dataclass(frozen=True)
class ShiftPage(Page):
    """A page of the shift: seconds until its owner acked it, and whether it was escalated in the shift.

    `in_sleep_hours` says whether it came at night where its acker lives, None where that isn't known; `noise` is what
    the engineer said.
    """

    ack_seconds: int | None = None
    escalated: bool = False
    in_sleep_hours: bool | None = None
    noise: bool = False
    runbook: str | None = field(default=None, metadata=INTERNAL)


@dataclass(frozen=True)
class Metrics:
    """A shift's pages in numbers; seconds are None where nothing was acked.

    `manager_alerted` says whether any of them was escalated.
    """

    pages: int = 0
    median_ack_seconds: int | None = None
    slowest_ack_seconds: int | None = None
    manager_alerted: bool = False
    in_sleep_hours: int = 0
    noise: int = 0


def shift_pages(facts: Facts) -> list[ShiftPage]:
    """The pages that were triggered, acked or resolved in the shift, earliest first."""
    found = issues_behind(facts)
    touched = sorted(
        (page for page in facts.pages.values() if facts.touched(page)), key=lambda page: (page.created_at, page.id)
    )
    return [_shift_page(page, found[page.id], facts) for page in touched]


def metrics(pages: Iterable[ShiftPage]) -> Metrics:
    """What they are in numbers."""
    every = list(pages)
    seconds = [page.ack_seconds for page in every if page.ack_seconds is not None]
    return Metrics(
        len(every),
        int(median(seconds)) if seconds else None,
        max(seconds, default=None),
        any(page.escalated for page in every),
        sum(bool(page.in_sleep_hours) for page in every),
        sum(page.noise for page in every),
    )


def _shift_page(detail: PageDetail, issues: Sequence[Issue], facts: Facts) -> ShiftPage:
    page = listed(detail, min(issues, key=lambda issue: (issue.state == "closed", issue.iid), default=None))
    triggers = [entry.at for entry in detail.timeline if entry.kind == "trigger"]
    seconds, asleep = None, None
    if page.owner:
        paged = max((at for at in triggers if at <= page.owner.acked_at), default=page.created_at)
        seconds = int((page.owner.acked_at - paged).total_seconds())
        there = local(paged, facts.zones.get(page.owner.id))
        asleep = there.hour not in AWAKE if there else None
    return ShiftPage(
        **vars(page),
        ack_seconds=seconds,
        escalated=any(entry.kind == "escalate" and facts.in_shift(entry.at) for entry in detail.timeline),
        in_sleep_hours=asleep,
        noise=page.id in facts.noise,
        runbook=detail.runbook,
    )
