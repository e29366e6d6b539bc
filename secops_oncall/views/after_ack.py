"""A few lines after an ack, on standard error: the page, its issue, what still waits, and what to do next."""

from collections.abc import Sequence
from datetime import datetime

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.ladder import taken_back
from secops_oncall.domain.pages import Page
from secops_oncall.domain.text import plural
from secops_oncall.streams import Streams
from secops_oncall.views.pages import countdown

_MOST = 3  # pages that are named; the rest are counted


def say_essentials(
    streams: Streams, page: Page, issues: Sequence[Issue] | None, unacked: Sequence[Page] | None, now: datetime
) -> None:
    """What is known of a page as its ack left it; None for issues or pages that could not be asked.

    `--quiet` silences it.
    """
    urgency = f"{page.urgency} urgency" if page.urgency else ""
    off = "nobody else is paged for it any more" if page.urgency != "low" else ""
    then = taken_back(page, now) or off
    streams.say("  " + ", ".join(filter(None, [urgency, page.priority, page.service, then])))
    if issues is not None:
        streams.say("  issue: " + _behind(issues))
    if unacked is not None:
        streams.say("  " + _waiting(unacked, now))


def hint_next(streams: Streams, page: Page, unacked: Sequence[Page]) -> None:
    """The next command: the next page's ack before this one's details."""
    streams.hint(f"oncall ack {unacked[0].number}" if unacked else f"oncall show {page.number}")


def _behind(issues: Sequence[Issue]) -> str:
    if not issues:
        return "no open one names this page yet"
    return "; ".join(", ".join([issue.ref, issue.state.replace("opened", "open"), _held(issue)]) for issue in issues)


def _held(issue: Issue) -> str:
    return f"assigned to {', '.join(issue.assignees)}" if issue.assignees else "assigned to nobody"


def _waiting(unacked: Sequence[Page], now: datetime) -> str:
    if not unacked:
        return "no other page of yours is unacked"
    named = [f"{page.number}{_left(page, now)}" for page in unacked[:_MOST]]
    more = [f"{len(unacked) - _MOST} more"] if len(unacked) > _MOST else []
    return f"{plural(len(unacked), 'page')} of yours still unacked: {', '.join([*named, *more])}"


def _left(page: Page, now: datetime) -> str:
    left = countdown(page, now)
    return f" ({left})" if left else ""
