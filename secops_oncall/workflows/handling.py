"""What an engineer does to an issue under review: a comment in their own words, and taking it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import marker, typed
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.outcomes import failed
from secops_oncall.workflows.writing import assign, author, of_issue, of_note, send_note, unsent, writer

PLANNED = "not sent: this is a dry run"
TAKING = "issue"  # whose it would be, were the token a bot's


def comment_text(text: str) -> str:
    """A comment that is to be written; UsageError for one without a word."""
    said = clean_lines(text).strip()
    if not said:
        raise UsageError("the comment is empty", 'oncall review ISSUE --verdict human --comment "…"')
    return said


def may_comment(gitlab: GitLab) -> str:
    """The user name that a comment will stand under; AuthError, before it is typed, for a token that may only read."""
    return author(gitlab).username


def comment(
    gitlab: GitLab,
    journal: Journal,
    issue: Issue,
    text: str,
    known: Collection[str],
    now: datetime,
    *,
    dry_run: bool = False,
) -> Outcome:
    """Write an ordinary comment on an issue, once; nothing is raised.

    It runs no quick action and mentions nobody but the `known` GitLab user names. That it is on its way is in the
    journal before it is sent, with the key by which it is found again. `may_comment` is asked before it is typed.
    """
    if dry_run:
        return of_note(issue, Result.PLANNED, "dry_run", PLANNED)
    intent = Event(now, "comment", issue.ref)
    try:
        journal.append(intent)
    except OncallError as error:
        error.lose(clean(text))
        return unsent(issue, error, "the comment")
    return send_note(
        gitlab, issue, typed(text, known), [marker("comment", intent.uid)], internal=False, what="the comment"
    )


def take(gitlab: GitLab, issue: Issue, *, force: bool = False, dry_run: bool = False) -> Outcome:
    """Make an issue mine alone: it is looked at anew, then ONE PUT. Nothing is raised.

    Mine already: `already`. Closed: `refused`. Somebody else's: `refused` with the code `assigned`, unless `force`.
    """
    try:
        me, fresh = writer(gitlab, TAKING), gitlab.issue(issue.ref)
    except OncallError as error:
        return failed(of_issue(issue, Result.FAILED, "", ""), error)
    holders = ", ".join(fresh.assignees)
    if fresh.assignees == (me.username,):
        return of_issue(fresh, Result.ALREADY, "mine", "yours already")
    if fresh.state != "opened":
        return of_issue(fresh, Result.REFUSED, "closed", "it is closed")
    if fresh.assignees and not force:
        refused = of_issue(fresh, Result.REFUSED, "assigned", f"it belongs to {holders}")
        return replace(refused, hint="the same command with --force, to take it all the same")
    if dry_run:
        return of_issue(fresh, Result.PLANNED, "dry_run", PLANNED)
    taken = assign(gitlab, fresh, me)
    return replace(taken, message=f"to you, from {holders}") if taken.result is Result.DONE and holders else taken
