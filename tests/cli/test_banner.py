"""Every networked command ends with the page that waits for me, and none waits for the banner."""

from datetime import timedelta

import pytest

from tests.cli.conftest import NOW, Oncall

TITLE = "Canary token opened: finance-share/passwords.xlsx"
LINE = f"! unacked: 4117 {TITLE}, manager in 11 min, and 2 more pages: oncall ack\n"


@pytest.mark.parametrize(
    "command", ["status", "pages --json", "show 4112", "who", "issues -o ids", "backlog -o ids", "handoff --json"]
)
def test_a_networked_command_ends_with_it(oncall: Oncall, command: str) -> None:
    ran = oncall(*command.split())
    assert (ran.code, ran.banner) == (0, LINE)
    assert LINE not in ran.out


@pytest.mark.parametrize("command", ["note x", "notes", "--version", "show 4112 -q", "who --help", "pages --nonsense"])
def test_what_asks_nothing_or_is_quiet_says_nothing(oncall: Oncall, command: str) -> None:
    oncall("pages")
    assert oncall(*command.split()).banner == ""


def test_it_counts_down_and_ends_with_the_last_ack(oncall: Oncall) -> None:
    oncall("pages")
    oncall.now = NOW + timedelta(minutes=9)
    assert "4117 Canary token opened: finance-share/passwords.xlsx, manager in 2 min" in oncall("who").banner
    oncall("ack", "--all")
    assert oncall("who").banner == ""


def test_a_page_that_this_command_settled_does_not_wait(oncall: Oncall) -> None:
    assert "4117" not in oncall("resolve", "4117", "--force").banner


def test_it_is_dropped_when_pagerduty_is_slower_than_the_answer(oncall: Oncall) -> None:
    oncall("issues")
    oncall.now = NOW + timedelta(minutes=3)
    oncall.fail("GET", "/pagerduty/incidents", 0, times=-1, hold=2.0)
    ran = oncall("issues", "-o", "ids")
    assert "(as of 3 min ago)" in ran.banner
    assert ran.code == 0


def test_with_pagerduty_down_the_rest_goes_on(oncall: Oncall) -> None:
    oncall("sandbox", "fail", "*", "/pagerduty", "--status", "503", "--times", "-1")
    ran = oncall("issues", "-o", "ids")
    assert (ran.code, ran.banner) == (0, "")
    assert ran.out


def test_it_costs_no_wave(oncall: Oncall) -> None:
    oncall("who")
    oncall.slow()
    for command in ("who", "issues"):  # a busy machine may show more waves than there are, never fewer
        assert min(oncall(command).waves for _ in range(3)) == 1


def test_what_leaves_a_page_unacked_leaves_it_in_the_banner(oncall: Oncall) -> None:
    oncall("pages")
    assert "4117" in oncall("escalate", "4117", "--log", "called Ben").banner


def test_a_page_that_was_acked_on_the_way_to_a_snooze_that_failed_is_not_called_unacked(oncall: Oncall) -> None:
    oncall("pages")
    oncall.fail("POST", "/snooze", 500, times=-1)
    ran = oncall("snooze", "4117", "--for", "1h")
    assert ran.code == 6
    assert "acked, but not snoozed" in ran.out
    assert "4117" not in ran.banner
