"""CI's jobs run what runs by hand, on every Python that the package says it is for; a release is what its tag says."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
JOBS: dict[str, Any] = {
    name: job
    for name, job in yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text("utf-8")).items()
    if isinstance(job, dict) and "script" in job
}
BY_HAND = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
CHANGES = runpy.run_path(str(ROOT / "docs" / "site" / "changes.py"))["changes"]
LOG = """# Changes

## 0.3.0 - unreleased

New.

## 0.2.0 - 2026-12-01

- Two.

### Pages

- More.

## 0.1.0 - 2026-11-01
"""


def test_a_job_is_a_line_or_two() -> None:
    assert {"lint", "types", "tests", "wheel", "docs", "pages", "package", "release"} == set(JOBS)
    for name, job in JOBS.items():
        assert 1 <= len(job["script"]) <= 2, name


@pytest.mark.parametrize("name", ["lint", "types", "wheel", "docs"])
def test_a_job_runs_what_runs_by_hand(name: str) -> None:
    assert set(JOBS[name]["script"]) <= set(BY_HAND)


def test_the_tests_run_on_every_python_that_is_promised() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    promised = [name.split()[-1] for name in package["project"]["classifiers"] if re.search(r":: 3\.\d+$", name)]
    assert JOBS["tests"]["parallel"]["matrix"] == [{"PYTHON": promised}]
    assert JOBS["tests"]["script"] == ["bash .ci/run tests"]


def test_what_is_published_is_what_was_built() -> None:
    site = yaml.unsafe_load((ROOT / "docs" / "site" / "mkdocs.yml").read_text("utf-8"))["site_dir"]
    built = (ROOT / "docs" / "site" / site).resolve().relative_to(ROOT).as_posix()
    assert JOBS["docs"]["artifacts"]["paths"] == JOBS["pages"]["artifacts"]["paths"] == [built]
    assert JOBS["pages"]["pages"]["publish"] == built
    assert JOBS["release"]["release"]["description"] in JOBS["package"]["artifacts"]["paths"]


def test_a_release_has_the_changes_of_its_version_alone() -> None:
    assert CHANGES("v0.2.0", "0.2.0", LOG) == "- Two.\n\n### Pages\n\n- More.\n\n"


@pytest.mark.parametrize(
    ("tag", "version", "wrong"),
    [("v0.2.1", "0.2.0", "tag v0.2.0"), ("v0.3.0", "0.3.0", "no day"), ("v0.4.0", "0.4.0", "no day")],
)
def test_a_release_that_is_not_ready_is_none(tag: str, version: str, wrong: str) -> None:
    with pytest.raises(SystemExit, match=wrong):
        CHANGES(tag, version, LOG)


def test_the_line_of_the_job_asks_for_the_version_of_this_program() -> None:
    told = subprocess.run([sys.executable, "docs/site/changes.py", "v0"], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 1
    from secops_oncall import __version__

    assert f", the version {__version__}:" in told.stderr
