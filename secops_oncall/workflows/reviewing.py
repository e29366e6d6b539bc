"""A review of the labelled issues: what is to be seen, the verdicts, and whether it counts for my shift."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.events import Event, KnownShift, shifts
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.people import Role, RoleName
from secops_oncall.domain.reviews import (
    Duty,
    Look,
    Reading,
    Verdict,
    elsewhere,
    ended,
    latest,
    past,
    unended,
    verdict,
    walk,
)
from secops_oncall.domain.shifts import LATE
from secops_oncall.domain.text import clean
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows import this_shift
from secops_oncall.workflows.issues import IssueFilter, list_issues


@dataclass(frozen=True)
class ReviewSettings:
    """What is reviewed, where, how often in a shift, and who is on call as what."""

    places: Sequence[IssueQuery]
    label: str
    roles: Mapping[Role, RoleName]
    rules: ShiftRules = RULES
    due: int = 2


@dataclass(frozen=True)
class Mine:
    """My duty, and why the shift in it is the one that the journal knows, or none."""

    duty: Duty
    problems: tuple[OncallError, ...] = ()


@dataclass(frozen=True)
class Walk:
    """A review that is being made: every issue, in the order in which they are gone through; the first `seen` are.

    `given` are the verdicts that it begins with, `looks` my last looks; `me` is my user name in GitLab.
    """

    duty: Duty
    issues: tuple[Issue, ...]
    seen: int
    me: str
    given: tuple[Event, ...] = ()
    looks: Mapping[int, Look] = field(default_factory=dict)
    problems: tuple[OncallError, ...] = ()


def my_duty(pagerduty: PagerDuty | None, journal: Journal, settings: ReviewSettings, now: datetime) -> Mine:
    """My shift and its reviews; one wave. Where PagerDuty can't be asked the journal's memory of the shift is used."""
    by = ""
    shift: KnownShift | None = None
    problems: tuple[OncallError, ...] = ()
    try:
        if pagerduty:
            by = pagerduty.me().name
            found = this_shift.find(pagerduty, journal, settings.roles, now, settings.rules)
            shift = KnownShift(found.id, found.role, found.start, found.end) if found else None
    except OncallError as error:
        problems = (error,)
    if pagerduty is None or problems:
        shift = next((each for each in shifts(journal.events("shift")) if each.covers(now)), None)
    since = shift.start if shift else now - LATE
    duty = Duty(by, settings.due, shift, since)
    return Mine(duty.having(journal.events("review", since)), problems)


def begin(
    gitlab: GitLab, pagerduty: PagerDuty | None, journal: Journal, settings: ReviewSettings, now: datetime
) -> Walk:
    """The review that was interrupted in this shift, or a new one; one wave, as for `list_issues` and its errors."""
    asked = threads.start(lambda: my_duty(pagerduty, journal, settings, now))
    listed = list_issues(gitlab, journal, settings.places, IssueFilter((settings.label,)), now)
    me, mine = gitlab.me(), asked.result()
    duty = replace(mine.duty, by=mine.duty.by or me.name)
    events = journal.events()
    given, known = unended(events, duty.since), past(events, now)
    issues, seen = walk(listed.issues, latest(given))
    looks = {issue.id: look for issue in issues if (look := known.of(issue))}
    return Walk(duty, tuple(issues), seen, me.username, tuple(given), looks, (*listed.problems, *mine.problems))


def read(gitlab: GitLab, issue: Issue) -> Reading:
    """An issue anew with all that happened to it, one wave where nothing did since it was listed, else two.

    The issue is never newer than its activity: a verdict on it must not cover what was not shown.
    """
    asked = threads.start(lambda: gitlab.activity(issue.ref))
    fresh = gitlab.issue(issue.ref)
    activity = asked.result()
    if fresh.updated_at != issue.updated_at:
        activity = gitlab.activity(issue.ref)
    known = replace(fresh, change=issue.change, reviewed_at=issue.reviewed_at)
    return Reading(known, tuple(activity))


def read_ahead(gitlab: GitLab, issue: Issue) -> Future[Reading]:
    """The same while the engineer is busy with another issue; the result raises what `read` does."""
    return threads.start(lambda: read(gitlab, issue))


def give(journal: Journal, issues: Iterable[Issue], given: Verdict, now: datetime) -> list[Event]:
    """Write down a verdict on issues as they were seen, all or none; raises what the journal raises."""
    events = [verdict(issue, given, now) for issue in issues]
    journal.append(*events)
    return events


def finish(journal: Journal, duty: Duty, given: Iterable[Event], now: datetime) -> Duty:
    """Write down that every issue was seen; my duty with this review among its own.

    `given` are the verdicts of this review: none is lost where another terminal ended one meanwhile.
    """
    return _made(journal, duty, ended(unended(journal.events(), duty.since, given), duty.by, now))


def made_elsewhere(
    pagerduty: PagerDuty | None, journal: Journal, settings: ReviewSettings, why: str, now: datetime
) -> Mine:
    """Write down a review that was made without this program; UsageError where it isn't said why."""
    said = clean(why)
    if not said:
        raise UsageError("--why is empty: say where it was made", 'oncall review --done --why "on the board, with Ben"')
    mine = my_duty(pagerduty, journal, settings, now)
    return replace(mine, duty=_made(journal, mine.duty, elsewhere(mine.duty.by, said, now)))


def _made(journal: Journal, duty: Duty, review: Event) -> Duty:
    journal.append(review)
    others = [event for event in journal.events("review", duty.since) if event.uid != review.uid]
    return duty.having([*others, review], review)
