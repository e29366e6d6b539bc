"""`oncall init` on a real terminal: from an empty home to a working status, and left in the middle."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.forked import Forks

DOWN, ENTER, CTRL_C = "\x1b[B", "\r", "\x03"
MOVES = re.compile(r"\x1b\[([?0-9;]*[A-Zhlm]|0m)")
Terminal = Callable[..., Any]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Sandbox]:
    """The services at the machine's own time, as another process serves them."""
    with Sandbox(tmp_path / "served") as sandbox:
        yield sandbox


@pytest.fixture
def terminal(tmp_path: Path, services: Sandbox, forks: Forks) -> Terminal:
    """`terminal("init")` is the command on a terminal, in an empty home, with a keyring that works."""

    def spawn(*arguments: str, **environ: str) -> Any:
        world = {**os.environ, "TERM": "xterm-256color", "ONCALL_STATE_DIR": str(tmp_path / "state")}
        world |= {"PYTHON_KEYRING_BACKEND": "tests.keyrings.FileKeyring"}
        world |= {"KEYRING_PROPERTY_PATH": str(tmp_path / "keyring.json"), "ONCALL_SLACK_URL": services.addresses.slack}
        del world["COLUMNS"]
        return forks.terminal(*arguments, env=world | environ, dimensions=(40, 100))

    return spawn


def answer(running: Any, question: str, *keys: str) -> None:
    """Tell where the cursor is, as a real terminal does, wait for the question, and press keys."""
    running.expect_exact("\x1b[6n")
    running.send("\x1b[1;1R")
    running.expect_exact(question)
    for key in keys:
        running.send(key)


def ended(running: Any) -> tuple[int, str]:
    running.expect(pexpect.EOF)
    running.close()
    return running.exitstatus, MOVES.sub("", running.before.replace("\r\n", "\n"))


def config() -> Path:
    return Path(os.environ["HOME"]) / ".config" / "oncall" / "config.toml"


def test_from_an_empty_home_to_a_working_status(terminal: Terminal, tmp_path: Path, services: Sandbox) -> None:
    running = terminal("init")
    answer(running, "PagerDuty region", "another", ENTER)
    answer(running, "PagerDuty address", services.addresses.pagerduty, ENTER)
    answer(running, "PagerDuty key", "two words", ENTER)
    running.expect_exact("holds no spaces")
    answer(running, "PagerDuty key", cast.token("pagerduty"), ENTER)
    running.expect_exact("✓ PagerDuty: user key of Ana Ferreira")
    answer(running, "GitLab host", "\x15", services.addresses.gitlab, ENTER)
    running.expect_exact(f"{services.addresses.gitlab}/-/user_settings/personal_access_tokens?name=oncall&scopes=api")
    answer(running, "GitLab token", cast.token("gitlab"), ENTER)
    answer(running, "Projects with the issues of pages", DOWN, DOWN, " ", ENTER)
    running.expect_exact("acme-security/operations")
    answer(running, "Labels that mark", "incident", ENTER)
    answer(running, "Project for hand-over issues", "engineering", ENTER)
    answer(running, "Slack token", cast.token("slack"), ENTER)
    answer(running, "Channel in which acks are announced", "department", ENTER)
    answer(running, "SecOps channel", "#secops", ENTER)
    running.expect_exact("ana@example.com")
    answer(running, "Are these the same people?", "y", ENTER)
    code, told = ended(running)
    assert code == 0, told
    assert "kept in the keyring" in told
    assert "oncall status" in told
    assert "sandbox-" not in config().read_text("utf-8")
    code, told = ended(terminal("status"))
    assert (code, "Ana Ferreira" in told) == (0, True), told


def test_ctrl_c_in_the_middle_leaves_everything_as_it_was(
    terminal: Terminal, tmp_path: Path, services: Sandbox
) -> None:
    config().parent.mkdir(parents=True)
    before = f'# by hand\n[pagerduty]\nurl = "{services.addresses.pagerduty}"\n[mine]\nown = 1\n'
    config().write_text(before, "utf-8")
    running = terminal("init", "--gitlab-url", services.addresses.gitlab)
    answer(running, "PagerDuty region", ENTER)
    answer(running, "PagerDuty key", cast.token("pagerduty"), ENTER)
    answer(running, "GitLab token", cast.token("gitlab"), ENTER)
    answer(running, "Projects with the issues of pages", CTRL_C)
    code, told = ended(running)
    assert (code, "nothing was written" in told) == (130, True)
    assert config().read_text("utf-8") == before
    assert [path.name for path in config().parent.iterdir()] == ["config.toml"]
    assert not (tmp_path / "keyring.json").exists()


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_is_left_when_it_ends_at_the_keyring(
    tmp_path: Path, services: Sandbox, forks: Forks, ended_by: signal.Signals
) -> None:
    """The file has all but the tokens, and the keyring nothing that the file doesn't name."""
    where = services.addresses
    world = {**os.environ, "ONCALL_STATE_DIR": str(tmp_path / "state"), "ONCALL_SLACK_URL": where.slack}
    world |= {"PYTHON_KEYRING_BACKEND": "tests.keyrings.StuckKeyring"}
    world |= {"KEYRING_PROPERTY_PATH": str(tmp_path / "keyring.json")}
    arguments = ["--pagerduty-url", where.pagerduty, "--gitlab-url", where.gitlab, "--no-slack", "--no-map"]
    with forks.begin("init", "--stdin", *arguments, env=world) as running:
        running.stdin.write(f"{cast.token('pagerduty')}\n{cast.token('gitlab')}\n")
        running.stdin.close()
        while not (tmp_path / "keyring.json.asked").exists():
            time.sleep(0.02)
        running.send_signal(ended_by)
        said = running.stderr.read()
        assert running.wait() == (130 if ended_by == signal.SIGINT else -ended_by)
    assert where.gitlab in config().read_text("utf-8")
    if ended_by == signal.SIGINT:
        assert "cancelled, but the configuration was written, whether the keyring has the PagerDuty token" in said
        assert "never got the GitLab token\n  hint: oncall auth login pagerduty; oncall auth login gitlab" in said
    world["PYTHON_KEYRING_BACKEND"] = "tests.keyrings.FileKeyring"
    status = forks.run("auth", "status", env=world)
    assert (status.returncode, "hint: oncall auth login pagerduty" in status.stderr) == (4, True), status.stderr
