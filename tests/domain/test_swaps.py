"""Which shifts are swaps, by the overrides of a schedule."""

from datetime import timedelta

import pytest

from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.swaps import schedules_of, with_swaps
from tests.fakes import NOW

ANA, BEN = Person("PANA", "Ana"), Person("PBEN", "Ben")
HOUR = timedelta(hours=1)
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backups", None),
    "manager": RoleName("Responder", 2),
}
SHIFT = Shift("engineer/PANA/x", NOW, NOW + 12 * HOUR, "weekday", "engineer", ANA, "Responder")
SCHEDULES: dict[Role, set[str]] = {"engineer": {"PS1"}, "backup": {"PS2"}, "manager": set()}


def given(start: float, end: float, who: Person = ANA, schedule: str = "PS1") -> OnCall:
    return OnCall(who, NOW + start * HOUR, NOW + end * HOUR, schedule_id=schedule)


@pytest.mark.parametrize(
    ("overrides", "swap"),
    [
        ([given(0, 12)], True),
        ([given(-12, 24)], True),
        ([given(6, 12)], True),
        ([given(6.1, 12)], False),
        ([given(0, 4), given(8, 12)], True),
        ([given(0, 4), given(1, 4), given(2, 5)], False),
        ([given(8, 12), given(-3, 9)], True),
        ([given(12, 24), given(-12, 0)], False),
        ([given(0, 12, BEN)], False),
        ([given(0, 12, schedule="PS2")], False),
        ([], False),
    ],
)
def test_a_shift_is_a_swap_where_overrides_give_me_at_least_half_of_it(overrides: list[OnCall], swap: bool) -> None:
    (shift,) = with_swaps([SHIFT], overrides, SCHEDULES)
    assert (shift.swap, shift.override) == (swap, swap)


def test_what_has_no_end_or_is_nobodys_is_no_swap() -> None:
    endless = Shift("x", NOW, None, "weekday", "engineer", ANA, "Responder")
    gap = Shift("x", NOW, NOW + HOUR, "weekday", "engineer", None, "Responder", gap=True)
    assert with_swaps([endless, gap], [given(0, 12)], SCHEDULES) == [endless, gap]


def test_a_shift_held_in_a_row_stays_marked() -> None:
    (shift,) = with_swaps([Shift("x", NOW, NOW + HOUR, "weekday", "engineer", ANA, None, swap=True)], [], SCHEDULES)
    assert (shift.swap, shift.override) == (True, False)


def test_each_role_has_the_schedules_by_which_i_hold_it() -> None:
    entries = [
        OnCall(ANA, NOW, NOW, "Responder", 1, "Engineers", schedule_id="PS1"),
        OnCall(ANA, NOW, NOW, "Responder", 1, "Weekends", schedule_id="PS4"),
        OnCall(BEN, NOW, NOW, "Responder", 1, "Others", schedule_id="PS3"),
        OnCall(ANA, NOW, NOW, schedule="Backups", schedule_id="PS2"),
        OnCall(ANA, None, None, "Responder", 2),
    ]
    assert schedules_of("PANA", entries, ROLES) == {"engineer": {"PS1", "PS4"}, "backup": {"PS2"}, "manager": set()}
