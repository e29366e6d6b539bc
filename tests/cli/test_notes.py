"""`oncall note` and `oncall notes`: at once, offline, and never lost."""

import csv
import io
from datetime import timedelta

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


@pytest.mark.parametrize(
    "arguments", [[""], ["\u200b \x1b[2J"], [], ["x", "--kind", "idea"], ["x", "--page", "no page at all"]], ids=repr
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
