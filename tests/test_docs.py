"""Every example in the docs runs, every picture shows what the program shows, every link leads somewhere."""

import os
import re
import runpy
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.forked import Forks

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = {
    page.name: re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for page in PAGES
}


@pytest.mark.parametrize("page", [name for name, blocks in EXAMPLES.items() if blocks])
def test_every_example_runs(page: str, tmp_path: Path, forks: Forks) -> None:
    """A page's commands, in order, in one shell: what one changes the next one sees."""
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "oncall").write_text(f'#!/bin/sh\nexec {shlex.join(forks.command)} "$@"\n', "utf-8")
    (bin / "oncall").chmod(0o755)
    commands = [line[2:] for block in EXAMPLES[page] for line in block.splitlines() if line.startswith("$ ")]
    script = "\n".join(["set -eu", *(f"echo '+ {index}' >&2\n{command}" for index, command in enumerate(commands))])
    world = {
        **os.environ,
        "PATH": f"{bin}:{os.environ['PATH']}",
        "ONCALL_STATE_DIR": str(tmp_path / "state"),
    }
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=world, cwd=tmp_path, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_pictures_are_what_the_program_shows() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "pictures.py"))
    for name, command in drawn["PICTURES"].items():
        assert drawn["draw"](command) == (ROOT / "docs" / name).read_text("utf-8"), "python docs/pictures.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!<?https?://)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_setting_and_exit_code_of_the_docs_exists() -> None:
    from secops_oncall.config import KEYS, variable
    from secops_oncall.errors import ExitCode
    from secops_oncall.secrets import VARIABLES

    known = {variable(key) for key in KEYS} | {name for names in VARIABLES.values() for name in names}
    known |= {
        "ONCALL_CONFIG",
        "ONCALL_PAGER",
        "ONCALL_PROFILE",
        "ONCALL_STATE_DIR",
        "ONCALL_SANDBOX",
        "ONCALL_SECTION_KEY",
    }
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert set(re.findall(r"\bONCALL_\w+", text)) <= known
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert codes <= {int(code) for code in ExitCode}
