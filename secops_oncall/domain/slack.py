"""Text from outside, put into Slack's mrkdwn so that it stays text: the twin of the one for GitLab's Markdown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Only these three are special to Slack (docs.slack.dev, "Formatting message text"); `<!channel>`, `<@U…>` and links
# all begin with the second.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What Slack's clients would act on by themselves: emphasis, emoji, a name or an address that they would link.
_ACTIVE = re.compile(r"[*_~`:@#<>]|www\.|\w\.\w")
# What may act in an engineer's own text: a mention and a link as Slack writes them, a URL, and a name after an `@`.
_OWN = re.compile(
    r"<@(?P<id>[A-Z0-9]+)>|<(?P<link>https?://[^\s<>|]+)(?:\|(?P<label>[^<>\n]*))?>"
    r"|(?P<url>https?://[^\s<>|\"'`\\]+)|(?<![\w.@-])@(?P<name>\w[\w.-]*)"
)
_SENTENCE_END = ".,;:!?)"
BLOCK, BLOCKS = 3_000, 12  # characters of a block, and of these as many as Slack takes in a message of 40,000
LONGEST_LINK = 2_000


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
    return _plain(" ".join(text.split()))


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


def typed(text: str, known: Mapping[str, str] | None = None) -> str:
    """What an engineer typed, as mrkdwn of theirs: links stay links, and lines stay lines.

    No channel wakes, and nobody is mentioned but the `known`: Slack ids by what stands behind an `@`, in lower case.
    """
    people = known or {}
    made, end = "", 0
    for found in _OWN.finditer(text):
        made += _plain(text[end : found.start()]) + _acting(found, people)
        end = found.end()
    return made + _plain(text[end:])


def typed_inline(text: str, known: Mapping[str, str] | None = None) -> str:
    """The same on one line beside text from elsewhere: a back-tick without its twin would pair with one of that."""
    line = " ".join(text.split())
    return inline(line) if line.count("`") % 2 else typed(line, known)


def messages(marker: str, text: str) -> list[dict[str, str]]:
    """A text of any length as the blocks of one message, or of several: each block's text by its own id.

    The first block's id is the marker.
    """
    pieces = list(enumerate(_pieces(text), start=1))
    marked = [(marker if number == 1 else f"{marker}:{number}", piece) for number, piece in pieces]
    return [dict(marked[first : first + BLOCKS]) for first in range(0, len(marked), BLOCKS)]


def _plain(text: str) -> str:
    return "".join(_ENTITIES.get(letter, letter) for letter in text)


def _acting(found: re.Match[str], known: Mapping[str, str]) -> str:
    """A mention or a link that may act; anything else as text."""
    if found["id"]:
        return found[0] if found["id"] in known.values() else _plain(found[0])
    if found["name"]:
        name = found["name"].rstrip(".-")
        id = known.get(name.casefold())
        return f"<@{id}>{found['name'][len(name) :]}" if id else _plain(found[0])
    if len(found[0]) > LONGEST_LINK:
        return _plain(found[0])
    if found["link"]:
        label = f"|{_plain(found['label'])}" if found["label"] else ""
        return f"<{_plain(found['link'])}{label}>"
    url = found["url"].rstrip(_SENTENCE_END)
    return f"<{_plain(url)}>{_plain(found['url'][len(url) :])}"


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of at most a block's length, parted between lines; a line that is too long between words."""
    piece = ""
    for line in text.split("\n"):
        for part in _parts(line):
            if piece and len(piece) + 1 + len(part) > BLOCK:
                yield piece
                piece = part
            else:
                piece = f"{piece}\n{part}" if piece else part
    if piece.strip():
        yield piece


def _parts(line: str) -> Iterator[str]:
    """A line in parts that a block has room for; never parted inside a link, a mention or an entity."""
    if len(line) <= BLOCK:
        yield line
        return
    part = ""
    for word in re.findall(r"<[^<>]*>|&\w+;|[^<&\s]+|[<&]|\s+", line):
        while len(word) > BLOCK:
            yield from [part] if part else []
            part, word = word[:BLOCK], word[BLOCK:]
        if len(part) + len(word) > BLOCK:
            yield part
            part = word
        else:
            part += word
    yield part
