"""Before a hand-off is posted: everything that is read, what keeps it back, and what is to be done where."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.documents import Destinations, Documents
from secops_oncall.domain.events import Event
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote
from secops_oncall.domain.lint import gives_away
from secops_oncall.domain.posting import OVERRULED, addresses, begun_runs, flags, is_unfinished, overruled, reason
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PagerDuty, Slack
from secops_oncall.workflows.handoff import Composed, HandoffSettings, Wanted, compose
from secops_oncall.workflows.handoff_reading import down, lab
from secops_oncall.workflows.messaging import NEAR
from secops_oncall.workflows.placing import Plan
from secops_oncall.workflows.standing import InSlack, Service, Standing, afresh, in_slack

BACK = timedelta(days=4)  # a weekend's shift, and the half day after it in which it is still handed off
_KEYS: dict[str, Service] = {"GitLab": "gitlab", "PagerDuty": "pagerduty"}


@dataclass(frozen=True)
class Services:
    """The three services; `gitlab` is None where nothing lies there, or there is no token for it."""

    pagerduty: PagerDuty
    gitlab: GitLab | None
    slack: Callable[[], Slack]

    def lab(self) -> GitLab:
        """GitLab; AuthError where there is no token."""
        return lab(self.gitlab)


@dataclass(frozen=True)
class Gathered:
    """A hand-off, where it goes, and what stands in Slack already; `known` are the runs that had begun by then.

    `read` is when the journal was read; `flags` are those that `oncall handoff post` needs to mean the same again.
    """

    composed: Composed
    destinations: Destinations
    slack: InSlack | None
    lost: Mapping[Service, OncallError]
    known: frozenset[str]
    read: datetime
    flags: str = ""


def gather(
    services: Services, journal: Journal, settings: HandoffSettings, now: datetime, wanted: Wanted | None = None
) -> Gathered:
    """The hand-off as `compose` has it, with what stands in Slack: read beside it, in no more waves.

    Raises what `compose` raises. A channel that could not be looked at gets nothing, and is told in `lost`.
    """
    where, events, asked = settings.destinations, journal.events(), wanted or Wanted()
    early = None if asked.shift else threads.start(lambda: _told(services, where.channel, now - BACK))
    composed = compose(services.pagerduty, services.gitlab, journal, settings, now, asked)
    since = composed.handoff.shift.start - NEAR
    there, error = early.result() if early else _told(services, where.channel, since)
    lost, shift = {_KEYS[service]: error for service, error in composed.lost.items()}, composed.handoff.shift.id
    return Gathered(
        composed,
        replace(where, private=there is not None and there.channel.is_private),
        there,
        {**lost, **({"slack": error} if error else {})},
        frozenset(begun_runs(events, shift)),
        now,
        flags(shift if asked.shift else None, composed.named),
    )


def blocking(composed: Composed) -> list[Problem]:
    """The errors that keep a hand-off from being posted: all but that a service is down, which nobody here can mend."""
    out = {service for service, error in composed.lost.items() if down(error)}
    errors = (problem for problem in composed.handoff.problems if problem.severity == "error")
    return [problem for problem in errors if not (problem.code == "E2" and problem.subject in out)]


def fit(composed: Composed, reason: str) -> str:
    """A reason as it may stand in every place; UsageError for one that would give something away (E8)."""
    if found := gives_away(composed.handoff, composed.context, reason):
        raise UsageError(f"E8: the reason {found}, and it goes to every place", "say it in other words: --why TEXT")
    return reason


def overrule(journal: Journal, shift: str, problems: Iterable[Problem], why: str, now: datetime) -> int:
    """Write down that a shift's hand-off goes out in spite of its errors, and why; how many there were in 30 days."""
    codes = sorted({problem.code for problem in problems})
    journal.append(Event(now, OVERRULED, shift, why, {"codes": codes}))
    return overruled(journal.events(OVERRULED), now)


def earlier_reason(journal: Journal, shift: str, problems: Collection[Problem]) -> str:
    """The reason that an earlier run was given for these errors; empty without one, or without errors."""
    return reason(journal.events(), shift, {problem.code for problem in problems}) if problems else ""


def goes_on(journal: Journal, plan: Plan) -> bool:
    """Whether an earlier run's reason holds for a plan: while that run has left something, or nothing is to be sent."""
    return not plan.sends or is_unfinished(journal.events(), plan.documents.shift)


def address(journal: Journal, gathered: Gathered, now: datetime) -> None:
    """Write down whom the hand-off was posted to by name, so that the next run goes on with them."""
    if gathered.composed.named:
        journal.append(addresses(gathered.composed.handoff.shift.id, gathered.composed.named, now))


def planned(services: Services, gathered: Gathered, documents: Documents) -> Plan:
    """What is to be done in each place. Nothing is raised: what can't be looked at gets nothing."""
    composed, facts = gathered.composed, gathered.composed.facts
    users, notes, lost = _looked_up(services, gathered, documents)
    standing = Standing(
        facts.me.id,
        composed.user,
        notes,
        {id: page.notes for id, page in facts.pages.items()},
        composed.handoff.handover,
        users,
        gathered.slack,
        facts.believed,
        lost,
    )
    homeless = [incident.pages[0] for incident in composed.handoff.incidents if incident.issue is None]
    plan = Plan(
        services.lab,
        services.pagerduty,
        services.slack,
        documents,
        standing,
        homeless,
        _told_by_name(gathered),
        gathered.known,
        {incident.id: [page.id for page in incident.pages] for incident in composed.handoff.incidents},
        gathered.read,
        gathered.flags,
    )
    if documents.handover and standing.handover is None and gathered.known:  # it may have got another title
        return replace(plan, standing=afresh(plan.gitlab, plan.pagerduty, plan.slack, documents, standing))
    return plan


def _told(services: Services, channel: str | None, since: datetime) -> tuple[InSlack | None, OncallError | None]:
    """What stands in a channel, and why that could not be found out."""
    try:
        return (in_slack(services.slack(), channel, since) if channel else None), None
    except OncallError as error:
        return None, error


def _looked_up(
    services: Services, gathered: Gathered, documents: Documents
) -> tuple[dict[str, GitLabUser | None], dict[str, Sequence[IssueNote]], dict[Service, OncallError]]:
    """What the facts don't hold: whom the hand-over issue is assigned to, by user name, and by ref the notes of issues.

    An issue that is closed, and whose page is open, was not read whole. With it by service why it can't be posted to.
    """
    lost, user, notes = dict(gathered.lost), gathered.composed.user, dict(gathered.composed.facts.comments)
    known: dict[str, GitLabUser | None] = {user.username: user} if user else {}
    if "gitlab" in lost:
        return known, notes, lost
    names = [name for name in (documents.handover.assignees if documents.handover else ()) if name not in known]
    refs = {comment.issue.ref for comment in documents.comments} - notes.keys()
    read = threads.start(lambda: threads.each(lambda ref: (ref, services.lab().notes(ref)), sorted(refs)))
    try:
        known |= dict(threads.each(lambda name: (name, services.lab().user(name)), names))
        notes |= dict(read.result())
    except OncallError as error:
        lost["gitlab"] = error
    return known, notes, lost


def _told_by_name(gathered: Gathered) -> list[Issue]:
    """The issues whose titles Slack gets because everybody may read them."""
    if not gathered.destinations.channel or gathered.destinations.confides_in_slack:
        return []
    handoff = gathered.composed.handoff
    issues = [*(incident.issue for incident in handoff.incidents if incident.issue), *handoff.closed]
    return [issue for issue in issues if not issue.confidential]
