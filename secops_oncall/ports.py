"""What workflows ask of the world: PagerDuty, GitLab, Slack and the journal, in the domain's words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import (
    Activity,
    Board,
    GitLabUser,
    Issue,
    IssueEdit,
    IssueNote,
    IssueQuery,
    LabelEvent,
    LinkedIssue,
    NewIssue,
    OwnComment,
)
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import Alert, Kin, LogEntry, Page, PageNote, PageQuery
from secops_oncall.domain.people import Contact, Me, OnCall, Person, RoleName
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.domain.slack import Channel, Message


class OnCalls(Protocol):
    """Who is on call, and how to reach them: PagerDuty, or in an outage what it said before."""

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        """The on-call entries of roles in a window; NotFoundError for a policy or schedule that isn't there."""
        ...

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        """How to reach a user id; None where the token may not see it."""
        ...


class PagerDuty(OnCalls, Protocol):
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

    def log(self, page: str) -> list[LogEntry]:
        """The whole log of a page id, earliest first."""
        ...

    def alerts(self, page: str) -> list[Alert]:
        """Every alert of a page id."""
        ...

    def notes(self, page: str) -> list[PageNote]:
        """The notes on a page id."""
        ...

    def kin(self, page: str) -> Kin:
        """What PagerDuty adds to a page id; what the account's plan lacks (402, 403) is left out."""
        ...

    def overrides(self, schedule: str, since: datetime, until: datetime) -> list[OnCall]:
        """The overrides of a schedule id in a window, whole; none where it has none to tell (400, 403, 404)."""
        ...

    def levels(self, policy: str, since: datetime, until: datetime) -> Levels:
        """The levels of a policy id, with who stood on them in a window that is past; from the cache for a day."""
        ...

    def acknowledge(self, pages: Sequence[Page]) -> list[Outcome]:
        """Ack triggered pages, 250 a request; one outcome a page, each from the service's answer."""
        ...

    def reopened(self, pages: Sequence[Page], since: datetime) -> dict[str, LogEntry]:
        """The resolves that my acks of pages came after, and so undid, by page id: from the log, in one wave.

        `pages` are as they were looked at, at a moment (aware) or after it.
        """
        ...

    def resolve(self, pages: Sequence[Page]) -> list[Outcome]:
        """Resolve acked pages, 250 a request; one outcome a page, each from the service's answer."""
        ...

    def snooze(self, page: Page, rest: timedelta | datetime) -> tuple[Outcome, datetime | None]:
        """Let an acked page rest for a time of 1 s to 7 days, or until a moment (aware), and never less.

        The outcome, and when PagerDuty says that it comes back. One without an answer is looked up, never sent again.
        """
        ...

    def touched(self, since: datetime, until: datetime, teams: Sequence[str]) -> list[str]:
        """The ids of every page that has a log entry in a window, each once, earliest first."""
        ...

    def users(self, name: str) -> list[Person]:
        """The users whose name or e-mail has a text in it, or whose id it is (GET /users, GET /users/{id})."""
        ...

    def note(self, page: Page, text: str) -> Outcome:
        """Write a note on a page, never twice (POST /incidents/{id}/notes): one without an answer is looked up."""
        ...

    def request_responder(self, page: Page, people: Sequence[Person], message: str) -> Outcome:
        """Ask people to help with a page, never twice; RejectedError (402) without `coordinated_responding`."""
        ...

    def escalate_to(self, page: Page, level: int, people: Sequence[Person]) -> Outcome:
        """Page a level of the page's policy, who are `people` (PUT /incidents/{id}, `escalation_level` from 1)."""
        ...

    def reassign(self, pages: Sequence[Page], person: Person) -> list[Outcome]:
        """Give pages to one person alone, 250 a request, from where nothing escalates them; one outcome a page."""
        ...

    def roster_is_due(self) -> bool:
        """Whether PagerDuty was asked, and no roster was kept within a day, nor tried to within the hour."""
        ...

    def keep_roster(self, kept: KeptRoster | None) -> None:
        """Keep a roster for an outage, 7 days and for this user's eyes only; None forgets it."""
        ...

    def kept_roster(self) -> KeptRoster | None:
        """The roster that was kept at most 7 days ago."""
        ...


class GitLab(Protocol):
    """GitLab's REST v4. Everything raises OncallError; every text that comes back is clean."""

    def me(self) -> GitLabUser:
        """Who the token belongs to, from the cache for a day."""
        ...

    def scopes(self) -> frozenset[str] | None:
        """What the token may do (`api`, `read_api`), from the cache for a day; None where GitLab doesn't tell."""
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

    def merge_requests(self, ref: str) -> list[LinkedIssue]:
        """The merge requests that are related to the issue `group/project#12`, each as `group/project!3`."""
        ...

    def board(self, place: str, name: str) -> Board:
        """The board of that name on a group or project, from the cache for a day."""
        ...

    def labels(self, place: IssueQuery) -> list[str]:
        """The names of all labels that issues of a group or project can have."""
        ...

    def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
        """Those of the labels that neither the project nor a group above it has: a PUT would create them."""
        ...

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        """ONE request that changes an issue; answers the issue as GitLab has it then."""
        ...

    def create(self, new: NewIssue, marker: str) -> Issue:
        """Make an issue whose description carries a marker. It is sent once."""
        ...

    def created(self, project: str, marker: str) -> Issue | None:
        """The issue of my own in a project whose description carries a marker."""
        ...

    def label_events(self, ref: str) -> list[LabelEvent]:
        """Every label that was put on an issue or taken off it, oldest first."""
        ...

    def activity(self, ref: str) -> list[Activity]:
        """Everything that happened to an issue (notes, label events, state events), oldest first; one wave."""
        ...

    def my_comments(self, since: datetime) -> list[OwnComment]:
        """My comments on issues since a moment, on any of them; AuthError for a token that may not list them."""
        ...

    def update_note(self, ref: str, id: int, text: str, mark: str) -> IssueNote:
        """Give a note of my own another text; it keeps its mark."""
        ...

    def user(self, username: str) -> GitLabUser | None:
        """The user of that name, from the cache for a day; None for a stranger."""
        ...

    def marked(self, ref: str, markers: Sequence[str]) -> dict[str, IssueNote]:
        """The notes of my own on an issue by the marker that each carries: in anybody else's it counts for nothing."""
        ...

    def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
        """Write a note that carries markers; answers it as GitLab has it then, internal or not. It is sent once."""
        ...


class Slack(Protocol):
    """Slack's Web API. Everything raises OncallError, with the channel's name where it is about that."""

    def post(self, channel: str, lines: Mapping[str, str], thread: Message | None = None) -> Message:
        """Post one message with a block for every marker and its line of mrkdwn (50 at most). It is sent once.

        `channel` is a name, an id, or a user's id for a direct message; `thread` the message that it answers.
        """
        ...

    def update(self, message: Message, lines: Mapping[str, str]) -> Message:
        """Give a message of my own other lines; nobody is told of it."""
        ...

    def own(self, channel: str, since: datetime, thread: Message | None = None) -> list[Message]:
        """My own messages since a moment in a channel, newest first; in a thread, oldest first."""
        ...

    def find(
        self, channel: str, markers: Collection[str], since: datetime, thread: Message | None = None
    ) -> Message | None:
        """The message of my own, posted since a moment (in a thread), that carries all of the markers."""
        ...

    def channel(self, name: str) -> Channel:
        """A channel by its name or id; NotFoundError where there is none, or not for this token."""
        ...

    def permalink(self, message: Message) -> str:
        """The URL of a message."""
        ...

    def marked(self, channel: str, markers: Collection[str], since: datetime) -> dict[str, Message]:
        """The last message of my own, posted since a moment, that carries each of the markers, by marker."""
        ...


class Journal(Protocol):
    """The append-only journal of this machine."""

    def append(self, *events: Event) -> None:
        """Write events, all or none; they are on the disk when this returns."""
        ...

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """The events of a kind (or all), from a moment on, in the order they were written."""
        ...
