"""Which pager is taken, and that an answer is never lost in it."""

import os
import sys
from pathlib import Path

import pytest

from secops_oncall import pager

PYTHON = sys.executable
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


@pytest.mark.parametrize(
    ("environ", "argv"),
    [
        ({"ONCALL_PAGER": f"{PYTHON} -c 'a b'", "PAGER": "cat"}, [PYTHON, "-c", "a b"]),
        ({"PAGER": PYTHON}, [PYTHON]),
        ({"ONCALL_PAGER": "", "PAGER": PYTHON}, None),
        ({"PAGER": " "}, None),
        ({"PAGER": "cat"}, None),
        ({"PAGER": "no-such-pager -R"}, None),
        ({"PAGER": "less '"}, None),
    ],
)
def test_the_first_that_is_named_is_taken_or_none(environ: dict[str, str], argv: list[str] | None) -> None:
    assert pager.command(environ) == argv


def test_without_a_name_it_is_less() -> None:
    assert pager.command({}) in (None, ["/usr/bin/less"], ["/bin/less"])


@pytest.mark.parametrize(
    ("program", "worked"),
    [
        ("import os, sys; sys.stdout.write(os.environ['LESS'] + sys.stdin.read())", True),
        ("", True),  # left at once
        ("raise SystemExit(3)", False),
        pytest.param("import os, signal; signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), 2)", True, marks=POSIX),
        pytest.param("import os; os.kill(os.getpid(), 9)", False, marks=POSIX),
    ],
    ids=["read", "left at once", "broken", "left by Ctrl-C", "ended by the system"],
)
def test_whether_it_did_its_work(program: str, worked: bool, tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w+b") as screen:
        shown = pager.show(b"x" * 300_000, [PYTHON, "-c", program], dict(os.environ), screen.fileno())
        screen.seek(0)
        assert (shown, screen.read()) == (worked, b"FRX" + b"x" * 300_000 if "read()" in program else b"")


def test_one_that_cannot_be_started_did_not(tmp_path: Path) -> None:
    assert not pager.show(b"x", [str(tmp_path)], {}, 1)


def test_what_less_is_told_by_the_engineer_stays(tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w+b") as screen:
        program = "import os; print(os.environ['LESS'], end='')"
        assert pager.show(b"x", [PYTHON, "-c", program], {**os.environ, "LESS": "-S"}, screen.fileno())
        screen.seek(0)
        assert screen.read() == b"-S"
