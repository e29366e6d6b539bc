"""The issue behind an acked page: assigned to whoever owns the page now, and an internal note that says so, once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote
from secops_oncall.domain.markdown import inline, link, marker
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Person
from secops_oncall.domain.times import clock
from secops_oncall.errors import AuthError, OncallError, RemoteError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.outcomes import failed

NOTE = "gitlab-note"


@dataclass(frozen=True)
class Ownership:
    """Whose pages they are: mine, acked at a moment (aware). A page that I only joined is none of them."""

    owner: Person
    pages: Sequence[Page]
    at: datetime


def own(gitlab: GitLab, journal: Journal, owned: Ownership, issues: Mapping[str, Sequence[Issue]]) -> list[Outcome]:
    """Assign each page's issue to me where nobody has it, and note on it who owns the page.

    `issues` are those that name each page, by its id; a page that none names is passed over, one that several name is
    refused. Everything is told: nothing is raised.
    """
    several = [_ambiguous(page, issues[page.id]) for page in owned.pages if len(issues[page.id]) > 1]
    named: dict[str, tuple[Issue, list[Page]]] = {}
    for page in owned.pages:
        if len(issues[page.id]) == 1:
            (issue,) = issues[page.id]
            named.setdefault(issue.ref, (issue, []))[1].append(page)
    try:
        me = _person(gitlab)
    except OncallError as error:
        return [*several, *unasked([page for _, pages in named.values() for page in pages], error)]

    def one(found: tuple[Issue, list[Page]]) -> list[Outcome]:
        issue, pages = found
        return [_assign(gitlab, issue, me), _note(gitlab, journal, issue, replace(owned, pages=pages))]

    return [*several, *(outcome for some in threads.each(one, named.values()) for outcome in some)]


def unasked(pages: Sequence[Page], problem: OncallError) -> list[Outcome]:
    """The outcomes where the issues behind pages could not be looked for."""
    lost = [failed(_of_page(page, Result.FAILED, "", ""), problem) for page in pages]
    return [replace(one, message=f"its issue is not assigned: {one.message}") for one in lost]


def _ambiguous(page: Page, issues: Sequence[Issue]) -> Outcome:
    refs = ", ".join(issue.ref for issue in issues)
    return _of_page(page, Result.REFUSED, "ambiguous", f"several issues name it, and none was assigned: {refs}")


def _assign(gitlab: GitLab, issue: Issue, me: GitLabUser) -> Outcome:
    """ONE PUT, and only where nobody has the issue; one without an answer is looked up."""
    if issue.assignees:
        holder = "you" if issue.assignees == (me.username,) else ", ".join(issue.assignees)
        return _of_issue(issue, Result.ALREADY, "assigned", f"it belongs to {holder}, and is left so")
    try:
        return _assigned(gitlab.pick(issue, me, add=(), remove=()), me, Result.FAILED, "GitLab's answer lacks it")
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return failed(_of_issue(issue, Result.FAILED, "", ""), error)
        otherwise, why = Result.UNKNOWN if error.answered is None else Result.FAILED, error.message
    try:
        return _assigned(gitlab.issue(issue.ref), me, otherwise, why)
    except OncallError as error:
        return _of_issue(issue, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")


def _person(gitlab: GitLab) -> GitLabUser:
    user = gitlab.me()
    if user.bot:
        what = f"the GitLab token belongs to the bot {user.username}, and the issue would be the bot's"
        raise AuthError(what, "export ONCALL_GITLAB_TOKEN=… with a token of your own")
    return user


def _assigned(now: Issue, me: GitLabUser, otherwise: Result, why: str) -> Outcome:
    if me.username in now.assignees:
        return _of_issue(now, Result.DONE, "", "to you")
    return _of_issue(now, otherwise, "remote", why)


def _note(gitlab: GitLab, journal: Journal, issue: Issue, owned: Ownership) -> Outcome:
    """An internal note with a marker for every page, unless notes of my own have it; written down before it is sent."""
    markers = {marker("ack", page.id): page for page in owned.pages}
    try:
        there = gitlab.marked(issue.ref, list(markers))
        missing = {each: page for each, page in markers.items() if each not in there}
        if not missing:
            return _of_note(issue, Result.ALREADY, "noted", "a note of yours says so")
        journal.append(*(Event(owned.at, "own", page.id, data={"issue": issue.ref}) for page in missing.values()))
    except OncallError as error:
        return _unnoted(issue, error)
    text = _said(replace(owned, pages=list(missing.values())))
    try:
        return _checked(issue, [gitlab.add_note(issue.ref, text, list(missing), internal=True)])
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return _unnoted(issue, error)
        otherwise, why = Result.UNKNOWN if error.answered is None else Result.FAILED, f"the note: {error.message}"
    return _looked_up(gitlab, issue, list(missing), otherwise, why)


def _unnoted(issue: Issue, error: OncallError) -> Outcome:
    return replace(failed(_of_note(issue, Result.FAILED, "", ""), error), message=f"the note: {error.message}")


def _checked(issue: Issue, notes: Iterable[IssueNote]) -> Outcome:
    """Done, if GitLab kept them internal: mails have gone out by now, so that nothing can be taken back."""
    if all(note.internal for note in notes):
        return _of_note(issue, Result.DONE, "", "internal: who owns the page")
    why = "the note is there, but GitLab made it readable to all who see the issue"
    return _of_note(issue, Result.FAILED, "remote", why)


def _looked_up(gitlab: GitLab, issue: Issue, markers: Sequence[str], otherwise: Result, why: str) -> Outcome:
    try:
        there = gitlab.marked(issue.ref, markers)
    except OncallError as error:
        return _of_note(issue, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")
    found = there.keys() == set(markers)
    return _checked(issue, there.values()) if found else _of_note(issue, otherwise, "remote", why)


def _said(owned: Ownership) -> str:
    """Who owns which pages; no title, which may say more than all who read the issue may know."""
    who, at = inline(owned.owner.name), f"{owned.at:%Y-%m-%d} {clock(owned.at, owned.at)}"
    pages = ", ".join(link(str(page.number), page.url) for page in owned.pages)
    noun = "page" if len(owned.pages) == 1 else "pages"
    return f"{who} acked {noun} {pages} ({at}): whoever acks a page first owns it and the work behind it."


def _of_page(page: Page, result: Result, code: str, message: str) -> Outcome:
    return Outcome(page.id, result, page.number, place="gitlab", url=page.url, code=code, message=message)


def _of_issue(issue: Issue, result: Result, code: str, message: str) -> Outcome:
    return Outcome(str(issue.id), result, ref=issue.ref, place="gitlab", url=issue.url, code=code, message=message)


def _of_note(issue: Issue, result: Result, code: str, message: str) -> Outcome:
    return Outcome(str(issue.id), result, ref=issue.ref, place=NOTE, url=issue.url, code=code, message=message)
