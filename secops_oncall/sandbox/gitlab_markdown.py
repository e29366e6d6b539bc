"""What GitLab sees in Markdown: the lines that are quick actions, and the names that are mentions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# GitLab's extractor.rb: inside a paragraph inline code and HTML blocks hide what looks like a quick action.
_HIDDEN = r"`.+?`|^<[^>]+?>\n.+?\n</[^>]+?>$"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_QUOTE = re.compile(r">>>[ \t]*")
_NAME = r"(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*[A-Za-z0-9_-]|[A-Za-z0-9_])"
_MENTION = re.compile(rf"(?<![A-Za-z0-9_])@({_NAME}(?:/{_NAME})*)")
_BARE_URL = re.compile(r"(?:https?://|www\.)[^\s<]*", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SILENT = re.compile(r"<(pre|code|a|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_SILENT_TAG = re.compile(r"<(/?)(?:pre|code|a|style)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Command:
    """A quick action, its name in lower case."""

    name: str
    argument: str


def commands(text: str, names: tuple[str, ...]) -> tuple[str, list[Command]]:
    """A text without the quick actions of these names, and the quick actions, as GitLab 18 reads both.

    Only paragraphs that stand in nothing else are searched, line by line, as they were typed. Paragraphs between HTML
    blocks count here, too, where GitLab might take them for a part of the HTML.
    """
    text = text.replace("\r", "")
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    found: list[Command] = []
    action = re.compile(
        rf"{_HIDDEN}|^/(?P<name>{'|'.join(names)})(?:[ ](?P<argument>[^\n]*))?(?:\s*\n|$)",
        re.IGNORECASE | re.MULTILINE | re.DOTALL,
    )

    def take(match: "re.Match[str]") -> str:
        if match["name"] is None:
            return match[0]
        found.append(Command(match["name"].lower(), (match["argument"] or "").strip()))
        return ""

    for start, last in _paragraphs(text):
        end = last + (lines[last : last + 1] == ["\n"])
        lines[start:end] = [action.sub(take, "".join(lines[start:end])), *[""] * (end - start - 1)]
    return "".join(lines).rstrip(), found


def mentioned(text: str) -> list[str]:
    """The names behind an @ in a text, in order, each once: not those in code, in links, or in HTML that is either."""
    found = (name for words in _words(text) for name in _MENTION.findall(_BARE_URL.sub(" ", words)))
    return list(dict.fromkeys(found))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where paragraphs begin and end that stand in nothing else, by line."""
    for token in _parsed(text):
        if token.type == "paragraph_open" and token.level == 0 and token.map:
            yield token.map[0], token.map[1]


def _words(text: str) -> Iterator[str]:
    for token in _parsed(text):
        if token.type == "html_block":
            yield unescape(_TAG.sub(" ", _SILENT.sub(" ", _COMMENT.sub(" ", token.content))))
        elif token.type == "inline":
            yield from _spoken(token.children or [])


def _spoken(tokens: "list[Token]") -> Iterator[str]:
    """The texts in which GitLab looks for references."""
    silent = 0
    for token in tokens:
        tag = _SILENT_TAG.match(token.content) if token.type == "html_inline" else None
        if token.type == "link_open" or (tag and not tag[1]):
            silent += 1
        elif token.type == "link_close" or tag:
            silent = max(silent - 1, 0)
        elif token.type == "text" and not silent:
            yield token.content


def _parsed(text: str) -> "list[Token]":
    return _reader().parse(_quoted(text))


def _quoted(text: str) -> str:
    """GitLab's own quotes of several lines, between two lines of `>>>`, as everybody else writes them."""
    lines, fence = text.split("\n"), ""
    edges: list[int] = []
    for number, line in enumerate(lines):
        opened = _FENCE.match(line)
        if fence:
            fence = "" if opened and opened[1].startswith(fence) and not line.strip().strip(fence[0]) else fence
        elif opened:
            fence = opened[1]
        elif _QUOTE.fullmatch(line):
            edges.append(number)
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        lines[start : end + 1] = [">", *(f"> {line}" for line in lines[start + 1 : end]), ">"]
    return "\n".join(lines)


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
