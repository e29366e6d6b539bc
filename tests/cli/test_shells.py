"""Completion in the shells themselves, with titles that would like to be commands."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pexpect
import pytest

from secops_oncall.cache import Cache
from secops_oncall.offers import Offers
from tests.fakes import a_page

TITLES = ["Canary: opened", "'; touch pwned; '", '"$(touch pwned)"', "`touch pwned` \\", "))'; touch pwned; ((', *"]
NUMBERS = [str(4101 + place) for place, _ in enumerate(TITLES)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a shell is to run: `oncall` is on its path, and the last list of pages is kept."""
    (tmp_path / "oncall").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m secops_oncall "$@"\n', "utf-8")
    (tmp_path / "oncall").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("ONCALL_SANDBOX", "1")
    monkeypatch.setenv("ONCALL_STATE_DIR", str(tmp_path / "state"))
    offers = Offers(Cache(tmp_path / "state" / "sandbox" / "cache", lambda: datetime.now(UTC)), "")
    offers.pages(
        a_page(f"Q{number}", number=int(number), title=title) for number, title in zip(NUMBERS, TITLES, strict=True)
    )
    offers.keep()
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def shell(name: str) -> str:
    """Where a shell is; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: completion can't be tried in it")
    return found


def said(folder: Path, *command: str) -> list[str]:
    """What a shell prints, a line each; nothing was run that only a title wanted."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert list(folder.iterdir()) == []
    return ran.stdout.splitlines()


def test_bash(folder: Path) -> None:
    script = """
eval "$(oncall --show-completion)"
ask() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _oncall_completion oncall; printf '%s\\n' "${COMPREPLY[@]}"; }
ask oncall hando
ask oncall handoff post --output = j
ask oncall show ''
"""
    assert said(folder, shell("bash"), "--norc", "-c", script) == ["handoff", "json", *NUMBERS]


def test_fish(folder: Path) -> None:
    asked = ("oncall hando", "oncall handoff post --output=j", "oncall show ")
    script = "oncall --show-completion | source; " + "; ".join(f"complete -C '{each}'" for each in asked)
    handoff, output, *pages = said(folder, shell("fish"), "--no-config", "-c", script)
    assert (handoff.split("\t")[0], output) == ("handoff", "--output=json")
    assert [page.split("\t")[0] for page in pages] == NUMBERS
    assert pages[0] == "4101\tCanary: opened"


def test_zsh(folder: Path) -> None:
    world = {**os.environ, "PS1": "> ", "TERM": "dumb", "ZDOTDIR": str(folder.parent)}
    zsh = pexpect.spawn(shell("zsh"), ["-f", "-i"], cwd=folder, env=world, encoding="utf-8", dimensions=(40, 120))
    zsh.expect("> ")
    zsh.sendline("autoload -Uz compinit; compinit -u -D; source <(oncall --show-completion); print rea''dy")
    zsh.expect("ready")
    zsh.send("oncall hando\t")
    zsh.expect("oncall handoff ")
    zsh.sendcontrol("u")
    zsh.send("oncall show 41\t\t")
    zsh.expect("4101 +-- Canary: opened")
    for number in NUMBERS[1:]:
        zsh.expect(f"{number} +-- ")
    zsh.close(force=True)
    assert list(folder.iterdir()) == []
