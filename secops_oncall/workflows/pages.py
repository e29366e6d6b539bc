"""Pages: list them, and look at one whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall import threads
from secops_oncall.domain.events import Event, Focus, focus
from secops_oncall.domain.issues import Issue, IssueNote, IssueQuery
from secops_oncall.domain.open_work import is_work
from secops_oncall.domain.pages import (
    Page,
    PageDetail,
    PageIssue,
    Status,
    behind,
    issue_links,
    naming,
    urgent_first,
    with_issues,
)
from secops_oncall.domain.people import Role, RoleName
from secops_oncall.domain.shifts import on_duty
from secops_oncall.errors import NotFoundError, OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PageQuery, PagerDuty
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.refs import page_ref, same_account

FURTHEST = timedelta(days=180)  # the longest window of time that PagerDuty lists (pagerduty.md, 1.2)
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
    """One page whole, its issue with its notes, else the issues that might be it, and what could not be asked.

    `whose` shift a snoozed page comes back in: a name, empty for nobody's, None where that is not known.
    """

    page: PageDetail
    issue: Issue | None = None
    notes: list[IssueNote] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    problems: list[OncallError] = field(default_factory=list)
    whose: str | None = None


def list_pages(
    pagerduty: PagerDuty, gitlab: GitLab | None, sources: Sequence[IssueQuery], wanted: PageFilter, ack_minutes: int
) -> Pages:
    """The pages that a filter wants, most urgent first, with deadline and issue; one wave.

    A second one, once a day, where a page doesn't say when its next level is paged.

    `sources` say where page-created issues lie; where GitLab can't be asked, the pages come without their
    issues and the problem is told.
    """
    issues = threads.start(lambda: page_issues(gitlab, sources))
    found = threads.each(pagerduty.pages, _questions(pagerduty, wanted))
    listed = [page for some in found for page in some if _wanted(page, wanted)]
    pages = with_deadlines(pagerduty, listed, ack_minutes)
    known, problems = issues.result()
    return Pages(with_issues(urgent_first(pages), known), problems)


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


def show(
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    page: str,
    *,
    roles: Mapping[Role, RoleName],
    gitlab_url: str,
    ack_minutes: int,
) -> Shown:
    """One page (id, number or URL) whole: its alerts, log and notes, and the issue behind it with its notes.

    Raises NotFoundError for a page that isn't there. Three waves by id where the issue is listed or linked, one more
    by number: what PagerDuty adds to a page is asked for by its id.
    """
    ref = page_ref(page)
    listed = threads.start(lambda: page_issues(gitlab, sources))
    akin = None if ref.isdecimal() else threads.start(lambda: pagerduty.kin(ref))
    found = same_account(page, pagerduty.page(ref))
    timed = threads.start(lambda: with_deadlines(pagerduty, [found], ack_minutes))
    whose = threads.start(lambda: _whose(pagerduty, roles, found.snoozed_until))
    whole = threads.start(lambda: pagerduty.detail(found))
    kin = akin.result() if akin else pagerduty.kin(found.id)
    (late,) = timed.result()
    detail = replace(whole.result().with_kin(kin), ack_deadline=late.ack_deadline, escalated_at=late.escalated_at)
    issues, problems = listed.result()
    shown = Shown(detail, problems=problems, whose=whose.result())
    if gitlab is None or outage(problems):
        return replace(shown, page=_as_linked(detail, gitlab_url))
    linked, described = issue_links(detail, gitlab_url), naming(issues, detail.id)
    if not described and not linked:
        anywhere = [replace(source, labels=(), state="all", search=detail.id) for source in sources]
        issues, problems = page_issues(gitlab, anywhere)
        described = naming(issues, detail.id)
    known = {issue.ref: issue for issue in described}
    refs = {name.casefold(): name for name in (*linked, *known)}  # a page may spell a project's path in any case
    if len(refs) != 1:
        return replace(shown, candidates=list(refs.values()), problems=problems)
    (name,) = refs.values()
    return _with_issue(gitlab, replace(shown, problems=problems), name, known.get(name))


def _whose(pagerduty: PagerDuty, roles: Mapping[Role, RoleName], back: datetime | None) -> str | None:
    """In whose shift a page comes back: a name, empty for nobody's, None where it doesn't or that is not known."""
    if back is None:
        return None
    try:
        entries = pagerduty.on_call([roles["engineer"]], back, back)
    except OncallError:
        return None
    then = on_duty(roles["engineer"], entries, back)
    return then.person.name if then else ""


def _as_linked(detail: PageDetail, gitlab_url: str) -> PageDetail:
    """The page with the issue that it names itself, as far as its URL tells: GitLab can't be asked."""
    linked = issue_links(detail, gitlab_url)
    if len(linked) != 1:
        return detail
    project, _, iid = linked[0].rpartition("#")
    return replace(detail, issue=PageIssue(linked[0], f"{gitlab_url.rstrip('/')}/{project}/-/issues/{iid}"))


def _with_issue(gitlab: GitLab, shown: Shown, ref: str, known: Issue | None) -> Shown:
    """A page with the issue behind it and its notes, as far as they can be read."""
    notes = threads.start(lambda: gitlab.notes(ref))
    try:
        issue = known or gitlab.issue(ref)
        shown = replace(shown, page=replace(shown.page, issue=behind(issue)), issue=issue)
        return replace(shown, notes=notes.result())
    except OncallError as error:
        return replace(shown, problems=[*shown.problems, error])


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
