"""`oncall ack` and `oncall resolve`, from the words on the screen to what the service holds afterwards."""

import json

from tests.cli.conftest import Oncall, two_lines

MINE = ["4117", "4116", "4115"]


def test_what_one_command_acks_is_acked_in_the_next(oncall: Oncall) -> None:
    acked = oncall("ack", "--all")
    assert (acked.code, acked.err) == (0, "")
    assert [line.split()[:3] for line in acked.out.splitlines()] == [["✓", "acked", number] for number in MINE]
    assert oncall("pages", "--mine", "--triggered", "-o", "ids").out == ""
    again = oncall("ack", "4117")
    assert (again.code, again.out.split()[:3]) == (0, ["✓", "already", "acked"])


def test_a_put_that_fails_prints_no_tick_and_never_exits_0(oncall: Oncall) -> None:
    oncall("pages")
    oncall.fail("PUT", "/incidents", 500)
    failed = oncall("ack", "4117")
    assert failed.code == 6
    assert "✓" not in failed.out
    assert failed.out.startswith("✗ failed 4117")
    assert "4117" in oncall("pages", "--triggered").out


def test_several_without_a_terminal_are_refused_with_the_list_and_nothing_is_sent(oncall: Oncall) -> None:
    ran = oncall("ack")
    assert ran.code == 2
    assert two_lines(ran.err)
    assert all(number in ran.err for number in MINE)
    assert not [asked for asked in ran.asked if not asked.startswith("GET")]


def test_a_pipe_acks_what_it_names(oncall: Oncall) -> None:
    ids = oncall("pages", "--mine", "--triggered", "-o", "ids").out
    acked = oncall("ack", "-", "--json", stdin=ids)
    assert [outcome["result"] for outcome in json.loads(acked.out)] == ["done"] * 3
    assert oncall("ack", "-", stdin="").code == 0


def test_two_waves(oncall: Oncall) -> None:
    oncall("status")
    oncall.slow()
    assert oncall("ack", "4117").waves == 2
    assert oncall("ack", "--all").waves == 2
    assert oncall("resolve", "4117").waves == 2
