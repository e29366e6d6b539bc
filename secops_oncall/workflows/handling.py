"""What an engineer does to an issue under review: who may comment and what, and taking it."""

from dataclasses import replace

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import DRY_RUN, Outcome, Result
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.outcomes import failed
from secops_oncall.workflows.refs import words
from secops_oncall.workflows.writing import assign, author, of_issue, writer

TAKING = "issue"  # whose it would be, were the token a bot's


def comment_text(text: str) -> str:
    """A comment that is to be written; UsageError for one without a word."""
    return words(text, "the comment", 'oncall review ISSUE --verdict human --comment "…"')


def may_comment(gitlab: GitLab) -> str:
    """The user name that a comment will stand under; AuthError, before it is typed, for a token that may only read."""
    return author(gitlab).username


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
        return of_issue(fresh, Result.PLANNED, "dry_run", DRY_RUN)
    taken = assign(gitlab, fresh, me)
    return replace(taken, message=f"to you, from {holders}") if taken.result is Result.DONE and holders else taken
