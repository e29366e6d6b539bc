"""The browser: it gets the URL as one argument, no shell sees it, and where there is none that is said."""

import sys
from pathlib import Path

import pytest

from secops_oncall.clients.browser import Browser

URL = "https://acme.pagerduty.com/incidents/Q1?a=1&b=$(touch${IFS}owned);c='d'"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A browser that writes down what it was given."""
    file = tmp_path / "browser"
    file.write_text(
        f'#!{sys.executable}\nimport sys\nopen("{tmp_path}/seen", "w").write(repr(sys.argv[1:]))\n', "utf-8"
    )
    file.chmod(0o755)
    return file


def test_the_url_is_one_argument_and_no_shell_reads_it(program: Path, tmp_path: Path) -> None:
    assert Browser({"BROWSER": f"{program} %s"}).open(URL)
    assert (tmp_path / "seen").read_text("utf-8") == repr([URL])
    assert not list(Path.cwd().glob("owned"))


def test_the_first_that_takes_it(program: Path, tmp_path: Path) -> None:
    assert Browser({"BROWSER": f"/nowhere/browser %s:no-such-browser:{program} %s"}).open(URL)
    assert (tmp_path / "seen").exists()


@pytest.mark.parametrize("chosen", ["/nowhere/browser %s", "no-such-browser"])
def test_one_that_is_not_there(chosen: str) -> None:
    assert not Browser({"BROWSER": chosen, "DISPLAY": ":0"}).open(URL)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="there is always a screen")
def test_without_a_screen_no_text_browser_takes_the_terminal() -> None:
    assert not Browser({"BROWSER": "", "DISPLAY": ""}).open(URL)
