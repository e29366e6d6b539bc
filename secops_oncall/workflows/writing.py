"""Working in GitLab in one's own name: whose token it is, notes that are sent once, and taking an issue."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote
from secops_oncall.domain.outcomes import NOTE, Outcome, Result
from secops_oncall.domain.times import span
from secops_oncall.errors import AuthError, OncallError, RemoteError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.outcomes import failed

AGAIN = "the same command again"


def writer(gitlab: GitLab, deed: str) -> GitLabUser:
    """Who will have written: AuthError for a bot's token, whose `deed` it would be, and for one that may only read."""
    return _person(author(gitlab), deed)


def owner(gitlab: GitLab) -> GitLabUser:
    """Who owns what is called mine: AuthError for a bot's token, since the bot owns nothing of the engineer's."""
    return _person(gitlab.me(), "list")


def author(gitlab: GitLab) -> GitLabUser:
    """In whose name a note will stand, a bot's too: AuthError for a token that may only read."""
    asked = threads.start(gitlab.scopes)
    user, scopes = gitlab.me(), asked.result()
    if scopes is not None and "api" not in scopes:
        may = ", ".join(sorted(scopes)) or "nothing"
        raise AuthError(f"the GitLab token may not write: its scopes are {may}", "make one with the scope `api`")
    return user


def send_note(
    gitlab: GitLab, issue: Issue, text: str, markers: Sequence[str], *, internal: bool, what: str = "the note"
) -> Outcome:
    """Send a note once; one without an answer is looked up by its markers, and never sent again. Nothing is raised.

    `what` it is called where it failed.
    """
    try:
        return _checked(issue, [gitlab.add_note(issue.ref, text, markers, internal=internal)], internal)
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return unsent(issue, error, what)
        otherwise, why = Result.UNKNOWN if error.answered is None else Result.FAILED, f"{what}: {error.message}"
    try:
        there = gitlab.marked(issue.ref, markers)
    except OncallError as error:
        return of_note(issue, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")
    found = there.keys() == set(markers)
    return _checked(issue, there.values(), internal) if found else of_note(issue, otherwise, "remote", why)


def assign(gitlab: GitLab, issue: Issue, me: GitLabUser) -> Outcome:
    """ONE PUT that makes an issue mine alone; one without an answer is looked up, never sent again. Nothing is raised.

    Whether it may be taken is the caller's business.
    """
    try:
        return _assigned(
            gitlab.edit(issue, IssueEdit(assignees=(me.id,))), me, Result.FAILED, "GitLab's answer lacks it"
        )
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return failed(of_issue(issue, Result.FAILED, "", ""), error)
        otherwise, why = Result.UNKNOWN if error.answered is None else Result.FAILED, error.message
    try:
        return _assigned(gitlab.issue(issue.ref), me, otherwise, why)
    except OncallError as error:
        return of_issue(issue, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")


def in_flight(issue: Issue, begun: Event, now: datetime, what: str, again: str = AGAIN) -> Outcome:
    """The outcome of a note that another run has begun to send: it may be on its way, and nobody can tell."""
    why = f"{what}: a run began to send it {span(now - begun.at)} ago, and it may still arrive"
    return replace(of_note(issue, Result.UNKNOWN, "in_flight", why), hint=later(again))


def later(again: str = AGAIN) -> str:
    """What to type `again` where nobody can tell, and when."""
    return f"{again}, in half a minute: it looks first"


def unsent(issue: Issue, error: OncallError, what: str = "the note") -> Outcome:
    """The outcome of a note that was not written, and why."""
    return replace(failed(of_note(issue, Result.FAILED, "", ""), error), message=f"{what}: {error.message}")


def of_issue(issue: Issue, result: Result, code: str, message: str) -> Outcome:
    """What became of an issue."""
    id, ref, title, url = str(issue.id), issue.ref, issue.title, issue.url
    return Outcome(id, result, ref=ref, place="gitlab", title=title, url=url, code=code, message=message)


def of_note(issue: Issue, result: Result, code: str, message: str) -> Outcome:
    """What became of a note on an issue."""
    return Outcome(str(issue.id), result, ref=issue.ref, place=NOTE, url=issue.url, code=code, message=message)


def _person(user: GitLabUser, what: str) -> GitLabUser:
    if user.bot:
        why = f"the GitLab token belongs to the bot {user.username}, and the {what} would be the bot's"
        raise AuthError(why, "export ONCALL_GITLAB_TOKEN=… with a token of your own")
    return user


def _assigned(now: Issue, me: GitLabUser, otherwise: Result, why: str) -> Outcome:
    if me.username in now.assignees:
        return of_issue(now, Result.DONE, "", "to you")
    return of_issue(now, otherwise, "remote", why)


def _checked(issue: Issue, notes: Iterable[IssueNote], internal: bool) -> Outcome:
    """Done, if GitLab kept internal what was to be so: mails have gone out by now, and nothing can be taken back."""
    if not internal:
        return of_note(issue, Result.DONE, "", "")
    if all(note.internal for note in notes):
        return of_note(issue, Result.DONE, "", "internal")
    why = "the note is there, but GitLab made it readable to all who see the issue"
    return of_note(issue, Result.FAILED, "remote", why)
