"""`oncall handoff edit` on a real terminal: prompts for what is missing, and the editor with all that can go wrong."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pexpect
import pytest
from rich.cells import cell_len

from secops_oncall.sandbox.server import Sandbox
from tests.cli.conftest import BANNER, Oncall, Served, two_lines
from tests.cli.test_editing_text import drafts, editor, put, said
from tests.cli.test_editing_text import events as kept
from tests.cli.test_terminal import CTRL_C, ENTER, MOVES
from tests.forked import Forks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it needs a pseudo-terminal")
CLEARED = re.compile(r"[^\n]*\r\x1b\[K")
CANARY = "acme-security/operations#103"
Edit = Callable[..., "Terminal"]


def events(oncall: Oncall) -> list[dict[str, Any]]:
    """The edits that the journal holds, without the pages that each one was about."""
    return [{name: value for name, value in each.items() if name != "pages"} for each in kept(oncall)]


class Terminal:
    """A command of `oncall handoff` on a terminal; `until` waits for a text."""

    def __init__(
        self, forks: Forks, environ: dict[str, Any], *arguments: str, columns: int = 60, command: str = "edit"
    ) -> None:
        world = {**os.environ, "TERM": "xterm-256color", **environ}
        world.pop("COLUMNS", None)
        self.running: Any = forks.terminal("handoff", command, *arguments, env=world, dimensions=(24, columns))
        self.seen = ""

    def until(self, text: str) -> None:
        self.running.expect_exact(text)
        self.seen += self.running.before + text

    def answer(self, question: str, *keys: str) -> None:
        """Answer a prompt, once it is there and knows where the cursor is, as a real terminal tells."""
        self.until("\x1b[6n")
        self.running.send("\x1b[1;1R")
        self.until(question)
        for key in keys:
            self.running.send(key)

    def press(self, label: str, key: str) -> None:
        self.until(f"{label}: [")
        self.until("[e]ditor")
        self.running.send(key)

    def ended(self) -> tuple[int, str]:
        """How it ended, and all that stands on the terminal."""
        self.running.expect(pexpect.EOF)
        self.running.close()
        told = CLEARED.sub("", (self.seen + self.running.before).replace("\r\n", "\n"))
        told = MOVES.sub("", told.replace("\r", ""))
        return self.running.exitstatus, BANNER.sub("", told)


@pytest.fixture
def world(oncall: Oncall, tmp_path: Path) -> Iterator[Served]:
    """The services at the time of this machine, for processes of their own."""
    oncall.now = datetime.now(UTC)
    with Sandbox(tmp_path / "served", clock=lambda: datetime.now(UTC)) as services:
        yield Served(services)


@pytest.fixture
def environ(world: Served, oncall: Oncall) -> dict[str, Any]:
    return world.environ(ONCALL_STATE_DIR=str(oncall.state), NO_COLOR="1", EDITOR="false")


@pytest.fixture
def edit(environ: dict[str, Any], forks: Forks) -> Iterator[Edit]:
    """`edit("4117", EDITOR="…")` is the command on a terminal of 60 columns."""
    started: list[Terminal] = []

    def start(*arguments: str, columns: int = 60, **more: str) -> Terminal:
        started.append(Terminal(forks, {**environ, **more}, *arguments, columns=columns))
        return started[-1]

    yield start
    for each in started:
        each.running.close(force=True)


# Asking


def test_only_what_is_missing_is_asked_for_and_every_answer_is_kept_at_once(
    edit: Edit, oncall: Oncall, environ: dict[str, Any]
) -> None:
    oncall("handoff", "edit", "4117", "--tried", "the VPN", **environ)
    one = edit()
    one.until("1 of 10: acme-security/operations#103 Canary token")
    one.answer("State now (what is true now)", "our own scanner", ENTER)
    one.press("Confidence", "h")
    one.press("Posture", "w")
    one.answer("Next Steps (action | who | when)", "close the rule | ben | soon", ENTER)
    one.until("oncall: 'soon' is no time")
    one.answer("Next Steps (action | who | when)", "\x7f" * 4, "2h", ENTER)
    one.until("close the rule, Ben Okafor, by ")
    assert [set(each) for each in events(oncall)] == [
        {"subject", field} for field in ("tried", "state", "confidence", "posture", "add")
    ]
    one.answer("Next Steps (action | who | when)", ENTER)
    one.until("2 of 10: acme-security/operations#104")
    one.answer("State now", CTRL_C)
    code, told = one.ended()
    assert code == 130
    assert told.endswith("oncall: cancelled: 4 answers kept\n  hint: oncall handoff edit goes on from there\n")
    assert "Tried / ruled out" not in told
    wide = [line for line in told.splitlines() if cell_len(line) > 60 and "? " not in line and "hint: " not in line]
    assert wide == []
    found = said(oncall, **environ)
    assert (found["state"], found["confidence"], found["posture"], found["tried"]) == (
        "our own scanner",
        "high",
        "watch",
        "the VPN",
    )
    assert [(step["action"], step["who"]) for step in found["next_steps"]] == [("close the rule", "Ben Okafor")]


def test_one_that_is_killed_goes_on_where_it_was(edit: Edit, oncall: Oncall) -> None:
    one = edit()
    one.answer("State now", "our own scanner", ENTER)
    one.until("\x1b[6n")
    one.running.kill(signal.SIGKILL)
    one.running.wait()
    assert events(oncall) == [{"subject": CANARY, "state": "our own scanner"}]
    two = edit()
    two.until("1 of 10: acme-security/operations#103")
    two.answer("Tried / ruled out", CTRL_C)
    code, told = two.ended()
    assert (code, two_lines("".join(told.splitlines(keepends=True)[-2:]))) == (130, True)


def test_enter_alone_leaves_it_and_a_key_without_a_meaning_does_nothing(edit: Edit, oncall: Oncall) -> None:
    one = edit()
    one.answer("State now", ENTER)
    one.answer("Tried / ruled out", ENTER)
    one.press("Confidence", "x")
    one.press("Confidence", ENTER)
    one.press("Posture", ENTER)
    one.answer("Next Steps", ENTER)
    one.until("2 of 10: ")
    one.answer("State now", CTRL_C)
    code, told = one.ended()
    assert (code, told.endswith("oncall: cancelled\n  hint: nothing was kept\n")) == (130, True)
    assert events(oncall) == []


def test_e_opens_the_whole_text_with_what_was_answered(edit: Edit, oncall: Oncall, tmp_path: Path) -> None:
    body = f"assert text.count('## Next Steps') == 10\nassert 'ours' in text\n{put('### Tried / ruled out', 'the VPN')}"
    one = edit(EDITOR=editor(tmp_path, body))
    one.answer("State now", "ours", ENTER)
    one.answer("Tried / ruled out", ENTER)
    one.press("Confidence", "e")
    code, told = one.ended()
    assert (code, f"✓ kept for {CANARY}: Tried / ruled out\n" in told) == (0, True)
    assert events(oncall) == [{"subject": CANARY, "state": "ours"}, {"subject": CANARY, "tried": "the VPN"}]


def test_e_opens_it_where_a_line_is_asked_for_too(edit: Edit, oncall: Oncall, tmp_path: Path) -> None:
    one = edit(EDITOR=editor(tmp_path, "text = ''"))
    one.answer("State now", "e", ENTER)
    code, told = one.ended()
    assert (code, "oncall: cancelled: the text is empty" in told, events(oncall)) == (130, True, [])


def test_a_quiet_shift_passes_without_a_prompt(edit: Edit, oncall: Oncall, environ: dict[str, Any]) -> None:
    everything = [
        "--state",
        "x",
        "--tried",
        "y",
        "--confidence",
        "low",
        "--posture",
        "stable",
        "--next",
        "z | Ben | 2h",
    ]
    gaps = oncall("handoff", "edit", "-n", "--json", **environ).json
    for id in dict.fromkeys(gap["id"] for gap in gaps):
        assert oncall("handoff", "edit", id, *everything, **environ).code == 0
    code, told = edit().ended()
    assert (code, "Nothing is missing that only you know.\n" in told) == (0, True)
    assert "errors left that no words mend\n  hint: oncall handoff lint\n" in told


@pytest.mark.parametrize("environ_more", [{"TERM": "dumb"}, {}], ids=["dumb", "--no-input"])
def test_nobody_is_asked_who_can_not_or_will_not_be(edit: Edit, environ_more: dict[str, str]) -> None:
    code, told = edit(*([] if environ_more else ["--no-input"]), columns=200, **environ_more).ended()
    assert (code, told.startswith("oncall: 10 incidents lack what only you know: ")) == (2, True)
    assert two_lines(told)


# The editor


def test_a_program_that_is_killed_while_the_editor_is_open_leaves_the_draft(
    edit: Edit, oncall: Oncall, tmp_path: Path
) -> None:
    slow = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nprint('open', flush=True)\ntime.sleep(0.5)"
    one = edit("4117", EDITOR=editor(tmp_path, f"{put('### State now', 'half of it')}\n{slow}"))
    one.until("open")
    one.running.kill(signal.SIGKILL)
    one.running.wait()
    (draft,) = drafts(oncall)
    until = time.monotonic() + 10
    while "half of it" not in draft.read_text() and time.monotonic() < until:
        time.sleep(0.02)
    assert "half of it" in draft.read_text()


def test_ctrl_c_is_the_editor_s_own(edit: Edit, oncall: Oncall, tmp_path: Path) -> None:
    slow = "signal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('open', flush=True)\ntime.sleep(0.5)"
    one = edit("4117", EDITOR=editor(tmp_path, f"{slow}\n{put('### State now', 'all of it')}"))
    one.until("open")
    one.running.send(CTRL_C)
    assert (one.ended()[0], events(oncall)) == (0, [{"subject": CANARY, "state": "all of it"}])
