"""A Slack thread by the URL that people copy of it."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs

from secops_oncall.domain.refs import parts
from secops_oncall.domain.slack import Message
from secops_oncall.domain.traces import slack_urls

_PATH = re.compile(r"/archives/([A-Z0-9]+)/p(\d{10})(\d{6})/?")
_TS = re.compile(r"\d{10}\.\d{6}")


def threads(texts: Iterable[str]) -> list[Message]:
    """The threads that texts link, in order, each once: as the messages that began them."""
    return list(dict.fromkeys(found for text in texts for url in slack_urls(text) if (found := _thread(url))))


def _thread(url: str) -> Message | None:
    """The thread at a URL on Slack; a reply's names it in `thread_ts` (docs.slack.dev, chat.getPermalink)."""
    there = parts(url)
    found = _PATH.fullmatch(there.path) if there else None
    if there is None or found is None:
        return None
    told = parse_qs(there.query).get("thread_ts", [""])[0]
    return Message(found[1], told if _TS.fullmatch(told) else f"{found[2]}.{found[3]}")
