"""Whose turn it is, whose it was, and who comes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from secops_oncall.domain.people import OnCall, Person, Role, RoleName, role_name
from secops_oncall.domain.shifts import gaps, holders, incoming, on_duty, this_shift, turns

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ENGINEER, MANAGER, BACKUP = RoleName("Responder", 1), RoleName("Responder", 2), RoleName("Backups", None)
ROLES: dict[Role, RoleName] = {"engineer": ENGINEER, "backup": BACKUP, "manager": MANAGER}
ANA, BEN, CHEN = Person("PANA", "Ana"), Person("PBEN", "Ben"), Person("PCHEN", "Chen")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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


def test_a_turn_that_has_ended_and_is_handed_off_for_good_is_over() -> None:
    turns = [turn(ANA, -23, -11)]
    shift = this_shift(turns, ROLES, "PANA", NOW)
    assert shift
    assert this_shift(turns, ROLES, "PANA", NOW, accepted={shift.id}) is None
    running = [turn(ANA, -5, 7)]
    mine = this_shift(running, ROLES, "PANA", NOW)
    assert mine
    assert this_shift(running, ROLES, "PANA", NOW, accepted={mine.id}) == mine


def test_engineer_goes_before_backup_and_a_long_turn_is_a_weekend() -> None:
    entries = [turn(ANA, -29, -17, level=None, schedule="Backups"), turn(ANA, -53, -5)]
    shift = this_shift(entries, ROLES, "PANA", NOW - DAY)  # a Sunday
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


def rota(people: str, start: float = -29, hours: int = 12) -> list[OnCall]:
    """A turn of 12 hours for each letter, on weekdays; the same letter twice is one entry, as PagerDuty has it."""
    known = {"a": ANA, "b": BEN, "c": CHEN}
    found: list[OnCall] = []
    for number, letter in enumerate(people):
        one = turn(known[letter], start + number * hours, start + (number + 1) * hours)
        if found and found[-1].person == one.person:
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return found


def test_two_swapped_turns_are_two_shifts() -> None:
    mine = [one for one in turns("engineer", rota("bcaabc"), ROLES, NOW, NOW + 2 * DAY) if one.user == ANA]
    assert [(one.id, one.swap) for one in mine] == [
        ("engineer/PANA/2026-11-23T09:00:00Z", True),
        ("engineer/PANA/2026-11-23T21:00:00Z", True),
    ]
    assert mine[0].end == mine[1].start
    current = this_shift(rota("bcaabc"), ROLES, "PANA", NOW)
    assert current and (current.start, current.end) == (NOW - 5 * HOUR, NOW + 7 * HOUR)


def test_entries_that_touch_are_one_turn() -> None:
    """PagerDuty parts an entry where a layer or an override ends, whoever comes after."""
    parted = [*rota("bc"), turn(ANA, -5, 1), turn(ANA, 1, 7), *rota("bc", 7)]
    mine = [one for one in turns("engineer", parted, ROLES, NOW, NOW) if one.user == ANA]
    assert [(one.start, one.end, one.swap) for one in mine] == [(NOW - 5 * HOUR, NOW + 7 * HOUR, False)]


def test_a_weekend_is_one_shift_and_a_week_is_no_weekend() -> None:
    weekend = turn(ANA, 5 * 24 - 5, 7 * 24 - 5)
    week = turn(BEN, -77, 91, level=2)
    entries = [*rota("bcbcbcbcbc"), weekend, week]
    (long,) = [one for one in turns("engineer", entries, ROLES, NOW, NOW + 7 * DAY) if one.user == ANA]
    assert (long.kind, long.swap) == ("weekend", False)
    assert long.usual
    (weekly,) = turns("manager", entries, ROLES, NOW, NOW)
    assert (weekly.kind, weekly.usual) == ("weekday", False)


def test_a_weekend_that_begins_on_a_friday_is_one_shift() -> None:
    """Half a day each from Monday 09:00; Ana has the weekends from Friday 17:00 on."""
    entries = []
    for monday in (-7 * 24 - 5, -5):
        friday = monday + 4 * 24
        entries += [*rota("bcbcbcbc", monday), turn(BEN, friday, friday + 8), turn(ANA, friday + 8, monday + 7 * 24)]
    mine = [one for one in turns("engineer", entries, ROLES, NOW - 7 * DAY, NOW + 7 * DAY) if one.user == ANA]
    assert [(f"{one.start:%a %H}", f"{one.end:%a %H}", one.kind, one.swap) for one in mine] == [
        ("Fri 17", "Mon 09", "weekend", False),
    ] * 2


def test_what_fits_no_configured_time_is_left_whole() -> None:
    (alone,) = turns("engineer", [turn(ANA, -5, 7)], ROLES, NOW, NOW)
    assert (alone.start, alone.end, alone.source) == (NOW - 5 * HOUR, NOW + 7 * HOUR, "pagerduty")
    fits = [turn(ANA, -6, 18)]  # from 08:00 to 08:00
    assert [one.source for one in turns("engineer", fits, ROLES, NOW - DAY, NOW + DAY)] == ["config", "config"]


def test_who_is_always_on_call_has_shifts_by_the_configuration() -> None:
    always = [OnCall(BEN, None, None, "Responder", 2)]
    shift = this_shift(always, ROLES, "PBEN", NOW)
    assert shift and (shift.start, shift.end) == (NOW - 6 * HOUR, NOW + 6 * HOUR)
    assert (shift.source, shift.kind, shift.swap) == ("config", "weekday", False)
    coming = turns("manager", always, ROLES, NOW, NOW + 7 * DAY)
    assert [one.kind for one in coming].count("weekend") == 1


def test_gaps_are_where_nobody_is() -> None:
    entries = [*rota("bca"), *rota("bc", 9)]
    found = gaps("engineer", entries, ROLES, NOW, NOW + 31 * HOUR)
    assert [(one.start, one.end) for one in found] == [(NOW + 7 * HOUR, NOW + 9 * HOUR)]
    (gap,) = found
    assert (gap.id, gap.user, gap.gap, gap.source) == (
        "engineer/nobody/2026-11-23T21:00:00Z",
        None,
        True,
        "config",
    )
    assert gaps("engineer", entries, ROLES, NOW, NOW + 7 * HOUR) == []
    assert gaps("manager", [OnCall(BEN, None, None, "Responder", 2)], ROLES, NOW, NOW + DAY) == []


def test_a_long_gap_has_the_configured_lengths() -> None:
    empty = gaps("engineer", [], ROLES, NOW - 6 * HOUR, NOW + 18 * HOUR)
    assert [one.start for one in empty] == [NOW - 6 * HOUR, NOW + 6 * HOUR]


def test_everybody_on_a_level_holds_it_each_once() -> None:
    """Two schedules on one level, and a person who stands there by both."""
    both = [turn(ANA, -5, 7), turn(ANA, -4, 7), turn(BEN, -5, 3), turn(BEN, 3, 9), turn(CHEN, 7, 19)]
    assert [(one.person, one.end) for one in holders(ENGINEER, both, NOW)] == [
        (BEN, NOW + 9 * HOUR),
        (ANA, NOW + 7 * HOUR),
    ]


def test_a_shift_over_a_change_of_the_clock_has_its_own_length() -> None:
    """Berlin, 25 October 2026: the night from Saturday has 25 hours, and Monday's shift begins at 08:00 there."""
    zone = ZoneInfo("Europe/Berlin")
    starts = [
        datetime(2026, 10, day, hour, tzinfo=zone) for day, hour in ((23, 8), (23, 20), (24, 8), (26, 8), (26, 20))
    ]
    starts.append(datetime(2026, 10, 27, 8, tzinfo=zone))
    utc = [each.astimezone(UTC) for each in starts]
    people = [BEN, CHEN, ANA, BEN, CHEN]
    entries = [
        OnCall(who, one, after, "Responder", 1, "S", None, "Europe/Berlin")
        for who, one, after in zip(people, utc, utc[1:], strict=False)
    ]
    shifts = turns("engineer", entries, ROLES, utc[0], utc[-1] - HOUR)
    assert [shift.end - shift.start for shift in shifts if shift.end] == [
        12 * HOUR,
        12 * HOUR,
        49 * HOUR,
        12 * HOUR,
        12 * HOUR,
    ]
    assert shifts[2].kind == "weekend"
