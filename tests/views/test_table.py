import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime

import pytest

from secops_oncall.streams import Streams
from secops_oncall.views.table import Column, Field, Listing, Output, fit, flat, print_list
from tests.views.samples import CLEAN, HOSTILE, NOW, Consoles


@dataclass(frozen=True)
class Thing:
    ref: str | None
    title: str
    at: datetime | None = None
    count: int = 0


LISTING: Listing[Thing] = Listing(
    id=lambda thing: thing.ref,
    fields=(
        Field("ref", lambda thing: thing.ref),
        Field("title", lambda thing: thing.title),
        Field("at", lambda thing: thing.at),
        Field("count", lambda thing: thing.count),
    ),
    columns=(
        Column("ref", lambda thing: thing.ref or ""),
        Column("nothing", lambda thing: ""),
        Column("count", lambda thing: str(thing.count), drop=1),
        Column("title", lambda thing: thing.title, least=10),
    ),
    empty="No things.",
)
THINGS = [Thing("group/a#1", HOSTILE, NOW, 3), Thing("group/b#22", "王" * 12, None, -4), Thing(None, "third")]


def printed(
    output: Output | None, things: list[Thing] = THINGS, limit: int | None = None, **consoles: object
) -> Consoles:
    made = Consoles(**consoles)  # type: ignore[arg-type]
    print_list(made.streams, LISTING, things, output, limit)
    return made


def test_a_terminal_gets_a_table() -> None:
    assert printed(None).out_lines == [
        "ref         count  title",
        f"group/a#1   3      {CLEAN}",
        "group/b#22  -4     " + "王" * 12,
        "            0      third",
    ]


def test_a_narrow_one_cuts_the_title_first() -> None:
    assert printed("table", width=40).out_lines == [
        "ref         count  title",
        "group/a#1   3      /close red [bold]b[/…",
        "group/b#22  -4     王王王王王王王王王王…",
        "            0      third",
    ]


def test_then_drops_what_matters_least_and_never_cuts_a_ref() -> None:
    assert printed("table", width=24).out_lines == [
        "ref         title",
        "group/a#1   /close red…",
        "group/b#22  王王王王王…",
        "            third",
    ]
    assert "group/b#22  王王王…" in printed("table", width=5).out_lines


def test_a_pipe_gets_tsv() -> None:
    consoles = printed(None, terminal=False, width=20)
    assert consoles.out == (
        f"group/a#1\t{CLEAN}\t2026-11-23T14:00:00Z\t3\ngroup/b#22\t{'王' * 12}\t\t-4\n\tthird\t\t0\n"
    )
    assert consoles.err == ""


def test_csv_is_guarded_against_formulas() -> None:
    things = [
        Thing("a", text) for text in ('=cmd|" /C calc"!A0', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'quo"te, comma')
    ]
    rows = list(csv.reader(io.StringIO(printed("csv", things).out)))
    assert rows[0] == ["ref", "title", "at", "count"]
    assert [row[1] for row in rows[1:]] == [
        '\'=cmd|" /C calc"!A0',
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'=1",
        "'=1",
        'quo"te, comma',
    ]
    assert printed("csv").out.splitlines()[2] == f"group/b#22,{'王' * 12},,-4"


def test_ids_are_one_a_line() -> None:
    assert printed("ids").out == "group/a#1\ngroup/b#22\n"


def test_json_is_everything() -> None:
    found = json.loads(printed("json").out)
    assert found[0] == {"ref": "group/a#1", "title": HOSTILE, "at": "2026-11-23T14:00:00Z", "count": 3}
    assert len(found) == 3
    assert printed("json").out.isascii()


@pytest.mark.parametrize(
    ("output", "terminal", "out", "err"),
    [
        (None, True, "", "No things.\n"),
        (None, False, "", ""),
        ("json", True, "[]\n", ""),
        ("csv", False, "ref,title,at,count\n", ""),
        ("ids", True, "", ""),
    ],
)
def test_nothing(output: Output | None, terminal: bool, out: str, err: str) -> None:
    consoles = printed(output, [], terminal=terminal)
    assert (consoles.out, consoles.err) == (out, err)


def test_a_limit_is_said() -> None:
    consoles = printed("ids", limit=1)
    assert (consoles.out, consoles.err) == ("group/a#1\n", "1 of 3 shown\n")
    assert len(json.loads(printed("json", limit=2).out)) == 2
    assert printed("ids", limit=3).err == ""


def test_a_table_in_a_pipe_is_not_cut() -> None:
    assert printed("table", terminal=False, width=20).out_lines == printed("table", width=200).out_lines


class AsciiTerminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_a_console_without_utf8_gets_aligned_columns() -> None:
    raw = io.BytesIO()
    stream = AsciiTerminal(raw, encoding="ascii", write_through=True)
    print_list(
        Streams(stream, stream, environ={"COLUMNS": "40", "NO_COLOR": "1"}),
        LISTING,
        [*THINGS[:1], Thing("b", "Zoë")],
        "table",
    )
    assert raw.getvalue().decode("ascii").splitlines() == [
        "ref        count  title",
        "group/a#1  3      /close red [bold]b[/b~",
        "b          0      Zo?",
    ]


def test_a_style_never_says_it_alone() -> None:
    column: Column[Thing] = Column("ref", lambda thing: f"! {thing.ref}", lambda _: "bold red")
    consoles = Consoles(environ={"NO_COLOR": ""})
    print_list(consoles.streams, Listing(lambda thing: thing.ref, (), (column,), ""), [Thing("a", "")], "table")
    assert consoles.out == "\x1b[2mref\x1b[0m\n\x1b[1;31m! a\x1b[0m\n"


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (100, [5, 6, 30]),
        (45, [5, 6, 30]),
        (40, [5, 6, 25]),
        (35, [5, 6, 20]),
        (34, [5, 0, 27]),
        (20, [5, 0, 13]),
        (1, [5, 0, 8]),
    ],
)
def test_fit(width: int, widths: list[int]) -> None:
    columns: list[Column[Thing]] = [
        Column("id", lambda _: ""),
        Column("low", lambda _: "", drop=1),
        Column("title", lambda _: "", least=20),
    ]
    assert fit(columns, [5, 6, 30], width) == widths


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (60, [5, 6, 12, 30]),
        (45, [5, 6, 8, 20]),
        (44, [5, 0, 12, 23]),
        (37, [5, 0, 8, 20]),
        (33, [5, 0, 8, 16]),
        (29, [5, 0, 8, 12]),
        (28, [5, 0, 0, 21]),
        (20, [5, 0, 0, 13]),
        (1, [5, 0, 0, 8]),
    ],
)
def test_the_column_that_goes_last_stays_while_tight_widths_leave_it_room(width: int, widths: list[int]) -> None:
    columns: list[Column[Thing]] = [
        Column("id", lambda _: ""),
        Column("low", lambda _: "", drop=2),
        Column("owner", lambda _: "", least=8, drop=1),
        Column("title", lambda _: "", least=20, tight=12),
    ]
    assert fit(columns, [5, 6, 12, 30], width) == widths


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (41, ["a    until noon, Chen Wei's  title", "b    now                     A long title"]),
        (39, ["a    until noon, Chen Wei's  title", "b    now                     A long ti…"]),
        (38, ["a    noon, Chen  title", "b    now         A long title"]),
        (24, ["a    noon, Ch…  title", "b    now        A long…"]),
    ],
)
def test_a_column_says_the_same_in_fewer_words_where_it_would_be_cut(width: int, lines: list[str]) -> None:
    columns: tuple[Column[Thing], ...] = (
        Column("ref", lambda thing: thing.ref or ""),
        Column(
            "next",
            lambda thing: "until noon, Chen Wei's" if thing.ref == "a" else "now",
            least=9,
            short=lambda thing: "noon, Chen" if thing.ref == "a" else "now",
        ),
        Column("title", lambda thing: thing.title, least=10),
    )
    things = [Thing("a", "title"), Thing("b", "A long title")]
    consoles = Consoles(width=width)
    print_list(consoles.streams, Listing(lambda thing: thing.ref, (), columns, ""), things, "table")
    assert consoles.out_lines[1:] == lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (["a", None, 2], "a,,2"),
        (NOW, "2026-11-23T14:00:00Z"),
        ("a\tb\nc", "a b c"),
    ],
)
def test_flat(value: object, text: str) -> None:
    assert flat(value) == text
