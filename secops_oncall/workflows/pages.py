"""Pages: list them, and look at one whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall import threads
from secops_oncall.domain.events import Event, Focus, focus
from secops_oncall.domain.issues import Issue, IssueNote, IssueQuery
from secops_oncall.domain.pages import (
    Page,
    PageDetail,
    Status,
    behind,
    issue_links,
    naming,
    urgent_first,
    with_deadline,
    with_issues,
)
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PageQuery, PagerDuty
from secops_oncall.workflows.refs import page_ref

FOCUS_LASTS = timedelta(hours=12)  # a weekday shift: what was in focus longer ago belongs to another one


@dataclass(frozen=True)
class PageFilter:
    """Which pages to list; the defaults are the open ones of my teams and mine."""

    statuses: tuple[Status, ...] = ("triggered", "acknowledged")
    mine: bool = False
    all_teams: bool = False
    urgency: Literal["high", "low"] | None = None
    since: datetime | None = None
    service: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class Pages:
    """What was found, and what could not be asked."""

    pages: list[Page]
    problems: list[OncallError]


@dataclass(frozen=True)
class Shown:
    """One page whole, its issue with its notes, else the issues that might be it, and what could not be asked."""

    page: PageDetail
    issue: Issue | None = None
    notes: list[IssueNote] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    problems: list[OncallError] = field(default_factory=list)


def list_pages(
    pagerduty: PagerDuty, gitlab: GitLab | None, sources: Sequence[IssueQuery], wanted: PageFilter, ack_minutes: int
) -> Pages:
    """The pages that a filter wants, most urgent first, with deadline and issue; one wave.

    `sources` say where page-created issues lie; where GitLab can't be asked, the pages come without their
    issues and the problem is told.
    """
    issues = threads.start(lambda: page_issues(gitlab, sources))
    found = threads.each(pagerduty.pages, _questions(pagerduty, wanted))
    pages = [with_deadline(page, ack_minutes) for some in found for page in some if _wanted(page, wanted)]
    known, problems = issues.result()
    return Pages(with_issues(urgent_first(pages), known), problems)


def page_issues(gitlab: GitLab | None, sources: Sequence[IssueQuery]) -> tuple[list[Issue], list[OncallError]]:
    """The page-created issues of every source, and what went wrong where one could not be asked."""
    if gitlab is None:
        return [], []
    try:
        return [issue for some in threads.each(gitlab.issues, sources) for issue in some], []
    except OncallError as error:
        return [], [error]


def show(
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    page: str,
    *,
    gitlab_url: str,
    ack_minutes: int,
) -> Shown:
    """One page (id, number or URL) whole: its alerts, log and notes, and the issue behind it with its notes.

    Raises NotFoundError for a page that isn't there. Three waves where the issue is listed or linked.
    """
    listed = threads.start(lambda: page_issues(gitlab, sources))
    found = pagerduty.page(page_ref(page))
    detail = pagerduty.detail(with_deadline(found, ack_minutes))
    issues, problems = listed.result()
    if gitlab is None or problems:
        return Shown(detail, problems=problems)
    try:
        return _with_issue(gitlab, sources, detail, issues, gitlab_url)
    except OncallError as error:
        return Shown(detail, problems=[error])


def _with_issue(
    gitlab: GitLab, sources: Sequence[IssueQuery], detail: PageDetail, issues: list[Issue], gitlab_url: str
) -> Shown:
    described = {issue.ref: issue for issue in naming(issues, detail.id)}
    linked = issue_links(detail, gitlab_url)
    if not described and not linked:
        anywhere = [replace(source, labels=(), state="all", search=detail.id) for source in sources]
        listed = [issue for some in threads.each(gitlab.issues, anywhere) for issue in some]
        described = {issue.ref: issue for issue in naming(listed, detail.id)}
    refs = list(dict.fromkeys([*linked, *described]))
    if len(refs) != 1:
        return Shown(detail, candidates=refs)
    notes = threads.start(lambda: gitlab.notes(refs[0]))
    issue = described.get(refs[0]) or gitlab.issue(refs[0])
    return Shown(replace(detail, issue=behind(issue)), issue, notes.result())


def in_focus(journal: Journal, now: datetime) -> Focus:
    """The page in focus; UsageError where there is none."""
    found = focus(journal.events("focus"), now)
    if found is None:
        raise UsageError("no page is named, and none is in focus", "oncall show PAGE")
    return found


def focus_on(page: Page, now: datetime) -> Event:
    """What makes a page the one that reading commands mean when they name none."""
    until = (now + FOCUS_LASTS).isoformat()
    return Event(now, "focus", page.id, page.title, {"number": page.number, "until": until})


def _questions(pagerduty: PagerDuty, wanted: PageFilter) -> list[PageQuery]:
    """What to ask PagerDuty: its filters intersect, so mine and my teams' are two questions."""
    query = PageQuery(wanted.statuses, urgency=wanted.urgency, since=wanted.since)
    if wanted.all_teams:
        return [query]
    me = pagerduty.me()
    teams = [replace(query, teams=me.teams)] if me.teams and not wanted.mine else []
    # A resolved page has no assignee any more, so that "mine" can't be asked of it (pagerduty.md, 1.2).
    mine = [] if wanted.statuses == ("resolved",) else [replace(query, users=(me.id,))]
    return teams + mine


def _wanted(page: Page, wanted: PageFilter) -> bool:
    service, search = (wanted.service or "").casefold(), (wanted.search or "").casefold()
    return service in page.service.casefold() and search in page.title.casefold()
