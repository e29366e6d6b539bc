"""An ack, announced in Slack: who acked which page, once, and nothing that only some may know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.slack import Message, inline, link
from secops_oncall.domain.text import shorten
from secops_oncall.errors import OncallError
from secops_oncall.ports import Journal, Slack
from secops_oncall.workflows.messaging import NEAR, posted_or_not
from secops_oncall.workflows.once import Found, once
from secops_oncall.workflows.outcomes import failed, remember

AT_ONCE = 50  # blocks in a message (docs.slack.dev, "Blocks")
_TITLE = 200  # characters


@dataclass(frozen=True)
class Acks:
    """What is announced: whose acks, of which pages, `joined` the ids of those that somebody else owns.

    `before` are those that had been acked earlier, each with a moment since when that may have been announced.
    """

    who: str
    pages: Sequence[Page]
    joined: frozenset[str]
    at: datetime
    before: Mapping[str, datetime] = field(default_factory=dict)


def announce(
    slack: Callable[[], Slack], journal: Journal, channel: str, acks: Acks, issues: Mapping[str, Sequence[Issue]]
) -> list[Outcome]:
    """Post the acks to a channel, up to 50 in a message; one outcome a page, and nothing is raised.

    One that was acked before is looked for first, here and then there: none is announced twice. A title goes out only
    where `issues` (by page id) has the page's issue, and it isn't confidential.
    """
    told = {one.id: one for one in _announced(slack, journal, channel, acks)}
    new = [page for page in acks.pages if page.id not in told]
    for pages in (new[start : start + AT_ONCE] for start in range(0, len(new), AT_ONCE)):
        lines = {_marker(page): said(page, acks, issues.get(page.id, ())) for page in pages}
        posted = _post(slack, journal, channel, lines, pages, acks.at)
        told |= {page.id: _of(page, posted) for page in pages}
    return [told[page.id] for page in acks.pages]


def said(page: Page, acks: Acks, issues: Sequence[Issue]) -> str:
    """One ack as a line of mrkdwn."""
    deed = "joined" if page.id in acks.joined else "acked"
    open_to_all = bool(issues) and not any(issue.confidential for issue in issues)
    title = f": {inline(shorten(page.title, _TITLE))}" if open_to_all else ""
    service = f" ({inline(page.service)})" if page.service else ""
    return f"{inline(acks.who)} {deed} page {link(str(page.number), page.url)}{service}{title}"


def _announced(slack: Callable[[], Slack], journal: Journal, channel: str, acks: Acks) -> list[Outcome]:
    """The outcomes of those acked before that were announced, or that nobody can tell of: they are not posted."""
    before = [page for page in acks.pages if page.id in acks.before]
    if not before:
        return []
    there = Outcome(channel, Result.ALREADY, place="slack", code="announced", message=f"in {channel}")
    first = min(acks.before.values())
    try:
        known = {
            one.subject for one in journal.events("announced", first) if one.at >= acks.before.get(one.subject, acks.at)
        }
        unknown = [page for page in before if page.id not in known]
        found = slack().marked(channel, list(map(_marker, unknown)), first - NEAR) if unknown else {}
    except OncallError as error:
        lost = failed(there, error)
        why = f"not announced: whether it was before could not be looked up: {error.message}"
        return [_of(page, replace(lost, message=why)) for page in before]
    for page in unknown:
        if message := found.get(_marker(page)):
            remember(journal, [_kept(page, message, acks.at)])
    return [_of(page, there) for page in before if page.id in known or _marker(page) in found]


def _marker(page: Page) -> str:
    return f"oncall:ack:{page.id}"


def _of(page: Page, posted: Outcome) -> Outcome:
    return replace(posted, id=page.id, number=page.number, url=page.url)


def _kept(page: Page, message: Message, now: datetime) -> Event:
    return Event(now, "announced", page.id, data={"channel": message.channel, "ts": message.ts})


def _post(
    slack: Callable[[], Slack],
    journal: Journal,
    channel: str,
    lines: Mapping[str, str],
    pages: Sequence[Page],
    now: datetime,
) -> Outcome:
    """One message, its intent written down first; one without an answer is looked up, and never sent again."""

    def send() -> Message:
        client = slack()
        journal.append(*(Event(now, "announce", page.id, data={"channel": channel}) for page in pages))
        return client.post(channel, lines)

    posted = once(send, lambda: slack().find(channel, list(lines), now - NEAR))
    if isinstance(posted, Found):
        remember(journal, [_kept(page, posted.value, now) for page in pages])
    done = Outcome(channel, Result.DONE, place="slack", message=f"in {channel}")
    return posted_or_not(posted, done, "not announced")
