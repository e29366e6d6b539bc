"""One page whole: what hangs on it, the issue behind it, and what of that could not be read."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.charge import charge
from secops_oncall.domain.deadlines import dated_as
from secops_oncall.domain.incidents import engaged, owner_of
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.pages import Page, PageDetail, WholeIssue, issue_links, naming
from secops_oncall.domain.people import Person, RoleName, by_user, fitting
from secops_oncall.domain.whole import linked_issue, whole, whole_issue
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows import returning
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.pages import outage, page_issues
from secops_oncall.workflows.refs import page_ref, same_account

T = TypeVar("T")
NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True)
class Shown:
    """One page whole, and what could not be asked."""

    page: PageDetail
    problems: list[OncallError]


def show(
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    page: str,
    *,
    engineer: RoleName,
    manager: RoleName,
    gitlab_url: str,
    ack_minutes: int,
    people: Mapping[str, str] = NOBODY,
    bot: str | None = None,
) -> Shown:
    """One page (id, number or URL) whole: its alerts, log and notes, and the issue behind it with its notes.

    Who acts and who is engaged is what notes of `people` (GitLab user names to e-mails), of mine and of the `bot` say.

    Raises what PagerDuty raises for the page itself, NotFoundError for one that isn't there; whatever else can't be
    read is told. Three waves by id where the issue is listed or linked, one more by number: what PagerDuty adds to a
    page is asked for by its id; and one more where a note names somebody who isn't in the kept roster.
    """
    ref = page_ref(page)
    listed = threads.start(lambda: page_issues(gitlab, sources))
    akin = None if ref.isdecimal() else threads.start(lambda: pagerduty.kin(ref))
    found = same_account(page, pagerduty.page(ref))
    timed = threads.start(lambda: with_deadlines(pagerduty, [found], ack_minutes, manager))
    back = found.snoozed_until
    turns = returning.ask(pagerduty, engineer, back, back) if back else None
    read = threads.start(lambda: _whole(pagerduty, found))
    kin = akin.result() if akin else pagerduty.kin(found.id)
    (late,) = timed.result()
    detail, unread = read.result()
    detail = dated_as(detail.with_kin(kin), late)
    issues = listed.result()
    (detail,) = returning.with_answer([detail], turns)
    shown = _with_issue(gitlab, sources, gitlab_url, detail, issues)
    charged = _with_charge(pagerduty, gitlab, shown.page, people, bot)
    return Shown(charged, [*unread, *shown.problems])


def _with_charge(
    pagerduty: PagerDuty, gitlab: GitLab | None, detail: PageDetail, emails: Mapping[str, str], bot: str | None
) -> PageDetail:
    """A page with who has it by its issue's notes, where these were read."""
    if gitlab is None or detail.issue is None or detail.issue.notes is None:
        return detail
    kept = pagerduty.kept_roster()
    known = by_user(emails, kept.entries if kept else (), gitlab.me().username, pagerduty.me())
    told = charge(detail.issue.notes, owner_of(detail.owner, known.values()), known, bot)
    nameless = {user: person for user, person in known.items() if not person.id and person in told.people}
    known |= dict(threads.each(lambda one: (one[0], _named(pagerduty, one[1])), nameless.items()))
    whose = charge(detail.issue.notes, owner_of(detail.owner, known.values()), known, bot)
    return replace(detail, acting=whose.acting, engaged=engaged(detail.engaged, whose), charge=whose)


def _named(pagerduty: PagerDuty, person: Person) -> Person:
    """A person of whom only the e-mail is known, as PagerDuty knows them; in an outage the e-mail has to do."""
    try:
        return next(iter(fitting(person.email or "", pagerduty.users(person.email or ""))), person)
    except OncallError:
        return person


def _whole(pagerduty: PagerDuty, page: Page) -> tuple[PageDetail, list[OncallError]]:
    """A page with as much of its log, alerts and notes as can be read, asked for side by side, and what can't be."""
    log = threads.start(lambda: pagerduty.log(page.id))
    alerts = threads.start(lambda: pagerduty.alerts(page.id))
    notes = threads.start(lambda: pagerduty.notes(page.id))
    unread: dict[str, tuple[OncallError, list[str]]] = {}

    def read(name: str, asked: "Future[list[T]]") -> list[T]:
        try:
            return asked.result()
        except OncallError as error:
            unread.setdefault(error.message, (error, []))[1].append(name)
            return []

    detail = whole(page, read("log", log), read("alerts", alerts), read("notes", notes))
    return detail, [
        RemoteError(f"page {page.number}: its {', '.join(names)} could not be read: {error.message}", error.hint)
        for error, names in unread.values()
    ]


def _with_issue(
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    gitlab_url: str,
    detail: PageDetail,
    listed: tuple[list[Issue], list[OncallError]],
) -> Shown:
    """A page with the issue that names it or that it links, as far as that can be read; of several none is guessed."""
    linked, (issues, problems) = issue_links(detail, gitlab_url), listed
    if gitlab and not (linked or naming(issues, detail.id) or outage(problems)):
        anywhere = [replace(source, labels=(), state="all", search=detail.id) for source in sources]
        issues, problems = page_issues(gitlab, anywhere)
    named = naming(issues, detail.id)
    known = {ref.casefold(): linked_issue(ref, gitlab_url) for ref in linked}
    known |= {issue.ref.casefold(): whole_issue(issue) for issue in named}  # a page may spell a path in any case
    if len(known) != 1:
        return Shown(replace(detail, issue_candidates=tuple(known.values())), problems)
    (issue,) = known.values()
    if gitlab and not outage(problems):
        issue, unread = _read_issue(gitlab, issue)
        problems = [*problems, *unread]
    return Shown(replace(detail, issue=issue), problems)


def _read_issue(gitlab: GitLab, issue: WholeIssue) -> tuple[WholeIssue, list[OncallError]]:
    """An issue with its notes, and with its state where only its name was known, as far as they can be read."""
    notes = threads.start(lambda: gitlab.notes(issue.ref))
    try:
        issue = issue if issue.state else whole_issue(gitlab.issue(issue.ref))
        return replace(issue, notes=tuple(notes.result())), []
    except OncallError as error:
        return issue, [error]
