"""What every command prints fits the terminal, names things whole, and is for programs in a pipe."""

import csv
import io
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Oncall, an_oncall

IDS = {
    "pages": r"^\d{4}\b",
    "issues --label oncall": r"^acme-security/\w+#\d+\b",
    "backlog": r"^acme-security/\w+#\d+\b",
    "backlog mine": r"^acme-security/\w+#\d+\b",
    "incident": r"^(?:acme-security/\w+#\d+|page \d{4})\b",
    "improve --list": r"^[0-9a-f]{8}\b",
    "notes": r"^[0-9a-f]{8}\b",
    "who --contact": r"^(?:engineer|backup|manager) ",
    "shift --weeks 3": r"^\w{3} \w{3} \d\d ",
    "review --list": r"^\d\d:\d\d ",
    "config list": r"^[a-z]+(?:\.[\w@]+)+",
    "escalate 4117": r"^\d  ",
    "status": r"(?<!\S)(?:acme-security/\w+#\d+|\d{4})(?!\S)",
    "show 4112": r"acme-security/\w+#\d+\b|(?<= )Q\w{10,}\b",
    "handoff --page 4112": r"acme-security/\w+#\d+\b",
    "handoff diff": r"acme-security/\w+#\d+\b",
}
LISTS = [command for command in IDS if command not in ("status", "show 4112", "handoff --page 4112", "handoff diff")]
PORT = r"(?<=127\.0\.0\.1:)\d+"  # another one for each command
LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\(.*?)\x1b\]8;;\x1b\\")
NOTE = "a long note, with much to say of the page and what is behind it, of 王王王 and of acme-security/operations#101"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def shift(state: Path) -> Oncall:
    """One shift with notes and a review, which all tests here only read."""
    oncall = an_oncall(state)
    if "a long note" not in oncall("notes", "-o", "tsv").out:
        for kind in ("automate", "risk"):
            assert oncall("note", "--kind", kind, NOTE, "--page", "4112").code == 0
        assert oncall("review", "--done", "--why", "on the board, with a colleague who had the shift before").code == 0
    return oncall


def fits(line: str, width: int) -> bool:
    """Whether a line fits; a URL and a heading of Markdown are one piece."""
    return cell_len(line) <= width or " " not in line.strip() or "://" in line or line.startswith("#")


@pytest.mark.parametrize("command", IDS)
def test_it_fits_the_terminal_and_no_id_is_cut(shift: Oncall, command: str) -> None:
    found = {}
    for width in (200, 100, 80, 60, *([30] if command in ("pages", "status") else [])):
        ran = shift(*command.split(), screen=True, COLUMNS=str(width))
        assert ran.code == 0
        assert width < 60 or [line for line in ran.out.splitlines() if not fits(line, width)] == []
        found[width] = [id for line in ran.out.splitlines() for id in re.findall(IDS[command], line)]
    assert found[200]
    assert all(ids == found[200] for ids in found.values()), "every id is there, and whole, at every width"


@pytest.mark.parametrize("command", ["issues --label oncall", "incident", "status", "show 4112"])
def test_ids_are_links_where_the_terminal_has_them_and_the_rest_is_the_same(shift: Oncall, command: str) -> None:
    plain = shift(*command.split(), screen=True, COLUMNS="80").out
    linked = shift(*command.split(), screen=True, COLUMNS="80", FORCE_HYPERLINK="1").out
    found = LINK.findall(linked)
    assert found
    assert re.sub(PORT, "", LINK.sub(r"\2", linked)) == re.sub(PORT, "", plain), "no column is wider or narrower for it"
    for url, text in found:
        assert re.fullmatch(r"https?://[!-~]+", url)
        assert url.endswith(f"/issues/{text.partition('#')[2]}") if "#" in text else "pagerduty.com/incidents/Q" in url


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "ids"])
def test_no_program_gets_a_link(shift: Oncall, form: str) -> None:
    assert "\x1b" not in shift("pages", "-o", form, screen=True, FORCE_HYPERLINK="1").out
    assert "\x1b" not in shift("pages", FORCE_HYPERLINK="1", FORCE_COLOR="").out


@pytest.mark.parametrize("command", LISTS)
def test_a_pipe_gets_equal_rows_with_the_id_first_and_times_in_iso_8601_and_a_sheet_no_formula(
    shift: Oncall, command: str
) -> None:
    piped, ids = shift(*command.split()), shift(*command.split(), "-o", "ids").out.split()
    rows = [line.split("\t") for line in piped.out.splitlines()]
    assert rows
    assert len({len(row) for row in rows}) == 1
    assert [row[0] for row in rows if row[0]] == ids
    times = [cell for row in rows for cell in row if re.match(r"\d{4}-\d\d-\d\d[T ]\d", cell)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)
    head, *sheet = csv.reader(io.StringIO(shift(*command.split(), "-o", "csv").out))
    assert [len(row) for row in sheet] == [len(head)] * len(rows)
    assert not [cell for row in sheet for cell in row if re.match(r"[=+\-@\t\r]", cell)], "no formula"


def test_nothing_is_an_empty_array_and_in_a_pipe_no_line(shift: Oncall) -> None:
    assert shift("issues", "--search", "zzz", "--json").json == []
    assert shift("issues", "--search", "zzz").out == ""


def test_quiet_leaves_errors(shift: Oncall) -> None:
    assert shift("pages", "--search", "zzz", "-q", screen=True).err == ""
    assert shift("show", "4999", "-q").err.startswith("oncall: ")
