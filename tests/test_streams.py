import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pexpect
import pytest
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from secops_oncall.errors import UsageError
from secops_oncall.streams import Streams
from tests.views.samples import HOSTILE, Consoles, Terminal

Ask = Callable[..., str]
ENTER, SPACE, DOWN = "\r", " ", "\x1b[B"


def encoded(encoding: str) -> tuple[Streams, io.BytesIO]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    return Streams(stream, stream, io.StringIO(), environ={}), raw


def test_the_answer_goes_out_as_it_is_and_the_conversation_beside_it() -> None:
    consoles = Consoles(terminal=False)
    consoles.streams.answer("a\tb <!-- oncall:handoff x -->")
    consoles.streams.answer("c\n")
    consoles.streams.say("two\nlines")
    consoles.streams.done("acked 4117")
    consoles.streams.warn("refused 4116: it is resolved")
    consoles.streams.failed("failed 4115: 403")
    consoles.streams.warn("beware")
    consoles.streams.hint("oncall resolve")
    assert consoles.out == "a\tb <!-- oncall:handoff x -->\nc\n"
    assert consoles.err == ("two\nlines\n✓ acked 4117\n! refused 4116: it is resolved\n✗ failed 4115: 403\n! beware\n")


@pytest.mark.parametrize("verb", ["say", "warn", "failed", "done"])
def test_what_is_said_on_a_narrow_terminal_is_broken_at_spaces_and_in_no_command(verb: str) -> None:
    text = "page 4117 Canary token opened 王 " * 2 + "and 4 more pages of yours come first: oncall show 4117 --web"
    consoles = Consoles(width=24)
    getattr(consoles.streams, verb)(text)
    lines = consoles.err.splitlines()
    assert " ".join(lines).endswith(text)
    assert all(cell_len(line) <= 24 for line in lines[:-1])
    assert lines[-1] == "oncall show 4117 --web"
    piped = Consoles(terminal=False, width=24)
    getattr(piped.streams, verb)(text)
    assert piped.err.endswith(f"{text}\n")


def test_what_is_indented_stays_so() -> None:
    consoles = Consoles(width=24)
    consoles.streams.say("page 4117 and more\n  4117: high urgency, P1, Canary Tokens")
    assert consoles.err == "page 4117 and more\n  4117: high urgency,\n  P1, Canary Tokens\n"


def test_what_has_room_or_is_one_word_is_left_whole() -> None:
    consoles = Consoles(width=24)
    for text in ("a  b", "x" * 60, f"see {'x' * 60}", "", "two\n\nlines"):
        consoles.streams.say(text)
    assert consoles.err == f"a  b\n{'x' * 60}\nsee\n{'x' * 60}\n\ntwo\n\nlines\n"


def test_quiet_keeps_what_nobody_should_miss() -> None:
    consoles = Consoles()
    consoles.streams.quiet = True
    for verb in ("say", "done", "hint", "warn", "failed"):
        getattr(consoles.streams, verb)(verb)
    consoles.streams.error("no page 4199", "oncall pages")
    assert consoles.err == "! warn\n✗ failed\noncall: no page 4199\n  hint: oncall pages\n"


@pytest.mark.parametrize("text", [HOSTILE, "a\nb\r\nc\u2028d\x0be", "\n\n"])
def test_an_error_is_exactly_two_lines(text: str) -> None:
    consoles = Consoles()
    consoles.streams.error(text, text)
    lines = consoles.err.split("\n")
    assert [line[:8] for line in lines] == ["oncall: ", "  hint: ", ""]
    assert all(line.isprintable() for line in lines)


def test_a_hint_is_one_dim_line_on_a_terminal() -> None:
    consoles = Consoles(environ={"NO_COLOR": ""})
    consoles.streams.hint("oncall\nresolve")
    assert consoles.err == "\x1b[2m  oncall resolve\x1b[0m\n"


@pytest.mark.parametrize(
    ("terminal", "environ", "flag", "coloured"),
    [
        (True, {}, False, True),
        (False, {}, False, False),
        (True, {"NO_COLOR": "1"}, False, False),
        (True, {"NO_COLOR": ""}, False, True),
        (True, {"TERM": "dumb"}, False, False),
        (True, {}, True, False),
        (False, {"FORCE_COLOR": "1"}, False, True),
        (False, {"FORCE_COLOR": "0"}, False, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        (True, {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_where_it_is_allowed(terminal: bool, environ: dict[str, str], flag: bool, coloured: bool) -> None:
    consoles = Consoles(terminal=terminal, environ={"NO_COLOR": "", **environ})
    consoles.streams.no_color = flag
    consoles.streams.render(Text("late", "bold red"))
    consoles.streams.failed("failed")
    assert (consoles.out, consoles.err) == (
        ("\x1b[1;31mlate\x1b[0m\n", "\x1b[1;31m✗ failed\x1b[0m\n") if coloured else ("late\n", "✗ failed\n")
    )


def test_a_console_without_utf8_gets_other_characters() -> None:
    streams, raw = encoded("ascii")
    streams.answer("✓ Zoë… → 王\ud800")
    streams.render(Text("✗ Zoë"))
    streams.error("Zoë", "–")
    assert raw.getvalue() == b"+ Zo?~ > ??\nx Zo?\noncall: Zo?\n  hint: -\n"


def test_latin_1_keeps_what_it_has() -> None:
    streams, raw = encoded("iso-8859-1")
    streams.answer("✓ Zoë 王")
    assert raw.getvalue() == "+ Zoë ?\n".encode("latin-1")


def test_a_lone_surrogate_does_not_end_the_answer() -> None:
    streams, raw = encoded("utf-8")
    streams.answer("a\udcffb")
    assert raw.getvalue() == b"a?b\n"


def test_closed_streams_are_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    streams = Streams(environ={})
    streams.answer("answer")
    streams.error("wrong", "hint")
    assert not streams.interactive


def test_a_reader_who_leaves_early_is_no_error() -> None:
    reading, writing = os.pipe()
    streams = Streams(os.fdopen(writing, "w", encoding="utf-8"), io.StringIO(), io.StringIO(), environ={})
    os.close(reading)
    for _ in range(3):
        streams.answer("x" * 100_000)
        streams.flush()


FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full to write to")


@FULL
@pytest.mark.parametrize("buffering", [1, -1], ids=["a line at a time", "only at the flush"])
def test_what_became_of_a_write_is_told_elsewhere_where_there_is_no_room(buffering: int) -> None:
    with open("/dev/full", "w", buffering, encoding="utf-8") as full:
        err = io.StringIO()
        streams = Streams(full, err, io.StringIO(), environ={})
        streams.report("✓ acked 4117 Canary\n")
        streams.report("✓ acked 4116 Travel\n")
        assert (err.getvalue(), streams.reported) == ("✓ acked 4117 Canary\n✓ acked 4116 Travel\n", True)
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                streams.flush()


@FULL
def test_an_answer_that_there_is_no_room_for_is_an_error_once_and_the_flush_says_so_again() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        streams = Streams(full, io.StringIO(), io.StringIO(), environ={})
        streams.answer("an answer")
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                streams.flush()
        assert not streams.reported


@FULL
def test_a_conversation_that_there_is_no_room_for_ends_nothing() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        out = io.StringIO()
        streams = Streams(out, full, io.StringIO(), environ={})
        streams.say("asking")
        streams.report("✓ acked 4117 Canary")
        streams.error("wrong", "hint")
        streams.flush()
        assert out.getvalue() == "✓ acked 4117 Canary\n"


def test_rich_draws_to_the_width_and_leaves_text_alone() -> None:
    consoles = Consoles(width=20)
    consoles.streams.render(Text("[bold]a[/bold] :skull: " + "x" * 30))
    table = Table("[b]head", box=None)
    table.add_row("word " * 8)
    consoles.streams.render(table)
    first, *others = consoles.out_lines
    assert first == "[bold]a[/bold] :skull: " + "x" * 30
    assert "[b]head" in others[0]
    assert all(len(line) <= 20 for line in others)


class RealTerminal(io.TextIOWrapper):
    """A file that says it is a terminal, which a pager can write to."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("lines", "environ", "options", "paged"),
    [
        (23, {}, {}, False),
        (24, {}, {}, True),
        (13, {"COLUMNS": "3"}, {}, True),  # each is broken in two
        (24, {"LINES": "40"}, {}, False),
        (24, {"ONCALL_PAGER": ""}, {}, False),
        (24, {"ONCALL_PAGER": "false"}, {}, False),
        (24, {"TERM": "dumb"}, {}, False),
        (24, {}, {"no_pager": True}, False),
        (24, {}, {"no_input": True}, False),
        (24, {}, {"stdin": io.StringIO()}, False),
    ],
)
def test_a_long_answer_is_paged_and_never_lost(
    lines: int, environ: dict[str, str], options: dict[str, object], paged: bool, tmp_path: Path
) -> None:
    path = tmp_path / "screen"
    world = {**os.environ, "COLUMNS": "80", "LINES": "24", "ONCALL_PAGER": "sed s/^/paged:/", **environ}
    with path.open("wb") as file:
        streams = Streams(RealTerminal(file, encoding="utf-8"), Terminal(), Terminal(), environ=world)
        vars(streams).update(options)
        streams.answer("before")
        streams.page(Text("\n".join(["line"] * lines)))
        streams.answer("behind")
        streams.flush()
        shown = path.read_text("utf-8")
    assert shown == "before\n" + ("paged:line\n" if paged else "line\n") * lines + "behind\n"


@pytest.mark.parametrize(
    ("terminal", "environ", "quiet", "seen"),
    [
        (True, {}, False, True),
        (True, {}, True, False),
        (True, {"TERM": "dumb"}, False, False),
        (False, {}, False, False),
    ],
)
def test_where_it_is_seen_that_services_are_asked(
    terminal: bool, environ: dict[str, str], quiet: bool, seen: bool
) -> None:
    consoles = Consoles(terminal=terminal, environ=environ)
    consoles.streams.quiet = quiet
    asking = True
    consoles.streams.watch(lambda: asking)
    until = time.monotonic() + (20 if seen else 0.7)
    while "asking" not in consoles.err and time.monotonic() < until:
        time.sleep(0.01)
    assert ("asking" in consoles.err) is seen
    asking = False
    consoles.streams.warn("said")
    assert consoles.err.endswith("\r\x1b[K! said\n") if seen else consoles.err == "! said\n"
    assert consoles.out == ""


def test_the_width_is_the_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Consoles(width=64).streams.width == 64
    monkeypatch.delenv("COLUMNS")
    assert Consoles(terminal=False, environ={"COLUMNS": "0"}).streams.width == 80


@pytest.mark.parametrize(
    ("stdin", "stdout", "environ", "no_input", "interactive"),
    [
        (Terminal(), Terminal(), {}, False, True),
        (io.StringIO(), Terminal(), {}, False, False),
        (Terminal(), io.StringIO(), {}, False, False),
        (Terminal(), Terminal(), {"TERM": "dumb"}, False, False),
        (Terminal(), Terminal(), {}, True, False),
    ],
)
def test_who_can_be_asked(
    stdin: TextIO, stdout: TextIO, environ: dict[str, str], no_input: bool, interactive: bool
) -> None:
    streams = Streams(stdout, io.StringIO(), stdin, environ=environ, no_input=no_input)
    assert streams.interactive is interactive


def test_nobody_is_asked_in_a_pipe() -> None:
    streams = Consoles(terminal=False).streams
    with pytest.raises(UsageError, match=r"there is no terminal to ask on: Post\?") as refused:
        streams.confirm("Post?")
    assert refused.value.hint == "the same command again, but add --yes"
    with pytest.raises(UsageError):
        streams.pick("Which?", [("a", 1)])
    with pytest.raises(UsageError):
        streams.ask("Token")


def test_importing_it_loads_neither_rich_nor_the_prompts() -> None:
    names = ["streams", "journal", *(f"views.{view}" for view in ("pages", "issues", "people", "notes", "outcomes"))]
    program = "import sys; " + "; ".join(f"import secops_oncall.{name}" for name in [*names, "views.status"])
    program += "; print([name for name in ('rich', 'questionary', 'prompt_toolkit') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


PROGRAM = """
from secops_oncall.errors import Cancelled
from secops_oncall.streams import Streams
streams = Streams()
try:
    answer = {call}
    print("ANSWER", answer, "END")
except Cancelled as error:
    print("CANCELLED", int(error.exit_code), "END")
"""
PAGES = "[('4117  canary', 'first'), ('4116  travel \\x1b[31m', 'second'), ('4115  phish', None)]"


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Run a prompt in a real terminal, type, and answer what came of it."""
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")
    monkeypatch.setenv("TERM", "xterm")
    children = []

    def run(call: str, prompt: str, *keys: str) -> str:
        child = pexpect.spawn(sys.executable, ["-c", PROGRAM.format(call=call)], encoding="utf-8", timeout=20)
        children.append(child)
        child.expect_exact(prompt)
        for key in keys:
            child.send(key)
        child.expect(r"((ANSWER|CANCELLED) .*) END")
        assert "hunter2" not in f"{child.before}{child.after}"
        assert isinstance(child.match, re.Match)
        return str(child.match[1])

    yield run
    for child in children:
        child.close(force=True)


class TestOnATerminal:
    def test_pick_one_by_arrow(self, ask: Ask) -> None:
        assert ask(f"streams.pick('Which?', {PAGES})", "4115  phish", DOWN, ENTER) == "ANSWER ['second']"

    def test_pick_one_by_typing(self, ask: Ask) -> None:
        assert ask(f"streams.pick('Which?', {PAGES})", "4115  phish", "p", "h", ENTER) == "ANSWER [None]"

    def test_mark_several(self, ask: Ask) -> None:
        keys = (SPACE, DOWN, DOWN, SPACE, ENTER)
        assert ask(f"streams.pick('Which?', {PAGES}, many=True)", "4115  phish", *keys) == "ANSWER ['first', None]"

    def test_enter_without_a_mark_takes_nothing(self, ask: Ask) -> None:
        keys = (ENTER, SPACE, ENTER)
        assert ask(f"streams.pick('Which?', {PAGES}, many=True)", "4115  phish", *keys) == "ANSWER ['first']"

    def test_ctrl_c_cancels(self, ask: Ask) -> None:
        assert ask(f"streams.pick('Which?', {PAGES})", "4115  phish", "\x03") == "CANCELLED 130"

    @pytest.mark.parametrize(("keys", "answer"), [("y\r", "True"), ("n\r", "False"), ("\r", "False")])
    def test_confirm(self, ask: Ask, keys: str, answer: str) -> None:
        assert ask("streams.confirm('Post it?')", "(y/N)", keys) == f"ANSWER {answer}"

    def test_a_secret_is_not_shown(self, ask: Ask) -> None:
        assert ask("len(streams.ask('Token', secret=True))", "Token", "hunter2\r") == "ANSWER 7"
