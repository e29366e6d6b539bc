"""An ack, announced in Slack: who acked which page, once, and nothing that only some may know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.slack import inline, link
from secops_oncall.domain.text import shorten
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import Journal, Slack
from secops_oncall.workflows.outcomes import remember

AT_ONCE = 50  # blocks in a message (docs.slack.dev, "Blocks")
NEAR = timedelta(minutes=2)  # how far this machine's clock and Slack's may be apart
_TITLE = 200  # characters


@dataclass(frozen=True)
class Acks:
    """What is announced: whose acks, of which pages, `joined` the ids of those that somebody else owns."""

    who: str
    pages: Sequence[Page]
    joined: frozenset[str]
    at: datetime


def announce(
    slack: Callable[[], Slack], journal: Journal, channel: str, acks: Acks, issues: Mapping[str, Sequence[Issue]]
) -> list[Outcome]:
    """Post the acks to a channel, up to 50 in a message; one outcome a page, and nothing is raised.

    A title goes out only where `issues` (by page id) has the page's issue, and it isn't confidential.
    """
    chunks = [acks.pages[start : start + AT_ONCE] for start in range(0, len(acks.pages), AT_ONCE)]
    found: list[Outcome] = []
    for pages in chunks:
        lines = {f"oncall:ack:{page.id}": said(page, acks, issues.get(page.id, ())) for page in pages}
        result, code, message = _post(slack, journal, channel, lines, pages, acks.at)
        found += [
            Outcome(page.id, result, page.number, place="slack", url=page.url, code=code, message=message)
            for page in pages
        ]
    return found


def said(page: Page, acks: Acks, issues: Sequence[Issue]) -> str:
    """One ack as a line of mrkdwn."""
    deed = "joined" if page.id in acks.joined else "acked"
    open_to_all = bool(issues) and not any(issue.confidential for issue in issues)
    title = f": {inline(shorten(page.title, _TITLE))}" if open_to_all else ""
    service = f" ({inline(page.service)})" if page.service else ""
    return f"{inline(acks.who)} {deed} page {link(str(page.number), page.url)}{service}{title}"


def _post(
    slack: Callable[[], Slack],
    journal: Journal,
    channel: str,
    lines: Mapping[str, str],
    pages: Sequence[Page],
    now: datetime,
) -> tuple[Result, str, str]:
    """One message, its intent written down first; one without an answer is looked up, and never sent again."""
    try:
        client = slack()
        journal.append(*(Event(now, "announce", page.id, data={"channel": channel}) for page in pages))
        message = client.post(channel, lines)
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return Result.FAILED, error.exit_code.name.lower(), f"not announced: {error.message}"
        try:
            found = client.find(channel, list(lines), now - NEAR)
        except OncallError as again:
            return Result.UNKNOWN, "remote", f"{error.message}; and to look it up failed: {again.message}"
        if found is None:
            return Result.UNKNOWN if error.answered is None else Result.FAILED, "remote", error.message
        message = found
    where = {"channel": message.channel, "ts": message.ts}
    remember(journal, [Event(now, "announced", page.id, data=where) for page in pages])
    return Result.DONE, "", f"in {channel}"
