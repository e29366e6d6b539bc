"""One screen of text: headings, labelled facts and paragraphs that fit the terminal, and times as people read them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from secops_oncall.domain.text import clean, clean_lines, plural
from secops_oncall.domain.times import span
from secops_oncall.lines import words, wrapped
from secops_oncall.streams import Streams
from secops_oncall.views.table import Column, T, draw, link, room

if TYPE_CHECKING:
    from rich.text import Text

LABEL = 11
Links = Mapping[str, str | None]
NONE: Links = MappingProxyType({})
_ROOM = 16  # columns that a text is left with, however narrow the terminal


@dataclass(frozen=True)
class _Paragraph:
    """A text behind a lead, which its further lines are indented by."""

    lead: str
    text: str
    style: str
    links: Links


class Screen:
    """The lines of a screen as they are gathered; what comes from outside stays text, and no URL is broken."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._parts: list[_Paragraph | Text] = []

    def heading(self, title: str, links: Links = NONE) -> None:
        """The title of a part, with an empty line before it; `links` as in `line`."""
        if self._parts:
            self._parts.append(_Paragraph("", "", "", {}))
        self._parts.append(_Paragraph("", clean(title), "bold", links))

    def line(self, text: str, style: str = "", *, lead: str = "  ", links: Links = NONE) -> None:
        """One paragraph behind a lead; `links` has the URLs of words in it, for terminals that have links."""
        self._parts.append(_Paragraph(lead, clean(text), style, links))

    def fact(self, label: str, *values: str, style: str = "", links: Links = NONE) -> None:
        """A labelled value, further ones below it; nothing where there is none."""
        lead = f"  {clean(label):<{LABEL}} "
        for value in filter(None, values):
            self.line(value, style, lead=lead, links=links)
            lead = " " * len(lead)

    def lines(self, text: str, *, lead: str = "  ", most: int | None = None) -> None:
        """A text of several lines behind a lead: at most so many, and how many more there are."""
        every = [line for line in clean_lines(text).split("\n") if line.strip()]
        shown = every[:most]
        for line in shown:
            self.line(line, lead=lead)
            lead = " " * len(lead)
        if len(shown) < len(every):
            self.line(f"… {plural(len(every) - len(shown), 'more line')}", "dim", lead=lead)

    def rows(self, columns: Sequence[Column[T]], items: Sequence[T]) -> None:
        """Items as indented rows of a table without a header."""
        from rich.text import Text

        for row in draw(columns, items, room(self._streams) - 2, header=False):
            self._parts.append(Text.assemble("  ", row))

    def show(self, *, whole: bool = False) -> None:
        """Print it, to standard output; where it is the `whole` answer and long, through a pager."""
        from rich.text import Text

        text = Text("\n").join(line for part in self._parts for line in self._drawn(part))
        (self._streams.page if whole else self._streams.render)(text)

    def _drawn(self, part: "_Paragraph | Text") -> "Iterator[Text]":
        from rich.text import Text

        if isinstance(part, Text):
            yield part
            return
        lead = Text(part.lead, "dim")
        room = max(self._streams.width - lead.cell_len, _ROOM)
        for line in wrapped(words(part.text, room), room):
            told = Text(line, part.style)
            for word, url in part.links.items():
                if found := re.search(rf"(?<![\w/]){re.escape(word)}(?!\w)", line):
                    link(told, url, *found.span())
            yield Text.assemble(lead, told)
            lead = Text(" " * lead.cell_len)


def age(length: timedelta) -> str:
    """A length of time in its largest unit, as lists have room for: `6 min`, `2 h`."""
    return " ".join(span(length).split()[:2])
