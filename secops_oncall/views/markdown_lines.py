"""Our own Markdown in lines that fit a terminal: copied from there, it is still the same Markdown."""

import re
from collections.abc import Iterator

from secops_oncall.lines import wrapped
from secops_oncall.streams import Streams

_LEAD = re.compile(r"( *)([*-] +)?")
# Code may be a command to be copied.
_WORD = re.compile(r"(?:(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\S)+")
# What may begin a line: nothing that would be a list, a heading, a quotation or a quick action there.
_HARMLESS = re.compile(r"(?!\d+[.)]$)[\w(\"'\[`]|\*\*\S")


def print_markdown(streams: Streams, text: str, *, as_it_is: bool) -> None:
    """Print Markdown: on a terminal in lines that fit, through a pager where it is long, unless `as_it_is`."""
    if as_it_is or not streams.is_terminal:
        streams.answer(text)
        return
    from rich.text import Text

    streams.page(Text("\n".join(_fitting(line, streams.width) for line in text.rstrip("\n").split("\n"))))


def _fitting(line: str, room: int) -> str:
    """One line as several, the further ones as far in as the text of the first; a heading can't be broken."""
    if len(line) <= room // 2 or line.startswith("#"):
        return line
    lead = _LEAD.match(line)
    begin = lead[0] if lead else ""
    words: list[str] = []
    for word in _words(line[len(begin) :], room - len(begin)):
        if words and not _HARMLESS.match(word):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return begin + f"\n{' ' * len(begin)}".join(wrapped(words, room - len(begin)))


def _words(text: str, room: int) -> Iterator[str]:
    """What stays whole: code, too, unless no line has room for it."""
    for found in _WORD.finditer(text):
        yield from [found[0]] if len(found[0]) <= room else found[0].split(" ")
