"""Lists, declared as columns: a table on a terminal, TSV in a pipe, and JSON, CSV or ids when asked for."""

import csv
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from secops_oncall.domain.refs import is_web
from secops_oncall.domain.text import clean
from secops_oncall.domain.times import iso
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import print_json

if TYPE_CHECKING:
    from rich.text import Text

T = TypeVar("T")
Output = Literal["table", "json", "tsv", "csv", "ids"]

_GAP = 2
_STUB = 8  # columns that are left of a text, however narrow the terminal
# What a spreadsheet takes for a formula or strips to find one (OWASP, "CSV Injection").
_FORMULA = tuple("=+-@\t\r＝＋－＠")


@dataclass(frozen=True)
class Field(Generic[T]):
    """One column of TSV and CSV: columns are only ever added, at the end."""

    name: str
    value: Callable[[T], object]


def named(*names: str) -> tuple[Field[Any], ...]:
    """Columns that are called as what they hold is in the domain."""
    return tuple(Field(name, attrgetter(name)) for name in names)


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column of the table that people read.

    `least` is the width that its text may be cut to, None: never. On a narrower terminal the column with the
    highest `drop` goes first, but the last one of them (1) only where `tight` widths leave no room for it, either; 0
    stays, and is cut below its `least`. `short` says the same in fewer words, where room is scarce. A column
    that is empty in every row is not shown. `url` is where an id leads, for terminals that have links.
    """

    title: str
    text: Callable[[T], str]
    style: Callable[[T], str] = lambda _: ""
    least: int | None = None
    drop: int = 0
    tight: int | None = None
    short: Callable[[T], str] | None = None
    url: Callable[[T], str | None] | None = None


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A list of things as data: how scripts see them, how people do, and what is said where there is none.

    `screen` draws them in another form than a table.
    """

    id: Callable[[T], str | None]
    fields: tuple[Field[T], ...]
    columns: tuple[Column[T], ...]
    empty: str
    screen: Callable[[Streams, Sequence[T]], None] | None = None


def print_list(
    streams: Streams,
    listing: Listing[T],
    items: Sequence[T],
    output: Output | None = None,
    limit: int | None = None,
    *,
    newest_last: bool = False,
) -> None:
    """Print sorted items in a format: without one a table on a terminal, TSV elsewhere.

    `limit` keeps the first ones, with `newest_last` the last ones, and says so on standard error.
    """
    shown = items[-limit:] if limit and newest_last else items[:limit]
    _FORMATS[output or ("table" if streams.is_terminal else "tsv")](streams, listing, shown)
    if len(shown) < len(items):
        streams.say(f"{len(shown)} of {len(items)} shown")


def room(streams: Streams) -> int:
    """How wide rows may be: as wide as the terminal; in a pipe nothing is cut."""
    return streams.width if streams.is_terminal else sys.maxsize


def draw(columns: Sequence[Column[T]], items: Sequence[T], width: int, *, header: bool = True) -> list["Text"]:
    """Items as lines that fit a width, if the columns that may not be cut allow it; text from outside stays text."""
    from rich.text import Text

    shown = [column for column in columns if any(clean(column.text(item)) for item in items)]
    cells = [_cells(column, column.text, items, header) for column in shown]
    natural = _widest(cells)
    widths = fit(shown, natural, width)
    scarce = any(
        wide < min(column.least or full, full) for column, wide, full in zip(shown, widths, natural, strict=True)
    )
    for n, column in enumerate(shown):
        if column.short and (scarce or 0 < widths[n] < natural[n]):
            cells[n] = _cells(column, column.short, items, header)
    widths = fit(shown, _widest(cells), width)
    kept = [(texts, wide) for texts, wide in zip(cells, widths, strict=True) if wide]
    for texts, wide in kept:
        for text in texts:
            _cut(text, wide)
    lines = [Text(" " * _GAP).join(row) for row in zip(*(texts for texts, _ in kept), strict=True)]
    for line in lines:
        line.rstrip()
    return lines


def _cells(column: Column[T], spell: Callable[[T], str], items: Sequence[T], header: bool) -> list["Text"]:
    from rich.text import Text

    texts = [Text(clean(spell(item)), column.style(item)) for item in items]
    if column.url:
        for text, item in zip(texts, items, strict=True):
            link(text, column.url(item))
    return [Text(column.title, "dim"), *texts] if header else texts


def link(text: "Text", url: str | None, begin: int = 0, end: int | None = None) -> None:
    """Make a text, or a part of it, lead to a URL of the web; anything else leads nowhere."""
    from rich.style import Style

    if url and is_web(url):
        text.stylize(Style(link=url), begin, end)


def _widest(cells: Sequence[Sequence["Text"]]) -> list[int]:
    return [max(text.cell_len for text in texts) for texts in cells]


def _cut(text: "Text", width: int) -> None:
    """Make a text exactly so wide, with an ellipsis where something is missing."""
    if text.cell_len > width:
        text.truncate(width - 1)
        text.rstrip()
        text.append("…")
    text.truncate(width, pad=True)


def fit(columns: Sequence[Column[T]], natural: Sequence[int], width: int) -> list[int]:
    """The columns' widths on a terminal: dropped ones 0; of the others the last is cut first."""

    def floor(limit: Callable[[Column[T]], int | None]) -> list[int]:
        return [min(limit(column) or full, full) for column, full in zip(columns, natural, strict=True)]

    least, tight = floor(lambda column: column.least), floor(lambda column: column.tight or column.least)
    kept = list(range(len(columns)))
    for narrow, last in ((least, 2), (tight, 1)):
        while sum(narrow[n] + _GAP for n in kept) - _GAP > width and any(columns[n].drop >= last for n in kept):
            kept.remove(max(kept, key=lambda n: columns[n].drop))
    widths = [natural[n] if n in kept else 0 for n in range(len(columns))]
    over = sum(widths[n] + _GAP for n in kept) - _GAP - width
    for narrow in (least, tight, floor(lambda column: column.least and _STUB)):
        for n in reversed(kept):
            cut = max(min(over, widths[n] - narrow[n]), 0)
            widths[n] -= cut
            over -= cut
    return widths


def flat(value: object) -> str:
    """A value as one safe piece of text: moments ISO-8601, unknown empty, lists joined by commas."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ",".join(flat(each) for each in value)
    return clean(value)


def _table(streams: Streams, listing: Listing[T], items: Sequence[T]) -> None:
    from rich.text import Text

    if not items:
        streams.say(listing.empty)
    elif listing.screen:
        listing.screen(streams, items)
    else:
        streams.page(Text("\n").join(draw(listing.columns, items, room(streams))))


def _json(streams: Streams, listing: Listing[T], items: Sequence[T]) -> None:
    print_json(streams, items)


def _tsv(streams: Streams, listing: Listing[T], items: Sequence[T]) -> None:
    for item in items:
        streams.answer("\t".join(flat(field.value(item)) for field in listing.fields))


def _csv(streams: Streams, listing: Listing[T], items: Sequence[T]) -> None:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(field.name for field in listing.fields)
    for item in items:
        writer.writerow(_guarded(field.value(item)) for field in listing.fields)
    streams.answer(sheet.getvalue())


def _ids(streams: Streams, listing: Listing[T], items: Sequence[T]) -> None:
    for item in items:
        if named := listing.id(item):
            streams.answer(clean(named))


def _guarded(value: object) -> str:
    text = flat(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


_FORMATS: dict[str, Callable[[Streams, Listing[Any], Sequence[Any]], None]] = {
    "table": _table,
    "json": _json,
    "tsv": _tsv,
    "csv": _csv,
    "ids": _ids,
}
