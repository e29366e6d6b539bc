"""What is made from the commands is what they say now."""

import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "oncall.1"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "reference.py"))


@pytest.mark.parametrize("name", ["commands.json", "reference.md", "oncall.1"])
def test_what_is_made_is_up_to_date(made: dict[str, Any], name: str) -> None:
    (target,) = [path for path in made["WRITTEN"] if path.name == name]
    assert target.read_text("utf-8") == made["WRITTEN"][target](made["known"]()), "python docs/reference.py"


def test_what_is_written_is_what_is_read(made: dict[str, Any]) -> None:
    from secops_oncall.commands import known

    assert known().root == made["known"]().root


def test_the_man_page_has_no_mistake_and_goes_into_the_wheel() -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed: the man page can't be tried")
    ran = subprocess.run(["groff", "-man", "-ww", "-z", MANUAL], capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stderr) == (0, "")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/oncall.1": "share/man/man1/oncall.1"}


def test_the_exit_codes_of_the_documentation_are_those_of_help() -> None:
    from secops_oncall.errors import WHEN

    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    table = page.partition("## Exit codes")[2]
    assert all(f"| {code.value} | {told} |" in table for code, told in WHEN.items())
