"""A comment that is written once: in the journal before it is sent, and looked up there before it is sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from secops_oncall.domain.comments import COMMENT, OFFERED, Comment, begin, begun, mark_of, unsaid
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import failed, flying, sent
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import typed
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.times import span
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.writing import of_note, send_note, unsent

PLANNED = "not sent: this is a dry run"
AGAIN = "the same command again"
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
    dry_run: bool = False,
) -> Outcome:
    """Write an ordinary comment on an issue, once; nothing is raised. `again` is what to do where it may not be there.

    One whose fate is unknown is looked up by its marker; while it may still arrive, no other one is sent. `kept` is
    called as soon as the journal has the words.
    """
    try:
        before = begun(journal.events(COMMENT), issue.ref, said)
        if before:
            kept()
        if _is_there(gitlab, issue, said, before):
            remember(journal, [] if dry_run else [sent(one, now) for one in before])
            return of_note(issue, Result.ALREADY, "commented", "a comment of yours is there")
        if airborne := flying(before, now):
            return _flying(issue, airborne[-1], now, again)
        if dry_run:
            return of_note(issue, Result.PLANNED, "dry_run", PLANNED)
        intent = begin(issue.ref, said, before, now)
        journal.append(intent)
        kept()
        first = next(one for one in begun(journal.events(COMMENT), issue.ref, said) if one not in before)
    except OncallError as error:
        return unsent(issue, error, _WHAT)
    if first.uid != intent.uid:  # another process was at it first
        remember(journal, [failed(intent, now)])
        return _flying(issue, first, now, again)
    return _sent(gitlab, journal, issue, said, intent, now, again)


def left_unsaid(gitlab: GitLab, journal: Journal, issue: Issue, now: datetime) -> str:
    """The text of the last comment on an issue that is not there, nothing where there is none; raises as GitLab does.

    It was begun within the last 12 hours, whatever became of the run that did.
    """
    last = unsaid(journal.events(COMMENT), issue.ref, now - OFFERED)
    if last is None:
        return ""
    if gitlab.marked(issue.ref, [mark_of(last)]):
        remember(journal, [sent(last, now)])
        return ""
    return last.text


def _is_there(gitlab: GitLab, issue: Issue, said: Comment, before: list[Event]) -> bool:
    marks = said.marks(before)
    return bool(marks and gitlab.marked(issue.ref, marks))


def _sent(
    gitlab: GitLab, journal: Journal, issue: Issue, said: Comment, intent: Event, now: datetime, again: str
) -> Outcome:
    """The request, and how it ended in the journal; where that can't be written, the next run looks."""
    outcome = send_note(gitlab, issue, typed(said.text, said.known), [mark_of(intent)], internal=False, what=_WHAT)
    if outcome.result is Result.UNKNOWN:
        return replace(outcome, hint=_later(again))
    remember(journal, [sent(intent, now) if outcome.result is Result.DONE else failed(intent, now)])
    return outcome


def _flying(issue: Issue, begun: Event, now: datetime, again: str) -> Outcome:
    """A comment that another run has begun to send: it may be on its way, and nobody can tell."""
    why = f"the comment: a run began to send it {span(now - begun.at)} ago, and it may still arrive"
    return replace(of_note(issue, Result.UNKNOWN, "in_flight", why), hint=_later(again))


def _later(again: str) -> str:
    return f"{again}, in half a minute: it looks first"
