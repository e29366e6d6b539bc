"""Every networked command ends with the page that waits for me, and none waits for the banner."""

import re
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import typer
from typer.core import TyperCommand

from secops_oncall.app import App
from secops_oncall.cli.banner import WITHOUT, begin
from secops_oncall.cli.root import ROOMS
from secops_oncall.streams import Streams
from secops_oncall.workflows import banner
from tests.cli.conftest import NOW, Oncall, Served, two_lines

TITLE = "Canary token opened: finance-share/passwords.xlsx"
LINE = f"! unacked: 4117 {TITLE}, manager in 11 min, and 2 more pages: oncall ack\n"


@pytest.fixture(autouse=True)
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked beside a command is waited for longer than an engineer would: a busy machine decides no test."""
    monkeypatch.setattr(banner, "GRACE", 10 * banner.GRACE)


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


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("show 99999", 5),
        ("pages --resolved --mine", 2),
        ("ack 99999", 5),
        ("ack 4109", 7),
        ("ack 4111", 0),  # mine already
        ("resolve 4117", 7),
        ("resolve", 2),
        ("snooze 4109 --for 1h", 7),
        ("who --at nonsense", 2),
    ],
)
def test_a_command_that_failed_or_changed_nothing_ends_with_it_too(oncall: Oncall, command: str, code: int) -> None:
    ran = oncall(*command.split())
    assert (ran.code, ran.banner) == (code, LINE)


def test_behind_an_error_it_is_the_last_line(oncall: Oncall) -> None:
    oncall("pages")
    oncall.fail("GET", "/incidents/4117", 503, times=-1)
    ran = oncall("ack", "4117")
    assert (ran.code, two_lines(ran.err), ran.banner) == (6, True, LINE)


MINE = r"statuses\[\]=triggered&user_ids"  # what the banner asks


@pytest.mark.parametrize("command", ["ack 4117 --json", "ack 4117 -q", "resolve 4117 --force"])
def test_a_page_that_was_acked_is_not_called_unacked_from_memory_a_moment_later(oncall: Oncall, command: str) -> None:
    oncall("pages")
    oncall.fail("GET", MINE, 0, times=-1, hold=1.0)
    assert oncall(*command.split()).code == 0
    assert "4117" not in oncall("who").banner


ACKED_4117 = (
    "! unacked: 4116 Impossible travel: j.doe signed in from Lisbon and Lagos 9 minutes apart, manager in 8 min"
)


@pytest.mark.parametrize(
    ("command", "ends"),
    [
        ("ack 4117 4112 --json", f"{ACKED_4117}, and 1 more page: oncall ack\n"),
        ("ack 4117 --json", f"{ACKED_4117}, and 1 more page: oncall ack\n"),
        ("ack 4109", LINE),  # it is a colleague's
        ("ack 4117 -n", LINE),
        ("ack --all -n", LINE),
        ("ack 4117 4115 4112 4111 4110 --json", f"{ACKED_4117}: oncall ack\n"),
        ("ack --all", ""),
        ("ack 4117", ""),  # it says so itself
        ("ack 4117 4112", ""),
        ("ack 4117 4115 4112 4111 4110", ""),
        ("ack 4117 4112 -q", ""),
    ],
)
def test_an_ack_ends_with_what_is_left(oncall: Oncall, command: str, ends: str) -> None:
    ran = oncall(*command.split())
    assert (ran.code, ran.banner) == (7 if command == "ack 4109" else 0, ends)


@pytest.mark.parametrize(
    ("command", "stdin", "lists"),
    [
        ("ack --all", "", 1),
        ("ack 4117", "", 1),
        ("ack 4117 4115 4112 4111", "", 1),
        ("ack -", "4117\n4115\n4112\n4111\n4110\n", 1),
        ("ack -", "", 0),
        ("ack 4117 4112 -q", "", 0),
        ("ack 4117 4112 --json -q", "", 0),
    ],
)
def test_an_ack_lists_pages_once_at_the_most(oncall: Oncall, command: str, stdin: str, lists: int) -> None:
    oncall("who")
    ran = oncall(*command.split(), stdin=stdin)
    assert ran.asked.count("GET /pagerduty/incidents") == lists if lists else "/pagerduty/incidents" not in ran.asked


def test_the_one_page_that_waited_is_acked_with_one_list(oncall: Oncall) -> None:
    oncall("ack", "4116", "4115")
    ran = oncall("ack")
    assert (ran.code, ran.banner, "no other page of yours is unacked" in ran.err) == (0, "", True)
    assert ran.asked.count("GET /pagerduty/incidents") == 1


def test_what_an_ack_could_not_ask_is_told_from_what_was_seen_last(oncall: Oncall) -> None:
    oncall("pages")
    oncall.now = NOW + timedelta(minutes=2)
    oncall.fail("GET", r"/pagerduty/incidents\?", 403, times=-1)
    ran = oncall("ack", "4117")
    assert ran.code == 0
    assert ran.banner.startswith("! unacked: 4116 Impossible travel")
    assert ran.banner.endswith(", manager in 6 min, and 1 more page (as of 2 min ago): oncall ack\n")
    assert "not known: the PagerDuty token" in ran.err


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


def test_every_command_asks_for_it_unless_it_is_listed(oncall: Oncall) -> None:
    home = App({}, Streams(StringIO(), StringIO(), StringIO(), environ={}))
    wanted = set()
    for name in ROOMS:
        begin(typer.Context(TyperCommand(name), info_name=f"oncall {name}"), home)
        wanted |= {name} if home.wants_banner else set()
    assert set(ROOMS) - wanted == WITHOUT
    oncall("pages")
    assert oncall("improve", "noise", "--page", "4112").banner == LINE
    assert oncall("review", "--list").banner == LINE


def test_one_engineer_is_not_told_of_what_another_saw_last_on_this_machine(oncall: Oncall, served: Served) -> None:
    assert "4117" in oncall("pages", **served.environ()).banner
    served.fail("GET", MINE, 0, times=-1, hold=2.0)
    assert "4117" in oncall("who", **served.environ()).banner
    assert oncall("who", **served.environ("ben")).banner == ""


def test_its_request_does_not_go_between_the_command_s_own(oncall: Oncall) -> None:
    """`show` asks for four things at once, and then for four more: the banner's list waits for those, too."""
    for warm in ("who", "show 4112"):
        oncall(*warm.split())
    oncall.slow()

    def waited() -> bool:
        ran = oncall("show", "Q1LEAKEDKEY0005")
        assert ran.log
        own = [one for one in ran.log.seen if "/pagerduty/incidents/" in one.path]
        (banner,) = [one for one in ran.log.seen if re.search(MINE, one.query)]
        return banner.start > max(one.start for one in own)

    assert any(waited() for _ in range(3)), "a machine that is busy may make the command late"


REMINDER = "! half the shift has gone with no review of the oncall issues: oncall review\n"
HALF = NOW.replace(hour=15, minute=0)  # the shift is from 09:00 to 21:00


@pytest.fixture
def calm(oncall: Oncall) -> Oncall:
    """Nothing waits, and half of the shift has just gone."""
    oncall("status")
    oncall("ack", "--all")
    oncall.now = HALF + timedelta(minutes=1)
    return oncall


@pytest.mark.parametrize("command", ["who", "status", "issues -o ids", "pages -o ids", "show 99999"])
def test_where_no_page_waits_it_reminds_of_a_review_that_is_due(calm: Oncall, command: str) -> None:
    assert calm(*command.split()).banner == REMINDER


@pytest.mark.parametrize("command", ["who -q", "note x", "sandbox reset", "review --list"])
def test_nobody_is_reminded_who_is_quiet_asks_nothing_or_reviews(calm: Oncall, command: str) -> None:
    assert calm(*command.split()).banner == ""


def test_a_review_ends_it(calm: Oncall) -> None:
    assert calm("review", "--done", "--why", "on the board, with Ben").code == 0
    assert calm("who").banner == ""


def test_nobody_is_reminded_before_half_of_the_shift_nor_after_its_end(oncall: Oncall, served: Served) -> None:
    world = served.environ()
    oncall("status", **world)
    oncall("ack", "--all", **world)
    for now in (HALF, HALF.replace(hour=21)):
        oncall.now = now
        assert "half" not in oncall("who", **world).banner
    oncall.now = HALF.replace(hour=19, minute=59)
    assert oncall("who", **world).banner == REMINDER


def test_in_the_last_hour_it_reminds_of_the_hand_off(calm: Oncall) -> None:
    for minute, due in ((5, "written: oncall handoff edit"), (35, "posted: oncall handoff post")):
        calm.now = HALF.replace(hour=20, minute=minute)
        told = f"! the shift ends in {60 - minute} min, and the hand-off is to be {due}\n"
        assert calm("who").banner == told


def test_an_unacked_page_goes_first(oncall: Oncall) -> None:
    oncall("status")
    oncall.now = HALF + timedelta(minutes=1)
    assert oncall("who").banner.startswith("! unacked: ")


def test_a_manager_is_not_reminded(oncall: Oncall, served: Served) -> None:
    oncall.now = HALF + timedelta(hours=5)
    assert "half" not in oncall("who", **served.environ("dana")).banner


def asks_for_my_shift(oncall: Oncall, served: Served, world: dict[str, Any]) -> bool:
    """Whether my shift is asked for beside a command that asks PagerDuty for nothing itself."""
    before = len(served.asked)
    oncall("issues", "-o", "ids", **world)
    return any("/schedules/" in asked or "/oncalls" in asked for asked in served.asked[before:])


def test_my_shift_is_asked_for_beside_a_command_where_it_was_not_for_six_hours(oncall: Oncall, served: Served) -> None:
    world = served.environ()
    oncall("status", **world)
    oncall.now = NOW + timedelta(hours=5.9)
    assert not asks_for_my_shift(oncall, served, world)
    oncall.now = NOW + timedelta(hours=6, minutes=1)
    assert any(asks_for_my_shift(oncall, served, world) for _ in range(20)), "a command may be over before"


def test_a_shift_that_can_not_be_asked_for_in_time_delays_nothing(oncall: Oncall) -> None:
    oncall("status")
    oncall("ack", "--all")
    oncall.now = HALF + timedelta(hours=5.5)  # what is known of the shift is no longer fresh
    oncall.fail("GET", "/oncalls|/schedules", 0, times=-1, hold=3.0)
    began = time.monotonic()
    ran = oncall("issues", "-o", "ids")
    told = "! the shift ends in 30 min, and the hand-off is to be posted: oncall handoff post\n"
    assert (ran.code, ran.banner) == (0, told), "the journal knows it"
    assert time.monotonic() - began < 3
