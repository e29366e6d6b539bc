import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from secops_oncall.domain.backlog import BoardList, Offered, offered
from secops_oncall.domain.issues import Board, Issue
from secops_oncall.views.backlog import (
    Table,
    due,
    labelled,
    print_backlog,
    print_mine,
    say_what_comes_first,
    say_what_is_hidden,
)
from tests.views.samples import CANARY, CLEAN, FLAKY_ISSUE, HOSTILE, LATE, LEAK_ISSUE, NOW, Consoles

SMALL = replace(FLAKY_ISSUE, weight=1, time_estimate=3600)
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress"), others=("milestone", "assignee", "status"))


def items(*issues: Issue, hours: float = 1.25) -> list[Offered]:
    return [offered(issue, timedelta(hours=hours)) for issue in issues]


OFFERED = items(SMALL, LEAK_ISSUE, FLAKY_ISSUE)


def test_the_backlog_shows_what_a_pick_costs_and_whether_it_fits() -> None:
    consoles = Consoles(width=100)
    print_backlog(consoles.streams, OFFERED, Table("table", NOW))
    assert consoles.out_lines == [
        "issue                weight  estimate    fits  due                 age  title",
        "acme/engineering#55  1       1 h         yes                       2 d  Sign-in monitor: false posi…",
        "acme/operations#101  3       1 h 30 min  no    2026-11-20 overdue  2 h  confidential: Leaked key: A…",
        "acme/engineering#55                                                2 d  Sign-in monitor: false posi…",
    ]


def test_on_a_narrow_terminal_what_decides_stays() -> None:
    consoles = Consoles(width=60)
    print_backlog(consoles.streams, OFFERED, Table("table", NOW))
    assert consoles.out_lines == [
        "issue                weight  fits  title",
        "acme/engineering#55  1       yes   Sign-in monitor: false p…",
        "acme/operations#101  3       no    confidential: Leaked key…",
        "acme/engineering#55                Sign-in monitor: false p…",
    ]


def test_without_an_estimate_nothing_is_said_of_fitting() -> None:
    consoles = Consoles(width=80)
    print_backlog(consoles.streams, items(FLAKY_ISSUE), Table("table", NOW))
    assert consoles.out_lines[0].split() == ["issue", "age", "labels", "title"]


def test_programs_get_fits_behind_everything_else() -> None:
    outputs = {}
    for output in ("csv", "json", "tsv", "ids"):
        consoles = Consoles(terminal=False)
        print_backlog(consoles.streams, OFFERED, Table(output, NOW, limit=2))
        outputs[output] = consoles.out
        assert consoles.err == "2 of 3 shown\n"
    assert outputs["csv"].splitlines()[0].endswith(",reviewed_at,page,fits")
    assert [line.rpartition("\t")[2] for line in outputs["tsv"].splitlines()] == ["true", "false"]
    assert [list(issue)[-1] for issue in json.loads(outputs["json"])] == ["fits", "fits"]
    assert [issue["fits"] for issue in json.loads(outputs["json"])] == [True, False]
    assert outputs["ids"] == "acme/engineering#55\nacme/operations#101\n"


def test_what_is_overdue_is_called_so_and_red() -> None:
    consoles = Consoles(width=200, environ={"NO_COLOR": ""})
    print_mine(consoles.streams, [LEAK_ISSUE, replace(LEAK_ISSUE, due_date="2026-11-23")], Table("table", NOW))
    assert consoles.out.count("\x1b[1;31m") == 1
    assert "\x1b[1;31m2026-11-20 overdue" in consoles.out
    assert "2026-11-23 " in consoles.out
    assert due(LEAK_ISSUE, date(2026, 11, 20)) == "2026-11-20"
    assert due(FLAKY_ISSUE, date(2026, 11, 20)) == ""


@pytest.mark.parametrize("width", [60, 80])
def test_mine_shows_first_what_is_due_on_any_terminal(width: int) -> None:
    consoles = Consoles(width=width)
    print_mine(consoles.streams, [LEAK_ISSUE, FLAKY_ISSUE], Table("table", NOW))
    assert max(map(len, consoles.out_lines)) <= width
    assert consoles.out_lines[1].startswith("acme/operations#101  2026-11-20 overdue  ")


def test_mine_for_programs_has_the_fields_of_an_issue() -> None:
    consoles = Consoles(terminal=False)
    print_mine(consoles.streams, [LEAK_ISSUE], Table("csv", NOW))
    assert consoles.out.splitlines()[0].endswith(",reviewed_at,page")


def test_nothing_is_a_friendly_line_on_standard_error() -> None:
    consoles = Consoles()
    print_backlog(consoles.streams, [], Table("table", NOW), "Later\x1b[2J")
    print_mine(consoles.streams, [], Table("table", NOW))
    assert (consoles.out, consoles.err) == (
        "",
        "Nothing can be picked from the list Later.\nYou own nothing of the Backlog.\n",
    )


def test_pages_of_mine_are_named_and_the_title_gives_way() -> None:
    consoles = Consoles(width=80)
    say_what_comes_first(consoles.streams, [CANARY])
    say_what_comes_first(consoles.streams, [replace(CANARY, title=HOSTILE), LATE, LATE])
    say_what_comes_first(consoles.streams, [])
    assert consoles.err.splitlines() == [
        "! page 4117 Canary token opened: finance-share/pa… comes first: oncall show 4117",
        "! page 4117 /close red [… and 2 more pages of yours come first: oncall show 4117",
    ]


def test_what_gitlab_does_not_tell_apart_is_said() -> None:
    consoles = Consoles(width=100)
    say_what_is_hidden(consoles.streams, BoardList(BOARD, None, "In Progress"))
    say_what_is_hidden(consoles.streams, BoardList(BOARD, "Backlog", "In Progress"))
    assert consoles.err == (
        "the board has milestone and status lists, too: what stands in them can't be told from Open\n"
    )


def test_what_is_picked_from_says_what_it_costs() -> None:
    assert [label for label, _ in labelled(OFFERED)] == [
        f"acme/engineering#55  weight 1, 1 h                   {FLAKY_ISSUE.title}",
        f"acme/operations#101  weight 3, 1 h 30 min, too long  confidential: {LEAK_ISSUE.title}",
        f"acme/engineering#55                                  {FLAKY_ISSUE.title}",
    ]
    assert CLEAN in labelled(items(replace(SMALL, title=CLEAN)))[0][0]
