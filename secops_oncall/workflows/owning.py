"""The issue behind an acked page: assigned to whoever owns the page now, and an internal note that says so, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import failed, flying, sent, unended
from secops_oncall.domain.issues import GitLabUser, Issue
from secops_oncall.domain.markdown import inline, link, marker
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Person
from secops_oncall.domain.times import stamp
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows import outcomes
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.writing import assign, in_flight, later, of_issue, of_note, send_note, unsent, writer

OWN = "own"  # the kind of the events that a note about a page (its id) was begun, and how that ended


@dataclass(frozen=True)
class Ownership:
    """Whose pages they are: mine, acked at a moment (aware) unless they tell an earlier one; none is only joined."""

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
    if not named:
        return several
    try:
        me = writer(gitlab, "assignment")
    except OncallError as error:
        return [*several, *unasked([page for _, pages in named.values() for page in pages], error)]

    def one(found: tuple[Issue, list[Page]]) -> list[Outcome]:
        issue, pages = found
        return [_assign(gitlab, issue, me), _note(gitlab, journal, issue, replace(owned, pages=pages))]

    return [*several, *(outcome for some in threads.each(one, named.values()) for outcome in some)]


def unasked(pages: Sequence[Page], problem: OncallError) -> list[Outcome]:
    """The outcomes where the issues behind pages could not be looked for."""
    lost = [outcomes.failed(_of_page(page, Result.FAILED, "", ""), problem) for page in pages]
    return [replace(one, message=f"its issue is not assigned: {one.message}") for one in lost]


def _ambiguous(page: Page, issues: Sequence[Issue]) -> Outcome:
    refs = ", ".join(issue.ref for issue in issues)
    return _of_page(page, Result.REFUSED, "ambiguous", f"several issues name it, and none was assigned: {refs}")


def _assign(gitlab: GitLab, issue: Issue, me: GitLabUser) -> Outcome:
    """Only where nobody has the issue."""
    if issue.assignees:
        holder = "you" if issue.assignees == (me.username,) else ", ".join(issue.assignees)
        return of_issue(issue, Result.ALREADY, "assigned", f"it belongs to {holder}, and is left so")
    return assign(gitlab, issue, me)


def _note(gitlab: GitLab, journal: Journal, issue: Issue, owned: Ownership) -> Outcome:
    """An internal note with a marker for every page, unless notes of my own have it or one may still arrive.

    It is written down before it is sent.
    """
    markers = {marker("ack", page.id): page for page in owned.pages}
    try:
        there = gitlab.marked(issue.ref, list(markers))
        missing = {each: page for each, page in markers.items() if each not in there}
        if not missing:
            return of_note(issue, Result.ALREADY, "noted", "a note of yours says so")
        events = journal.events(OWN)
        before = [one for page in missing.values() for one in unended(events, OWN, page.id)]
        if airborne := flying(before, owned.at):
            return in_flight(issue, airborne[-1], owned.at, "the note")
        intents = [Event(owned.at, OWN, page.id, data={"issue": issue.ref}) for page in missing.values()]
        journal.append(*intents)
    except OncallError as error:
        return unsent(issue, error)
    text = _said(replace(owned, pages=list(missing.values())))
    noted = send_note(gitlab, issue, text, list(missing), internal=True)
    if noted.result is Result.UNKNOWN:
        return replace(noted, hint=later())
    ended = sent if noted.result is Result.DONE else failed
    remember(journal, [ended(one, owned.at) for one in intents])
    return replace(noted, message="internal: who owns the page") if noted.result is Result.DONE else noted


def _said(owned: Ownership) -> str:
    """Who owns which pages; no title, which may say more than all who read the issue may know."""
    noun = "page" if len(owned.pages) == 1 else "pages"
    pages = ", ".join(f"{link(str(page.number), page.url)} ({_when(page, owned)})" for page in owned.pages)
    return f"{inline(owned.owner.name)} acked {noun} {pages}: whoever acks a page first owns it and the work behind it."


def _when(page: Page, owned: Ownership) -> str:
    mine = page.owner and page.owner.id == owned.owner.id
    at = page.owner.acked_at if page.owner and mine else owned.at
    return stamp(at)


def _of_page(page: Page, result: Result, code: str, message: str) -> Outcome:
    return Outcome(page.id, result, page.number, place="gitlab", url=page.url, code=code, message=message)
