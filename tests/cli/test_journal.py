"""`oncall journal`: out of one machine, and into another."""

import json
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from tests.cli.conftest import Oncall, Served, two_lines


def another(state: Path) -> dict[str, Any]:
    """The same engineer on another machine."""
    return {"ONCALL_STATE_DIR": str(state)}


def test_a_journal_moves_to_another_machine(oncall: Oncall, tmp_path: Path) -> None:
    oncall("status")  # from then on the journal knows my shift, and hears nothing of it beside a command
    oncall("show", "4117")
    oncall("note", "first\nsecond", "--kind", "risk")
    oncall("note", "third")
    file, there = tmp_path / "oncall.jsonl", another(tmp_path / "there")
    out = oncall("journal", "export", str(file))
    assert (out.code, out.out, out.err) == (0, "", f"✓ exported 4 events to {file}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    back = oncall("journal", "import", str(file), **there)
    assert (back.code, back.out, back.err) == (0, "", "✓ imported 4 events; 0 were here already\n")
    assert oncall("journal", "import", str(file), **there).err == "✓ imported 0 events; 4 were here already\n"
    assert oncall("notes", "--json", **there).json == oncall("notes", "--json").json
    assert oncall("note", "x", **there).err.startswith("✓ noted, for page 4117 "), "what is in focus has moved, too"


def test_a_pipe_moves_it_too(oncall: Oncall, tmp_path: Path) -> None:
    oncall("note", "first \u2028 王")
    for arguments in (("journal", "export"), ("journal", "export", "-")):
        told = oncall(*arguments)
        assert (told.code, told.err, told.out.isascii()) == (0, "", True)
    first, *rest = [json.loads(line) for line in told.out.splitlines()]
    assert first | {"exported_at": ""} == {
        "format": "oncall-journal",
        "schema": 1,
        "account": None,
        "exported_at": "",
        "events": 1,
    }
    assert [set(line) for line in rest] == [{"uid", "at", "kind", "subject", "text", "data"}]
    there = another(tmp_path / "there")
    assert oncall("journal", "import", "-", stdin=told.out, **there).code == 0
    assert [note["text"] for note in oncall("notes", "--json", **there).json] == ["first \n 王"]


def test_a_line_that_would_break_the_handoff_is_refused(oncall: Oncall) -> None:
    oncall("status")
    first, line = oncall("journal", "export").out.splitlines()
    review = {"kind": "review", "data": {"by": "x", "seen": 1, "verdicts": {"a/b#1": ["human"]}}}
    broken = json.dumps({**json.loads(line), "uid": "aaaaaaaa01", **review})
    ran = oncall("journal", "import", "-", stdin=f"{first}\n{broken}\n")
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert "-:2: `data.verdicts` must hold texts alone" in ran.err
    assert oncall("handoff").code == 0


def test_a_file_that_is_there_is_left_alone(oncall: Oncall, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    oncall("note", "x")
    ran = oncall("journal", "export", str(tmp_path / "mine"))
    assert (ran.code, two_lines(ran.err), (tmp_path / "mine").read_text()) == (2, True, "mine")
    assert oncall("journal", "export", "--force", str(tmp_path / "mine")).code == 0
    assert (tmp_path / "mine").read_text().startswith('{"format": "oncall-journal"')


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("line", ["{", '{"format": "oncall-journal", "schema": 99}', "\x1b[2J"])
def test_what_is_wrong_is_named_and_nothing_is_imported(oncall: Oncall, place: int, line: str) -> None:
    for text in ("first", "second", "third"):
        oncall("note", text)
    lines = oncall("journal", "export").out.splitlines()
    lines[place] = line
    ran = oncall("journal", "import", "-", stdin="\n".join(lines), ONCALL_STATE_DIR=str(oncall.state / "there"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert f"-:{place + 1}: " in ran.err
    assert "nothing was imported" in ran.err
    assert not list((oncall.state / "there").rglob("journal.db"))


def test_another_accounts_is_refused(oncall: Oncall, served: Served, tmp_path: Path) -> None:
    """A new machine asks PagerDuty whose it is; one that can't takes in nothing of a named account."""
    oncall("show", "4117", **served.environ("ben"))
    oncall("note", "ben's", **served.environ("ben"))
    theirs = oncall("journal", "export", **served.environ("ben")).out
    assert json.loads(theirs.splitlines()[0])["account"] == cast.PEOPLE["ben"].pagerduty
    ana = {**served.environ(), **another(tmp_path / "there")}
    refused = oncall("journal", "import", "-", stdin=theirs, **ana)
    assert (refused.code, two_lines(refused.err), "another account" in refused.err) == (2, True, True)
    served.fail("GET", "/users/me", times=-1)
    unknown = {**served.environ(), **another(tmp_path / "new")}
    refused = oncall("journal", "import", "-", stdin=theirs, **unknown)
    assert (refused.code, two_lines(refused.err), "nobody knows whose" in refused.err) == (2, True, True)
    assert oncall("notes", "--json", **ana).json == oncall("notes", "--json", **unknown).json == []
    assert oncall("journal", "import", "-", "--force", stdin=theirs, **ana).code == 0
    assert [note["text"] for note in oncall("notes", "--json", **ana).json] == ["ben's"]


def test_an_empty_journal_is_no_error(oncall: Oncall, tmp_path: Path) -> None:
    told = oncall("journal", "export")
    assert (told.code, len(told.out.splitlines())) == (0, 1)
    assert oncall("journal", "import", "-", stdin=told.out).err == "✓ imported 0 events; 0 were here already\n"


def test_a_file_that_is_not_there(oncall: Oncall, tmp_path: Path) -> None:
    ran = oncall("journal", "import", str(tmp_path / "none"))
    assert (ran.code, two_lines(ran.err)) == (2, True)
