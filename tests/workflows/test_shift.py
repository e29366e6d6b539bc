"""My shifts: now, next, in the coming weeks, and by the name that `--shift` gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.shifts import Shift
from secops_oncall.errors import ConfigError, NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.shift import Coming, coming, named_shift, shift_rules
from tests.fakes import ME, NOW, FakePagerDuty

ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backups", None),
    "manager": RoleName("Responder", 2),
}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LISBON = ZoneInfo("Europe/Lisbon")
OTHERS = [Person(f"P{name}", name) for name in ("Ben", "Chen", "Eva")]


def turns(*mine: int, days: range = range(-20, 20)) -> list[OnCall]:
    """Half a day each from 09:00 and 21:00, mine on some of them; 0 is the one that covers NOW."""
    start = NOW.replace(hour=9)
    found = []
    for number in range(2 * days.start, 2 * days.stop):
        who = ME.person if number in mine else OTHERS[number % 3]
        begins = start + number * 12 * HOUR
        found.append(OnCall(who, begins, begins + 12 * HOUR, "Responder", 1))
    return found


def found(entries: Sequence[OnCall], **more: Any) -> Coming:
    return coming(FakePagerDuty(turns=entries), ROLES, NOW, **more)


def starts(shifts: Sequence[Shift]) -> list[float]:
    """How many turns after the current one they begin."""
    return [(shift.start - NOW.replace(hour=9)) / (12 * HOUR) for shift in shifts]


def test_the_shift_now_and_the_next() -> None:
    mine = found(turns(-4, 0, 6, 12))
    assert starts(mine.mine) == [0, 6, 12]
    now, following = mine.one(NOW), mine.one(NOW, following=True)
    assert now and following
    assert starts([now, following]) == [0, 6]


def test_of_two_shifts_at_once_it_is_the_engineer_s() -> None:
    """I am the backup all week long, and in the middle of that I have a turn as engineer."""
    entries = [*turns(0, 6), OnCall(ME.person, NOW - 3 * DAY, NOW + 4 * DAY, None, None, "Backups")]
    mine = found(entries)
    now, following = mine.one(NOW), mine.one(NOW, following=True)
    assert now and following
    assert (now.role, starts([now, following])) == ("engineer", [0, 6])
    between = mine.one(NOW + DAY)
    assert between and between.role == "backup"
    for text in (None, "2026-11-23 14:00"):
        assert named_shift(FakePagerDuty(turns=entries), ROLES, text, NOW, LISBON).role == "engineer"


def test_off_duty_it_is_the_next_and_without_any_none() -> None:
    (following,) = [found(turns(6)).one(NOW)]
    assert following and starts([following]) == [6]
    assert found(turns()).one(NOW) is None
    assert found(turns(0)).one(NOW, following=True) is None


def test_gaps_are_the_engineers_alone() -> None:
    entries = [one for one in turns(0) if one.start != NOW.replace(hour=21)]
    assert starts(found(entries, weeks=2).gaps) == [1]
    assert found(turns(0), weeks=2).gaps == []


def test_a_shift_that_an_override_gives_me_is_a_swap() -> None:
    entries = [replace(one, schedule_id="PS1") for one in turns(0, 6, 12)]
    pagerduty = FakePagerDuty(turns=entries)
    swapped = next(one for one in entries if one.start == NOW.replace(hour=9) + 6 * 12 * HOUR)
    pagerduty.given = [swapped, replace(swapped, person=OTHERS[0])]
    mine = coming(pagerduty, ROLES, NOW)
    assert [(one.swap, one.override) for one in mine.mine] == [(False, False), (True, True), (False, False)]
    assert mine.problems == []


def test_only_schedules_that_i_have_a_shift_by_are_asked_for_overrides_and_each_once() -> None:
    class Responders(FakePagerDuty):
        def overrides(self, schedule: str, since: datetime, until: datetime) -> list[OnCall]:
            asked.append((schedule, since, until))
            return super().overrides(schedule, since, until)

    asked: list[tuple[str, datetime, datetime]] = []
    pagerduty = Responders(turns=[replace(one, schedule_id="PS1") for one in turns(0, 6)])
    coming(pagerduty, ROLES, NOW)
    start = NOW.replace(hour=9)
    assert asked == [("PS1", start, start + 7 * 12 * HOUR)]
    asked.clear()
    coming(Responders(turns=turns(0)), ROLES, NOW)  # of a person who stands on the policy itself
    coming(Responders(turns=[replace(one, schedule_id="PS1") for one in turns()]), ROLES, NOW)
    assert asked == []


def test_overrides_that_cannot_be_read_cost_only_the_mark_and_that_is_told() -> None:
    pagerduty = FakePagerDuty(turns=[replace(one, schedule_id="PS1") for one in turns(0, 5, 6)])
    pagerduty.failing = {"overrides": RemoteError("PagerDuty: 500", "again", answered=500)}
    mine = coming(pagerduty, ROLES, NOW)
    assert [one.swap for one in mine.mine] == [False, True, True]
    (told,) = mine.problems
    assert told.message == "swaps could not be read, so that some may not be marked: PagerDuty: 500"


def test_a_manager_has_shifts_too() -> None:
    weekly = [OnCall(ME.person, NOW - 3 * DAY, NOW + 4 * DAY, "Responder", 2)]
    (shift,) = found([*turns(), *weekly]).mine
    assert (shift.role, shift.kind) == ("manager", "weekday")


def named(text: str | None, *mine: int) -> float:
    pagerduty = FakePagerDuty(turns=turns(*mine))
    return starts([named_shift(pagerduty, ROLES, text, NOW, LISBON)])[0]


def test_this_shift_and_those_before_it() -> None:
    assert named(None, -8, -3, 0, 6) == 0
    assert named("-1", -8, -3, 0, 6) == -3
    assert named("-2", -8, -3, 0, 6) == -8
    assert named("-1", -8, -3, 6) == -3, "with no shift now it is the last one"


def test_two_swapped_turns_are_two_shifts_back() -> None:
    assert named("-1", -3, -2, 0) == -2
    assert named("-2", -3, -2, 0) == -3


@pytest.mark.parametrize("text", ["2026-11-21T21:00Z", "2026-11-21T23:30:00+00:00", "Sat 21:00", "2026-11-22T08:59"])
def test_a_shift_by_a_time_in_it(text: str) -> None:
    assert named(text, -8, -3, 0) == -3


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, UsageError),
        ("-3", NotFoundError),
        ("2026-11-21T12:00", NotFoundError),
        ("yesterday", UsageError),
        ("-0", UsageError),
        ("2026-03-29T01:30", UsageError),  # skipped in Lisbon
        ("999999w", UsageError),
    ],
)
def test_what_names_no_shift(text: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        named(text, -8, 6)


def test_the_configured_shift_times() -> None:
    rules = shift_rules("Europe/Lisbon", 8, 24, "07:30")
    assert (rules.zone, rules.weekday, rules.weekend, rules.handover) == (LISBON, 8 * HOUR, DAY, time(7, 30))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"time_zone": "Mars/Base"}, "shift.time_zone"),
        ({"time_zone": "../etc/passwd"}, "shift.time_zone"),
        ({"handover": "8 o'clock"}, "shift.handover"),
        ({"weekday_hours": 0}, "shift.weekday_hours"),
        ({"weekend_hours": -1}, "shift.weekend_hours"),
    ],
)
def test_wrong_shift_times_are_a_configuration_error(change: dict[str, Any], said: str) -> None:
    right: dict[str, Any] = {"time_zone": "UTC", "weekday_hours": 12, "weekend_hours": 48, "handover": "08:00"}
    with pytest.raises(ConfigError, match=said):
        shift_rules(**{**right, **change})
