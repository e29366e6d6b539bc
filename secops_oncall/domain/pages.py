"""A page: what PagerDuty calls an incident, with its owner, its deadline and the issue behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

from secops_oncall.domain.charge import Charge
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.people import INTERNAL, Person
from secops_oncall.domain.refs import issues_in, pages_in

Status = Literal["triggered", "acknowledged", "resolved"]
OPEN: tuple[Status, ...] = ("triggered", "acknowledged")
PAGE_NOTE = "On-call hand-off"  # how the note begins that a hand-off puts on a page


@dataclass(frozen=True)
class PageQuery:
    """Which pages to list. PagerDuty's filters intersect: a team's pages and a user's are two questions.

    Without `since` every page of the given statuses is meant, however old; with it, those created in the window. With
    `resolved_since` those that were resolved since then, however old: `statuses` are `resolved` alone. `bridged` asks
    for their conference bridges, too, which lists leave out.
    """

    statuses: tuple[Status, ...] = OPEN
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    urgency: Literal["high", "low"] | None = None
    since: datetime | None = None
    until: datetime | None = None
    bridged: bool = False
    resolved_since: datetime | None = None


@dataclass(frozen=True)
class Owner:
    """Who acked first, and when: owning lasts until the work is closed."""

    id: str
    name: str
    acked_at: datetime


@dataclass(frozen=True)
class PendingAction:
    """What PagerDuty will do by itself: `escalate`, `unacknowledge`, `resolve` or `urgency_change`."""

    kind: str
    at: datetime


@dataclass(frozen=True)
class PageIssue:
    """The issue behind a page, as far as it is known: in lists the last three may be None."""

    ref: str
    url: str
    title: str | None = None
    state: str | None = None
    confidential: bool | None = None
    moved: bool = field(default=False, metadata=INTERNAL)


@dataclass(frozen=True)
class WholeIssue(PageIssue):
    """The issue behind a page as `show` has it; None for what could not be read."""

    assignees: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    notes: tuple[IssueNote, ...] | None = None


@dataclass(frozen=True)
class Page:
    """One page as lists show it. `ack_deadline` is when the next level is paged, None once acked.

    `whose_shift` a snoozed one comes back in is a name, or `nobody`; None where that is not known.
    """

    id: str
    number: int
    title: str
    status: Status
    urgency: str
    priority: str | None
    service: str
    created_at: datetime
    url: str
    assigned_to: tuple[Person, ...] = ()
    acknowledged_by: tuple[Person, ...] = ()
    owner: Owner | None = None
    owner_source: Literal["log", "acknowledgement"] | None = None
    ack_deadline: datetime | None = None
    snoozed_until: datetime | None = None
    issue: PageIssue | None = None
    whose_shift: str | None = None
    pending: tuple[PendingAction, ...] = field(default=(), metadata=INTERNAL)
    policy: str = field(default="", metadata=INTERNAL)
    policy_id: str = field(default="", metadata=INTERNAL)
    assigned_at: datetime | None = field(default=None, metadata=INTERNAL)
    assigned_directly: bool = field(default=False, metadata=INTERNAL)  # by hand: it escalates no more by itself
    escalated_at: datetime | None = field(default=None, metadata=INTERNAL)  # where a later level has it already
    pages_manager: bool = field(default=False, metadata=INTERNAL)  # whether the level of `due` is the manager's
    changed_at: datetime | None = field(default=None, metadata=INTERNAL)  # its status; a triggered one's last change
    changed_by: Person | None = field(default=None, metadata=INTERNAL)  # or the service or integration that did it
    resolved_at: datetime | None = field(default=None, metadata=INTERNAL)
    bridge: str | None = field(default=None, metadata=INTERNAL)
    links: tuple[str, ...] = field(default=(), metadata=INTERNAL)

    def is_mine(self, me: str) -> bool:
        """Whether it is assigned to a user id now."""
        return any(person.id == me for person in self.assigned_to)

    def acked_by(self, me: str) -> bool:
        """Whether a user id stands among its acknowledgers now."""
        return any(person.id == me for person in self.acknowledged_by)

    @property
    def due(self) -> datetime | None:
        """When the next level is paged; where none will be, when the present one was."""
        return self.ack_deadline or self.escalated_at

    @property
    def due_to(self) -> str:
        """Whom that level is, in a word: the manager where it is known to be theirs."""
        if self.pages_manager:
            return "manager"
        return "next level" if self.ack_deadline else "last level"

    @property
    def is_free(self) -> bool:
        """Whether whoever acks it now owns it: it is open, and no person has acked it. Integrations own nothing."""
        return self.status != "resolved" and not self.acknowledged_by

    @property
    def ack_ends(self) -> datetime | None:
        """When PagerDuty takes its ack back by itself: at its snooze's end, or by its service's time-out."""
        ends = [action.at for action in self.pending if action.kind == "unacknowledge"]
        return min(ends) if ends and self.status == "acknowledged" else None


@dataclass(frozen=True)
class LogEntry:
    """One entry of a page's log; `kind` is PagerDuty's type without its ending: `acknowledge`, `escalate`, …"""

    at: datetime
    kind: str
    who: str
    text: str
    page: str = field(default="", metadata=INTERNAL)
    person: Person | None = field(default=None, metadata=INTERNAL)  # set where a *user* did it


@dataclass(frozen=True)
class PageNote:
    """A note on a page in PagerDuty; `by` is the user id of whoever wrote it."""

    at: datetime
    who: str
    text: str
    by: str = field(default="", metadata=INTERNAL)


@dataclass(frozen=True)
class Alert:
    """One alert of a page: `details` as the integration sent them, flattened to lines of text."""

    id: str
    at: datetime | None
    severity: str | None
    summary: str
    details: Mapping[str, str]
    links: tuple[str, ...]
    runbook: str | None = field(default=None, metadata=INTERNAL)


@dataclass(frozen=True)
class KinPage:
    """A page that PagerDuty finds akin to another one: one of its past, or one that is going on elsewhere."""

    id: str
    title: str
    created_at: datetime | None


@dataclass(frozen=True)
class Kin:
    """What PagerDuty adds to a page where the account's plan has it: pages akin to it, and its custom fields."""

    similar: tuple[KinPage, ...] = ()
    related: tuple[KinPage, ...] = ()
    custom_fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PageDetail(Page):
    """One page whole, as `show` has it; `issue_candidates` are the issues that may be the one.

    `acting` is who sees to it now: the owner, until a note of its issue says otherwise; None where nobody owns it.
    `charge` is all that its issue's notes tell of who has it, None where they could not be read.
    """

    issue: WholeIssue | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    notes: tuple[PageNote, ...] = ()
    timeline: tuple[LogEntry, ...] = ()
    acting: Person | None = None
    engaged: tuple[Person, ...] = ()
    similar: tuple[KinPage, ...] = ()
    runbook: str | None = None
    conference_url: str | None = None
    links: tuple[str, ...] = ()
    related: tuple[KinPage, ...] = ()
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    pending_actions: tuple[PendingAction, ...] = ()
    issue_candidates: tuple[WholeIssue, ...] = ()
    charge: Charge | None = field(default=None, metadata=INTERNAL)

    def with_kin(self, kin: Kin) -> "PageDetail":
        """The page with what PagerDuty adds to it."""
        return replace(self, similar=kin.similar, related=kin.related, custom_fields=kin.custom_fields)


def urgent_first(pages: Iterable[Page]) -> list[Page]:
    """Pages as they want attention: unacked, acked, resolved; high urgency before low, newest first; each once."""
    distinct = {page.id: page for page in pages}.values()
    return sorted(
        distinct,
        key=lambda page: (get_args(Status).index(page.status), page.urgency != "high", -page.created_at.timestamp()),
    )


def owner_from_log(entries: Iterable[LogEntry]) -> Owner | None:
    """The first *user* who acked since the last trigger after a resolve; order of the entries doesn't matter.

    Log entries decide, not the page's present state: `acknowledgements` is empty once a page is resolved
    (pagerduty.md, 1.4), and integrations that ack own nothing.
    """
    owner: Owner | None = None
    resolved = False
    for entry in sorted(entries, key=lambda one: one.at):
        if entry.kind == "resolve":
            resolved = True
        elif entry.kind in ("trigger", "acknowledge", "unacknowledge") and resolved:
            owner, resolved = None, False
        if entry.kind == "acknowledge" and entry.person and owner is None:
            owner = Owner(entry.person.id, entry.person.name, entry.at)
    return owner


def undone(entries: Iterable[LogEntry], me: str, since: datetime) -> LogEntry | None:
    """The resolve, since a moment (aware), that an ack of a user id came right after, and so undid; None for none.

    PagerDuty opens a resolved page again when it is acked (pagerduty.md, 1.3), and nothing but the log shows it.
    """
    resolve: LogEntry | None = None
    for entry in sorted(entries, key=lambda one: one.at):
        mine = entry.person is not None and entry.person.id == me
        if entry.kind == "resolve" and entry.at >= since:
            resolve = entry
        elif resolve and mine and entry.kind == "acknowledge":
            return resolve
        elif entry.kind in ("trigger", "acknowledge") and not mine:
            resolve = None  # somebody else had opened it again before
    return None


def with_issues(pages: Iterable[Page], issues: Iterable[Issue]) -> list[Page]:
    """The pages, each with the issue whose description names it, where there is one."""
    by_page: dict[str, Issue] = {}
    for issue in issues:
        for named in pages_in(issue.description):
            by_page.setdefault(named, issue)
    return [replace(page, issue=behind(by_page[page.id])) if page.id in by_page else page for page in pages]


def naming(issues: Iterable[Issue], page: str) -> list[Issue]:
    """The issues whose description names a page id, by URL or by id."""
    return [issue for issue in issues if page in pages_in(issue.description)]


def behind(issue: Issue) -> PageIssue:
    """An issue as the one behind a page."""
    return PageIssue(issue.ref, issue.url, issue.title, issue.state, issue.confidential, issue.moved)


def issue_links(detail: PageDetail, gitlab_url: str) -> list[str]:
    """The refs of every issue on our GitLab that a page's alerts, links or notes name; a hand-off's own names none."""
    texts = [
        *detail.links,
        *detail.details.values(),
        *detail.custom_fields.values(),
        *(value for alert in detail.alerts for value in (*alert.details.values(), *alert.links)),
        *(note.text for note in detail.notes if not note.text.startswith(PAGE_NOTE)),
    ]
    return [str(ref) for ref in issues_in("\n".join(texts), gitlab_url)]
