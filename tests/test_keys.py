"""Single keys on a real terminal: what counts as an answer, and what doesn't."""

import io
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import pexpect
import pytest

from secops_oncall.errors import UsageError
from secops_oncall.keys import press
from secops_oncall.streams import Streams
from tests.views.samples import Terminal

SLOW = """
import sys, time
from secops_oncall.errors import Cancelled
from secops_oncall.keys import press
from secops_oncall.streams import Streams
streams = Streams()
try:
    for number in range(int(sys.argv[1])):
        print("busy", number, flush=True)
        time.sleep(float(sys.argv[2]))
        print(f"<{press(streams, f'keys {number}?')}>", flush=True)
except Cancelled as error:
    print("cancelled:", error.message, error.hint)
"""


@pytest.fixture
def pressing() -> Iterator[Any]:
    running: list[Any] = []

    def start(times: int = 1, busy: float = 0.0) -> Any:
        world = {**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)}
        argv = ["-c", SLOW, str(times), str(busy)]
        running.append(pexpect.spawn(sys.executable, argv, env=world, encoding="utf-8", timeout=30, echo=False))
        return running[-1]

    yield start
    for each in running:
        each.close(force=True)


def test_a_key_is_its_character_and_what_is_no_single_key_is_none(pressing: Any) -> None:
    """An arrow, a paste, a word: a verdict was none of them."""
    keys = {"h": "h", "Q": "Q", "?": "?", "é": "é", "\r": "enter", "\n": "enter"}
    keys |= dict.fromkeys(["\x1b[A", "\x1b[5~", "\x1b[15~", "\t", "\x01", "nn", "noise", "\x1bn"], "")
    terminal = pressing(len(keys))
    for number, (typed, meant) in enumerate(keys.items()):
        terminal.expect_exact(f"keys {number}?")
        terminal.send(typed)
        terminal.expect_exact(f"\r\x1b[K<{meant}>")


def test_what_was_typed_before_the_line_was_there_answers_nothing(pressing: Any) -> None:
    terminal = pressing(2, 0.5)
    terminal.expect_exact("busy 0")
    terminal.send("n")
    terminal.expect_exact("keys 0?")
    time.sleep(0.3)
    terminal.send("h")
    terminal.expect_exact("<h>")
    terminal.expect_exact("busy 1")
    terminal.send("nnn\r")
    terminal.expect_exact("keys 1?")
    time.sleep(0.3)
    terminal.send("d")
    terminal.expect_exact("<d>")


@pytest.mark.parametrize("typed", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_ctrl_c_and_ctrl_d_leave(pressing: Any, typed: str) -> None:
    terminal = pressing()
    terminal.expect_exact("keys 0?")
    terminal.send(typed)
    terminal.expect_exact("cancelled: cancelled nothing more was sent")


def test_a_terminal_is_as_it_was_afterwards(pressing: Any) -> None:
    terminal = pressing(2, 0.5)
    terminal.expect_exact("keys 0?")
    terminal.send("x")
    terminal.expect_exact("busy 1")
    terminal.sendintr()  # the terminal turns it into a signal again
    terminal.expect("KeyboardInterrupt")


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {}])
def test_where_nobody_can_be_asked_it_is_an_error(environ: dict[str, str]) -> None:
    streams = Streams(Terminal(), Terminal(), Terminal() if environ else io.StringIO(), environ=environ)
    with pytest.raises(UsageError, match="no terminal") as refused:
        press(streams, "keys?", "oncall review --list")
    assert refused.value.hint == "the same command again, but oncall review --list"
