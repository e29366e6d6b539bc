"""Reading what a hand-off is made of: pages, issues and all that hangs on them, what fails told and not fatal."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.deadlines import dated_as, with_deadline
from secops_oncall.domain.events import Event
from secops_oncall.domain.handoff import Unread
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote, IssueQuery, LinkedIssue
from secops_oncall.domain.open_work import Facts, handovers_in, is_work, named_issues, named_pages
from secops_oncall.domain.pages import Page, PageDetail, PageQuery
from secops_oncall.domain.people import RoleName
from secops_oncall.domain.whole import whole
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RejectedError, RemoteError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows.backlog import BoardName, mine
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.outcomes import distinct
from secops_oncall.workflows.pages import ours

RECENT = timedelta(days=8)  # how long ago the hand-over before this one may have been touched last

T = TypeVar("T")


@dataclass(frozen=True)
class Sources:
    """Where it is read: who the manager is, what lists page-created issues, the board, where hand-over issues lie, and
    a page's delay.
    """

    manager: RoleName
    issues: tuple[IssueQuery, ...] = ()
    board: BoardName | None = None
    project: str | None = None
    ack_minutes: int = 15


@dataclass(frozen=True)
class Hanging:
    """An issue as far as it could be read, and what hangs on it."""

    ref: str
    issue: Issue | None
    comments: Sequence[IssueNote]
    links: Sequence[LinkedIssue]


class Reading:
    """Reads that may fail one by one, with a memory of what was asked and of what could not be told."""

    def __init__(self, pagerduty: PagerDuty, gitlab: GitLab | None, sources: Sources) -> None:
        self._pagerduty, self._gitlab, self._sources = pagerduty, gitlab, sources
        self._failures: list[tuple[str, OncallError]] = []
        self._pages: dict[str, Page] = {}
        self._dated: Future[dict[str, Page]] = Future()
        self._asked: set[str] = set()
        self.astray = False

    @property
    def unread(self) -> list[Unread]:
        """What could not be read, each once."""
        told = {error.message: (service, error) for service, error in self._failures}
        return [
            Unread(service, error.message, error.hint, not isinstance(error, NotFoundError))
            for service, error in told.values()
        ]

    @property
    def problems(self) -> list[OncallError]:
        """Why a service could not be asked; a single thing that is not there is no such reason."""
        return distinct(error for _, error in self._failures if not isinstance(error, NotFoundError))

    @property
    def lost(self) -> dict[str, OncallError]:
        """By service the first reason for which it did not tell everything."""
        told = [(service, error) for service, error in self._failures if not isinstance(error, NotFoundError)]
        return dict(reversed(told))

    def open_pages(self) -> list[Page]:
        """The open pages of mine and my teams'; raises what PagerDuty raises. Their policies are read beside them."""
        self._pages = {page.id: page for page in ours(self._pagerduty, PageQuery(bridged=True))}
        self._dated = threads.start(lambda: self._with_deadlines(self._pages.values()))
        return list(self._pages.values())

    def issues(self, queries: Iterable[IssueQuery]) -> list[Issue]:
        """What the queries list; nothing of those that fail."""
        listed = threads.each(lambda query: self._ask("GitLab", lambda: self._lab.issues(query)), queries)
        return [issue for some in listed for issue in some or ()]

    def backlog(self, events: Iterable[Event]) -> tuple[list[Issue], GitLabUser | None]:
        """What I own from the Backlog, and who I am in GitLab."""
        name = self._sources.board
        if not (self._sources.issues or name or self._sources.project):
            return [], None
        me = self._ask("GitLab", lambda: self._lab.me())
        found = self._ask("GitLab", lambda: mine(self._lab, events, name)) if name and me else None
        return found or [], me

    def handovers(self, around: datetime) -> list[Issue]:
        """The hand-over issues that were touched not long before a moment, or since; none where there is no place.

        A project that is not there costs no open work: it is told as `astray`.
        """
        if not self._sources.project:
            return []
        query = handovers_in(self._sources.project, around - RECENT)

        def listed() -> list[Issue]:
            try:
                return list(self._lab.issues(query))
            except NotFoundError:
                self.astray = True
                return []

        return self._ask("GitLab", listed) or []

    def comments(self, issue: Issue | None) -> list[IssueNote]:
        """The notes of an issue, of none where there is none."""
        return (self._ask("GitLab", lambda: self._lab.notes(issue.ref), sure=False) or []) if issue else []

    def follow(self, facts: Facts, teams: Sequence[str]) -> Facts:
        """All that hangs together with open pages, the shift's pages and open issues, in three waves.

        What only the third wave names is not followed any further.
        """
        since, until = facts.since, facts.until
        touched = threads.start(lambda: self._ask("PagerDuty", lambda: self._pagerduty.touched(since, until, teams)))
        done = [replace(source, state="closed", updated_after=since) for source in self._sources.issues]
        closed = threads.start(lambda: self.issues(done))
        facts = self._read(facts, sorted(facts.open_pages))
        facts = replace(facts, issues={issue.ref: issue for issue in closed.result()} | dict(facts.issues))
        facts = self._read(facts, touched.result() or ())
        return self._read(facts, ())

    def _read(self, facts: Facts, ids: Iterable[str]) -> Facts:
        """Everything that the facts name and that was not asked for yet, side by side."""
        work = [issue for issue in facts.issues.values() if issue.state == "opened" and is_work(issue)]
        sure = self._new(ids)
        guessed = self._new(page for issue in work for page in named_pages(issue))
        refs = self._new([*(issue.ref for issue in work), *sorted(named_issues(facts))])
        pages = threads.start(lambda: threads.each(lambda id: self._page(id, id in sure), [*sure, *guessed]))
        hanging = threads.each(lambda ref: self._hanging(ref, facts.issues.get(ref)), refs)
        about = {each.issue.ref: each for each in hanging if each.issue}
        return replace(
            facts,
            pages={**facts.pages, **{page.id: page for page in pages.result() if page}},
            issues={**facts.issues, **{each.ref: each.issue for each in hanging if each.issue}},
            comments={**facts.comments, **{ref: each.comments for ref, each in about.items()}},
            links={**facts.links, **{ref: each.links for ref, each in about.items()}},
        )

    def _new(self, names: Iterable[str]) -> list[str]:
        """Those of the names that were not asked for yet, each once; from now on they were."""
        found = [name for name in dict.fromkeys(names) if name not in self._asked]
        self._asked.update(found)
        return found

    def _page(self, id: str, sure: bool) -> PageDetail | None:
        """A page with its log; one that an issue only seems to name may be missing without a word."""
        log = threads.start(lambda: self._ask("PagerDuty", lambda: self._pagerduty.log(id), sure))
        alerts = threads.start(lambda: self._ask("PagerDuty", lambda: self._pagerduty.alerts(id), sure))
        notes = threads.start(lambda: self._ask("PagerDuty", lambda: self._pagerduty.notes(id), sure))
        page = self._pages.get(id) or self._ask("PagerDuty", lambda: self._pagerduty.page(id), sure)
        hanging = log.result() or (), alerts.result() or (), notes.result() or ()
        return whole(self._timed(page), *hanging) if page else None

    def _timed(self, page: Page) -> Page:
        """A page with its deadline.

        One that is neither mine nor my teams' gets it by the configured delay: its policy would cost a fifth wave.
        """
        late = self._dated.result().get(page.id)
        if late is None or page.status != "triggered":
            return with_deadline(page, self._sources.ack_minutes)
        return dated_as(page, late)

    def _with_deadlines(self, pages: Iterable[Page]) -> dict[str, Page]:
        minutes, manager = self._sources.ack_minutes, self._sources.manager
        return {page.id: page for page in with_deadlines(self._pagerduty, pages, minutes, manager)}

    def _hanging(self, ref: str, known: Issue | None) -> Hanging:
        """An issue that may be known already, with its notes, links and merge requests: its name is enough for them."""
        comments = threads.start(lambda: self._ask("GitLab", lambda: self._lab.notes(ref), sure=False))
        links = threads.start(lambda: self._ask("GitLab", lambda: self._lab.links(ref), sure=False))
        requests = threads.start(lambda: self._ask("GitLab", lambda: self._lab.merge_requests(ref), sure=False))
        issue = known or self._ask("GitLab", lambda: self._lab.issue(ref))
        related = [*(links.result() or ()), *(requests.result() or ())]
        return Hanging(ref, issue, comments.result() or (), related)

    @property
    def _lab(self) -> GitLab:
        return lab(self._gitlab)

    def _ask(self, service: str, call: Callable[[], T], sure: bool = True) -> T | None:
        """What a call answers; None where it fails, which is kept, or where its service is down.

        That something is not there is a failure only where it is `sure` to be.
        """
        if any(down(error) for place, error in self._failures if place == service):
            return None
        try:
            return call()
        except OncallError as error:
            if sure or not isinstance(error, NotFoundError):
                self._failures.append((service, error))
            return None


def lab(gitlab: GitLab | None) -> GitLab:
    """GitLab; AuthError where there is no token."""
    if gitlab is None:
        raise AuthError("GitLab was not asked: there is no token for it", "oncall auth login gitlab")
    return gitlab


def down(error: OncallError) -> bool:
    """Whether it is of no use to ask that service anything more."""
    return isinstance(error, RemoteError) and not isinstance(error, RejectedError)
