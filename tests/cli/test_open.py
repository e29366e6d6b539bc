"""`oncall open`: the URL of a page or an issue, in a browser that gets nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Oncall, Served, two_lines
from tests.clients.conftest import Reply, Service

PAGE = "https://acme-security.pagerduty.com/incidents/Q1CANARYTOKEN01"
ISSUE = "acme-security/operations#103"


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A browser that writes down what it was given; `BROWSER` is to be `PATH %s`."""
    file = tmp_path / "browser"
    file.write_text(f'#!/bin/sh\necho "$#:$1" >> "{tmp_path}/opened"\n', "utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def liar() -> Iterator[Service]:
    """A PagerDuty that answers what it is told."""
    started = Service()
    started.start()
    yield started
    started.stop()


def opened(tmp_path: Path) -> list[str]:
    file = tmp_path / "opened"
    return file.read_text("utf-8").splitlines() if file.exists() else []


@pytest.mark.parametrize("thing", ["4117", "q1canarytoken01", PAGE])
def test_a_page_is_opened(oncall: Oncall, browser: Path, tmp_path: Path, thing: str) -> None:
    oncall("status")
    ran = oncall("open", thing, BROWSER=f"{browser} %s")
    assert (ran.code, ran.out, ran.err) == (0, "", f"✓ opened {PAGE}\n")
    assert opened(tmp_path) == [f"1:{PAGE}"]
    assert "GET /pagerduty/incidents/" + ("4117" if thing == "4117" else "Q1CANARYTOKEN01") in ran.asked


def test_an_issue_is_opened(oncall: Oncall, browser: Path, tmp_path: Path) -> None:
    assert oncall("open", ISSUE, BROWSER=f"{browser} %s").code == 0
    assert opened(tmp_path)[0].endswith("/gitlab/acme-security/operations/-/issues/103")


def test_print_opens_nothing(oncall: Oncall, browser: Path, tmp_path: Path) -> None:
    ran = oncall("open", "4117", "--print", BROWSER=f"{browser} %s")
    assert (ran.code, ran.out, ran.err, opened(tmp_path)) == (0, f"{PAGE}\n", "", [])


def test_an_issue_by_its_url(oncall: Oncall, served: Served) -> None:
    url = oncall("open", ISSUE, "--print", **served.environ()).out.strip()
    assert oncall("open", url, "--print", **served.environ()).out.strip() == url


def test_without_a_browser_the_url_is_printed_and_that_is_said(oncall: Oncall) -> None:
    ran = oncall("open", "4117", BROWSER="/nowhere/browser %s")
    assert (ran.code, ran.out, ran.err) == (0, f"{PAGE}\n", "There is no browser to open it in.\n")


def test_without_a_name_it_is_the_page_in_focus(oncall: Oncall) -> None:
    none = oncall("open", "--print")
    assert (none.code, none.out, two_lines(none.err)) == (2, "", True)
    oncall("show", "4117")
    ran = oncall("open", "--print")
    assert (ran.out, ran.err.startswith("in focus: 4117 Canary token opened")) == (f"{PAGE}\n", True)


@pytest.mark.parametrize(
    ("thing", "code"),
    [("nope nope", 2), ("https://evil.example/incidents/Q1", 2), ("99999", 5), ("acme-security/operations#9999", 5)],
)
def test_what_is_not_there_or_no_name(oncall: Oncall, thing: str, code: int) -> None:
    ran = oncall("open", thing, "--print")
    assert (ran.code, ran.out, two_lines(ran.err)) == (code, "", True)


@pytest.mark.parametrize("url", ["https://evil.example/incidents/Q1", "file:///etc/passwd", "javascript:alert(1)", ""])
def test_a_url_of_anywhere_else_is_never_opened(
    oncall: Oncall, served: Served, liar: Service, browser: Path, tmp_path: Path, url: str
) -> None:
    """A service that is lied to, or lies, names another host."""
    incident = {"id": "Q1CANARYTOKEN01", "incident_number": 4117, "status": "triggered", "html_url": url}
    liar.replies = [Reply(body={"incident": {**incident, "created_at": "2026-11-23T14:00:00Z"}})]
    world = served.environ(ONCALL_PAGERDUTY_URL=liar.address, BROWSER=f"{browser} %s")
    ran = oncall("open", "4117", **world)
    assert (ran.code, ran.out, two_lines(ran.err), opened(tmp_path)) == (6, "", True, [])
