"""On a real terminal: pickers, widths and colours."""

import json
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pexpect
import pytest
from rich.cells import cell_len

from tests.cli.conftest import BANNER, Oncall, two_lines
from tests.forked import Forks

DOWN, ENTER, CTRL_C = "\x1b[B", "\r", "\x03"
MOVES = re.compile(r"\x1b\[([?0-9;]*[A-Zhl]|0m)")
Terminal = Callable[..., Any]


@pytest.fixture
def terminal(tmp_path: Path, forks: Forks) -> Terminal:
    """`terminal("ack")` is the command on a terminal of 80 columns, on a sandbox of its own."""

    def spawn(*arguments: str, columns: int = 80, **environ: str) -> Any:
        world = {**os.environ, "TERM": "xterm-256color", "ONCALL_STATE_DIR": str(tmp_path / "state")}
        world |= {"ONCALL_SANDBOX": "1", **environ}
        del world["COLUMNS"]
        return forks.terminal(*arguments, env=world, dimensions=(24, columns))

    return spawn


def ended(running: Any) -> tuple[int, str]:
    """How it ended, and what it has printed since, but for the banner and the sequences that move the cursor."""
    running.expect(pexpect.EOF)
    running.close()
    return running.exitstatus, BANNER.sub("", MOVES.sub("", running.before.replace("\r\n", "\n")))


def asked(terminal: Terminal, *arguments: str) -> Any:
    """A command that has asked its question, and knows where the cursor is, as a real terminal tells."""
    running = terminal(*arguments)
    running.expect_exact("\x1b[6n")
    running.send("\x1b[1;1R")
    return running


def triggered(terminal: Terminal) -> list[str]:
    code, listed = ended(terminal("pages", "--mine", "--triggered", "-o", "tsv"))
    assert code == 0
    return [line.split("\t")[1] for line in listed.splitlines()]


def test_several_pages_are_picked_with_space_and_enter(terminal: Terminal) -> None:
    running = asked(terminal, "ack")
    running.send(ENTER)  # nothing is marked
    running.expect("Mark at least one")
    running.send(DOWN)
    running.expect("»")
    running.send(" ")
    running.expect("●")
    running.send(ENTER)
    code, told = ended(running)
    assert code == 0
    assert "✓ acked 4116 Impossible travel" in told
    assert told.count("✓ acked") == 1
    assert triggered(terminal) == ["4117", "4115"]


def test_what_is_picked_from_says_what_happens_next(terminal: Terminal) -> None:
    running = asked(terminal, "ack")
    running.expect(r"4117 +\d+ min +manager in \d+ min +Canary token")
    running.send(CTRL_C)
    ended(running)


def test_typing_filters_and_ctrl_c_changes_nothing(terminal: Terminal) -> None:
    running = asked(terminal, "ack")
    running.send("invoice")
    running.expect("/ .*invoice")
    running.send(" ")
    running.expect("●")
    running.send(CTRL_C)
    code, told = ended(running)
    assert (code, two_lines("".join(told.splitlines(keepends=True)[-2:]))) == (130, True)
    assert triggered(terminal) == ["4117", "4116", "4115"]


def test_an_issue_is_picked_with_enter(terminal: Terminal) -> None:
    running = asked(terminal, "backlog", "pick")
    running.send(DOWN)
    running.expect("»")
    running.send(ENTER)
    code, told = ended(running)
    assert (code, "✓ picked acme-security/engineering#212" in told) == (0, True)


def test_enter_takes_nothing_where_nothing_matches(terminal: Terminal) -> None:
    running = asked(terminal, "backlog", "pick")
    running.send("no such issue")
    running.expect("no such issue")
    running.send(ENTER)
    running.expect("Nothing matches")
    running.send(CTRL_C)
    code, told = ended(running)
    assert (code, "picked" in told) == (130, False)


def test_notes_to_file_are_picked_with_space_and_enter(terminal: Terminal) -> None:
    for text in ("close honeypot noise by itself", "who owns the bucket?"):
        assert ended(terminal("note", "--kind", "question", text))[0] == 0
    running = asked(terminal, "improve")
    running.expect(r"[0-9a-f]{8}  question +\d s  close honeypot noise")
    running.send(DOWN)
    running.expect("»")
    running.send(" ")
    running.expect("●")
    running.send(ENTER)
    code, told = ended(running)
    assert (code, "✓ filed acme-security/engineering#224 who owns the bucket?" in told) == (0, True)
    assert "  oncall open acme-security/engineering#224\n" in told
    assert "close honeypot noise" in ended(terminal("improve", "--list"))[1]


@pytest.mark.parametrize(
    ("downs", "code", "said"),
    [
        (0, 0, "✓ filed acme-security/engineering#215"),
        (1, 0, "✓ filed acme-security/engineering#224"),
        (2, 7, "! refused"),
    ],
    ids=["it is that one", "file it", "not now"],
)
def test_where_one_is_like_it_the_engineer_decides(terminal: Terminal, downs: int, code: int, said: str) -> None:
    running = asked(terminal, "improve", "Honeypot is decommissioned and its rule still pages")
    running.expect("it is acme-security/engineering#215")
    for _ in range(downs):
        running.send(DOWN)
        running.expect("»")
    running.send(ENTER)
    ran, told = ended(running)
    assert (ran, said in told) == (code, True)


@pytest.mark.parametrize("environ", [{}, {"TERM": "dumb"}], ids=["--no-input", "TERM=dumb"])
def test_nobody_is_asked_who_can_not_or_will_not_be(terminal: Terminal, environ: dict[str, str]) -> None:
    code, told = ended(terminal("ack", *([] if environ else ["--no-input"]), **environ))
    assert (code, two_lines(told)) == (2, True)
    assert all(number in told for number in ("4117", "4116", "4115"))


@pytest.mark.parametrize("columns", [60, 80])
def test_a_table_fits_the_terminal_and_has_no_colour_unless_wanted(terminal: Terminal, columns: int) -> None:
    code, told = ended(terminal("pages", columns=columns))
    assert code == 0
    assert max(map(cell_len, told.splitlines())) <= columns
    assert "\x1b" not in told
    assert "\x1b[1;31m! triggered" in ended(terminal("pages", columns=columns, NO_COLOR=""))[1]


def test_a_long_answer_is_paged_and_ctrl_c_is_the_pagers(terminal: Terminal) -> None:
    running = terminal("issues", "--label", "oncall", ONCALL_PAGER="less", FORCE_HYPERLINK="1")
    running.expect_exact("\n:")
    assert "acme-security/engineering#204" in running.before
    assert "\x1b]8;" not in running.before, "an older less prints links as rubbish"
    running.send(CTRL_C)
    running.send("G")
    running.expect_exact("(END)")
    running.send("q")
    code, told = ended(running)
    assert (code, "Traceback" in told) == (0, False)
    for more in (
        {"ONCALL_PAGER": "less"},
        {"ONCALL_PAGER": "false"},
    ):  # what fits is printed, and what a pager failed at
        code, told = ended(terminal("pages" if more["ONCALL_PAGER"] == "less" else "issues", **more))
        assert (code, len(told.splitlines()) > 8) == (0, True)


def test_what_takes_long_is_seen_to_and_leaves_nothing_behind(terminal: Terminal, oncall: Oncall) -> None:
    oncall.now = datetime.now(UTC)
    oncall.fail("*", ".", 0, times=-1, hold=0.9)
    running = terminal("pages", FORCE_HYPERLINK="1")
    running.expect("\\r\x1b\\[K[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] asking… 1 s")
    running.expect_exact("\r\x1b[Kpage  status")
    told = ended(running)[1]
    assert (
        "\x1b]8;;https://acme-security.pagerduty.com/incidents/Q1CANARYTOKEN01\x1b\\4117\x1b]8;;\x1b\\  ! triggered"
        in told
    )
    assert "asking" not in told


def editor(tmp_path: Path, body: str) -> str:
    program = tmp_path / "editor"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


def test_a_note_without_words_is_written_in_the_editor(terminal: Terminal, tmp_path: Path) -> None:
    asking = 'printf "what is it? "; read answer; printf "first\\n%s\\n" "$answer" > "$1"'
    running = terminal("note", "--kind", "risk", VISUAL=editor(tmp_path, asking), EDITOR="false")
    running.expect_exact("what is it? ")
    running.sendline("the second")
    code, told = ended(running)
    assert (code, told) == (0, "✓ noted\n")
    code, told = ended(terminal("notes", "--json"))
    assert json.loads(told)[0]["text"] == "first\nthe second"
    assert list((tmp_path / "state" / "drafts").iterdir()) == []


def test_ctrl_c_in_the_editor_is_the_editors_and_leaves_the_draft_if_it_ends_that(
    terminal: Terminal, tmp_path: Path
) -> None:
    running = terminal("note", EDITOR=editor(tmp_path, 'echo "half of it" > "$1"; echo ready; sleep 20'))
    running.expect_exact("ready")
    running.send(CTRL_C)
    code, told = ended(running)
    draft = next((tmp_path / "state" / "drafts").rglob("*.md"))
    assert (code, two_lines(told.removeprefix("\n"))) == (130, True)
    assert f"what was written is kept in {draft}\n" in told
    assert draft.read_text() == "half of it\n"


def test_a_note_that_cannot_be_kept_stays_a_draft(terminal: Terminal, tmp_path: Path) -> None:
    ended(terminal("note", "the first"))
    (journal,) = (tmp_path / "state").rglob("journal.db")
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("PRAGMA user_version = 99")
    code, told = ended(terminal("note", EDITOR=editor(tmp_path, 'echo "half an hour of work" > "$1"')))
    assert (code, "; not kept: half an hour of work" in told.replace("\n", " ")) == (3, True)
    (draft,) = (tmp_path / "state" / "drafts").rglob("*.md")
    assert draft.read_text() == "half an hour of work\n"


@pytest.mark.parametrize("body", ["true", "exit 1"])
def test_an_empty_note_is_none(terminal: Terminal, tmp_path: Path, body: str) -> None:
    code, told = ended(terminal("note", EDITOR=editor(tmp_path, body)))
    assert (code, two_lines(told)) == (130, True)
    assert not list((tmp_path / "state").rglob("journal.db"))
