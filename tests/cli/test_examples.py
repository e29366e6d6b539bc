"""Every example that a command's help shows runs on the sandbox."""

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from secops_oncall.commands import known
from secops_oncall.domain.commands import Command
from secops_oncall.sandbox import cast
from tests.cli.conftest import Oncall, Ran
from tests.keyrings import MemoryKeyring, in_use

ROOT = known().root
EVERY = [ROOT, *ROOT.walk()]
# What stands in an example for something of the reader's own, and what comes from elsewhere.
MEANT = {
    "your-group:On-call": cast.BOARD,
    "ssh elsewhere oncall": "oncall",
    "tail -5 auth.log": "oncall --version",
}
# What has to be done before a command's examples.
FIRST = {
    "oncall resolve": ["oncall ack 4117"],
    "oncall show": ["oncall ack 4117"],
    "oncall backlog done": ["oncall backlog pick group/project#12"],
    "oncall backlog drop": ["oncall backlog pick group/project#12"],
    "oncall handoff edit": ['oncall handoff edit 4117 --next "read the logs | Ben | 15:00"'],
    "oncall handoff show": ['oncall handoff post --yes --anyway --why "practice"'],
    "oncall incident back": ['oncall incident break --to "Ben Okafor" --back 45m --page 4112 --yes'],
}
# What the files hold that examples read.
FILES = {"summary.txt": "contained: the key is revoked", "key.txt": cast.token("pagerduty")}
SETTINGS = """
[gitlab]
groups = ["acme-security"]
[profile.staging.gitlab]
groups = ["acme-security"]
"""
# Whose own issue it is, where any of the Backlog doesn't do: that one is done by then, and has no label.
ISSUE = {"oncall backlog drop": "acme-security/engineering#212", "oncall review": "acme-security/engineering#223"}
# What asks on a terminal is told yes.
ASKED = (
    "oncall escalate 4117 --to backup",
    "oncall handoff post --anyway",
    'oncall incident break --to "Ben',
    "oncall incident high-impact",
    "oncall incident update",
)
KEYS = (2, "it is gone through by keys, on a terminal")
UNMET = (5, "a note, or an older hand-off, that this sandbox doesn't hold")
OWN = (7, "it is my own hand-off: whoever takes over accepts it")
READ_BACK = (
    'oncall handoff accept --state "key revoked" --first "read the logs with Ben by 15:00" --escalate-if "a call comes"'
)
FINDS = (8, "the practice hand-off has errors, as it should")
# The exit codes of examples that need what is not here; tests of their own give it to them.
EXITS = {
    "oncall ack": (2, "three pages are triggered"),
    "oncall review": KEYS,
    "oncall handoff edit": KEYS,
    "oncall config edit": KEYS,
    "oncall config edit --config team.toml": KEYS,
    "oncall auth login gitlab": KEYS,
    "oncall handoff lint": FINDS,
    "oncall handoff lint -o json": FINDS,
    "oncall handoff post": FINDS,
    "oncall handoff post --yes --to chen": FINDS,
    'oncall handoff post --anyway --why "ben owns it since noon; the log doesn\'t say so"': (
        7,
        "pages without an issue",
    ),
    "oncall handoff accept": OWN,
    "oncall handoff accept --from ana@example.com": OWN,
    READ_BACK: OWN,
    "oncall handoff show --shift -1 --json": UNMET,
    "oncall handoff remind": (3, "handoff.bot is not set in the sandbox"),
    "oncall handoff remind --dry-run": (3, "handoff.bot is not set in the sandbox"),
    "oncall improve --note 3f2a9c01 --note 77b0e2d4": UNMET,
    'oncall improve --drop 3f2a9c01 --why "the rule is gone"': UNMET,
    "oncall backlog pick --next": (2, "pages come first"),
}
# One serves until Ctrl-C, one runs many commands: tests/cli/test_sandbox.py runs both. One asks the real PagerDuty.
ELSEWHERE = ("oncall sandbox serve", "oncall demo", "oncall init -p staging --region eu")


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything in the sandbox; but what sets up has a file, a keyring, and the services as others serve them."""
    monkeypatch.chdir(tmp_path)
    with ExitStack() as held:
        if request.node.callspec.params["name"] in ("init", "config", "auth"):
            served = request.getfixturevalue("served")
            (tmp_path / "config.toml").write_text(SETTINGS, "utf-8")
            (tmp_path / "team.toml").write_text(SETTINGS, "utf-8")
            for name, value in served.environ(ONCALL_CONFIG=str(tmp_path / "config.toml")).items():
                monkeypatch.setenv(name, value)
            held.enter_context(in_use(MemoryKeyring()))
        else:
            monkeypatch.setenv("ONCALL_SANDBOX", "1")
        yield


@pytest.mark.parametrize("name", ["", *ROOT.commands])
@pytest.mark.usefixtures("set_up")
def test_every_example_runs(oncall: Oncall, name: str) -> None:
    """Those of a command and its subcommands, one after the other in one practice shift, each once."""
    seen, wrong = set[str](), list[str]()
    for command in [ROOT] if not name else [ROOT.commands[name], *ROOT.commands[name].walk()]:
        for line in FIRST.get(command.name, []):
            ran(oncall, command.name, line)
        for example in command.examples:
            if example not in seen and not example.startswith(ELSEWHERE):
                told = ran(oncall, command.name, example)
                if told.code != EXITS.get(example, (0,))[0]:
                    wrong.append(f"{example}: {told.code}, {told.err or told.out}")
            seen.add(example)
    assert not wrong


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_a_command_has_two_to_four_examples_of_its_own(command: Command) -> None:
    assert 2 <= len(command.examples) <= 4
    assert all(
        any(part.startswith(command.name) for part in parts(example)) for example in command.examples if command.path
    )


def test_no_exception_has_outlived_its_example() -> None:
    shown = {example for command in EVERY for example in command.examples}
    assert {*EXITS, *ELSEWHERE} <= shown
    assert set(FIRST) <= {command.name for command in EVERY}


def parts(line: str) -> list[str]:
    """The commands of a pipe."""
    return [" ".join(words) for words in piped(line)]


def piped(line: str) -> Iterator[list[str]]:
    """The words of each command of a pipe, without a file that it writes to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in [*lexer, "|"]:
        if word == "|":
            yield words[: words.index(">")] if ">" in words else words
            words = []
        else:
            words.append(word)


def ran(oncall: Oncall, name: str, line: str) -> Ran:
    """What the last command of a pipe did, each fed with what the one before wrote."""
    head, sign, file = line.partition(" < ")
    line = f"{head} --yes{sign}{file}" if line.startswith(ASKED) else line
    for shown, real in {**MEANT, "group/project#12": ISSUE.get(name, "acme-security/operations#40")}.items():
        line = line.replace(shown, real)
    told = Ran(0, "", "", None)
    for words in piped(line):
        assert words[0] == "oncall", line
        given = words[1 : words.index("<")] if "<" in words else words[1:]
        fed = FILES[words[-1]] if "<" in words else told.out
        told = oncall(*given, stdin=fed, BROWSER="true %s", ONCALL_SANDBOX=os.environ["ONCALL_SANDBOX"])
    return told
