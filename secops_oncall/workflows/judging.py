"""A verdict on one issue by name, for scripts: what a key is on the terminal is an option here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.comments import Comment
from secops_oncall.domain.issues import Activity, Issue
from secops_oncall.domain.outcomes import DRY_RUN, FINE, THERE, Outcome, Result
from secops_oncall.domain.reviews import WORDS, Duty, Look, Verdict, news
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows.commenting import say
from secops_oncall.workflows.handling import TAKING, take
from secops_oncall.workflows.reviewing import ReviewSettings, begin, finish, give, read
from secops_oncall.workflows.writing import author, of_issue, writer

PLACE = "journal"


@dataclass(frozen=True)
class Asked:
    """What to do with an issue, in this order: comment, take, and then the verdict."""

    verdict: Verdict
    comment: str | None = None
    take: bool = False
    force: bool = False
    dry_run: bool = False
    known: Collection[str] = ()  # the GitLab user names that a comment may mention
    clock: Callable[[], datetime] | None = None  # when it is sent, where that is not when the command began


@dataclass(frozen=True)
class Judged:
    """What became of each, what others did meanwhile, how many are left, and my duty where the review has ended.

    `left` is None where no verdict was given.
    """

    outcomes: list[Outcome]
    meanwhile: list[Activity]
    left: int | None
    duty: Duty | None
    problems: tuple[OncallError, ...]


def judge(
    gitlab: GitLab,
    pagerduty: PagerDuty | None,
    journal: Journal,
    settings: ReviewSettings,
    ref: str,
    asked: Asked,
    now: datetime,
) -> Judged:
    """A verdict on an issue (`group/project#12`), which ends the review where it was the last one.

    One that isn't among those to review is refused, before anything is written. Where a write before it failed there is
    no verdict; where somebody else did something meanwhile it is a verdict on what was there before, so that the issue
    has changed since. Raises what `begin` and reading the issue raise.
    """
    if asked.comment is not None:
        author(gitlab)
    if asked.take:
        writer(gitlab, TAKING)
    named = threads.start(lambda: gitlab.issue(ref))
    walk = begin(gitlab, pagerduty, journal, settings, now)
    listed = {issue.id: issue for issue in walk.issues}
    found = named.result()
    issue = replace(found, change=listed[found.id].change) if found.id in listed else found
    if found.id not in listed and (refused := _why_not(journal, issue, asked.verdict, settings.label)):
        return Judged([refused], [], None, None, walk.problems)
    told = _written(gitlab, journal, issue, asked, now)
    if asked.dry_run:
        planned = _outcome(issue, Result.PLANNED, "dry_run", DRY_RUN)
        return Judged([*told, planned], [], len(walk.issues) - walk.seen, None, walk.problems)
    if any(one.result not in THERE for one in told):
        why = "no verdict, since what comes before it was not done"
        return Judged([*told, _outcome(issue, Result.REFUSED, "not_done", why)], [], None, None, walk.problems)
    others: list[Activity] = []
    if told:
        again = read(gitlab, issue)
        others = news(again.activity, Look(now, issue.updated_at), walk.me)
        issue = issue if others else again.issue
    given = give(journal, [issue], asked.verdict, now)
    verdict = _outcome(issue, Result.DONE, asked.verdict, WORDS[asked.verdict])
    left = sum(one.id != issue.id or bool(others) for one in walk.issues[walk.seen :])
    duty = None if left else finish(journal, walk.duty, [*walk.given, *given], now)
    return Judged([*told, verdict], others, left, duty, walk.problems)


def _why_not(journal: Journal, issue: Issue, given: Verdict, label: str) -> Outcome | None:
    """The outcome of an issue that is not among those to review.

    None for one that has had a verdict of mine, which is taken back: closed since, it needs a human no longer.
    """
    if given != "human" and any(event.subject == issue.ref for event in journal.events("verdict")):
        return None
    if issue.state != "opened":
        return _outcome(issue, Result.REFUSED, "closed", "it is closed")
    where = f"it has no label {label}" if label not in issue.labels else "it is in none of the places to review"
    return _outcome(issue, Result.REFUSED, "not_listed", where)


def _written(gitlab: GitLab, journal: Journal, issue: Issue, asked: Asked, now: datetime) -> list[Outcome]:
    """What comes before the verdict; an issue is not taken where the comment failed."""
    told: list[Outcome] = []
    if asked.comment is not None:
        said = Comment(asked.comment, asked.known)
        told.append(say(gitlab, journal, issue, said, now, clock=asked.clock, dry_run=asked.dry_run))
    if asked.take and all(one.result in FINE for one in told):
        told.append(take(gitlab, issue, force=asked.force, dry_run=asked.dry_run))
    return told


def _outcome(issue: Issue, result: Result, code: str, message: str) -> Outcome:
    return replace(of_issue(issue, result, code, message), place=PLACE)
