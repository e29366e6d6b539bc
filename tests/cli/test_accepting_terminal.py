"""`oncall handoff accept` on a real terminal: three short prompts, what differs, and one key."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from secops_oncall.sandbox.server import Sandbox
from tests.cli.conftest import Oncall, Served
from tests.cli.posting_world import CONFIDENTIAL, OPEN, World, set_up
from tests.cli.test_accepting import Desk
from tests.cli.test_editing_terminal import Terminal
from tests.cli.test_editing_text import editor, put
from tests.cli.test_terminal import CTRL_C, ENTER
from tests.forked import Forks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it needs a pseudo-terminal")
Accept = Callable[..., Terminal]


@pytest.fixture
def world(oncall: Oncall, tmp_path: Path) -> Iterator[World]:
    """Ana has posted a hand-off to Chen, at the time of this machine: for processes of their own."""
    oncall.now = datetime.now(UTC)
    with Sandbox(tmp_path / "served", clock=lambda: datetime.now(UTC)) as services:
        world = set_up(oncall, Served(services), tmp_path)
        assert world.post("--to", "chen").code == 0
        yield world


@pytest.fixture
def chen(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path / "chen")


@pytest.fixture
def accept(chen: Desk, forks: Forks) -> Iterator[Accept]:
    """`accept("--from", "ana", EDITOR="…")` is the command on a terminal of 80 columns."""
    started: list[Terminal] = []

    def start(*arguments: str, **more: Any) -> Terminal:
        environ = {**chen.environ, "NO_COLOR": "1", "EDITOR": "false", **more}
        started.append(Terminal(forks, environ, *arguments, columns=80, command="accept"))
        return started[-1]

    yield start
    for each in started:
        each.running.close(force=True)


def test_three_answers_what_differs_and_one_key(accept: Accept, chen: Desk, tmp_path: Path) -> None:
    due = f"{chen.world.oncall.now + timedelta(hours=2):%H:%M}"
    words = f"read the logs by {due}"
    rewrites = [put("# First I will", words), "text = text.replace('call 4999\\n', '')"]
    one = accept(EDITOR=editor(tmp_path, "\n".join(rewrites)))
    one.until("Start here")
    one.until("Read it back in your own words")
    one.answer("The state is …", "TBD", ENTER)
    one.until("says nothing")
    one.answer("The state is …", "contained: 100, 101", ENTER)
    one.answer("First I will …", "call 4999", ENTER)
    one.answer("I escalate if …", "a call comes", ENTER)
    one.until(f"left out, times: {due} UTC")
    one.until("not in the hand-off, numbers and ids: 4999")
    one.until("[g]o on, [e]dit, [q]uit")
    one.running.send("e")
    code, told = one.ended()
    assert code == 0
    assert [line for line in told.splitlines() if line.startswith("✓ read back ")] == [
        f"✓ read back {CONFIDENTIAL}",
        f"✓ read back {OPEN}: internal",
        "✓ read back acme-security/engineering#224",
        "✓ read back slack-thread #secops: in the thread of the hand-off",
    ]
    assert [line for line in told.splitlines() if cell_len(line) > 80 and "? " not in line] == []
    assert chen.handoff()["accepted"]["read_back"]["first"] == words


def test_what_was_typed_is_not_lost_by_a_change_of_mind(accept: Accept, chen: Desk) -> None:
    one = accept()
    one.answer("The state is …", "contained", ENTER)
    one.answer("First I will …", CTRL_C)
    code, told = one.ended()
    assert (code, chen.counts()) == (130, {"slack": 0})
    assert "what you read back is not kept; it was:" in told
    assert "# The state is\ncontained\n" in told


@pytest.mark.parametrize("key", [CTRL_C, "q"])
def test_what_was_read_back_is_not_lost_where_the_differences_change_a_mind(
    accept: Accept, chen: Desk, key: str
) -> None:
    one = accept("--state", "contained: 100, 101", "--escalate-if", "a call comes")
    one.answer("First I will …", "call 4999", ENTER)
    one.until("[g]o on, [e]dit, [q]uit")
    one.running.send(key)
    code, told = one.ended()
    assert (code, chen.counts()) == (130, {"slack": 0})
    assert "# First I will\ncall 4999\n" in told
