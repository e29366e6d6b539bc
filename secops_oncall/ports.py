"""What workflows ask of the world: PagerDuty, GitLab and the journal, in the domain's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Board, GitLabUser, Issue, IssueNote, IssueQuery, LinkedIssue
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import OPEN, Page, PageDetail, Status
from secops_oncall.domain.people import Contact, Me, OnCall, RoleName


@dataclass(frozen=True)
class PageQuery:
    """Which pages to list. PagerDuty's filters intersect: a team's pages and a user's are two questions.

    Without `since` every page of the given statuses is meant, however old; with it, those created in the window.
    """

    statuses: tuple[Status, ...] = OPEN
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    urgency: Literal["high", "low"] | None = None
    since: datetime | None = None
    until: datetime | None = None


class PagerDuty(Protocol):
    """PagerDuty's REST v2. Everything raises OncallError; every text that comes back is clean."""

    def me(self) -> Me:
        """Who the token belongs to, from the cache for a day."""
        ...

    def pages(self, query: PageQuery) -> list[Page]:
        """Every page that a query names, from as many requests as it takes."""
        ...

    def page(self, ref: str) -> Page:
        """One page by id or number; NotFoundError names it and the command that lists them."""
        ...

    def detail(self, page: Page) -> PageDetail:
        """A page with its log, alerts and notes, asked for side by side: one wave."""
        ...

    def acknowledge(self, pages: Sequence[Page]) -> list[Outcome]:
        """Ack triggered pages, 250 a request; one outcome a page, each from the service's answer."""
        ...

    def resolve(self, pages: Sequence[Page]) -> list[Outcome]:
        """Resolve acked pages, 250 a request; one outcome a page, each from the service's answer."""
        ...

    def touched(self, since: datetime, until: datetime, teams: Sequence[str]) -> list[str]:
        """The ids of every page that has a log entry in a window, each once, earliest first."""
        ...

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        """The on-call entries of roles in a window; NotFoundError for a policy or schedule that isn't there."""
        ...

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        """How to reach a user id; None where the token may not see it."""
        ...


class GitLab(Protocol):
    """GitLab's REST v4. Everything raises OncallError; every text that comes back is clean."""

    def me(self) -> GitLabUser:
        """Who the token belongs to, from the cache for a day."""
        ...

    def issues(self, query: IssueQuery) -> list[Issue]:
        """Every issue that a query names, from as many requests as it takes."""
        ...

    def issue(self, ref: str) -> Issue:
        """One issue by `group/project#12`; NotFoundError says "not found or no access"."""
        ...

    def notes(self, ref: str) -> list[IssueNote]:
        """The notes of the issue `group/project#12`, oldest first."""
        ...

    def links(self, ref: str) -> list[LinkedIssue]:
        """The issues that are linked to the issue `group/project#12`."""
        ...

    def board(self, place: str, name: str) -> Board:
        """The board of that name on a group or project, from the cache for a day."""
        ...

    def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
        """Those of the labels that neither the project nor a group above it has: a PUT would create them."""
        ...

    def pick(self, issue: Issue, assignee: GitLabUser, *, add: Sequence[str], remove: Sequence[str]) -> Issue:
        """ONE request: assign, add labels, remove labels; answers the issue as GitLab has it then."""
        ...


class Journal(Protocol):
    """The append-only journal of this machine."""

    def append(self, *events: Event) -> None:
        """Write events, all or none; they are on the disk when this returns."""
        ...

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """The events of a kind (or all), from a moment on, in the order they were written."""
        ...
