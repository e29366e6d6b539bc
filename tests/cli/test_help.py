"""Help fits the screen, comes from one file, and says what was meant."""

import re
from pathlib import Path

import pytest

import secops_oncall
from secops_oncall.commands import known
from secops_oncall.config import KEYS, variable
from secops_oncall.domain.commands import Command
from secops_oncall.errors import WHEN, ExitCode
from secops_oncall.secrets import VARIABLES
from secops_oncall.views.help import brief
from tests.cli.conftest import Oncall, two_lines

PACKAGE = Path(secops_oncall.__file__).parent
named = pytest.mark.parametrize
EVERY = list(known().root.walk())


@named("line", ["", "--help", "-h", "help", "--sandbox -h", "-p x --help"])
def test_the_daily_commands_fit_one_screen(oncall: Oncall, line: str) -> None:
    ran = oncall(*line.split())
    lines = ran.out.splitlines()
    assert (ran.code, ran.err, ran.log) == (0, "", None)
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    for command in known().root.commands:
        assert any(command in each for each in lines), command


@named("line", ["", "help commands", "help environment", "help output", "help exit-codes", "handoff post -h"])
def test_help_fits_a_narrow_terminal(oncall: Oncall, line: str) -> None:
    ran = oncall(*line.split(), COLUMNS="60")
    too_long = [each for each in ran.out.splitlines() if len(each) > 60 and not each.startswith("  $ ")]
    assert (ran.code, too_long) == (0, [])


@named("command", EVERY, ids=lambda command: command.name)
def test_a_command_is_told_whole(oncall: Oncall, command: Command) -> None:
    ran = oncall("help", *command.path)
    assert ran.code == 0
    assert " ".join(ran.out.split()).startswith(f"Usage: {command.usage} {command.summary}")
    given = [*(each.value for each in command.arguments), *(each.spelt for each in command.options)]
    assert [each for each in given if f"  {each}" not in ran.out] == []
    assert all(f"  $ {example}" in ran.out for example in command.examples)


@named(
    ("line", "same"),
    [
        ("ack --help", "help ack"),
        ("ack 4117 -h --all", "help ack"),
        ("--sandbox backlog -h", "help backlog"),
        ("backlog pick --help -q", "help backlog pick"),
        ("backlog -o json pick x -h", "help backlog pick"),
        ("resolve --note -q -h", "help resolve"),
        ("help --help", "help help"),
    ],
)
def test_help_is_the_same_by_option_and_by_command(oncall: Oncall, line: str, same: str) -> None:
    assert oncall(*line.split()).out == oncall(*same.split()).out


@named("line", ["note -- --help", "note --kind automate -- -h"])
def test_what_only_looks_like_a_wish_for_help_is_none(oncall: Oncall, line: str) -> None:
    assert oncall(*line.split()).err == "✓ noted\n"


def test_every_command_has_a_line(oncall: Oncall) -> None:
    lines = oncall("help", "commands").out.splitlines()
    assert len(lines) == len(EVERY)
    assert all(line.startswith(f"{each.name} ") for line, each in zip(lines, EVERY, strict=True))


def test_every_variable_is_told(oncall: Oncall) -> None:
    told = oncall("help", "environment").out
    names = [*map(variable, KEYS), *(name for names in VARIABLES.values() for name in names)]
    names += ["ONCALL_CONFIG", "ONCALL_PROFILE", "ONCALL_STATE_DIR", "ONCALL_SANDBOX", "NO_COLOR", "FORCE_COLOR"]
    names += ["PAGER", "EDITOR", "VISUAL", "HTTPS_PROXY"]
    assert [name for name in names if name not in told] == []


# What a terminal or a desktop says of itself, and what a shell asks completion with: nobody sets it for oncall.
OF_OTHERS = {"CI", "DISPLAY", "WAYLAND_DISPLAY", "LINES", "STY", "VTE_VERSION", "KONSOLE_VERSION", "REQUEST_URI"}
OF_OTHERS |= {"TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COMP_WORDS", "COMP_CWORD"}


def test_so_is_every_variable_that_the_program_reads(oncall: Oncall) -> None:
    read = re.compile(r"""environ(?:\.get\(|\[)"([A-Z][A-Z_]+)\"""")
    found = {name for path in PACKAGE.rglob("*.py") for name in read.findall(path.read_text("utf-8"))}
    told = oncall("help", "environment").out
    assert {"ONCALL_CONFIG", "PAGER", "NO_COLOR"} <= found
    assert {name for name in found if name not in told} <= OF_OTHERS


def test_every_exit_code_is_told(oncall: Oncall) -> None:
    told = oncall("help", "exit-codes").out
    assert set(WHEN) == set(ExitCode)
    assert all(f"  {code.value} {code.name} " in told for code in ExitCode)


def test_headings_are_bold_where_there_is_colour(oncall: Oncall) -> None:
    assert "\x1b[1mThe shift\x1b[0m\n" in oncall("help", screen=True, NO_COLOR="").out
    assert "\x1b" not in oncall("help", "--no-color", screen=True, NO_COLOR="").out


@named(
    ("line", "said", "hint"),
    [
        ("pagse", "No such command 'pagse': did you mean oncall pages?", "oncall pages --help"),
        ("acknowledge", "did you mean oncall ack?", "oncall ack --help"),
        ("pick", "did you mean oncall backlog pick?", "oncall backlog pick --help"),
        ("teleport", "No such command 'teleport'", "oncall help commands"),
        ("handoff pots", "did you mean oncall handoff post?", "oncall handoff post --help"),
        ("handoff teleport", "No such command 'teleport'", "oncall handoff --help"),
        ("handoff pots --help", "did you mean oncall handoff post?", "oncall handoff post --help"),
        ("pages --trigered", "No such option: --trigered: did you mean --triggered?", "oncall pages --help"),
        ("ack --al", "did you mean --all?", "oncall ack --help"),
        ("ack --quite", "did you mean --quiet?", "oncall ack --help"),
        ("ack --zzz", "No such option: --zzz", "oncall ack --help"),
        ("--sandbx status", "did you mean --sandbox?", "oncall --help"),
        ("help exit-code", "did you mean exit-codes?", "oncall help exit-codes"),
        ("help handoff pots", "did you mean post?", "oncall help handoff post"),
        ("help teleport", "there is no help on 'teleport'", "oncall help commands"),
    ],
)
def test_what_was_meant_is_said(oncall: Oncall, line: str, said: str, hint: str) -> None:
    ran = oncall(*line.split())
    assert (ran.code, ran.out, two_lines(ran.err), ran.log) == (2, "", True, None)
    message, told = ran.err.splitlines()
    assert said in message
    assert told.removeprefix("  hint: ") == hint


@named(
    ("summary", "room", "line"),
    [
        ("Acknowledge pages. Without PAGE: the one.", 80, "Acknowledge pages"),
        ("Show one page whole: alerts, issue, owner.", 25, "Show one page whole"),
        ("Let a page rest, acked; tells whom it wakes.", 30, "Let a page rest, acked"),
        ("Let a page rest, acked for hours", 20, "Let a page rest"),
        ("Print the hand-off notes", 12, "Print the h…"),
    ],
)
def test_a_summary_is_cut_where_it_says_something(summary: str, room: int, line: str) -> None:
    assert brief(summary, room) == line


@pytest.mark.parametrize("line", ["help", "help exit-codes"])
def test_a_terminal_of_hardly_any_width_has_help_all_the_same(oncall: Oncall, line: str) -> None:
    ran = oncall(*line.split(), COLUMNS="1")
    assert (ran.code, ran.err) == (0, "")
