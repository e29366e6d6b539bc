"""Finding the hand-offs that were posted, on a machine that has never seen their shifts: by their marks in GitLab."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueNote, IssueQuery
from secops_oncall.domain.open_work import HANDOVER, MOST
from secops_oncall.domain.people import Me, OnCall, by_user, fitting, same
from secops_oncall.domain.received import Believed, Handed, all_handed, handovers
from secops_oncall.domain.refs import issues_in
from secops_oncall.domain.shifts import holders
from secops_oncall.domain.text import quoted
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.pages import page_issues
from secops_oncall.workflows.people import AROUND

T = TypeVar("T")

BACK = timedelta(days=14)  # how long a hand-off that nobody accepts is remembered
CLOSED = timedelta(days=4)  # how long one whose issue is closed is looked at: something may have been added to it
_MOST = 12  # hand-over issues that are read with their notes: the last ones


@dataclass(frozen=True)
class Inbox:
    """Where hand-offs are looked for; `project` has their issues, and is None for a team that keeps none."""

    pagerduty: PagerDuty
    gitlab: GitLab
    settings: HandoffSettings
    project: str | None = None


@dataclass(frozen=True)
class Found:
    """The hand-offs that were found, the last one first, and for whom: me, by my GitLab name `user`.

    `on_call` says whether I am the engineer now, `whose` whose marks were believed, `problems` what could not be asked.
    """

    handed: Sequence[Handed]
    me: Me
    user: str
    whose: Believed
    entries: Sequence[OnCall] = ()
    on_call: bool = False
    problems: list[OncallError] = field(default_factory=list)

    def is_mine(self, handed: Handed) -> bool:
        """Whether I have handed it off myself."""
        return same(handed.outgoing, self.me.person)

    def is_named(self, handed: Handed) -> bool:
        """Whether I am the one that it names as taking over."""
        issue = handed.handover.issue if handed.handover else None
        return issue is not None and self.user in issue.assignees and not self.is_mine(handed)

    def of(self, sender: str) -> list[Handed]:
        """Those of whoever a USER means; NotFoundError where there are none."""
        meant = fitting(sender, [each.outgoing for each in self.handed])
        found = [each for each in self.handed if each.outgoing in meant]
        if not found:
            raise NotFoundError(f"no hand-off of {quoted(sender)} is there", "oncall handoff show")
        return found


def find(inbox: Inbox, now: datetime, shift: str | None = None, since: datetime | None = None) -> Found:
    """The hand-offs of the last two weeks (or `since` a moment), or of the `shift` with that id alone; two waves.

    Raises what GitLab raises. Where PagerDuty can't tell who is on call, that is unknown, and said so.
    """
    gitlab, settings = inbox.gitlab, inbox.settings
    turns = threads.start(lambda: inbox.pagerduty.on_call(settings.roles.values(), now - AROUND, now + AROUND))
    asked = threads.start(lambda: gitlab.issues(query(inbox.project, since or now - BACK)) if inbox.project else [])
    listed = threads.start(lambda: page_issues(gitlab, settings.sources))
    me, user = inbox.pagerduty.me(), gitlab.me().username
    problems: list[OncallError] = []
    entries: list[OnCall] = []
    try:
        entries = turns.result()
    except OncallError as error:
        problems.append(error)
    whose = Believed(by_user(settings.people, entries, user, me), settings.bot)
    filed = [issue for issue in handovers(asked.result(), whose) if _is_wanted(issue, shift, now)][:_MOST]
    work, lost = listed.result()
    pending = [issue for issue in filed if shift or issue.state == "opened"]
    named = [str(ref) for issue in pending for ref in issues_in(issue.description, settings.gitlab_url)[:MOST]]
    issues, notes, unread = _read(gitlab, [*filed, *work], named)
    handed = all_handed(issues, notes, whose, [*(entry.person for entry in entries), *whose.people.values()])
    engineers = holders(settings.roles["engineer"], entries, now)
    return Found(
        [each for each in handed if shift in (None, each.shift)],
        me,
        user,
        whose,
        entries,
        any(entry.person.id == me.id for entry in engineers),
        [*problems, *lost, *unread],
    )


def query(project: str, since: datetime) -> IssueQuery:
    """The list of a project's hand-over issues, open and closed, that something has happened to since a moment."""
    return IssueQuery(project, "project", state="all", search=HANDOVER.strip(), updated_after=since)


def _is_wanted(issue: Issue, shift: str | None, now: datetime) -> bool:
    """Whether a hand-over issue is the one that is asked for, or may still wait for somebody."""
    if shift:
        return issue.mark is not None and issue.mark.shift == shift
    return issue.state == "opened" or now - issue.updated_at < CLOSED


def _read(
    gitlab: GitLab, known: Iterable[Issue], named: Iterable[str]
) -> tuple[list[Issue], dict[str, list[IssueNote]], list[OncallError]]:
    """The notes of issues, side by side, and those issues that are only named; what isn't there is passed over."""
    there = {issue.ref: issue for issue in known}
    problems: dict[str, OncallError] = {}

    def ask(call: Callable[[], T]) -> T | None:
        try:
            return call()
        except NotFoundError:
            return None
        except OncallError as error:
            problems[error.message] = error
            return None

    def one(ref: str) -> tuple[str, Issue | None, list[IssueNote]]:
        issue = threads.start(lambda: there.get(ref) or ask(lambda: gitlab.issue(ref)))
        return ref, issue.result(), ask(lambda: gitlab.notes(ref)) or []

    read = threads.each(one, dict.fromkeys([*there, *named]))
    issues = [issue for _, issue, _ in read if issue]
    return issues, {ref: notes for ref, _, notes in read}, list(problems.values())
