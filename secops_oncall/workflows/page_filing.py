"""The missing issue of a page: made once, confidential, and only where no issue is about the page already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event, filed
from secops_oncall.domain.flight import failed, flying, unended
from secops_oncall.domain.improvements import FILING, begin, tried
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import Issue, IssueQuery, NewIssue, new_home
from secops_oncall.domain.marks import Mark, page_key
from secops_oncall.domain.outcomes import DRY_RUN, Outcome, Result
from secops_oncall.domain.page_issues import draft
from secops_oncall.domain.pages import Page, PageDetail, PageIssue, WholeIssue, naming
from secops_oncall.domain.text import quoted
from secops_oncall.errors import ConfigError, NotFoundError, UsageError
from secops_oncall.ports import GitLab
from secops_oncall.workflows import outcomes
from secops_oncall.workflows.incidents import Desk, list_work
from secops_oncall.workflows.making import lack, make, under_way
from secops_oncall.workflows.once import Found
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.showing import show
from secops_oncall.workflows.writing import later, writer

Choose = Callable[[Sequence[Incident]], Incident]


@dataclass(frozen=True)
class Plan:
    """The issue that a page is to get, by its marker; or its `outcome`, where nothing is to be sent."""

    page: PageDetail
    new: NewIssue
    marker: str
    outcome: Outcome | None = None
    known: Sequence[Event] = field(default=())

    @property
    def rehearsed(self) -> Acted:
        """The outcome of a plan that is not carried out."""
        labels = f" with the label {', '.join(self.new.labels)}" if self.new.labels else ""
        how = f"in {self.new.project}{labels}, confidential; {DRY_RUN}"
        return Acted([self.outcome or _of(self, Result.PLANNED, "dry_run", how)])


def plan(desk: Desk, page: str | None, project: str | None, choose: Choose, now: datetime) -> Plan:
    """What filing a page (else the one of mine that has no issue) would do; nothing is sent.

    Refused where an issue names the page, or the page links one, whatever its state. Raises AuthError for a bot's token
    and one that may only read, ConfigError and NotFoundError for a project or label that isn't there, and whatever kept
    it from looking: an issue that can't be seen may be there.
    """
    place = _place(desk, project)
    me = threads.start(lambda: writer(desk.gitlab, "issue"))
    lacking = threads.start(lambda: desk.gitlab.missing_labels(place.place, place.labels))
    events = desk.journal.events(FILING)
    shown = show(
        desk.pagerduty,
        desk.gitlab,
        desk.settings.sources,
        page or _mine(desk, choose, now),
        engineer=desk.settings.roles["engineer"],
        manager=desk.settings.roles["manager"],
        gitlab_url=desk.settings.gitlab_url,
        ack_minutes=desk.settings.ack_minutes,
    )
    user, missing = me.result(), lacking.result()
    if missing:
        what = f"{place.place} has no label {quoted(missing[0])}, and GitLab would create it"
        raise NotFoundError(what, "set incidents.labels")
    for problem in shown.problems:
        raise problem
    found, my_id = shown.page, desk.pagerduty.me().id
    mine = found.owner is not None and found.owner.id == my_id
    new = draft(found, place.place, place.labels, (user.id,) if mine else (), desk.settings.destinations.handles)
    planned = Plan(found, new, str(Mark("page", "-", page_key(found.id))), known=events)
    return replace(planned, outcome=_why_not(desk, planned, now))


def file(desk: Desk, planned: Plan, now: datetime) -> Acted:
    """Make the planned issue, once; of two runs at once the one that wrote first that it begins sends."""
    if planned.outcome:
        return Acted([planned.outcome])
    begun = begin(page_key(planned.page.id), planned.new.project, now)
    desk.journal.append(begun)
    known = {event.uid for event in planned.known}
    unknown = (each for each in unended(desk.journal.events(FILING), FILING, begun.subject) if each.uid not in known)
    first = next(unknown, begun)
    if first.uid != begun.uid:
        return Acted([_flying(planned, first, now)], remember(desk.journal, [failed(begun, now)]))
    outcome, there = _sent(desk.gitlab, planned)
    events = [filed(begun.subject, there.ref, now)] if there else []
    events += [failed(begun, now)] if not there and outcome.result is not Result.UNKNOWN else []
    return Acted([outcome], remember(desk.journal, events))


def _place(desk: Desk, project: str | None) -> IssueQuery:
    """Where page-created issues lie, with the labels that mark them; the project that is named, else the first one."""
    sources = desk.settings.sources
    labels = sources[0].labels if sources else ()
    first = next((each.place for each in sources if each.kind == "project"), None)
    if not (project or first):
        raise ConfigError(
            "no project is set for the issues of pages", "set incidents.projects, or --project group/name"
        )
    return IssueQuery(project or first or "", "project", labels)


def _mine(desk: Desk, choose: Choose, now: datetime) -> str:
    """The open page of mine that has no issue; of several the one that is chosen."""
    work = list_work(desk.pagerduty, desk.gitlab, desk.journal, desk.settings, now)
    for problem in work.problems:
        raise problem

    def is_mine(page: Page) -> bool:
        return page.is_mine(work.me.id) or page.acked_by(work.me.id)

    bare = [each for each in work.incidents if each.issue is None and any(map(is_mine, each.pages))]
    if not bare:
        raise UsageError("every open page of yours has an issue", "oncall incident file PAGE")
    return (bare[0] if len(bare) == 1 else choose(bare)).pages[0].id


def _why_not(desk: Desk, planned: Plan, now: datetime) -> Outcome | None:
    """The outcome of a page that needs no issue, or whose issue may be on its way; None where one is to be made."""
    key, page = page_key(planned.page.id), planned.page
    for project in tried(planned.known, key):
        if made := desk.gitlab.created(project, planned.marker):
            return _checked(planned, made, Result.ALREADY, "filed", "an earlier run made it")
    anywhere = IssueQuery(planned.new.project, "project", state="all", search=page.id)
    elsewhere = all(planned.new.project != source.place for source in desk.settings.sources)
    others = naming(desk.gitlab.issues(anywhere), page.id) if elsewhere else []
    linked = [page.issue] if page.issue else page.issue_candidates
    there: Sequence[Issue | PageIssue] = linked or others
    if there:
        verb, told = "is" if len(there) == 1 else "are", ", ".join(map(_named, there))
        named = _of(planned, Result.REFUSED, "named", f"{told} {verb} about it already")
        return replace(named, ref=there[0].ref, url=page.issue.url if page.issue else page.url)
    begun = flying(unended(planned.known, FILING, key), now)
    return _flying(planned, begun[0], now) if begun else None


def _named(issue: Issue | PageIssue) -> str:
    if issue.moved:
        there = new_home(issue.notes or (), issue.ref) if isinstance(issue, WholeIssue) else None
        return f"{issue.ref} (moved{f': it is {there} now' if there else ''})"
    return f"{issue.ref} (closed)" if issue.state == "closed" else issue.ref


def _sent(gitlab: GitLab, planned: Plan) -> tuple[Outcome, Issue | None]:
    made = make(gitlab, planned.new, planned.marker)
    if isinstance(made, Found):
        return _checked(planned, made.value, Result.DONE, "", ""), made.value
    if made.result is Result.FAILED:
        return outcomes.failed(_of(planned, Result.FAILED, "", ""), made.error), None
    return replace(_of(planned, Result.UNKNOWN, "remote", made.why), hint=_later(planned)), None


def _checked(planned: Plan, issue: Issue, result: Result, code: str, message: str) -> Outcome:
    """The outcome of an issue that is there: failed where GitLab did not keep it as it was to be."""
    if lost := lack(planned.new, issue) if result is Result.DONE or not issue.confidential else None:
        return replace(_at(planned, issue, Result.FAILED, "remote", lost[0]), hint=lost[1])
    told = [issue.ref, *([message] if message else []), *(["confidential"] if issue.confidential else [])]
    mine = [f"assigned to {', '.join(issue.assignees)}"] if issue.assignees else []
    return _at(planned, issue, result, code, ", ".join([*told, *mine]))


def _flying(planned: Plan, begun: Event, now: datetime) -> Outcome:
    """Another run has begun it: its request may still be on its way, and nobody can tell."""
    return replace(_of(planned, Result.UNKNOWN, "in_flight", under_way(begun, now)), hint=_later(planned))


def _of(planned: Plan, result: Result, code: str, message: str) -> Outcome:
    page = planned.page
    return Outcome(page.id, result, page.number, None, "gitlab", planned.new.title, page.url, code, message)


def _at(planned: Plan, issue: Issue, result: Result, code: str, message: str) -> Outcome:
    return replace(_of(planned, result, code, message), ref=issue.ref, url=issue.url)


def _later(planned: Plan) -> str:
    return later(f"oncall incident file {planned.page.number}")
