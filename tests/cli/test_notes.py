"""`oncall note` and `oncall notes`: at once, offline, and never lost."""

import csv
import io
import pwd
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from tests.cli.conftest import NOW, Oncall, Ran, Served, two_lines

NOTE = {"id", "at", "kind", "text", "page", "shift", "filed"}


def texts(ran: Ran) -> list[str]:
    return [note["text"] for note in ran.json]


def test_a_note_needs_no_network_no_account_and_no_configuration(oncall: Oncall) -> None:
    ran = oncall("note", "the address is our own scanner", ONCALL_SANDBOX="")
    assert (ran.code, ran.out, ran.err, ran.log) == (0, "", "✓ noted\n", None)
    listed = oncall("notes", "--json", ONCALL_SANDBOX="")
    assert (texts(listed), listed.err, listed.log) == (["the address is our own scanner"], "", None)
    assert set(listed.json[0]) == NOTE
    assert (listed.json[0]["at"], listed.json[0]["kind"]) == ("2026-11-23T14:07:00Z", "note")


def test_words_need_no_quotes_and_kinds_are_kept(oncall: Oncall) -> None:
    oncall("note", "close", "honeypot", "noise", "--kind", "automate")
    oncall("note", "-q", "who owns the bucket?", "--kind=question")
    told = [(note["kind"], note["text"]) for note in oncall("notes", "--json").json]
    assert told == [("automate", "close honeypot noise"), ("question", "who owns the bucket?")]


def test_a_note_is_about_the_page_in_focus_or_the_one_that_is_named(oncall: Oncall) -> None:
    oncall("note", "before")
    oncall("ack", "4117")
    noted = oncall("note", "in focus").err
    assert noted == "✓ noted, for page 4117 Canary token opened: finance-share/passwords.xlsx\n"
    oncall("note", "named", "--page", "q1impossible002")
    assert [note["page"] for note in oncall("notes", "--json").json] == [None, "Q1CANARYTOKEN01", "Q1IMPOSSIBLE002"]


def test_the_oldest_first_in_every_format(oncall: Oncall) -> None:
    oncall("note", "first")
    oncall.now = NOW + timedelta(minutes=1)
    oncall("note", "=cmd()|second\nline")
    rows = [line.split("\t") for line in oncall("notes").out.splitlines()]
    assert [row[1:4] for row in rows] == [
        ["2026-11-23T14:07:00Z", "note", "first"],
        ["2026-11-23T14:08:00Z", "note", "=cmd()|second line"],
    ]
    assert oncall("notes", "-o", "ids").out.split() == [row[0] for row in rows]
    table = list(csv.DictReader(io.StringIO(oncall("notes", "-o", "csv").out)))
    assert [row["text"] for row in table] == ["first", "'=cmd()|second line"]  # no formula for a spreadsheet
    assert texts(oncall("notes", "--json")) == ["first", "=cmd()|second\nline"]
    assert texts(oncall("notes", "--json", "-L", "1")) == ["=cmd()|second\nline"], "the newest"
    assert f"{rows[0][0][:8]}  14:07 UTC  note      first\n" in oncall("notes", screen=True).out


def test_no_notes_is_success(oncall: Oncall) -> None:
    assert (oncall("notes", "--json").out, oncall("notes").out) == ("[]\n", "")
    seen = oncall("notes", screen=True)
    assert (seen.code, seen.out, seen.err) == (0, "", "No notes yet.\n")


def test_notes_of_a_kind_and_of_a_page(oncall: Oncall) -> None:
    oncall("show", "4117")
    oncall("note", "in focus", "--kind", "risk")
    oncall("note", "of another", "--page", "4116", "--kind", "question")
    oncall("note", "in focus, too")
    assert texts(oncall("notes", "--json", "--kind", "risk", "--kind", "question")) == ["in focus", "of another"]
    for name in ("4117", "q1canarytoken01", "https://acme.pagerduty.com/incidents/Q1CANARYTOKEN01"):
        assert texts(oncall("notes", "--json", "--page", name)) == ["in focus", "in focus, too"]
    assert texts(oncall("notes", "--json", "--page", "4117", "--kind", "risk")) == ["in focus"]
    none = oncall("notes", "--page", "9999", screen=True)
    assert (none.code, none.out, none.err) == (0, "", "No such notes.\n")
    assert oncall("notes", "--page", "no page at all").code == 2
    assert oncall("notes", "--kind", "idea").code == 2


def test_notes_of_a_shift(oncall: Oncall) -> None:
    oncall.now = NOW - timedelta(days=2)
    oncall("note", "on Saturday")
    oncall.now = NOW
    oncall("note", "today")
    asked = oncall("notes", "--shift", "this", "--json")
    assert (texts(asked), asked.log is None) == (["today"], False)
    assert asked.json[0]["shift"].startswith("engineer/PANA001/2026-11-23T")
    again = oncall("notes", "--shift", "this", "--json")
    assert (again.json, again.log) == (asked.json, None), "now the journal knows it"
    assert texts(oncall("notes", "--shift", "-1", "--json")) == []
    assert texts(oncall("notes", "--shift", "Mon 13:00", "--json")) == ["today"]
    assert [note["shift"] is None for note in oncall("notes", "--json").json] == [True, False]
    assert oncall("notes", "--shift", "whenever").code == 2


def test_a_pipe_is_a_note(oncall: Oncall) -> None:
    oncall("note", "-", "--kind", "risk", stdin="first\r\nsecond\n\n")
    oncall("note", "a", "-", "b")
    assert texts(oncall("notes", "--json")) == ["first\nsecond", "a - b"]
    for empty in ("", "\n \n"):
        ran = oncall("note", "-", stdin=empty)
        assert (ran.code, two_lines(ran.err)) == (2, True)
    ran = oncall("note", "-", stdin="x" * 10_000_001)
    assert (ran.code, "more than 10,000,000 characters" in ran.err) == (2, True)


def test_without_a_terminal_a_note_needs_its_text(oncall: Oncall) -> None:
    for arguments in ((), ("--kind", "risk"), ("--no-input",)):
        ran = oncall("note", *arguments, stdin="not asked for")
        assert (ran.code, two_lines(ran.err), "oncall note -" in ran.err) == (2, True, True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("NUL\x00 and \x1b[31mred", "NUL and red"),
        ("half a \ud83d and caf\udce9", "half a ? and caf?"),
        ("x" * 1_000_000, "x" * 1_000_000),
        ("é王🦜" * 300_000, "é王🦜" * 300_000),
    ],
    ids=["controls", "surrogates", "1 MB", "1 MB of everything"],
)
def test_whatever_is_typed_is_kept(oncall: Oncall, typed: str, kept: str) -> None:
    assert oncall("note", typed).code == 0
    assert texts(oncall("notes", "--json")) == [kept]


@pytest.mark.parametrize(
    "content",
    [b"[pagerduty\n", b"\xff\xfe", b"[pagerduty]\nurl = 5\n", "a folder", "missing"],
    ids=["no TOML", "no text", "no URL", "a folder", "missing"],
)
def test_a_broken_configuration_costs_no_note(
    oncall: Oncall, served: Served, tmp_path: Path, content: bytes | str
) -> None:
    file = tmp_path / "config.toml"
    environ: dict[str, Any] = {"ONCALL_SANDBOX": "", "ONCALL_CONFIG": str(file)}
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content == "a folder":
        file.mkdir()
    ran = oncall("note", "typed at 3 AM", **environ)
    assert (ran.code, ran.err.count("\n"), ran.err.endswith("✓ noted\n")) == (0, 2, True)
    assert str(file) in ran.err
    assert oncall("notes", **environ).code == 3, "nobody knows whose"
    mended = {**served.environ(), "ONCALL_CONFIG": ""}
    for _ in range(3):
        assert texts(oncall("notes", "--json", **mended)) == ["typed at 3 AM"]
    assert texts(oncall("notes", "--json", **{**mended, "ONCALL_PAGERDUTY_URL": "https://api.eu.pagerduty.com"})) == []


def test_what_is_wrong_elsewhere_in_the_configuration_is_no_matter(oncall: Oncall, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("pagerduty = 5\n[network]\ntimeout = 'soon'\n")
    environ: dict[str, Any] = {
        "ONCALL_SANDBOX": "",
        "ONCALL_CONFIG": str(tmp_path / "config.toml"),
        "ONCALL_PAGERDUTY_TOKEN": "a b",
    }
    assert (oncall("note", "kept", **environ).err, texts(oncall("notes", "--json", **environ))) == (
        "✓ noted\n",
        ["kept"],
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "code"),
    [
        (["-p", "nowhere"], {}, 3),
        ([], {"ONCALL_SANDBOX": "perhaps"}, 3),
        ([], {"ONCALL_STATE_DIR": "/proc/none"}, 3),
        (["--page", "no page at all"], {}, 2),
    ],
    ids=["profile", "sandbox", "state", "page"],
)
def test_a_note_that_can_not_be_kept_is_repeated(
    oncall: Oncall, arguments: list[str], environ: dict[str, Any], code: int
) -> None:
    ran = oncall("note", *arguments, "typed at", "3 AM", **{"ONCALL_SANDBOX": "", **environ})
    assert (ran.code, ran.out, two_lines(ran.err)) == (code, "", True)
    assert ran.err.endswith("; not kept: typed at 3 AM\n")
    assert not list(oncall.state.rglob("*"))


def test_a_user_without_a_home_folder_is_told_where_to_keep_it(
    oncall: Oncall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    ran = oncall("note", "x", ONCALL_SANDBOX="", ONCALL_STATE_DIR="")
    assert (ran.code, two_lines(ran.err)) == (3, True)
    assert ran.err.endswith("export ONCALL_STATE_DIR=/a/folder; not kept: x\n")
    assert oncall("note", "x", ONCALL_SANDBOX="").code == 0
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize(
    "arguments", [[""], ["\u200b \x1b[2J"], ["x", "--kind", "idea"], ["x", "--page", "no page at all"]], ids=repr
)
def test_what_is_no_note_is_not_kept(oncall: Oncall, arguments: list[str]) -> None:
    ran = oncall("note", *arguments)
    assert (ran.code, ran.out, two_lines(ran.err), ran.log) == (2, "", True, None)
    assert not list(oncall.state.rglob("*"))


def test_text_behind_two_dashes_is_text(oncall: Oncall) -> None:
    oncall("note", "--", "--sandbox", "-q", "is what I typed")
    assert texts(oncall("notes", "--json")) == ["--sandbox -q is what I typed"]


def test_accounts_never_mix_and_what_was_noted_before_is_taken_over(oncall: Oncall, served: Served) -> None:
    oncall("note", "before anybody asked", **served.environ())
    oncall("show", "4117", **served.environ())  # now the account is known
    oncall("note", "ana's", **served.environ())
    oncall("show", "4117", **served.environ("ben"))
    oncall("note", "ben's", **served.environ("ben"))
    oncall("note", "practice")
    assert texts(oncall("notes", "--json", **served.environ())) == ["before anybody asked", "ana's"]
    assert texts(oncall("notes", "--json", **served.environ("ben"))) == ["ben's"]
    assert texts(oncall("notes", "--json")) == ["practice"]


def test_notes_are_for_my_eyes_only(oncall: Oncall) -> None:
    oncall("show", "4117")
    oncall("note", "secret")
    [journal] = oncall.state.rglob("journal.db")
    assert journal.stat().st_mode & 0o777 == 0o600
    assert journal.parent.name == cast.PEOPLE[cast.ME].pagerduty
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (journal.parent, journal.parent.parent))


@pytest.mark.parametrize("typed", ["9999-12-31T23:59", "0001-01-01T00:00", "999999w"])
@pytest.mark.parametrize("command", [["notes"], ["handoff"], ["handoff", "lint"]])
def test_a_time_at_an_end_of_the_calendar_names_no_shift(oncall: Oncall, command: list[str], typed: str) -> None:
    ran = oncall(*command, "--shift", typed)
    assert (ran.code, two_lines(ran.err), ran.err.startswith(f"oncall: '{typed}' names no shift")) == (2, True, True)
