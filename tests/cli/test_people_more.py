"""`oncall who` at another time, with several on a level, and with PagerDuty down."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE, USER
from secops_oncall.sandbox.scenario import ensure
from secops_oncall.sandbox.store import Store
from tests.cli.conftest import Oncall, Ran, Served, two_lines


def change(oncall: Oncall, kind: str, key: str, **more: Any) -> None:
    """Change a document of the sandbox's PagerDuty."""
    store = Store(oncall.state / "sandbox" / "sandbox.sqlite3")
    ensure(store, oncall.now)
    with store.state() as state:
        document = state.get(kind, key)
        assert document is not None
        state.put(kind, key, {**document, **more})


def names(ran: Ran) -> list[tuple[str, str | None]]:
    return [(one["role"], one["name"]) for one in ran.json]


def test_one_wave_and_two_with_contacts(oncall: Oncall) -> None:
    oncall("status")
    oncall.slow()
    assert min(oncall("who", "-q").waves for _ in range(3)) == 1  # a busy machine may show more, and never fewer
    assert min(oncall("who", "--contact", "-q").waves for _ in range(3)) == 2


def test_another_time_in_my_own_zone_is_echoed_in_utc_too(oncall: Oncall) -> None:
    change(oncall, USER, "PANA001", time_zone="America/New_York")
    ran = oncall("who", "--at", "Sun 04:00", "--json", "-q")
    assert names(ran) == [("engineer", "Ben Okafor"), ("backup", "Farid Haddad"), ("manager", "Hugo Souza")]
    assert "Sun 2026-11-29 04:00 EST, 09:00 UTC\n" in oncall("who", "--at", "Sun 04:00").err
    assert "Sat 2026-11-28 22:00 EST, Sun 2026-11-29 03:00 UTC\n" in oncall("who", "--at", "Sat 22:00").err


def test_a_time_that_the_clock_skips_is_refused_and_nothing_is_asked(oncall: Oncall) -> None:
    oncall.now = datetime(2026, 3, 28, 14, tzinfo=UTC)  # Lisbon's clock goes from 01:00 to 02:00 that night
    oncall("status")  # from then on the journal knows my shift, and hears nothing of it beside a command
    ran = oncall("who", "--at", "01:30")
    assert (ran.code, ran.out) == (2, "")
    assert two_lines(ran.err)
    assert "skips 2026-03-29 01:30" in ran.err
    assert ran.log is None or "GET /pagerduty/oncalls" not in ran.asked


def test_of_a_time_that_the_clock_shows_twice_the_first_is_taken_and_said(oncall: Oncall) -> None:
    oncall.now = datetime(2026, 10, 24, 14, tzinfo=UTC)
    ran = oncall("who", "--at", "01:30")
    assert "Sun 2026-10-25 01:30 WEST, 00:30 UTC\n" in ran.err
    assert "! the clock shows '01:30' twice that day: the first is taken\n" in ran.err
    assert ran.code == 0


@pytest.mark.parametrize("at", ["tomorrow", "25:00", "-2h", "999999w", "2026-13-01", "2027-11-23", "", "0001-01-01"])
def test_what_is_no_time_is_refused(oncall: Oncall, at: str) -> None:
    oncall("who")
    ran = oncall("who", f"--at={at}", "-q")
    assert (ran.code, ran.out) == (2, "")
    assert "\n  hint: " in ran.err
    assert ran.log is None or "GET /pagerduty/oncalls" not in ran.asked


def test_everybody_on_a_level_is_shown_once_and_always_means_no_end(oncall: Oncall) -> None:
    schedule = {"type": "schedule_reference", "id": "PSENGIN"}
    always = [{"type": "user_reference", "id": user} for user in ("PHUGO08", "PANA001")]
    empty = {"type": "schedule_reference", "id": "PSMANAG"}
    rules = [{"delay": 15, "targets": [schedule, *always]}, {"delay": 15, "targets": [empty]}]
    change(oncall, POLICY, "PSECRSP", rules=rules)
    change(oncall, SCHEDULE, "PSMANAG", turns=[])
    ran = oncall("who", "--json", "-q")
    assert sorted(names(ran)[:2]) == [("engineer", "Ana Ferreira"), ("engineer", "Hugo Souza")]
    assert [(one["start"], one["end"]) for one in ran.json[:2]] == [(None, None)] * 2
    assert names(ran)[-1] == ("manager", None)
    assert "! nobody is on call as manager (Security Responder, level 2)" in ran.err


def test_who_holds_two_turns_in_a_row_is_on_call_until_the_end_of_both(oncall: Oncall) -> None:
    oncall("who")
    turns = Store(oncall.state / "sandbox" / "sandbox.sqlite3")
    with turns.state() as state:
        schedule = state.get(SCHEDULE, "PSENGIN")
    assert schedule is not None
    swapped = [
        {**turn, "user": "PANA001"} if turn["start"] == "2026-11-23T21:00:00Z" else turn for turn in schedule["turns"]
    ]
    change(oncall, SCHEDULE, "PSENGIN", turns=swapped)
    assert oncall("who", "--json").json[0]["end"] == "2026-11-24T09:00:00Z"


def test_numbers_that_are_not_to_be_seen_are_said(oncall: Oncall) -> None:
    oncall.fail("GET", "/contact_methods", 403, times=-1)
    ran = oncall("who", "--contact")
    assert ran.code == 0
    assert "! this token may not see how to reach Ana Ferreira, Ben Okafor, Dana Cohen\n" in ran.err


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ("Security Responders:1", 5, "did you mean 'Security Responder'?"),
        ("Zzz", 5, "no schedule 'Zzz'"),
    ],
)
def test_a_role_that_names_nothing_is_told_with_the_nearest(
    oncall: Oncall, served: Served, setting: str, code: int, said: str
) -> None:
    ran = oncall("who", **served.environ(ONCALL_ROLES_ENGINEER=setting))
    assert (ran.code, ran.out) == (code, "")
    assert two_lines(ran.err)
    assert said in ran.err


def test_a_name_of_several_policies_is_refused(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        policy = state.get(POLICY, "PSECRSP")
        assert policy is not None
        state.put(POLICY, "PSECRS2", {**policy, "id": "PSECRS2"})
    ran = oncall("who", **served.environ())
    assert (ran.code, ran.out) == (2, "")
    assert two_lines(ran.err)


def test_an_account_s_key_needs_the_email(oncall: Oncall, served: Served) -> None:
    key = {"ONCALL_PAGERDUTY_TOKEN": "sandbox-pagerduty-account"}
    for command in (["who"], ["shift"], ["escalate"], ["escalate", "4117", "--to", "manager", "--yes"]):
        ran = oncall(*command, **served.environ(**key))
        assert (ran.code, ran.out) == (3, "")
        assert two_lines(ran.err) and "pagerduty.email" in ran.err
    assert not [asked for asked in served.asked if not asked.startswith("GET ")]
    assert oncall("who", **served.environ(**key, ONCALL_PAGERDUTY_EMAIL="ana@example.com")).code == 0


def down(served: Served) -> None:
    served.fail("*", "/pagerduty/", 503, times=-1)


@pytest.mark.parametrize("level", ["0", "9"])
def test_a_level_that_the_policy_has_not_got_is_no_level_without_anybody(
    oncall: Oncall, served: Served, level: str
) -> None:
    for command in ("who", "who", "escalate", "shift"):  # the second time from the cache
        ran = oncall(*command.split(), "-q", **served.environ(ONCALL_ROLES_ENGINEER=f"Security Responder:{level}"))
        assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
        assert f"'Security Responder' has no level {level}: it has 2, from 1 on\n" in ran.err


def test_one_person_s_contacts_that_fail_cost_nobody_else_theirs(oncall: Oncall) -> None:
    oncall.fail("GET", "/users/PBEN002/contact_methods", 500, times=-1)
    for command in ("who --contact", "escalate 4117"):
        ran = oncall(*command.split(), "--json", "-q")
        people = [one.get("person", one) for one in ran.json]
        assert (ran.code, [one["name"] for one in people if one["contacts"] is None]) == (7, ["Ben Okafor"])
        assert two_lines(ran.err)
        assert ran.err.startswith("oncall: how to reach Ben Okafor is not known: PagerDuty (")
    assert "+351912345601" in oncall("who", "--contact", screen=True).out


def test_the_roster_is_kept_where_one_person_s_contacts_fail(oncall: Oncall, served: Served) -> None:
    served.fail("GET", "/users/PBEN002/contact_methods", 500, times=-1)
    oncall("who", screen=True, **served.environ())
    served.fail("GET", "/pagerduty", 503, times=-1)
    ran = oncall("who", "--contact", "--json", **served.environ())
    assert [one["contacts"] is None for one in ran.json] == [False, True, False]
    assert "from the roster that was kept" in ran.err


def test_in_an_outage_the_kept_roster_answers_and_its_age_is_said(oncall: Oncall, served: Served) -> None:
    oncall("status", screen=True, **served.environ())
    oncall.now += timedelta(days=2, hours=3)
    down(served)
    ran = oncall("who", "--contact", "--json", **served.environ())
    assert ran.code == 7
    told = json.loads(ran.out)
    assert [one["role"] for one in told] == ["engineer", "backup", "manager"]
    assert {"kind": "phone", "address": "+14155550104", "label": "Mobile"} in told[2]["contacts"]
    assert "! from the roster that was kept 2 d 3 h ago, 2026-11-23 14:07 UTC\n" in ran.err
    assert "PagerDuty" in ran.err and "  hint: " in ran.err


def test_beyond_the_week_it_does_not_answer(oncall: Oncall, served: Served) -> None:
    oncall("who", screen=True, **served.environ())
    down(served)
    assert oncall("who", "--at", "2026-12-04", **served.environ()).code == 6
    oncall.now += timedelta(days=8)
    ran = oncall("who", **served.environ())
    assert (ran.code, ran.out) == (6, "")


def test_it_is_kept_on_call_only_once_a_day_after_the_answer(oncall: Oncall, served: Served) -> None:
    oncall("who", screen=True, **served.environ("chen"))
    assert not [path for path in served.asked if "contact_methods" in path], "Chen is not on call"
    oncall("who", screen=True, **served.environ())
    first = [path for path in served.asked if "contact_methods" in path]
    assert len(first) == len(set(first)) == 8
    oncall("who", screen=True, **served.environ())
    assert [path for path in served.asked if "contact_methods" in path] == first
    oncall.now += timedelta(hours=3)
    oncall("status", screen=True, **served.environ())
    assert [path for path in served.asked if "contact_methods" in path] == first


def test_no_reader_of_a_pipe_waits_for_it(oncall: Oncall, served: Served) -> None:
    oncall("pages", "-o", "ids", **served.environ())
    assert not [path for path in served.asked if "contact_methods" in path]
    oncall("who", screen=True, **served.environ())
    assert [path for path in served.asked if "contact_methods" in path]


def test_it_is_not_kept_where_it_is_not_to_be(oncall: Oncall, served: Served) -> None:
    oncall("who", screen=True, **served.environ())
    oncall("who", **served.environ(ONCALL_CACHE_CONTACTS="false"))
    asked = [path for path in served.asked if "contact_methods" in path]
    down(served)
    assert oncall("who", **served.environ(ONCALL_CACHE_CONTACTS="false")).code == 6
    assert oncall("who", **served.environ()).code == 6, "it was forgotten"
    assert [path for path in served.asked if "contact_methods" in path] == asked


def test_that_it_cannot_be_kept_is_not_told(oncall: Oncall, served: Served) -> None:
    served.fail("GET", "/contact_methods", 503, times=-1)
    ran = oncall("who", screen=True, **served.environ())
    assert ran.code == 0
    assert "contact" not in ran.err
