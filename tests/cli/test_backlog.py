"""`oncall backlog`: what is offered and what comes first, a pick and what becomes of it, and what is never picked."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, TIER, add_board, add_milestone, key, save
from tests.cli.conftest import Oncall, Served, two_lines

SMALLEST, NEXT = "acme-security/operations#40", "acme-security/engineering#212"
CHENS, NOT_IN_LIST, MINE = (
    "acme-security/engineering#213",
    "acme-security/engineering#217",
    "acme-security/engineering#209",
)
CLOSED, BENS = "acme-security/operations#97", "acme-security/operations#38"
CANARY = "Canary token opened: finance-share/passwords.xlsx"
WAITING = 8


def test_what_can_be_picked_smallest_first(oncall: Oncall) -> None:
    found = oncall("backlog", "--json").json
    assert len(found) == WAITING
    assert [issue["ref"] for issue in found[:2]] == [SMALLEST, NEXT]
    weights = [issue["weight"] for issue in found]
    assert weights == sorted(weights, key=lambda weight: (weight is None, weight))
    assert all("Backlog" in issue["labels"] and issue["assignees"] == [] for issue in found)


def test_what_fits_the_rest_of_the_shift(oncall: Oncall) -> None:
    fits = {issue["ref"]: (issue["time_estimate"], issue["fits"]) for issue in oncall("backlog", "--json").json}
    assert fits[SMALLEST] == (7200, True)
    assert fits["acme-security/engineering#207"] == (28_800, False)  # 6 h 53 min are left
    assert fits["acme-security/engineering#214"] == (None, None)
    oncall.now += timedelta(hours=5)
    assert oncall("backlog", "--json").json[0]["fits"] is False


def test_pages_of_mine_come_first_until_each_is_done_with_or_at_rest(oncall: Oncall) -> None:
    ran = oncall("backlog", "-o", "ids", "-L", "1")
    assert ran.out == f"{SMALLEST}\n"
    assert f"! page 4117 {CANARY} and 4 more pages of yours come first: oncall show 4117\n" in ran.err
    oncall("ack", "--all")
    assert "and 4 more pages of yours come first" in oncall("backlog").err  # acked, they are still at work
    calm(oncall)
    assert oncall("backlog", "-o", "ids").err == ""


def calm(oncall: Oncall) -> None:
    """Be done with every page of mine, or let it rest."""
    oncall("ack", "--all")
    assert oncall("resolve", "4117", "4116", "4115", "4112").code == 0
    assert oncall("snooze", "4111", "--for", "2h").code == 0


def test_the_next_is_picked_only_when_no_page_of_mine_is_active(oncall: Oncall) -> None:
    refused = oncall("backlog", "pick", "--next")
    assert (refused.code, refused.out, refused.writes, two_lines(refused.err)) == (2, "", [], True)
    assert f"page 4117 {CANARY} and 4 more pages come first" in refused.err
    assert "oncall show 4117" in refused.err
    calm(oncall)
    ran = oncall("backlog", "pick", "--next")
    assert (ran.code, ran.out.startswith(f"✓ picked {SMALLEST} ")) == (0, True)
    assert oncall("backlog", "pick", "--next", "--json").json[0]["ref"] == NEXT
    contradiction = oncall("backlog", "pick", "--next", SMALLEST)
    assert (contradiction.code, contradiction.log) == (2, None)


def test_from_gitlab_s_own_open_list(oncall: Oncall, served: Served) -> None:
    environ = served.environ(ONCALL_BACKLOG_LIST="open")
    listed = {issue["ref"]: issue for issue in oncall("backlog", "--json", **environ).json}
    assert listed
    lists = {"Backlog", "In Progress", "Done"}
    assert all(lists.isdisjoint(issue["labels"]) and not issue["assignees"] for issue in listed.values())
    ref = next(iter(listed))
    assert oncall("backlog", "pick", ref, **environ).code == 0
    assert ref not in oncall("backlog", "-o", "ids", **environ).out.split()
    assert "it is not in the list Open" in oncall("backlog", "pick", SMALLEST, **environ).out
    dropped = oncall("backlog", "drop", ref, "--why", "not now", **environ)
    assert (dropped.code, ref in oncall("backlog", "-o", "ids", **environ).out.split()) == (0, True)


def test_a_pick_is_one_put_and_changes_what_the_next_command_shows(oncall: Oncall) -> None:
    ran = oncall("backlog", "pick", SMALLEST)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"✓ picked {SMALLEST} Write the runbook for OAuth consent phishing")
    assert ran.writes == ["PUT /gitlab/api/v4/projects/72/issues/40"]
    assert ": yours to completion, due 2026-12-06\n" in ran.out
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
    assert oncall("backlog", "mine", "-o", "ids").out.split() == [MINE]


def test_what_i_own_with_its_due_date_and_what_is_overdue(oncall: Oncall) -> None:
    oncall("backlog", "pick", SMALLEST)
    found = oncall("backlog", "mine", "--json").json
    assert [(issue["ref"], issue["due_date"]) for issue in found] == [(MINE, "2026-11-26"), (SMALLEST, "2026-12-06")]
    assert oncall("status", "--json").json["backlog"] == found
    assert oncall("handoff", "--json").json["backlog"] == found
    assert "overdue" not in oncall("backlog", "mine", screen=True).out


def test_what_is_overdue_is_called_so_everywhere(oncall: Oncall, served: Served) -> None:
    oncall("backlog", "pick", SMALLEST, **served.environ())
    oncall.now += timedelta(days=7)
    ran = oncall("backlog", "mine", screen=True, **served.environ())
    assert (ran.code, re.findall(r"2026-\d\d-\d\d(?: overdue)?", ran.out)) == (0, ["2026-11-26 overdue", "2026-12-06"])
    assert f"{MINE} due 2026-11-26 overdue: " in oncall("status", **served.environ()).out


def test_what_a_colleague_owns_is_not_mine(oncall: Oncall, served: Served) -> None:
    assert oncall("backlog", "mine", "-o", "ids", **served.environ("ben")).out.split() == [BENS]
    nothing = oncall("backlog", "mine", "-o", "table", **served.environ("dana"))
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "You own nothing of the Backlog.\n")


def test_done_comments_and_closes_and_run_again_it_says_so(oncall: Oncall) -> None:
    done = ("backlog", "done", MINE, "--comment", "/close it, @all")
    ran = oncall(*done)
    assert ran.code == 0
    assert [line.split()[:3] for line in ran.out.splitlines()] == [["✓", "commented", MINE], ["✓", "closed", MINE]]
    assert [write.split()[0] for write in ran.writes] == ["POST", "PUT"]
    assert MINE not in oncall("backlog", "mine", "-o", "ids").out.split()
    again = oncall(*done)
    assert (again.code, again.writes) == (0, [])
    assert [line.split()[1:3] for line in again.out.splitlines()] == [["already", "commented"], ["already", "closed"]]
    only = oncall("backlog", "done", MINE, "--json")
    assert [(one["place"], one["result"]) for one in only.json] == [("gitlab", "already")]


def test_dropped_it_is_free_again_with_the_date_that_it_had(oncall: Oncall) -> None:
    before = next(issue for issue in oncall("backlog", "--json").json if issue["ref"] == SMALLEST)
    oncall("backlog", "pick", SMALLEST)
    drop = ("backlog", "drop", SMALLEST, "--why", "no access to the vault")
    assert oncall(*drop, "-n").writes == []
    ran = oncall(*drop)
    assert ran.code == 0
    assert [line.split()[1] for line in ran.out.splitlines()] == ["commented", "given"]
    after = next(issue for issue in oncall("backlog", "--json").json if issue["ref"] == SMALLEST)
    assert (after["assignees"], after["due_date"]) == ([], None)
    assert sorted(after["labels"]) == sorted(before["labels"])
    again = oncall(*drop)
    assert (again.code, again.writes, again.out.count("✓ already")) == (0, [], 2)


def test_a_drop_without_an_answer_is_looked_up_and_never_sent_twice(oncall: Oncall) -> None:
    oncall("backlog", "pick", SMALLEST)
    oncall.fail("PUT", "/issues", 0, drop=True, after=True)
    ran = oncall("backlog", "drop", SMALLEST, "--why", "no vault", "--json")
    assert (ran.code, [one["result"] for one in ran.json]) == (0, ["done", "done"])
    assert [write.split()[0] for write in ran.writes] == ["POST", "PUT"]


@pytest.mark.parametrize("verb", [["done"], ["drop", "--why", "x"]], ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("ref", "why"), [(CHENS, "it belongs to chen"), (SMALLEST, "nobody has picked it"), (NOT_IN_LIST, "nobody has")]
)
def test_what_is_not_mine_is_neither_closed_nor_given_back(oncall: Oncall, verb: list[str], ref: str, why: str) -> None:
    ran = oncall("backlog", *verb, ref)
    assert (ran.code, ran.writes, why in ran.out) == (7, [], True)
    assert ran.out.startswith(f"! refused {ref}")


def test_to_drop_one_has_to_say_why(oncall: Oncall) -> None:
    for words in ([], ["--why", " "]):
        ran = oncall("backlog", "drop", MINE, *words)
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)


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
        ("ONCALL_BACKLOG_LIST", "Todo", 5, "Backlog, In Progress, Done, Open"),
        ("ONCALL_BACKLOG_LIST", "in progress", 3, "backlog.doing"),
    ],
)
def test_a_board_that_is_not_there_is_said_with_what_to_set(
    oncall: Oncall, served: Served, variable: str, value: str, code: int, named: str
) -> None:
    ran = oncall("backlog", **served.environ(**{variable: value}))
    assert (ran.code, ran.out, two_lines(ran.err)) == (code, "", True)
    assert named in ran.err


def test_a_board_s_scope_counts_and_what_gitlab_does_not_tell_apart_is_said(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        milestone = add_milestone(state, "group/70", "19.1")
        for iid, weight in ((40, 1), (33, None)):
            issue = state.get(ISSUE, key(cast.PROJECTS["operations"], iid)) or {}
            save(state, issue | {"milestone": milestone, "weight": weight})
        scope = {"milestone": milestone, "weight": 1}
        others = [{"milestone": milestone}, {"assignee": 12}]
        add_board(state, "group/70", "Planned", ["Backlog", "In Progress"], **scope)
        add_board(state, "project/72", "Mixed", ["In Progress"], others=others, labels=["runbook"])
        for name in ("Twin", "Twin"):
            add_board(state, "group/70", name, ["Backlog"])
    planned = served.environ(ONCALL_BACKLOG_BOARD="acme-security:planned")
    assert oncall("backlog", "-o", "ids", **planned).out.split() == [SMALLEST]
    assert "it is not in the list Backlog of the board Planned" in oncall("backlog", "pick", NEXT, **planned).out
    mixed = served.environ(ONCALL_BACKLOG_BOARD="acme-security/operations:Mixed", ONCALL_BACKLOG_LIST="Open")
    ran = oncall("backlog", "--json", **mixed)
    assert "the board has milestone lists, too: what stands in them can't be told from Open" in ran.err
    assert ran.json
    assert all("runbook" in issue["labels"] and "operations#" in issue["ref"] for issue in ran.json)
    twins = oncall("backlog", **served.environ(ONCALL_BACKLOG_BOARD="acme-security:Twin"))
    assert (twins.code, two_lines(twins.err), "2 boards called 'Twin'" in twins.err) == (3, True, True)


def test_on_a_premium_server_others_keep_what_i_give_back(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        state.put(TIER, "premium", {})
        issue = state.get(ISSUE, key(cast.PROJECTS["engineering"], 209)) or {}
        save(state, issue | {"assignees": [11, 13]})
    assert oncall("backlog", "drop", MINE, "--why", "away", **served.environ()).code == 0
    assert oncall("backlog", "mine", "-o", "ids", **served.environ()).out == ""
    with served.services.store.state() as state:
        assert (state.get(ISSUE, key(cast.PROJECTS["engineering"], 209)) or {})["assignees"] == [13]


def test_given_back_from_another_machine_the_date_of_the_pick_goes_all_the_same(
    oncall: Oncall, served: Served, tmp_path: Path
) -> None:
    here, there = (served.environ(ONCALL_STATE_DIR=str(tmp_path / name)) for name in ("laptop", "desktop"))
    assert "yours to completion, due 2026-12-06" in oncall("backlog", "pick", SMALLEST, **here).out
    oncall.now += timedelta(hours=1)
    assert oncall("backlog", "drop", SMALLEST, "--why", "no vault", **there).code == 0
    (issue,) = [each for each in oncall("backlog", "--json", **there).json if each["ref"] == SMALLEST]
    assert issue["due_date"] is None


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
    for verb in (["done"], ["drop", "--why", "x"]):
        assert oncall("backlog", *verb, MINE, **served.environ(ONCALL_GITLAB_TOKEN=token)).code == 4
    assert SMALLEST in oncall("backlog", "-o", "ids", **served.environ()).out.split()


@pytest.mark.parametrize("command", ["backlog mine", "issues --mine"])
def test_by_a_bot_s_token_nothing_is_mine_and_that_is_no_empty_list(
    oncall: Oncall, served: Served, command: str
) -> None:
    ran = oncall(*command.split(), **served.environ(ONCALL_GITLAB_TOKEN="sandbox-gitlab-bot"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (4, "", True)
    assert "and the list would be the bot's" in ran.err


def test_without_pagerduty_the_backlog_is_listed_all_the_same(oncall: Oncall, served: Served) -> None:
    ran = oncall("backlog", "-o", "ids", **served.environ(ONCALL_PAGERDUTY_TOKEN=""))
    assert (ran.code, len(ran.out.split()), ran.err) == (0, WAITING, "")
    served.fail("*", "/pagerduty/", 503, times=-1)
    down = oncall("backlog", "-o", "ids", **served.environ())
    assert (down.code, len(down.out.split()), two_lines(down.err)) == (7, WAITING, True)
