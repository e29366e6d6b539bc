"""On a real terminal: pickers, widths and colours."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest
from rich.cells import cell_len

from tests.cli.conftest import BANNER, Oncall, two_lines

DOWN, ENTER, CTRL_C = "\x1b[B", "\r", "\x03"
MOVES = re.compile(r"\x1b\[([?0-9;]*[A-Zhl]|0m)")
Terminal = Callable[..., Any]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """`terminal("ack")` is the command on a terminal of 80 columns, on a sandbox of its own."""

    def spawn(*arguments: str, columns: int = 80, **environ: str) -> Any:
        world = {**os.environ, "TERM": "xterm-256color", "ONCALL_STATE_DIR": str(tmp_path / "state")}
        world |= {"ONCALL_SANDBOX": "1", **environ}
        del world["COLUMNS"]
        command = ["-m", "secops_oncall", *arguments]
        return pexpect.spawn(
            sys.executable, command, env=world, dimensions=(24, columns), encoding="utf-8", timeout=10, echo=False
        )

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


@pytest.mark.parametrize("columns", ["60", "80", "100", "160"])
def test_every_list_fits(oncall: Oncall, columns: str) -> None:
    oncall("note", "short enough")
    oncall("review", "--done", "--why", "on the board, with a colleague who had the shift before this one")
    for command in (["pages"], ["issues"], ["review", "--list"], ["backlog"], ["who"], ["who", "--contact"]):
        told = oncall(*command, screen=True, COLUMNS=columns).out
        assert max(map(cell_len, told.splitlines())) <= int(columns), command
        assert "\x1b" not in told


@pytest.mark.parametrize("columns", ["60", "80", "100"])
def test_screens_fit_but_for_urls_which_stay_whole(oncall: Oncall, columns: str) -> None:
    oncall(
        "note", "a note that is long enough to need more than one line on a narrow terminal, at any rate on this one"
    )
    for command in (["status"], ["show", "4112"], ["notes"]):
        for line in oncall(*command, screen=True, COLUMNS=columns).out.splitlines():
            assert cell_len(line) <= int(columns) or "://" in line, (command, line)
