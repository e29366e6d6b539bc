"""`oncall sandbox` and `oncall demo`: a practice shift that can be begun anew, and made to fail."""

from datetime import timedelta

import pytest

from tests.cli.conftest import NOW, Oncall, two_lines


def test_reset_begins_the_shift_anew_with_an_empty_journal(oncall: Oncall) -> None:
    oncall("ack", "--all")
    oncall("note", "soon forgotten")
    ran = oncall("sandbox", "reset")
    assert (ran.code, ran.out, ran.err) == (0, "", "✓ a new practice shift has begun\n")
    assert len(oncall("pages", "--mine", "--triggered", "-o", "ids").out.split()) == 3
    assert oncall("notes", "--json").out == "[]\n"


def test_a_shift_that_is_over_is_begun_anew_and_said(oncall: Oncall) -> None:
    oncall("ack", "--all")
    oncall.now = NOW + timedelta(days=1)
    ran = oncall("pages", "--triggered", "-o", "ids")
    assert ran.err == "! the practice shift was over, and a new one has begun\n"
    assert len(ran.out.split()) == 4
    assert oncall("pages").err == ""


def test_it_fails_as_it_is_told_even_before_the_first_command(oncall: Oncall) -> None:
    ran = oncall("sandbox", "fail", "get", "/pagerduty/incidents", "--status", "403")
    assert (ran.code, ran.err) == (0, "✓ told: GET /pagerduty/incidents will get status 403\n")
    assert oncall("pages", "-q").code == 4
    assert oncall("pages", "-q").code == 0


def test_it_fails_for_the_user_it_is_told(oncall: Oncall) -> None:
    ran = oncall("sandbox", "fail", "GET", "/pagerduty/", "--times", "-1", "--user", "ben")
    assert (ran.code, ran.err) == (0, "✓ told: GET /pagerduty/ of ben will get status 500\n")
    assert oncall("pages", "-q").code == 0
    assert oncall("sandbox", "fail", "GET", "/pagerduty/", "--times", "-1", "--user", "ana").code == 0
    assert oncall("pages", "-q").code == 6


def test_a_clock_that_is_wrong_can_be_rehearsed(oncall: Oncall) -> None:
    ran = oncall("sandbox", "fail", "*", "/gitlab/", "--status", "0", "--skew", "-400", "--times", "-1")
    assert (ran.code, ran.err) == (0, "✓ told: * /gitlab/ will get a clock that is -400 s off\n")
    ran = oncall("doctor", "--json")
    (clock,) = (one for one in ran.json if one["level"] != "ok")
    assert (ran.code, clock["service"], clock["check"]) == (3, "gitlab", "clock")
    assert "6 min ahead of the service's" in clock["found"]


def test_what_is_no_fault_is_refused(oncall: Oncall) -> None:
    for arguments in (
        ["PUT", "("],
        ["PUT"],
        ["PUT", "/", "--status", "1000"],
        ["PUT", "/", "--times", "-2"],
        ["PUT", "/", "--skew", "nan"],
        ["PUT", "/", "--skew", "1e99"],
        ["PUT", "/", "--hold", "inf"],
        ["PUT", "/", "--user", "nobody"],
    ):
        ran = oncall("sandbox", "fail", *arguments)
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_is_none_is_refused(oncall: Oncall, port: str) -> None:
    ran = oncall("sandbox", "serve", "--port", port)
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)


def test_a_port_that_is_taken_is_refused(oncall: Oncall) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = oncall("sandbox", "serve", "--port", str(port))
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert str(port) in ran.err


def test_the_tour_runs_through_and_leaves_the_practice_shift_alone(oncall: Oncall) -> None:
    oncall("note", "mine")
    ran = oncall("demo", ONCALL_SANDBOX="")
    assert ran.code == 0
    for told in ("$ oncall status\n", "$ oncall ack 4117\n✓ acked 4117", "$ oncall handoff\n", "✓ resolved 4117"):
        assert told in ran.out
    assert "a bug in oncall" not in ran.err
    assert oncall("pages", "--mine", "--triggered", "-o", "ids").out.split()[0] == "Q1CANARYTOKEN01"
    assert [note["text"] for note in oncall("notes", "--json").json] == ["mine"]
    again = oncall("demo", ONCALL_SANDBOX="")
    assert (again.code, again.out.count("\n")) == (0, ran.out.count("\n"))
