"""A comment that is written once: in the journal before it is sent, and looked up there before it is sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from secops_oncall.domain.comments import COMMENT, OFFERED, Comment, begin, begun, mark_of, unsaid
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import failed, flying, sent, unended
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import typed
from secops_oncall.domain.outcomes import DRY_RUN, Outcome, Result
from secops_oncall.domain.times import span
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.writing import AGAIN, in_flight, later, of_note, send_note, unsent

_WHAT = "the comment"


def say(
    gitlab: GitLab,
    journal: Journal,
    issue: Issue,
    said: Comment,
    now: datetime,
    *,
    again: str = AGAIN,
    kept: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Write an ordinary comment on an issue, once; nothing is raised. `again` is what to do where it may not be there.

    One that isn't known to be there is looked up by its marker; while it may still arrive, no other one is sent. `kept`
    is called as soon as the journal has the words. `clock` tells when the request begins, where that is not `now`.
    """
    try:
        events = journal.events(COMMENT)
        before = begun(events, issue.ref, said)
        if before:
            kept()
        if _is_there(gitlab, issue, said, before):
            remember(journal, [] if dry_run else [sent(one, now) for one in before])
            return of_note(issue, Result.ALREADY, "commented", "a comment of yours is there")
        if airborne := flying([one for one in unended(events, COMMENT, issue.ref) if one in before], now):
            return in_flight(issue, airborne[-1], now, _WHAT, again)
        if dry_run:
            return of_note(issue, Result.PLANNED, "dry_run", DRY_RUN)
        intent = begin(issue.ref, said, before, clock() if clock else now)
        journal.append(intent)
        kept()
        first = next(one for one in begun(journal.events(COMMENT), issue.ref, said) if one not in before)
    except OncallError as error:
        return unsent(issue, error, _WHAT)
    if first.uid != intent.uid:  # another process was at it first
        remember(journal, [failed(intent, now)])
        return in_flight(issue, first, now, _WHAT, again)
    return _sent(gitlab, journal, issue, said, [*before, intent], now, again)


def left_unsaid(gitlab: GitLab, journal: Journal, issue: Issue, now: datetime, *, again: str = AGAIN) -> str:
    """The text of the last comment on an issue that is not there, nothing where there is none.

    It was begun within the last 12 hours, whatever became of the run that did. Raises RemoteError while it may still
    arrive, since what is made of it would stand beside it, and as GitLab does.
    """
    events = journal.events(COMMENT)
    last = unsaid(events, issue.ref, now - OFFERED)
    if last is None:
        return ""
    if gitlab.marked(issue.ref, [mark_of(last)]):
        remember(journal, [sent(last, now)])
        return ""
    if last in flying(unended(events, COMMENT, issue.ref), now):
        raise RemoteError(f"your comment of {span(now - last.at)} ago may still arrive", later(again))
    return last.text


def _is_there(gitlab: GitLab, issue: Issue, said: Comment, before: list[Event]) -> bool:
    marks = said.marks(before)
    return bool(marks and gitlab.marked(issue.ref, marks))


def _sent(
    gitlab: GitLab, journal: Journal, issue: Issue, said: Comment, runs: list[Event], now: datetime, again: str
) -> Outcome:
    """The request of the last of some runs, and how it ended in the journal; where nobody can tell, the next one looks.

    Once it is there every run has ended: the same may be said again.
    """
    outcome = send_note(gitlab, issue, typed(said.text, said.known), [mark_of(runs[-1])], internal=False, what=_WHAT)
    if outcome.result is Result.UNKNOWN:
        return replace(outcome, hint=later(again))
    ends = [sent(one, now) for one in runs] if outcome.result is Result.DONE else [failed(runs[-1], now)]
    remember(journal, ends)
    return outcome
