"""An ack, announced in Slack: who acked which page, once, and nothing that only some may know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.slack import Message, inline, link
from secops_oncall.domain.text import shorten
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import Journal, Slack
from secops_oncall.workflows.outcomes import failed, remember

AT_ONCE = 50  # blocks in a message (docs.slack.dev, "Blocks")
NEAR = timedelta(minutes=2)  # how far this machine's clock and Slack's may be apart
_TITLE = 200  # characters


@dataclass(frozen=True)
class Acks:
    """What is announced: whose acks, of which pages, `joined` the ids of those that somebody else owns.

    `again` are the ids of those that were acked before this command, and may be announced already.
    """

    who: str
    pages: Sequence[Page]
    joined: frozenset[str]
    at: datetime
    again: frozenset[str] = frozenset()


def announce(
    slack: Callable[[], Slack], journal: Journal, channel: str, acks: Acks, issues: Mapping[str, Sequence[Issue]]
) -> list[Outcome]:
    """Post the acks to a channel, up to 50 in a message; one outcome a page, and nothing is raised.

    An ack of before this command is posted only where it isn't there. A title goes out only where `issues` (by page id)
    has the page's issue, and it isn't confidential.
    """
    found = _before(slack, journal, channel, acks)
    waiting = [page for page in acks.pages if page.id not in found]
    for start in range(0, len(waiting), AT_ONCE):
        pages = waiting[start : start + AT_ONCE]
        lines = {_marker(page): said(page, acks, issues.get(page.id, ())) for page in pages}
        found |= dict.fromkeys((page.id for page in pages), _post(slack, journal, channel, lines, pages, acks.at))
    return [replace(found[page.id], id=page.id, number=page.number, url=page.url) for page in acks.pages]


def said(page: Page, acks: Acks, issues: Sequence[Issue]) -> str:
    """One ack as a line of mrkdwn."""
    deed = "joined" if page.id in acks.joined else "acked"
    open_to_all = bool(issues) and not any(issue.confidential for issue in issues)
    title = f": {inline(shorten(page.title, _TITLE))}" if open_to_all else ""
    service = f" ({inline(page.service)})" if page.service else ""
    return f"{inline(acks.who)} {deed} page {link(str(page.number), page.url)}{service}{title}"


def _before(slack: Callable[[], Slack], journal: Journal, channel: str, acks: Acks) -> dict[str, Outcome]:
    """What is to be said of acks of before this command that are there, or of which nobody can tell, by page id.

    The journal is asked first; what it doesn't know, as on another machine, is looked up.
    """
    pages = [page for page in acks.pages if page.id in acks.again]
    there = Outcome(channel, Result.ALREADY, place="slack", code="announced", message=f"in {channel}")
    found: dict[str, Outcome] = {}
    try:
        told = {(event.subject, event.at) for event in journal.events("announced")} if pages else set()
        found = {id: there for page in pages for id, at in told if id == page.id and at >= _acked(page) - NEAR}
        lost = [page for page in pages if page.id not in found]
        if not lost:
            return found
        marked = slack().marked(channel, [_marker(page) for page in lost], min(map(_acked, lost)) - NEAR)
    except OncallError as error:
        what = f"not announced: it could not be looked up whether it is there: {error.message}"
        untold = replace(failed(there, error), message=what)
        return {page.id: found.get(page.id, untold) for page in pages}
    posted = {page.id: marked[_marker(page)] for page in lost if _marker(page) in marked}
    remember(journal, [_announced(id, message, acks.at) for id, message in posted.items()])
    return found | dict.fromkeys(posted, there)


def _marker(page: Page) -> str:
    return f"oncall:ack:{page.id}"


def _acked(page: Page) -> datetime:
    """When a page that I have acked was, or a moment before that."""
    return page.owner.acked_at if page.owner else page.created_at


def _announced(page: str, message: Message, at: datetime) -> Event:
    return Event(at, "announced", page, data={"channel": message.channel, "ts": message.ts})


def _post(
    slack: Callable[[], Slack],
    journal: Journal,
    channel: str,
    lines: Mapping[str, str],
    pages: Sequence[Page],
    now: datetime,
) -> Outcome:
    """One message, its intent written down first; one without an answer is looked up, and never sent again."""
    outcome = Outcome(channel, Result.DONE, place="slack", message=f"in {channel}")
    unknown = replace(outcome, result=Result.UNKNOWN, code="remote", hint=f"look in {channel}, to see if it is there")
    try:
        client = slack()
        journal.append(*(Event(now, "announce", page.id, data={"channel": channel}) for page in pages))
        message = client.post(channel, lines)
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return replace(failed(outcome, error), message=f"not announced: {error.message}")
        try:
            found = client.find(channel, list(lines), now - NEAR)
        except OncallError as again:
            return replace(unknown, message=f"{error.message}; and to look it up failed: {again.message}")
        if found is None:
            return replace(unknown, message=error.message) if error.answered is None else failed(outcome, error)
        message = found
    remember(journal, [_announced(page.id, message, now) for page in pages])
    return outcome
