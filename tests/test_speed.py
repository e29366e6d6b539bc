"""A note costs little more than starting Typer does, completion less: `python -m tests.test_speed` tells how much."""

import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

BOUND = 1.3  # times the processor time of a Typer program of one command
QUICK = 0.9  # the same of completion, which doesn't wait for Typer
RUNS = 7  # of each, in turns, so that a busy machine slows down both alike
TYPER = """
import typer
app = typer.Typer()

@app.command()
def note(text: str) -> None:
    print("noted")

app()
"""


def processor_time(command: list[str]) -> float:
    """Seconds of a command that succeeds, in user and in kernel mode."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


def measured(folder: Path, *typed: str, runs: int = RUNS) -> tuple[float, float]:
    """The median processor time of a Typer program of one command, and of `oncall` with these arguments."""
    program = folder / "one.py"
    program.write_text(TYPER, "utf-8")
    commands = [[sys.executable, str(program), "x"], [sys.executable, "-m", "secops_oncall", *typed]]
    for command in commands:  # once beforehand: what is compiled then is compiled
        processor_time(command)
    times = [[processor_time(command) for command in commands] for _ in range(runs)]
    one, ours = zip(*times, strict=True)
    return statistics.median(one), statistics.median(ours)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="nobody tells a process's processor time here")
def test_a_note_costs_little_more_than_starting_typer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured again where the machine was too busy to tell: what is too slow is too slow each time."""
    monkeypatch.setenv("ONCALL_STATE_DIR", str(tmp_path / "state"))
    ratios: list[float] = []
    while len(ratios) < 4 and not (ratios and min(ratios) <= BOUND):
        one, ours = measured(tmp_path, "note", "x")
        ratios.append(ours / one)
    assert min(ratios) <= BOUND, ratios


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="nobody tells a process's processor time here")
def test_completion_costs_less_than_starting_typer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is a quarter of a second on a machine that has nothing else to do."""
    asked = {"_ONCALL_COMPLETE": "complete_bash", "COMP_WORDS": "oncall\nshow\n", "COMP_CWORD": "2"}
    for name, value in {**asked, "ONCALL_STATE_DIR": str(tmp_path / "state"), "ONCALL_SANDBOX": "1"}.items():
        monkeypatch.setenv(name, value)
    ratios: list[float] = []
    while len(ratios) < 4 and not (ratios and min(ratios) <= QUICK):
        one, ours = measured(tmp_path, runs=3)
        ratios.append(ours / one)
    assert min(ratios) <= QUICK, ratios


def test_completion_and_help_load_no_room(tmp_path: Path) -> None:
    program = """
import os, sys
from datetime import UTC, datetime
from secops_oncall.completion import answer
asked = {"_ONCALL_COMPLETE": "complete_bash", "COMP_WORDS": "oncall\\nshow\\n", "COMP_CWORD": "2"}
assert answer({**os.environ, **asked}, lambda: datetime.now(UTC)) == ("", 0)
print(*sys.modules)
from secops_oncall.app import App
from secops_oncall.cli.boundary import run
sys.stdout.flush()
assert run(["--help"], App()) == run(["help", "commands"], App()) == 0
assert run(["pagse"], App()) == 2
print(*sys.modules)
"""
    world = {**os.environ, "ONCALL_STATE_DIR": str(tmp_path), "ONCALL_SANDBOX": ""}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=world)
    lines = ran.stdout.splitlines()
    completion, told = (set(line.split()) for line in (lines[0], lines[-1]))
    assert not completion & {
        "typer",
        "rich",
        "sqlite3",
        "requests",
        "keyring",
        "secops_oncall.app",
        "secops_oncall.cli",
    }
    assert not told & {"rich", "requests", "keyring", "flask"}
    rooms = {name.removeprefix("secops_oncall.cli.") for name in told if name.startswith("secops_oncall.cli.")}
    assert rooms == {"banner", "boundary", "grammar", "help", "meant", "options", "root"}


def test_a_note_loads_nothing_of_what_it_needs_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_STATE_DIR", str(tmp_path / "state"))
    program = (
        "import sys; from secops_oncall.app import App; from secops_oncall.cli.boundary import run; run(['note', 'x'], "
        "App()); print(*sorted(name[14:] for name in sys.modules if name.startswith('secops_oncall.')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    rooms = {name for name in ran.stdout.split() if "." in name or name not in ("cli", "domain", "workflows")}
    assert rooms == {
        "app",
        "cache",
        "cli.banner",
        "cli.boundary",
        "cli.grammar",
        "cli.note",
        "cli.options",
        "cli.root",
        "config_document",
        "domain.events",
        "domain.setup",
        "domain.text",
        "domain.times",
        "domain.tokens",
        "errors",
        "folders",
        "hyperlinks",
        "journal",
        "journal_file",
        "locks",
        "outlet",
        "secrets",
        "state",
        "streams",
        "terminal",
        "workflows.notes",
        "world",
    }


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.environ["ONCALL_STATE_DIR"] = folder
        one, ours = measured(Path(folder), "note", "x")
    sys.stdout.write(f"Typer {one * 1000:.0f} ms, oncall note {ours * 1000:.0f} ms: {ours / one:.2f} times\n")
