"""`oncall escalate`: the ladder, bringing somebody in, and the record of who was tried."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.sandbox.pagerduty_records import ABILITIES
from secops_oncall.sandbox.scenario import ensure
from secops_oncall.sandbox.store import Store
from tests.cli.conftest import Oncall, Served, shown, two_lines
from tests.cli.test_terminal import ENTER, Terminal, asked, ended, terminal  # noqa: F401 - a fixture

STEP = ["n", "role", "person", "why", "automatic_at", "problem"]
REQUEST = "POST /pagerduty/incidents/{}/responder_requests"
CANARY, LEAKED = "Q1CANARYTOKEN01", "Q1LEAKEDKEY0005"


def without_ability(oncall: Oncall) -> None:
    store = Store(oncall.state / "sandbox" / "sandbox.sqlite3")
    ensure(store, oncall.now)
    with store.state() as state:
        state.put(ABILITIES, "current", {"abilities": ["teams"]})


def names(steps: Any) -> list[str | None]:
    return [step["person"] and step["person"]["name"] for step in steps]


def assigned(oncall: Oncall, page: str) -> list[str]:
    return [person["name"] for person in shown(oncall, page)["assigned_to"]]


def test_the_ladder_of_a_page(oncall: Oncall) -> None:
    ran = oncall("escalate", "4117", "--json")
    assert ran.code == 0
    assert [list(step) for step in ran.json] == [STEP] * 7
    assert names(ran.json) == [
        "Dana Cohen",
        "Ana Ferreira",
        "Ben Okafor",
        "Eva Lindqvist",
        "Farid Haddad",
        "Chen Wei",
        "Grace Mbeki",
    ]
    manager, engineer, *_ = ran.json
    assert (manager["n"], manager["role"], manager["automatic_at"]) == (0, "manager", "2026-11-23T14:18:00Z")
    assert (engineer["n"], engineer["automatic_at"], engineer["problem"]) == (1, None, None)
    assert ran.json[3]["why"] == "awake, 1 h from Ana Ferreira"
    assert {"kind": "phone", "address": "+351912345601", "label": "Mobile"} in engineer["person"]["contacts"]


def test_on_a_terminal_of_80_columns(oncall: Oncall) -> None:
    ran = oncall("escalate", "4117", screen=True, COLUMNS="80")
    assert all(len(line) <= 80 for line in ran.out.splitlines())
    assert "    phone     +12025550102  Mobile\n" in ran.out
    assert "PagerDuty pages them at 14:18 UTC, in 11 min, unless acked\n" in ran.out
    assert ran.err.startswith("page 4117 Canary token opened")


@pytest.mark.parametrize(("page", "why"), [("4114", "paged by PagerDuty already"), ("4112", "acknowledged by Ana")])
def test_where_the_manager_is_not_paged_by_itself_that_is_said(oncall: Oncall, page: str, why: str) -> None:
    manager = oncall("escalate", page, "--json").json[0]
    assert manager["why"].startswith(why)


def test_without_a_page_it_is_the_one_in_focus(oncall: Oncall) -> None:
    any_page = oncall("escalate", "--json").json[0]
    assert "15 min after a page that nobody acks" in any_page["why"]
    oncall("show", "4117")
    ran = oncall("escalate")
    assert "page 4117 Canary token opened" in ran.err
    assert ran.writes == []


def test_a_rehearsal_against_that_night_s_schedules(oncall: Oncall) -> None:
    oncall("show", "4117")
    ran = oncall("escalate", "--at", "Sun 04:00", "--json")
    assert names(ran.json)[:3] == ["Hugo Souza", "Ben Okafor", "Farid Haddad"]
    assert ran.json[0]["automatic_at"] == "2026-11-29T04:15:00Z"
    assert "Sun 2026-11-29 04:00" in ran.err
    assert oncall("escalate", "--dry-run", "--at", "Sun 04:00", "--json").json == ran.json


def test_a_manager_a_backup_and_somebody_without_a_shift(oncall: Oncall, served: Served) -> None:
    ladders = [oncall("escalate", "4117", "--json", **served.environ(login)) for login in ("dana", "ben", "hugo")]
    assert {ran.code for ran in ladders} == {0}
    assert len({str(names(ran.json)) for ran in ladders}) == 1


def test_numbers_that_are_not_to_be_seen_cost_no_ladder(oncall: Oncall) -> None:
    oncall.fail("GET", "/contact_methods", 403, times=-1)
    ran = oncall("escalate", "4117", "--json")
    assert ran.code == 0
    assert {step["problem"] for step in ran.json} == {"how to reach them is not known"}


@pytest.mark.parametrize(
    ("to", "name"), [("manager", "Dana Cohen"), ("backup", "Ben Okafor"), ("grace", "Grace Mbeki")]
)
def test_somebody_is_asked_to_help(oncall: Oncall, to: str, name: str) -> None:
    ran = oncall("escalate", "4117", "--to", to, "--yes")
    assert (ran.code, ran.writes) == (0, [REQUEST.format(CANARY)])
    assert ran.out.startswith("✓ asked 4117 ")
    assert name in ran.out
    assert f"Ask {name} to help with page 4117" in ran.err
    assert assigned(oncall, "4117") == ["Ana Ferreira"]


@pytest.mark.parametrize("more", [[], ["--json"], ["--no-input"]])
def test_without_a_terminal_it_needs_yes_and_nothing_is_sent(oncall: Oncall, more: list[str]) -> None:
    oncall("status")
    ran = oncall("escalate", "4117", "--to", "manager", "-q", *more)
    assert (ran.code, ran.out, ran.writes) == (2, "", [])
    assert "--yes" in ran.err


@pytest.mark.parametrize(("keys", "code", "said"), [(ENTER, 130, "cancelled"), ("y" + ENTER, 0, "✓ asked 4117")])
def test_on_a_terminal_it_asks_and_enter_alone_is_no(
    terminal: Terminal,  # noqa: F811
    keys: str,
    code: int,
    said: str,
) -> None:
    running = asked(terminal, "escalate", "4117", "--to", "manager")
    running.expect("Ask Dana Cohen to help")
    running.send(keys)
    ran, told = ended(running)
    assert ran == code
    assert said in told


def test_a_dry_run_sends_no_write(oncall: Oncall) -> None:
    for options in (["--to", "manager"], ["--log", "called Ben"], ["--to", "backup", "--log", "called Ben"]):
        ran = oncall("escalate", "4117", *options, "--dry-run", "--json")
        assert (ran.code, ran.writes) == (0, [])
        assert {one["result"] for one in ran.json} == {"planned"}
    rehearsed = oncall("escalate", "4117", "--to", "backup", "-n", "--at", "Sun 04:00")
    assert (rehearsed.code, rehearsed.writes) == (0, [])
    assert "Farid Haddad" in rehearsed.out


def test_without_the_ability_the_level_is_paged_and_what_that_does_is_said(oncall: Oncall) -> None:
    without_ability(oncall)
    oncall("ack", "4117")
    ran = oncall("escalate", "4117", "--to", "manager", "--yes")
    assert (ran.code, ran.writes) == (0, [REQUEST.format(CANARY), f"PUT /pagerduty/incidents/{CANARY}"])
    assert "Dana Cohen, by level 2: the page is theirs now" in ran.out
    for words in ("no responder requests", "re-assigns page 4117", "whole level", "undo the ack", "directly"):
        assert words in ran.err
    assert assigned(oncall, "4117") == ["Dana Cohen"]


def test_the_level_is_offered_however_the_setting_spells_the_policy(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        state.put(ABILITIES, "current", {"abilities": ["teams"]})
    spelt = served.environ(ONCALL_ROLES_MANAGER="security responder:2")
    ran = oncall("escalate", "4117", "--to", "manager", "--yes", "-q", **spelt)
    assert (ran.code, "Dana Cohen, by level 2: the page is theirs now" in ran.out) == (0, True)


def test_a_user_is_named_by_an_id_in_any_case(oncall: Oncall) -> None:
    for id in ("PBEN002", "pben002", "pBen002"):
        ran = oncall("escalate", "4117", "--to", id, "-n")
        assert (ran.code, "Ben Okafor" in ran.out) == (0, True)
    assert oncall("escalate", "4117", "--to", "pzzz0002", "-n").code == 5


def test_who_is_on_no_level_can_only_be_called(oncall: Oncall) -> None:
    without_ability(oncall)
    ran = oncall("escalate", "4117", "--to", "backup", "--yes", "-q")
    assert (ran.code, ran.out, ran.writes) == (6, "", [REQUEST.format(CANARY)])
    assert "call them: oncall escalate 4117" in ran.err


@pytest.mark.parametrize(("after", "code", "said"), [(True, 0, "✓ asked"), (False, 7, "? unknown")])
def test_a_request_that_is_never_answered_is_looked_up(oncall: Oncall, after: bool, code: int, said: str) -> None:
    oncall("status")
    oncall.fail("POST", "/responder_requests", 0, drop=True, after=after)
    ran = oncall("escalate", "4117", "--to", "manager", "--yes")
    assert (ran.code, ran.out[: len(said)], len(ran.writes)) == (code, said, 1)


def test_without_a_page_only_the_one_that_i_acked_is_meant(oncall: Oncall) -> None:
    oncall("show", "4117")
    several = oncall("escalate", "--to", "manager", "--yes", "-q")
    assert (several.code, several.writes) == (2, [])
    assert all(number in several.err for number in ("4112", "4111", "4110"))
    oncall("resolve", "4111", "4110")
    one = oncall("escalate", "--to", "manager", "--yes")
    assert one.writes == [REQUEST.format(LEAKED)]
    oncall("resolve", "4112")
    none = oncall("escalate", "--to", "manager", "--yes", "-q")
    assert (none.code, none.writes) == (2, [])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["4117", "--to", "bacup"], 5, "did you mean 'backup'?"),
        (["4117", "--to", "an"], 2, "give the e-mail of one of them"),
        (["4117", "--to", "nobody@example.com"], 5, "no user 'nobody@example.com'"),
        (["4999", "--to", "manager"], 5, "page '4999' not found"),
        (["4999"], 5, "page '4999' not found"),
        (["not a page", "--to", "manager"], 2, "is no page"),
        (["https://gitlab.example.com/incidents/Q1CANARYTOKEN01"], 2, "is no page"),
        (["4117", "--log", "  "], 2, "the record is empty"),
        (["4117", "--to", "manager", "--at", "Sun 04:00"], 2, "--at rehearses"),
        (["4117", "--at", "noon"], 2, "is no time"),
        (["4117", "--to", "manager", "-o", "table"], 2, "-o table is for the ladder"),
    ],
)
def test_bad_input_sends_nothing(oncall: Oncall, arguments: list[str], code: int, said: str) -> None:
    oncall("status")
    ran = oncall("escalate", *arguments, "--yes", "-q")
    assert (ran.code, ran.out, ran.writes) == (code, "", [])
    assert two_lines(ran.err)
    assert said in ran.err


def test_a_resolved_page_is_refused(oncall: Oncall) -> None:
    ran = oncall("escalate", "4108", "--to", "manager", "--yes")
    assert (ran.code, ran.writes) == (7, [])
    assert ran.out.startswith("! refused 4108")


def test_an_attempt_is_recorded_in_the_journal_and_on_the_page(oncall: Oncall) -> None:
    ran = oncall("escalate", "4117", "--log", "called Ben: no answer", "--json")
    assert (ran.code, [(one["place"], one["result"]) for one in ran.json]) == (
        0,
        [("journal", "done"), ("pagerduty-note", "done")],
    )
    (note,) = shown(oncall, "4117")["notes"]
    assert note["text"] == "Escalation 14:07 UTC: called Ben: no answer"


@pytest.mark.parametrize(("after", "code", "notes"), [(True, 0, 1), (False, 7, 0)])
def test_a_note_that_is_never_answered_is_not_written_twice(oncall: Oncall, after: bool, code: int, notes: int) -> None:
    oncall("status")
    oncall.fail("POST", "/notes", 0, drop=True, after=after)
    ran = oncall("escalate", "4117", "--log", "called Ben", "-q")
    assert (ran.code, len(ran.writes)) == (code, 1)
    assert len(shown(oncall, "4117")["notes"]) == notes


def test_in_an_outage_the_ladder_comes_from_the_kept_roster(oncall: Oncall, served: Served) -> None:
    oncall("ack", "4117", screen=True, **served.environ())
    oncall.now += timedelta(hours=2)
    served.fail("*", "/pagerduty/", 503, times=-1)
    ran = oncall("escalate", "--json", "-q", **served.environ())
    assert ran.code == 7
    assert names(ran.json)[:3] == ["Dana Cohen", "Ana Ferreira", "Ben Okafor"]
    assert "+14155550104" in str(ran.json[0]["person"]["contacts"])
    assert "from the roster that was kept 2 h ago" in ran.err
    logged = oncall("escalate", CANARY, "--log", "called Ben", "-q", **served.environ())
    assert logged.code == 7
    assert logged.out.startswith(f"✓ logged journal {CANARY}\n✗ failed {CANARY}")
    assert oncall("escalate", CANARY, "--to", "manager", "--yes", "-q", **served.environ()).code == 6
