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
from secops_oncall.workflows.outcomes import distinct

RESOLVED = timedelta(hours=12)  # how far back resolved pages are listed, where nothing else is said


@dataclass(frozen=True)
class PageFilter:
    """Which pages to list; the defaults are the open ones of my teams and mine.

    `since` is about when a page was created, and of a resolved one when it was resolved: without it RESOLVED ago.
    """

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
    manager: RoleName,
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
    found = threads.each(pagerduty.pages, _questions(pagerduty, wanted, now))
    listed = [page for some in found for page in some if _wanted(page, wanted)]
    pages = with_deadlines(pagerduty, listed, ack_minutes, manager)
    known, problems = issues.result()
    return Pages(with_issues(urgent_first(returning.with_answer(pages, turns)), known), problems)


def ours(pagerduty: PagerDuty, query: PageQuery | None = None) -> list[Page]:
    """The pages of mine and my teams' that a query names, the open ones without it; one wave.

    A colleague who joins a page of mine has it assigned from then on, so that only the team's list has it still; what
    both lists have comes twice.
    """
    me, asked = pagerduty.me(), query or PageQuery()
    queries = [replace(asked, users=(me.id,)), *([replace(asked, teams=me.teams)] if me.teams else [])]
    return [page for some in threads.each(pagerduty.pages, queries) for page in some]


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
    problems = distinct(each for each in answers if isinstance(each, OncallError))
    listed = (issue for each in answers if not isinstance(each, OncallError) for issue in each)
    return [issue for issue in listed if is_work(issue)], problems


def outage(problems: Iterable[OncallError]) -> bool:
    """Whether GitLab as a whole can't be asked, rather than one place that isn't there."""
    return any(not isinstance(problem, NotFoundError) for problem in problems)


def _questions(pagerduty: PagerDuty, wanted: PageFilter, now: datetime) -> list[PageQuery]:
    """What to ask PagerDuty: its filters intersect, so mine, my teams' and resolved ones are questions of their own.

    Raises UsageError for resolved ones that are to be mine.
    """
    query = PageQuery(urgency=wanted.urgency)
    teams, mine = [query], list[PageQuery]()
    if not wanted.all_teams:
        me = pagerduty.me()
        teams = [replace(query, teams=me.teams)] if me.teams and not wanted.mine else []
        mine = [replace(query, users=(me.id,))]
    still_open = tuple(status for status in wanted.statuses if status != "resolved")
    asked = [replace(each, statuses=still_open, since=wanted.since) for each in (*teams, *mine) if still_open]
    if still_open == wanted.statuses:
        return asked
    if not teams:  # a resolved page has no assignee any more (pagerduty.md, 1.2)
        why = "a resolved page is assigned to nobody, so none of them is yours"
        raise UsageError(why, "oncall pages --resolved --all-teams")
    since = wanted.since or now - RESOLVED
    return [*asked, *(replace(each, statuses=("resolved",), resolved_since=since) for each in teams)]


def _wanted(page: Page, wanted: PageFilter) -> bool:
    service, search = (wanted.service or "").casefold(), (wanted.search or "").casefold()
    return service in page.service.casefold() and search in page.title.casefold()
