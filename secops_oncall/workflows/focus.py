"""The page in focus: what commands that read mean when they name none."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from secops_oncall.domain.events import Event, Focus, focus
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import named_pages
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.pages import Page, PageDetail
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import Journal
from secops_oncall.workflows.outcomes import remember


def focused(journal: Journal, now: datetime) -> Focus | None:
    """The page in focus, as far as the journal knows; nothing is asked."""
    return focus([*journal.events("focus"), *journal.events("shift")], now)


def in_focus(journal: Journal, now: datetime) -> Focus:
    """The page in focus; UsageError where there is none."""
    found = focused(journal, now)
    if found is None:
        raise UsageError("no page is named, and none is in focus", "oncall show PAGE")
    return found


def focus_on(page: Page, now: datetime) -> Event:
    """What makes a page the one that reading commands mean when they name none."""
    return Event(now, "focus", page.id, page.title, {"number": page.number})


def focus_on_none(now: datetime) -> Event:
    """What leaves none in focus."""
    return Event(now, "focus")


def after_show(
    journal: Journal, page: PageDetail, problems: Sequence[OncallError], now: datetime
) -> tuple[bool, list[OncallError]]:
    """Put a page in focus that was looked at, or end its focus where its work is closed; whether that was ended.

    Its work is closed when it is resolved and its issue closed, or it has none; `problems` are what was not read of it.
    Also answers why the journal could not be used.
    """
    unread = bool(problems or page.issue_candidates)
    closed = page.status == "resolved" and (page.issue.state == "closed" if page.issue else not unread)
    if not closed:
        return False, remember(journal, [focus_on(page, now)])
    try:
        before = focused(journal, now)
    except OncallError as error:
        return False, [error]
    ends = before is not None and before.id == page.id
    return ends, remember(journal, [focus_on_none(now)] if ends else [])


def is_over(events: Iterable[Event], now: datetime, pages: Collection[Page], issues: Iterable[Issue]) -> bool:
    """Whether the work of the page in focus is closed, as lists tell: all of my open `pages` and all open `issues`.

    A page that is in none of them may be another team's; that it is resolved the journal knows, if a command did it.
    """
    ordered = sorted(events, key=lambda one: one.at)
    found = focus(ordered, now)
    if found is None or any(page.id == found.id for page in pages):
        return False
    deeds = [one for one in ordered if one.subject == found.id and one.data.get("result") == Result.DONE]
    last = [one.kind for one in deeds if one.kind in ("ack", "resolve")][-1:]
    return last == ["resolve"] and not any(found.id in named_pages(issue) for issue in issues)
