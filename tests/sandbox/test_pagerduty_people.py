"""Users, on-calls, policies, schedules, services and the team, as PagerDuty answers them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import POLICY
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock

START, END = NOW.replace(hour=9, minute=0), NOW.replace(hour=21, minute=0)
WEEKS = {"since": iso(NOW - timedelta(days=13)), "until": iso(NOW + timedelta(days=20))}


def test_users_are_found_by_name_or_email(pagerduty: Any) -> None:
    assert [user["name"] for user in pagerduty.iter_all("/users")] == sorted(p.name for p in cast.PEOPLE.values())
    assert [user["id"] for user in pagerduty.rget("/users", params={"query": "okaf"})] == ["PBEN002"]
    assert [user["id"] for user in pagerduty.rget("/users", params={"query": "CHEN@example"})] == ["PCHEN03"]
    assert pagerduty.rget("/users", params={"query": "nobody"}) == []


def test_contact_methods_are_references_unless_they_are_included(pagerduty: Any) -> None:
    bare = pagerduty.rget("/users/PANA001")
    assert [method["type"] for method in bare["contact_methods"]] == [
        "email_contact_method_reference",
        "phone_contact_method_reference",
        "sms_contact_method_reference",
    ]
    assert all("address" not in method for method in bare["contact_methods"])
    whole = pagerduty.rget("/users/PANA001", params={"include[]": ["contact_methods"]})["contact_methods"]
    phone = whole[1]
    assert (phone["type"], phone["country_code"], phone["address"]) == ("phone_contact_method", 351, "912345601")
    assert pagerduty.rget("/users/PANA001/contact_methods") == whole
    listed = pagerduty.rget("/users", params={"query": "Ana F", "include[]": ["contact_methods"]})
    assert listed[0]["contact_methods"] == whole


@pytest.mark.parametrize(
    "path", ["/users/PNOBODY", "/escalation_policies/PNONE", "/schedules/PNONE", "/services/PNONE", "/teams/PNONE"]
)
def test_what_is_not_there_is_not_found(pagerduty: Any, path: str) -> None:
    answer = pagerduty.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)


def test_now_the_engineer_and_the_manager_are_on_call_and_the_backup_is_not_seen(pagerduty: Any) -> None:
    entries = pagerduty.rget("/oncalls")
    seen = [(each["escalation_level"], each["user"]["id"], each["schedule"]["id"]) for each in entries]
    assert seen == [(1, "PANA001", "PSENGIN"), (2, "PDANA04", "PSMANAG")]
    assert (entries[0]["start"], entries[0]["end"]) == (iso(START), iso(END))
    assert entries[0]["escalation_policy"]["summary"] == "Security Responder"
    assert pagerduty.rget("/oncalls", params={"schedule_ids[]": ["PSBACKU"], **WEEKS}) == []


def test_at_the_end_of_a_shift_only_the_next_engineer_is_on_call(pagerduty: Any, clock: SettableClock) -> None:
    clock.now = END
    assert [each["user"]["id"] for each in pagerduty.rget("/oncalls")] == ["PCHEN03", "PDANA04"]


def test_on_calls_of_a_window_are_those_that_overlap_it(pagerduty: Any) -> None:
    params = {"since": iso(START - timedelta(hours=1)), "until": iso(END), "schedule_ids[]": ["PSENGIN"]}
    users = [each["user"]["id"] for each in pagerduty.rget("/oncalls", params=params)]
    assert users == ["PEVA005", "PANA001", "PCHEN03"]
    backwards = pagerduty.get("/oncalls", params={"since": iso(END)})
    assert (backwards.status_code, backwards.json()["error"]["code"]) == (400, 2001)


def test_my_next_shifts_and_the_earliest_of_them(pagerduty: Any) -> None:
    mine = {"user_ids[]": ["PANA001"], "include[]": ["users"], **WEEKS}
    shifts = list(pagerduty.iter_all("/oncalls", params=mine))
    assert len(shifts) > 5
    assert {shift["user"]["email"] for shift in shifts} == {"ana@example.com"}
    earliest = pagerduty.rget("/oncalls", params={**mine, "earliest": "true"})
    assert earliest == shifts[:1]


def test_a_user_who_is_a_levels_own_target_is_always_on_call(pagerduty: Any, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        policy = state.get(POLICY, cast.POLICY[0])
        assert policy
        policy["rules"].append({"delay": 30, "targets": [{"type": "user_reference", "id": "PHUGO08"}]})
        state.put(POLICY, cast.POLICY[0], policy)
    entry = pagerduty.rget("/oncalls", params={"schedule_ids[]": ["null"]})
    assert [(each["escalation_level"], each["user"]["id"]) for each in entry] == [(3, "PHUGO08")]
    assert (entry[0]["start"], entry[0]["end"], entry[0]["schedule"]) == (None, None, None)


def turns(pagerduty: Any, schedule: str) -> list[tuple[datetime, datetime, str]]:
    entries = pagerduty.rget(f"/schedules/{schedule}", params=WEEKS)["final_schedule"]["rendered_schedule_entries"]
    return [
        (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]), each["user"]["id"])
        for each in entries
    ]


@pytest.mark.parametrize(("schedule", "now"), [("PSENGIN", "PANA001"), ("PSMANAG", "PDANA04"), ("PSBACKU", "PBEN002")])
def test_a_schedule_has_no_gaps_and_the_right_person_now(pagerduty: Any, schedule: str, now: str) -> None:
    found = turns(pagerduty, schedule)
    assert [turn[0] for turn in found[1:]] == [turn[1] for turn in found[:-1]]
    assert (iso(found[0][0]), iso(found[-1][1])) == (WEEKS["since"], WEEKS["until"])  # cut at the window's ends
    assert [user for start, end, user in found if start <= NOW < end] == [now]


def test_engineers_turns_are_12_hours_and_48_at_weekends(pagerduty: Any) -> None:
    for start, end, _ in turns(pagerduty, "PSENGIN")[1:-1]:
        assert end - start == timedelta(hours=48 if start.weekday() >= 5 else 12)


def test_a_schedule_is_rendered_only_for_a_window(pagerduty: Any) -> None:
    bare = pagerduty.rget("/schedules/PSENGIN")
    assert bare["final_schedule"]["rendered_schedule_entries"] == []
    short = {"since": iso(NOW), "until": iso(NOW + timedelta(hours=1))}
    cut = pagerduty.rget("/schedules/PSENGIN", params=short)["final_schedule"]
    assert [(each["start"], each["end"]) for each in cut["rendered_schedule_entries"]] == [tuple(short.values())]
    assert cut["rendered_coverage_percentage"] == 100
    whole = pagerduty.rget("/schedules/PSENGIN", params={**short, "overflow": "true"})["final_schedule"]
    assert [each["start"] for each in whole["rendered_schedule_entries"]] == [iso(START)]
    two_weeks = pagerduty.rget("/schedules/PSENGIN", params={"since": iso(NOW)})["final_schedule"]
    assert two_weeks["rendered_schedule_entries"][-1]["end"] == iso(NOW + timedelta(days=14))


def test_one_override_gives_me_the_turn_that_i_have_anyway(pagerduty: Any) -> None:
    path = "/schedules/PSENGIN/overrides"
    (swap,) = pagerduty.rget(path, params=WEEKS)
    assert (swap["user"]["id"], swap["user"]["type"]) == ("PANA001", "user_reference")
    began, ended = datetime.fromisoformat(swap["start"]), datetime.fromisoformat(swap["end"])
    assert (began, ended, "PANA001") in turns(pagerduty, "PSENGIN")
    assert began > END
    assert pagerduty.rget("/schedules/PSMANAG/overrides", params=WEEKS) == []
    rendered = pagerduty.rget("/schedules/PSENGIN", params=WEEKS)["overrides_subschedule"]["rendered_schedule_entries"]
    assert [entry["start"] for entry in rendered] == [swap["start"]]
    inside = {"since": iso(began + timedelta(hours=1)), "until": iso(ended - timedelta(hours=1))}
    assert [one["start"] for one in pagerduty.rget(path, params=inside)] == [inside["since"]]
    assert [one["start"] for one in pagerduty.rget(path, params={**inside, "overflow": "true"})] == [swap["start"]]


@pytest.mark.parametrize("given", [{}, {"since": WEEKS["since"]}, {"until": WEEKS["until"]}])
def test_overrides_are_listed_only_for_a_window(pagerduty: Any, given: dict[str, str]) -> None:
    answer = pagerduty.get("/schedules/PSENGIN/overrides", params=given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2001)
    assert pagerduty.get("/schedules/PNONE/overrides", params=WEEKS).status_code == 404


def test_policies_and_schedules_are_found_by_name(pagerduty: Any) -> None:
    policies = pagerduty.rget("/escalation_policies", params={"query": "security responder"})
    assert [(policy["id"], policy["num_loops"]) for policy in policies] == [("PSECRSP", 0)]
    rules = pagerduty.rget("/escalation_policies/PSECRSP")["escalation_rules"]
    assert [rule["escalation_delay_in_minutes"] for rule in rules] == [15, 15]
    targets = [rule["targets"][0]["summary"] for rule in rules]
    assert targets == ["Security Responder Engineers", "Security Incident Managers"]
    schedules = pagerduty.rget("/schedules", params={"query": "backup"})
    assert [(schedule["id"], schedule["escalation_policies"]) for schedule in schedules] == [("PSBACKU", [])]


def test_services_the_team_and_abilities(pagerduty: Any) -> None:
    timeouts = {key: pagerduty.rget(f"/services/{key}")["acknowledgement_timeout"] for key in cast.SERVICES}
    assert {key for key, timeout in timeouts.items() if timeout} == {"PSVCEDR"}
    assert pagerduty.rget("/teams")[0] == pagerduty.rget(f"/teams/{cast.TEAM[0]}")
    assert pagerduty.rget("/users/me")["teams"][0]["id"] == cast.TEAM[0]
    assert "teams" in pagerduty.rget("/abilities")


def test_a_schedule_tells_whoever_is_on_it(pagerduty: Any) -> None:
    path = "/schedules/PSBACKU/users"
    assert [(user["id"], user["time_zone"]) for user in pagerduty.rget(path)] == [("PBEN002", "America/New_York")]
    assert len(pagerduty.rget(path, params=WEEKS)) > 1
