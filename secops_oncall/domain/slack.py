"""Text from outside, put into Slack's mrkdwn so that it stays text: the twin of the one for GitLab's Markdown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Only these three are special to Slack (docs.slack.dev, "Formatting message text"); `<!channel>`, `<@U…>` and links
# all begin with the second.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What Slack's clients would act on by themselves: emphasis, emoji, a name or an address that they would link.
_ACTIVE = re.compile(r"[*_~`:@#<>]|www\.|\w\.\w")


@dataclass(frozen=True)
class Message:
    """A posted message: its channel's id, and the `ts` that tells it apart within it.

    `lines` is what it says by the markers of its blocks, where it was read: to be compared with, never to be shown.
    """

    channel: str
    ts: str
    lines: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Channel:
    """A channel: who may read it, and whether the token's user can post there."""

    id: str
    name: str
    is_private: bool
    is_member: bool
    is_archived: bool


def escape(text: str) -> str:
    """One line of text in which nothing mentions, wakes a channel or links by Slack's own syntax."""
    return "".join(_ENTITIES.get(letter, letter) for letter in " ".join(text.split()))


def inline(text: str) -> str:
    """One line of remote text that stays as it is written.

    Plain words are left alone; anything that Slack would act on stands as code, in which it acts on nothing.
    """
    line = escape(text)
    return f"`{line.replace('`', chr(39))}`" if _ACTIVE.search(text) else line


def link(label: str, url: str) -> str:
    """A link with a label that stays text; a URL that could break out of it is left out."""
    safe = re.fullmatch(r"https?://[^\s<>|&\"'`\\]+", url)
    return f"<{url}|{escape(label).replace('|', '/')}>" if safe else escape(label)
