"""Pages: list them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.open_work import is_work
from secops_oncall.domain.pages import Page, PageQuery, Status, urgent_first, with_issues
from secops_oncall.domain.people import RoleName
from secops_oncall.errors import NotFoundError, OncallError, UsageError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows import returning
from secops_oncall.workflows.deadlines import with_deadlines

FURTHEST = timedelta(days=180)  # the longest window of time that PagerDuty lists (pagerduty.md, 1.2)


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


def list_pages(
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    wanted: PageFilter,
    *,
    ack_minutes: int,
    engineer: RoleName | None,
    now: datetime,
) -> Pages:
    """The pages that a filter wants, most urgent first, with deadline and issue; one wave.

    A second one, once a day, where a page doesn't say when its next level is paged.

    `sources` say where page-created issues lie; where GitLab can't be asked, the pages come without their
    issues and the problem is told. `engineer` is whose shift a snoozed page comes back in; None: not asked.
    """
    issues = threads.start(lambda: page_issues(gitlab, sources))
    snoozes = engineer if "acknowledged" in wanted.statuses else None
    turns = returning.ask(pagerduty, snoozes, now, now + returning.AHEAD) if snoozes else None
    found = threads.each(pagerduty.pages, _questions(pagerduty, wanted))
    listed = [page for some in found for page in some if _wanted(page, wanted)]
    pages = with_deadlines(pagerduty, listed, ack_minutes)
    known, problems = issues.result()
    return Pages(with_issues(urgent_first(returning.with_answer(pages, turns)), known), problems)


def page_issues(gitlab: GitLab | None, sources: Sequence[IssueQuery]) -> tuple[list[Issue], list[OncallError]]:
    """The page-created issues of every source, and what went wrong where one could not be asked, each once."""
    if gitlab is None:
        return [], []

    def ask(source: IssueQuery) -> list[Issue] | OncallError:
        try:
            return gitlab.issues(source)
        except OncallError as error:
            return error

    answers = threads.each(ask, sources)
    problems = {each.message: each for each in answers if isinstance(each, OncallError)}
    listed = (issue for each in answers if not isinstance(each, OncallError) for issue in each)
    return [issue for issue in listed if is_work(issue)], list(problems.values())


def outage(problems: Iterable[OncallError]) -> bool:
    """Whether GitLab as a whole can't be asked, rather than one place that isn't there."""
    return any(not isinstance(problem, NotFoundError) for problem in problems)


def _questions(pagerduty: PagerDuty, wanted: PageFilter) -> list[PageQuery]:
    """What to ask PagerDuty: its filters intersect, so mine and my teams' are two questions; UsageError for none."""
    query = PageQuery(wanted.statuses, urgency=wanted.urgency, since=wanted.since)
    if wanted.all_teams:
        return [query]
    me = pagerduty.me()
    teams = [replace(query, teams=me.teams)] if me.teams and not wanted.mine else []
    # A resolved page has no assignee any more, so that "mine" can't be asked of it (pagerduty.md, 1.2).
    mine = [] if wanted.statuses == ("resolved",) else [replace(query, users=(me.id,))]
    if not teams + mine:
        raise UsageError("a resolved page is assigned to nobody, so none of them is yours", "oncall pages --all-teams")
    return teams + mine


def _wanted(page: Page, wanted: PageFilter) -> bool:
    service, search = (wanted.service or "").casefold(), (wanted.search or "").casefold()
    return service in page.service.casefold() and search in page.title.casefold()
