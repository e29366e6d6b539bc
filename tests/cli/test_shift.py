"""`oncall shift`: my shift, the coming weeks with their gaps, and a calendar file."""

from typing import Any

import pytest
from icalendar import Calendar

from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE
from secops_oncall.sandbox.store import Store
from tests.cli.conftest import Oncall, Served, two_lines

SHIFT = {"id", "start", "end", "kind", "role", "user", "policy", "source", "gap", "swap"}
MONDAY = "2026-11-23T09:00:00Z"


def reschedule(oncall: Oncall, **users: str | None) -> None:
    """Give the engineers' turns that begin at a moment (`d23T21`) to somebody else, or to nobody."""
    oncall("status")
    with Store(oncall.state / "sandbox" / "sandbox.sqlite3").state() as state:
        schedule: Any = state.get(SCHEDULE, "PSENGIN")
        changed = {f"2026-11-{when[1:3]}T{when[4:]}:00:00Z": user for when, user in users.items()}
        turns = [{**turn, "user": changed.get(turn["start"], turn["user"])} for turn in schedule["turns"]]
        state.put(SCHEDULE, "PSENGIN", {**schedule, "turns": [turn for turn in turns if turn["user"]]})


def test_the_shift_now(oncall: Oncall) -> None:
    ran = oncall("shift", "--json")
    assert set(ran.json) == SHIFT
    assert ran.json == {
        "id": f"engineer/PANA001/{MONDAY}",
        "start": MONDAY,
        "end": "2026-11-23T21:00:00Z",
        "kind": "weekday",
        "role": "engineer",
        "user": {"id": "PANA001", "name": "Ana Ferreira", "email": "ana@example.com"},
        "policy": "Security Responder",
        "source": "pagerduty",
        "gap": False,
        "swap": False,
    }
    assert oncall("shift", "-q").out.startswith("On call now: engineer, weekday 12 h, 6 h 53 min left\n")


def test_the_next_one(oncall: Oncall, served: Served) -> None:
    assert oncall("shift", "--next", "--json").json["start"] == "2026-11-26T09:00:00Z"
    weekend = oncall("shift", "--next", "--json", **served.environ("ben")).json
    assert (weekend["role"], weekend["kind"], weekend["start"]) == ("engineer", "weekday", "2026-11-25T09:00:00Z")


def test_a_weekend_has_48_hours(oncall: Oncall, served: Served) -> None:
    shifts = oncall("shift", "--weeks", "1", "--json", **served.environ("ben")).json
    weekends = [one for one in shifts if one["kind"] == "weekend"]
    assert [(one["start"], one["end"]) for one in weekends] == [("2026-11-28T09:00:00Z", "2026-11-30T09:00:00Z")]


def test_it_is_two_waves_the_second_for_the_overrides_of_my_schedules(oncall: Oncall) -> None:
    oncall("status")
    oncall.slow()
    ran = min((oncall("shift", "--weeks", "4", "-q") for _ in range(3)), key=lambda each: each.waves)
    assert ran.waves == 2  # a busy machine may show more, and never fewer
    assert [asked for asked in ran.asked if "overrides" in asked] == ["GET /pagerduty/schedules/PSENGIN/overrides"]


def test_a_shift_that_an_override_gives_me_is_a_swap(oncall: Oncall) -> None:
    shifts = [one for one in oncall("shift", "--weeks", "2", "--json").json if not one["gap"]]
    assert [one["swap"] for one in shifts] == [False, True, *[False] * (len(shifts) - 2)]
    assert "  Swap        an override in PagerDuty gives it to you\n" in oncall("shift", "--next", "-q").out
    assert "swapped" in oncall("shift", "--ics", "-q").out


@pytest.mark.parametrize(("status", "code"), [(400, 0), (403, 0), (404, 0), (500, 7)])
def test_a_schedule_without_overrides_to_tell(oncall: Oncall, served: Served, status: int, code: int) -> None:
    served.fail("GET", "/overrides", status, times=-1)
    ran = oncall("shift", "--next", "--json", **served.environ())
    assert (ran.code, ran.json["swap"]) == (code, False)
    assert ran.err == "" if code == 0 else two_lines(ran.err) and "swaps could not be read" in ran.err


def test_no_other_command_asks_for_overrides(oncall: Oncall) -> None:
    for command in ("status", "who", "pages", "handoff"):
        assert not [asked for asked in oncall(*command.split()).asked if "overrides" in asked]


def test_two_swapped_turns_are_two_shifts(oncall: Oncall) -> None:
    reschedule(oncall, d23T21="PANA001")
    first, second, *_ = oncall("shift", "--weeks", "1", "--json").json
    assert [(one["start"], one["end"], one["swap"]) for one in (first, second)] == [
        (MONDAY, "2026-11-23T21:00:00Z", True),
        ("2026-11-23T21:00:00Z", "2026-11-24T09:00:00Z", True),
    ]


def test_an_override_that_parts_a_turn_makes_no_shift_of_its_own(oncall: Oncall) -> None:
    oncall("status")
    with Store(oncall.state / "sandbox" / "sandbox.sqlite3").state() as state:
        schedule: Any = state.get(SCHEDULE, "PSENGIN")
        (mine,) = [turn for turn in schedule["turns"] if turn["start"] == MONDAY]
        parted = [{**mine, "end": "2026-11-23T15:00:00Z"}, {**mine, "start": "2026-11-23T15:00:00Z"}]
        turns = [turn for turn in schedule["turns"] if turn != mine] + parted
        state.put(SCHEDULE, "PSENGIN", {**schedule, "turns": turns})
    assert oncall("shift", "--json").json["end"] == "2026-11-23T21:00:00Z"


def test_gaps_are_marked_and_said(oncall: Oncall) -> None:
    reschedule(oncall, d24T21=None)
    shifts = oncall("shift", "--weeks", "1", "--json").json
    (gap,) = [one for one in shifts if one["gap"]]
    assert (gap["start"], gap["end"], gap["user"]) == ("2026-11-24T21:00:00Z", "2026-11-25T09:00:00Z", None)
    assert "NOBODY" in oncall("shift", "--weeks", "1", screen=True).out
    said = "! nobody is on call as engineer from 2026-11-24 21:00 UTC to 2026-11-25 09:00 UTC\n"
    assert said in oncall("shift").err


def test_a_manager_a_backup_and_somebody_without_a_shift(oncall: Oncall, served: Served) -> None:
    roles = {login: oncall("shift", "--json", **served.environ(login)).json["role"] for login in ("dana", "ben")}
    assert roles == {"dana": "manager", "ben": "backup"}
    with served.services.store.state() as state:
        for key in ("PSENGIN", "PSMANAG", "PSBACKU"):
            schedule: Any = state.get(SCHEDULE, key)
            turns = [turn for turn in schedule["turns"] if turn["user"] != "PHUGO08"]
            state.put(SCHEDULE, key, {**schedule, "turns": turns})
    ran = oncall("shift", "--json", **served.environ("hugo"))
    assert (ran.code, ran.out) == (0, "null\n")
    assert "You have no shift" in oncall("shift", **served.environ("hugo")).err


def test_who_is_always_on_call_has_shifts_of_the_configured_length(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        policy: Any = state.get(POLICY, "PSECRSP")
        always = {"delay": 15, "targets": [{"type": "user_reference", "id": "PANA001"}]}
        state.put(POLICY, "PSECRSP", {**policy, "rules": [always, policy["rules"][1]]})
    rules = {"ONCALL_SHIFT_HANDOVER": "06:00", "ONCALL_SHIFT_WEEKDAY_HOURS": "8"}
    shift = oncall("shift", "--json", **served.environ(**rules)).json
    assert (shift["start"], shift["end"], shift["source"]) == (
        "2026-11-23T14:00:00Z",
        "2026-11-23T22:00:00Z",
        "config",
    )


def test_a_calendar_file(oncall: Oncall) -> None:
    ran = oncall("shift", "--ics", "--weeks", "2", "-q")
    assert ran.code == 0
    events = Calendar.from_ical(ran.out).walk("VEVENT")
    listed = [one for one in oncall("shift", "--weeks", "2", "--json").json if not one["gap"]]
    assert [f"{event.decoded('DTSTART'):%Y-%m-%dT%H:%M:%SZ}" for event in events] == [one["start"] for one in listed]
    assert len({str(event["UID"]) for event in events}) == len(events) > 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--weeks", "0"],
        ["--weeks", "13"],
        ["--weeks", "2", "-o", "text"],
        ["-o", "table"],
        ["--ics", "--json"],
        ["--ics", "--next"],
        ["--json", "-o", "text"],
    ],
)
def test_what_contradicts_itself_is_refused(oncall: Oncall, arguments: list[str]) -> None:
    ran = oncall("shift", *arguments, "-q")
    assert (ran.code, ran.out) == (2, "")
    assert two_lines(ran.err)


@pytest.mark.parametrize(("key", "value"), [("TIME_ZONE", "Mars/Base"), ("HANDOVER", "eight"), ("WEEKDAY_HOURS", "0")])
def test_wrong_shift_times_are_told(oncall: Oncall, served: Served, key: str, value: str) -> None:
    ran = oncall("shift", **served.environ(**{f"ONCALL_SHIFT_{key}": value}))
    assert (ran.code, ran.out) == (3, "")
    assert two_lines(ran.err)
