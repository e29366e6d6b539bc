"""Remote text made safe to print: nothing in it can drive a terminal, hide, or turn around what stands beside it."""

import re
from collections.abc import Sequence

# Whole sequences first, so that their parameters don't stay behind as letters: OSC, DCS and the like up to
# their terminator, CSI, then any other escape with its one character (ECMA-48).
_STRINGS = re.compile(r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?")
_CSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?")
_ESCAPE = re.compile(r"\x1b[ -/]*[0-~]?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Soft hyphen, Arabic and Mongolian marks, zero-width characters, bidi embeddings, overrides and isolates,
# invisible operators, interlinear annotations, byte order mark, variation and tag characters that print nothing.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_MARKER = re.compile(r"<!--\s*oncall:.*?(?:-->|$)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(r"[\n\x20-\x7e]*")  # nothing in it that any of these would find, but a marker
_UNTYPED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # the last are what is no UTF-8
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")


def clean(text: object) -> str:
    """Remote text as one safe line: controls, escape sequences, invisible characters and our own markers out."""
    return " ".join(clean_lines(text).split())


def clean_lines(text: object) -> str:
    """Remote text of several lines, each safe, ended by `\\n` alone; None is the empty text.

    A marker in remote text is a forgery or a copy: only `clients` look for markers, in the raw body.
    """
    raw = "" if text is None else str(text)
    if not _PLAIN.fullmatch(raw):
        raw = raw.encode("utf-8", "replace").decode("utf-8")
        raw = _LINE_ENDS.sub("\n", raw)
        for pattern in (_STRINGS, _CSI, _ESCAPE, _CONTROLS, _INVISIBLE):
            raw = pattern.sub("", raw)
    return _MARKER.sub("", raw).replace("\t", " ").strip("\n")


def is_one_line(text: str) -> bool:
    """Whether what was typed is a line of text: no line end in it, no control character, nothing that isn't UTF-8."""
    return _UNTYPED.search(text) is None


def shorten(text: str, width: int) -> str:
    """The text in at most `width` characters, an ellipsis where it was cut."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def some(names: Sequence[str], most: int) -> str:
    """Names as one text: the first ones, and how many more there are."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")


def quoted(text: object) -> str:
    """What somebody typed, safe to repeat in an error: cleaned, short, in quotes."""
    return f"'{shorten(clean(text), 60)}'"


def plural(count: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
