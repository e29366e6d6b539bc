"""Roles, turns and people."""

from datetime import UTC, datetime, timedelta

import pytest

from secops_oncall.domain.people import (
    AWAKE,
    ROLES,
    Me,
    OnCall,
    Person,
    RoleName,
    fitting,
    local,
    on_duty_as,
    role_name,
    same,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ANA = Person("PANA", "Ana Ferreira", "ana@example.com")


@pytest.mark.parametrize(
    ("text", "name", "level"),
    [
        ("Security Responder:1", "Security Responder", 1),
        (" Security Responder : 2 ", "Security Responder", 2),
        ("Responder: EU:12", "Responder: EU", 12),
        ("Security Responder Backup", "Security Responder Backup", None),
        ("Backups: EU", "Backups: EU", None),
        ("Backups:", "Backups:", None),
        ("Backups:1st", "Backups:1st", None),
        ("Backups:-1", "Backups:-1", None),
        ("  Backups  ", "Backups", None),
        ("24", "24", None),
    ],
)
def test_a_role_is_a_policys_level_or_a_schedule(text: str, name: str, level: int | None) -> None:
    assert role_name(text) == RoleName(name, level)


def test_a_level_matches_its_policys_level_only_and_a_schedule_every_entry_of_it() -> None:
    first = OnCall(ANA, None, None, policy="Responder", level=1, schedule="Primary")
    assert RoleName("Responder", 1).matches(first)
    assert RoleName("Primary", None).matches(first)
    for other in (RoleName("Responder", 2), RoleName("Responder", None), RoleName("Other", 1), RoleName("Primary", 1)):
        assert not other.matches(first)
    assert not RoleName("Primary", None).matches(OnCall(ANA, None, None, policy="Primary", level=1))


@pytest.mark.parametrize(
    ("start", "end", "covered"),
    [
        (None, None, True),
        (0, None, True),
        (None, 1, True),
        (-1, 1, True),
        (-1, 0, False),
        (1, None, False),
        (None, -1, False),
    ],
)
def test_a_turn_covers_from_its_start_up_to_its_end(start: int | None, end: int | None, covered: bool) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + timedelta(hours=hours)

    assert OnCall(ANA, at(start), at(end)).covers(NOW) is covered


def test_i_am_a_person() -> None:
    assert Me("PANA", "Ana Ferreira", "ana@example.com", "Europe/Lisbon", ("PTSECOP",)).person == ANA
    assert Me("PANA", "Ana", "ana@example.com").time_zone == "UTC"


def test_roles_and_waking_hours_are_those_of_the_process() -> None:
    assert ROLES == ("engineer", "backup", "manager")
    assert (AWAKE[0], AWAKE[-1]) == (8, 21)


def test_somebody_on_duty_is_told_in_their_own_time() -> None:
    entry = OnCall(ANA, NOW, None, time_zone="Australia/Sydney")
    told = on_duty_as("backup", RoleName("Backups", None), entry, NOW)
    assert (told.role, told.id, told.name, told.email) == ("backup", ANA.id, ANA.name, ANA.email)
    assert (told.start, told.end, told.time_zone, told.source) == (NOW, None, "Australia/Sydney", "Backups")
    assert (told.local_time, told.awake) == ("Tue 01:00", False)
    assert on_duty_as("engineer", RoleName("Responder", 1), entry, NOW).source == "Responder, level 1"


def test_nobody_on_duty_is_told_too_and_a_time_zone_that_is_none_tells_nothing() -> None:
    nobody = on_duty_as("manager", RoleName("Responder", 2), None, NOW)
    assert (nobody.role, nobody.id, nobody.local_time, nobody.source) == ("manager", None, None, "Responder, level 2")
    assert [local(NOW, zone) for zone in (None, "", "No/Such_Zone", "../etc/passwd")] == [None] * 4
    unknown = on_duty_as("manager", RoleName("Responder", 2), OnCall(ANA, None, None), NOW)
    assert (unknown.id, unknown.local_time, unknown.awake) == (ANA.id, None, None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pana", ["PANA"]),
        ("ANA@example.com", ["PANA"]),
        (" ana   ferreira ", ["PANA"]),
        ("ferre", ["PANA", "PFER"]),
        ("Ana", ["PANA", "PJOA"]),
        ("Ferre", ["PANA", "PFER"]),
        ("eva", ["PEVA"]),
        ("example.com", []),
        ("nobody", []),
    ],
)
def test_whom_a_name_may_mean(text: str, found: list[str]) -> None:
    """Whole names, e-mails and ids go before parts of names: Eva is not Evangeline."""
    people = [ANA, Person("PFER", "Rui Ferreira"), Person("PJOA", "Joana Dias"), Person("PEVA", "Eva")]
    people += [Person("PEVG", "Evangeline"), ANA]
    assert [one.id for one in fitting(text, people)] == found


def test_a_person_is_the_same_by_what_two_services_both_know_of_them() -> None:
    assert same(ANA, Person("PANA", "A. Ferreira"))
    assert not same(ANA, Person("PBEN", "Ana Ferreira", "ana@example.com"))
    assert same(ANA, Person("", "ana", "Ana@example.com"))
    assert not same(ANA, Person("", "Ana Ferreira", "ana@elsewhere.example"))
    assert same(ANA, Person("", "ana ferreira"))
