"""Whose turn it is, whose it was, and who comes next."""

from datetime import UTC, datetime, timedelta

from secops_oncall.domain.people import OnCall, Person, Role, RoleName, role_name
from secops_oncall.domain.shifts import incoming, on_duty, this_shift

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ENGINEER, MANAGER, BACKUP = RoleName("Responder", 1), RoleName("Responder", 2), RoleName("Backups", None)
ROLES: dict[Role, RoleName] = {"engineer": ENGINEER, "backup": BACKUP, "manager": MANAGER}
ANA, BEN = Person("PANA", "Ana"), Person("PBEN", "Ben")


def turn(person: Person, start: float, end: float | None, level: int | None = 1, schedule: str = "S") -> OnCall:
    ends = None if end is None else NOW + timedelta(hours=end)
    return OnCall(person, NOW + timedelta(hours=start), ends, "Responder" if level else None, level, schedule)


def test_role_names() -> None:
    assert role_name("Security Responder:2") == RoleName("Security Responder", 2)
    assert role_name("Backups: EU") == RoleName("Backups: EU", None)


def test_my_current_turn_is_this_shift() -> None:
    shift = this_shift([turn(BEN, -17, -5), turn(ANA, -5, 7), turn(BEN, 7, 19)], ROLES, "PANA", NOW)
    assert shift
    assert (shift.id, shift.role, shift.kind) == ("engineer/PANA/2026-11-23T09:00:00Z", "engineer", "weekday")
    assert shift.end == NOW + timedelta(hours=7)


def test_a_turn_that_ended_under_12_hours_ago_still_is() -> None:
    assert this_shift([turn(ANA, -23, -11)], ROLES, "PANA", NOW)
    assert this_shift([turn(ANA, -25, -13)], ROLES, "PANA", NOW) is None
    assert this_shift([turn(ANA, 2, 14)], ROLES, "PANA", NOW) is None


def test_engineer_goes_before_backup_and_a_long_turn_is_a_weekend() -> None:
    entries = [turn(ANA, -5, 7, level=None, schedule="Backups"), turn(ANA, -17, 31)]
    shift = this_shift(entries, ROLES, "PANA", NOW)
    assert shift
    assert (shift.role, shift.kind) == ("engineer", "weekend")


def test_who_is_on_duty_and_who_comes() -> None:
    entries = [turn(ANA, -5, 7), turn(BEN, -5, 7, level=2), turn(ANA, 7, 8), turn(BEN, 8, 19)]
    duty = on_duty(ENGINEER, entries, NOW)
    shift = this_shift(entries, ROLES, "PANA", NOW)
    assert duty and duty.person == ANA
    assert on_duty(BACKUP, entries, NOW) is None
    assert shift
    following = incoming(shift, ENGINEER, entries)
    assert following and following.person == BEN


def test_an_entry_without_start_or_end_is_always_in_force() -> None:
    always = OnCall(BEN, None, None, "Responder", 2)
    duty = on_duty(MANAGER, [always], NOW)
    assert duty and duty.person == BEN
