"""`oncall backlog` and `oncall backlog pick`: one request that assigns and moves, and what is never picked."""

import pytest

from tests.cli.conftest import Oncall, Served, two_lines

SMALLEST, NEXT = "acme-security/operations#40", "acme-security/engineering#212"
CHENS, NOT_IN_LIST, MINE = (
    "acme-security/engineering#213",
    "acme-security/engineering#217",
    "acme-security/engineering#209",
)
CLOSED = "acme-security/operations#97"
WAITING = 8


def test_what_can_be_picked_smallest_first(oncall: Oncall) -> None:
    found = oncall("backlog", "--json").json
    assert len(found) == WAITING
    assert [issue["ref"] for issue in found[:2]] == [SMALLEST, NEXT]
    weights = [issue["weight"] for issue in found]
    assert weights == sorted(weights, key=lambda weight: (weight is None, weight))
    assert all("Backlog" in issue["labels"] and issue["assignees"] == [] for issue in found)


def test_pages_come_first(oncall: Oncall) -> None:
    ran = oncall("backlog", "-o", "ids", "-L", "1")
    assert ran.out == f"{SMALLEST}\n"
    assert "! 3 pages of yours to ack first: oncall pages --mine\n" in ran.err
    oncall("ack", "--all")
    assert oncall("backlog", "-o", "ids").err == ""


def test_a_pick_is_one_put_and_changes_what_the_next_command_shows(oncall: Oncall) -> None:
    ran = oncall("backlog", "pick", SMALLEST)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"✓ picked {SMALLEST} Write the runbook for OAuth consent phishing")
    assert ran.writes == ["PUT /gitlab/api/v4/projects/72/issues/40"]
    assert SMALLEST not in oncall("backlog", "-o", "ids").out.split()
    [picked] = [issue for issue in oncall("status", "--json").json["backlog"] if issue["ref"] == SMALLEST]
    assert (picked["assignees"], sorted(picked["labels"])) == (["ana"], ["In Progress", "runbook"])
    again = oncall("backlog", "pick", SMALLEST)
    assert (again.code, again.out.split()[1:3], again.writes) == (0, ["already", "picked"], [])


def test_the_outcome_as_json(oncall: Oncall) -> None:
    [outcome] = oncall("backlog", "pick", SMALLEST, "--json").json
    assert (outcome["ref"], outcome["place"], outcome["number"], outcome["result"]) == (
        SMALLEST,
        "gitlab",
        None,
        "done",
    )
    assert set(outcome) == {"id", "number", "ref", "place", "title", "url", "result", "code", "message"}


@pytest.mark.parametrize(
    ("ref", "why"),
    [(CHENS, "it belongs to chen"), (NOT_IN_LIST, "it is not in the list Backlog"), (CLOSED, "it is closed")],
)
def test_what_is_not_to_be_picked_is_refused(oncall: Oncall, ref: str, why: str) -> None:
    ran = oncall("backlog", "pick", ref)
    assert (ran.code, ran.writes, ran.err) == (7, [], "")
    assert ran.out.startswith(f"! refused {ref}")
    assert why in ran.out


def test_a_dry_run_sends_no_write(oncall: Oncall) -> None:
    ran = oncall("backlog", "pick", SMALLEST, "-n")
    assert (ran.code, ran.writes) == (0, [])
    assert ran.out.startswith(f"· would be picked {SMALLEST}")
    assert SMALLEST in oncall("backlog", "-o", "ids").out.split()
    assert not list(oncall.state.rglob("journal.db"))


def test_several_without_a_terminal_are_refused_with_the_list(oncall: Oncall) -> None:
    ran = oncall("backlog", "pick")
    assert (ran.code, ran.out, ran.writes, two_lines(ran.err)) == (2, "", [], True)
    assert f"8 issues to pick: {SMALLEST}, {NEXT}" in ran.err


@pytest.mark.parametrize(("status", "code"), [(403, 4), (500, 6)])
def test_a_put_that_fails_prints_no_tick_and_never_exits_0(oncall: Oncall, status: int, code: int) -> None:
    oncall.fail("PUT", "/issues", status)
    ran = oncall("backlog", "pick", SMALLEST)
    assert (ran.code, "✓" in ran.out) == (code, False)
    assert two_lines(ran.err) or ran.out.startswith(f"✗ failed {SMALLEST}")
    assert SMALLEST in oncall("backlog", "-o", "ids").out.split()


@pytest.mark.parametrize(("after", "code", "result"), [(True, 0, "done"), (False, 7, "unknown")])
def test_a_put_that_is_never_answered_is_looked_up(oncall: Oncall, after: bool, code: int, result: str) -> None:
    oncall.fail("PUT", "/issues", 0, drop=True, after=after)
    ran = oncall("backlog", "pick", SMALLEST, "--json")
    assert (ran.code, ran.json[0]["result"], len(ran.writes)) == (code, result, 1)
    assert (SMALLEST in oncall("backlog", "-o", "ids").out.split()) is not after


def test_a_put_that_nobody_can_look_up_is_unknown(oncall: Oncall) -> None:
    oncall("backlog", "pick", SMALLEST, "-n")
    oncall.fail("PUT", "/issues", 0, drop=True, after=True)
    oncall.fail("GET", "/issues/40", 0)  # the look before the pick
    oncall.fail("GET", "/issues/40", 404, times=-1)
    ran = oncall("backlog", "pick", SMALLEST)
    assert ran.code == 7
    assert ran.out.startswith(f"? unknown {SMALLEST}")


@pytest.mark.parametrize("ref", ["acme-security/operations#9999", "no-such-group/project#1"])
def test_an_issue_that_is_not_there_is_named_with_the_command_that_lists_them(oncall: Oncall, ref: str) -> None:
    ran = oncall("backlog", "pick", ref)
    assert (ran.code, ran.out, ran.writes, two_lines(ran.err)) == (5, "", [], True)
    assert ref in ran.err
    assert "oncall issues" in ran.err or "oncall backlog" in ran.err


def test_a_number_alone_needs_a_single_project(oncall: Oncall, served: Served) -> None:
    two = oncall("backlog", "pick", "40", "-n", **served.environ())
    assert (two.code, two.out, two_lines(two.err)) == (2, "", True)
    one = served.environ(ONCALL_GITLAB_PROJECTS="acme-security/operations")
    assert SMALLEST in oncall("backlog", "pick", "40", "-n", **one).out
    url = f"{served.services.addresses.gitlab}/acme-security/operations/-/issues/40"
    assert SMALLEST in oncall("backlog", "pick", url, "-n", **served.environ()).out


def test_a_url_of_another_gitlab_is_no_issue_here(oncall: Oncall) -> None:
    ran = oncall("backlog", "pick", "https://gitlab.example.org/acme-security/operations/-/issues/40")
    assert (ran.code, ran.out, ran.writes, two_lines(ran.err)) == (2, "", [], True)


@pytest.mark.parametrize(
    ("variable", "value", "code", "named"),
    [
        ("ONCALL_BACKLOG_BOARD", "", 3, "backlog.board"),
        ("ONCALL_BACKLOG_BOARD", "acme-security", 3, "backlog.board"),
        ("ONCALL_BACKLOG_BOARD", "acme-security:No Such Board", 5, "On-call"),
        ("ONCALL_BACKLOG_BOARD", "no-such-group:On-call", 5, "no-such-group"),
        ("ONCALL_BACKLOG_LIST", "Todo", 5, "In Progress"),
    ],
)
def test_a_board_that_is_not_there_is_said_with_what_to_set(
    oncall: Oncall, served: Served, variable: str, value: str, code: int, named: str
) -> None:
    ran = oncall("backlog", **served.environ(**{variable: value}))
    assert (ran.code, ran.out, two_lines(ran.err)) == (code, "", True)
    assert named in ran.err


def test_a_label_that_would_be_created_is_refused(oncall: Oncall, served: Served) -> None:
    ran = oncall("backlog", "pick", SMALLEST, **served.environ(ONCALL_BACKLOG_DOING="Doing"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
    assert "'Doing'" in ran.err
    assert not [asked for asked in served.asked if asked.startswith("PUT")]


@pytest.mark.parametrize("token", ["sandbox-gitlab-bot", "sandbox-gitlab-ana-readonly"])
def test_a_token_that_is_a_bot_s_or_may_only_read_picks_nothing(oncall: Oncall, served: Served, token: str) -> None:
    ran = oncall("backlog", "pick", SMALLEST, **served.environ(ONCALL_GITLAB_TOKEN=token))
    assert (ran.code, ran.out, two_lines(ran.err)) == (4, "", True)
    assert token not in ran.err
    assert SMALLEST in oncall("backlog", "-o", "ids", **served.environ()).out.split()


def test_without_pagerduty_the_backlog_is_listed_all_the_same(oncall: Oncall, served: Served) -> None:
    ran = oncall("backlog", "-o", "ids", **served.environ(ONCALL_PAGERDUTY_TOKEN=""))
    assert (ran.code, len(ran.out.split()), ran.err) == (0, WAITING, "")
    served.fail("*", "/pagerduty/", 503, times=-1)
    down = oncall("backlog", "-o", "ids", **served.environ())
    assert (down.code, len(down.out.split()), two_lines(down.err)) == (7, WAITING, True)
