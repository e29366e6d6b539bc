"""A few lines after an ack, on standard error: the page, its issue, what still waits, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.ladder import taken_back
from secops_oncall.domain.pages import Page, urgent_first
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
    off = "nobody else is paged for it any more" if page.urgency != "low" else ""
    streams.say("  " + ", ".join(filter(None, [*_what(page), taken_back(page, now) or off])))
    if issues is not None:
        streams.say("  issue: " + _behind(issues))
    if unacked is not None:
        streams.say("  " + _waiting(unacked, now))


def say_several(
    streams: Streams,
    pages: Sequence[Page],
    issues: Mapping[str, Sequence[Issue]],
    unacked: Sequence[Page] | None,
    now: datetime,
) -> None:
    """The same of several pages, in a line each of the most urgent; `issues` by page id, where they could be asked."""
    for page in urgent_first(pages)[:_MOST]:
        words = ", ".join(filter(None, [*_what(page), taken_back(page, now)]))
        behind = f"; issue: {_behind(issues[page.id])}" if page.id in issues else ""
        streams.say(f"  {page.number}: {words}{behind}")
    if len(pages) > _MOST:
        streams.say(f"  and {len(pages) - _MOST} more")
    if unacked is not None:
        streams.say("  " + _waiting(unacked, now))


def hint_next(streams: Streams, pages: Sequence[Page], unacked: Sequence[Page]) -> None:
    """The next command: the next page's ack before the details of what was acked."""
    details = f"oncall show {pages[0].number}" if len(pages) == 1 else "oncall pages --mine"
    streams.hint(f"oncall ack {unacked[0].number}" if unacked else details)


def _what(page: Page) -> list[str | None]:
    return [f"{page.urgency} urgency" if page.urgency else "", page.priority, page.service]


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
