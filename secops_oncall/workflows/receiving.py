"""Finding the hand-offs that were posted, on a machine that has never seen their shifts: by their marks in GitLab."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.open_work import MOST, handovers_in
from secops_oncall.domain.people import Me, OnCall, Person, by_user, fitting, same
from secops_oncall.domain.received import Believed, Handed, all_handed, handovers
from secops_oncall.domain.refs import issues_in
from secops_oncall.domain.shifts import holders
from secops_oncall.domain.text import quoted
from secops_oncall.errors import NotFoundError, OncallError, RemoteError
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
    """Where hand-offs are looked for; a team without a project for them has the notes on its open work alone."""

    pagerduty: PagerDuty
    gitlab: GitLab
    settings: HandoffSettings


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
        return not self.is_mine(handed) and handed.names(self.user, self.me.person)

    def of(self, sender: str) -> list[Handed]:
        """Those of whoever a USER means; NotFoundError where there are none."""
        meant = fitting(sender, [each.outgoing for each in self.handed])
        found = [each for each in self.handed if each.outgoing in meant]
        if not found:
            raise NotFoundError(f"no hand-off of {quoted(sender)} is there", "oncall handoff show")
        return found


@dataclass(frozen=True)
class Known:
    """Who I am, whose marks count, and who is on call around now, as far as PagerDuty could tell."""

    me: Me
    user: str
    whose: Believed
    entries: Sequence[OnCall]
    problems: list[OncallError]

    @property
    def people(self) -> list[Person]:
        """Everybody who may have handed off."""
        return [*(entry.person for entry in self.entries), *self.whose.people.values()]


def known(inbox: Inbox, now: datetime) -> Known:
    """Who is who; one wave. Raises what PagerDuty raises where nobody has told this machine yet who I am."""
    settings, problems = inbox.settings, list[OncallError]()
    try:
        me = inbox.pagerduty.me()
    except RemoteError as error:
        if error.in_doubt:
            error.hint = "the same once it answers: this machine has yet to learn from PagerDuty who you are"
        raise
    user = inbox.gitlab.me().username
    entries: list[OnCall] = []
    try:
        entries = inbox.pagerduty.on_call(settings.roles.values(), now - AROUND, now + AROUND)
    except OncallError as error:
        problems.append(error)
    return Known(me, user, Believed(by_user(settings.people, entries, user, me), settings.bot), entries, problems)


def find(inbox: Inbox, now: datetime, shift: str | None = None, since: datetime | None = None) -> Found:
    """The hand-offs of the last two weeks (or `since` a moment), or of the `shift` with that id alone; two waves.

    Raises what GitLab raises. Where PagerDuty can't tell who is on call, that is unknown, and said so.
    """
    gitlab, settings = inbox.gitlab, inbox.settings
    asked = threads.start(lambda: filed(gitlab, settings, since or now - BACK))
    listed = threads.start(lambda: page_issues(gitlab, settings.sources))
    who = known(inbox, now)
    listed_there = handovers(asked.result(), who.whose, who.people)
    wanted = [issue for issue in listed_there if _is_wanted(issue, shift, now)][:_MOST]
    work, lost = listed.result()
    pending = [issue for issue in wanted if shift or issue.state == "opened"]
    named = [str(ref) for issue in pending for ref in issues_in(issue.description, settings.gitlab_url)[:MOST]]
    issues, notes, unread = with_notes(gitlab, [*wanted, *work], named)
    engineers = holders(settings.roles["engineer"], who.entries, now)
    return Found(
        [each for each in all_handed(issues, notes, who.whose, who.people) if shift in (None, each.shift)],
        who.me,
        who.user,
        who.whose,
        who.entries,
        any(entry.person.id == who.me.id for entry in engineers),
        [*who.problems, *lost, *unread],
    )


def filed(gitlab: GitLab, settings: HandoffSettings, since: datetime) -> list[Issue]:
    """The project's list of hand-over issues, open and closed, to which something has happened since a moment."""
    project = settings.destinations.project
    if project is None:
        return []
    return gitlab.issues(handovers_in(project, since))


def _is_wanted(issue: Issue, shift: str | None, now: datetime) -> bool:
    """Whether a hand-over issue is the one that is asked for, or may still wait for somebody."""
    if shift:
        return issue.mark is not None and issue.mark.shift == shift
    return issue.state == "opened" or now - issue.updated_at < CLOSED


def with_notes(
    gitlab: GitLab, listed: Iterable[Issue], named: Iterable[str] = ()
) -> tuple[list[Issue], dict[str, list[IssueNote]], list[OncallError]]:
    """The notes of issues, side by side, and those issues that are only named; what isn't there is passed over."""
    there = {issue.ref: issue for issue in listed}
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
        notes = threads.start(lambda: ask(lambda: gitlab.notes(ref)))
        return ref, there.get(ref) or ask(lambda: gitlab.issue(ref)), notes.result() or []

    read = threads.each(one, dict.fromkeys([*there, *named]))
    issues = [issue for _, issue, _ in read if issue]
    return issues, {ref: notes for ref, _, notes in read}, list(problems.values())


@dataclass(frozen=True)
class Offered:
    """What there is for me to accept, the last one first.

    `waiting` are those that wait for me, `expired` those that have for too long, `mine` what I have accepted already,
    and `own` what I handed off myself and nobody has accepted.
    """

    waiting: list[Handed]
    expired: list[Handed]
    mine: list[Handed]
    own: list[Handed]


def offered(found: Found, now: datetime) -> Offered:
    """What waits for me: a hand-off that names me, and if there is none any engineer's, while I am on call as one."""
    others = [each for each in found.handed if not found.is_mine(each)]
    waiting = [each for each in others if each.waits]
    named = [each for each in waiting if found.is_named(each)]
    engineers = [each for each in waiting if each.role == "engineer"] if found.on_call else []
    mine = named or engineers
    return Offered(
        [each for each in mine if not each.is_expired(now)],
        [each for each in mine if each.is_expired(now)],
        [each for each in others if not each.waits and any(place.by == found.user for place in each.places)],
        [each for each in found.handed if found.is_mine(each) and each.waits],
    )
