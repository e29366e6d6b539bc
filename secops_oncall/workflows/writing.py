"""Working in GitLab in one's own name: whose token it is, notes that are sent once, and taking an issue."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote
from secops_oncall.domain.outcomes import NOTE, Outcome, Result
from secops_oncall.domain.times import span
from secops_oncall.errors import AuthError, OncallError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.once import Found, once
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

    def look() -> list[IssueNote] | None:
        there = gitlab.marked(issue.ref, markers)
        return list(there.values()) if there.keys() == set(markers) else None

    sent = once(lambda: [gitlab.add_note(issue.ref, text, markers, internal=internal)], look)
    if isinstance(sent, Found):
        return _checked(issue, sent.value, internal)
    if sent.in_doubt:
        return of_note(issue, sent.result, "remote", f"{what}: {sent.why}")
    return unsent(issue, sent.error, what)


def edit_once(gitlab: GitLab, issue: Issue, change: IssueEdit, told: Callable[[Found[Issue]], Outcome]) -> Outcome:
    """ONE PUT that changes an issue; one without an answer is looked up, never sent again. Nothing is raised.

    `told` is the outcome by the issue as it is then.
    """
    sent = once(lambda: gitlab.edit(issue, change), lambda: gitlab.issue(issue.ref))
    if isinstance(sent, Found):
        return told(sent)
    if sent.in_doubt:
        return of_issue(issue, sent.result, "remote", sent.why)
    return failed(of_issue(issue, Result.FAILED, "", ""), sent.error)


def assign(gitlab: GitLab, issue: Issue, me: GitLabUser) -> Outcome:
    """Make an issue mine alone, in ONE PUT. Whether it may be taken is the caller's business; nothing is raised."""

    def told(now: Found[Issue]) -> Outcome:
        if me.username in now.value.assignees:
            return of_issue(now.value, Result.DONE, "", "to you")
        return of_issue(now.value, now.otherwise, "remote", now.why or "GitLab's answer lacks it")

    return edit_once(gitlab, issue, IssueEdit(assignees=(me.id,)), told)


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


def _checked(issue: Issue, notes: Iterable[IssueNote], internal: bool) -> Outcome:
    """Done, if GitLab kept internal what was to be so: mails have gone out by now, and nothing can be taken back."""
    if not internal:
        return of_note(issue, Result.DONE, "", "")
    if all(note.internal for note in notes):
        return of_note(issue, Result.DONE, "", "internal")
    why = "the note is there, but GitLab made it readable to all who see the issue"
    return of_note(issue, Result.FAILED, "remote", why)
