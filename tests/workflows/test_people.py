"""Who is on call: each role once, in their own time, with what may be known of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from secops_oncall.domain.people import Contact, OnCall, OnDuty, Person, Role, RoleName
from secops_oncall.errors import NotFoundError, RemoteError
from secops_oncall.workflows.people import who
from tests.fakes import ME, NOW, FakePagerDuty

ANA, BEN, CHEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com"), Person("PCHEN03", "Chen Wei")
START, END = NOW - timedelta(hours=5), NOW + timedelta(hours=7)
ENGINEER, BACKUP, MANAGER = RoleName("Responder", 1), RoleName("Backups", None), RoleName("Responder", 2)
ROLES: dict[Role, RoleName] = {"manager": MANAGER, "engineer": ENGINEER, "backup": BACKUP}
PHONE = Contact("phone", "+493012345", "mobile")


def turn(
    person: Person,
    level: int | None = 1,
    start: datetime | None = START,
    end: datetime | None = END,
    zone: str | None = "UTC",
) -> OnCall:
    policy, schedule = ("Responder", None) if level else (None, "Backups")
    return OnCall(person, start, end, policy, level, schedule, zone)


def found(*turns: OnCall, now: datetime = NOW, contacts: bool = False) -> list[OnDuty]:
    reach = {ANA.id: (PHONE,), CHEN.id: None}
    return who(FakePagerDuty(turns=turns, contacts=reach), ROLES, now, contacts=contacts)


def test_the_roles_come_in_their_order_with_who_holds_them_until_when() -> None:
    engineer, backup, manager = found(turn(CHEN, 2), turn(BEN, None), turn(ANA))
    assert [one.role for one in (engineer, backup, manager)] == ["engineer", "backup", "manager"]
    assert (engineer.id, engineer.name, engineer.email) == (ANA.id, ANA.name, ANA.email)
    assert (engineer.start, engineer.end, engineer.contacts) == (START, END, None)
    assert (backup.name, manager.name) == (BEN.name, CHEN.name)
    assert [one.source for one in (engineer, backup, manager)] == [
        "Responder, level 1",
        "Backups",
        "Responder, level 2",
    ]


def test_a_role_that_nobody_holds_is_told_and_has_nobody() -> None:
    engineer, backup, _ = found(turn(ANA), turn(BEN, None, END, None))
    assert engineer.id == ANA.id
    assert (backup.role, backup.id, backup.name, backup.awake, backup.source) == ("backup", None, None, None, "Backups")


def test_the_turn_that_began_last_is_the_one_that_holds() -> None:
    swapped = turn(BEN, start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=1))
    assert found(turn(ANA), swapped)[0].id == BEN.id
    assert found(turn(ANA, end=NOW), turn(BEN, start=NOW))[0].id == BEN.id


def test_somebody_may_be_on_call_always() -> None:
    (engineer, *_) = found(turn(ANA, start=None, end=None))
    assert (engineer.id, engineer.start, engineer.end) == (ANA.id, None, None)


@pytest.mark.parametrize(
    ("zone", "local", "awake"),
    [
        ("UTC", "Mon 14:00", True),
        ("Europe/Berlin", "Mon 15:00", True),
        ("Australia/Sydney", "Tue 01:00", False),
        ("America/Los_Angeles", "Mon 06:00", False),
        ("Pacific/Honolulu", "Mon 04:00", False),
        ("", None, None),
        (None, None, None),
        ("No/Such_Zone", None, None),
        ("../etc/passwd", None, None),
        ("/etc/passwd", None, None),
    ],
)
def test_their_own_time_and_whether_they_are_awake(zone: str | None, local: str | None, awake: bool | None) -> None:
    (engineer, *_) = found(turn(ANA, zone=zone))
    assert (engineer.local_time, engineer.awake) == (local, awake)


@pytest.mark.parametrize(("hour", "awake"), [(7, False), (8, True), (21, True), (22, False)])
def test_awake_is_from_8_to_22(hour: int, awake: bool) -> None:
    now = datetime(2026, 11, 23, hour, 59, tzinfo=UTC)
    assert found(turn(ANA, start=None, end=None), now=now)[0].awake is awake


def test_contacts_are_asked_for_only_where_they_are_wanted_and_once_a_person() -> None:
    asked: list[str] = []

    class Counting(FakePagerDuty):
        def contacts(self, user: str) -> tuple[Contact, ...] | None:
            asked.append(user)
            return super().contacts(user)

    pagerduty = Counting(turns=[turn(ANA), turn(ANA, None), turn(CHEN, 2)], contacts={ANA.id: (PHONE,), CHEN.id: None})
    who(pagerduty, ROLES, NOW)
    assert asked == []
    engineer, backup, manager = who(pagerduty, ROLES, NOW, contacts=True)
    assert sorted(asked) == sorted([ANA.id, CHEN.id])
    assert (engineer.contacts, backup.contacts) == ((PHONE,), (PHONE,))
    assert manager.contacts is None, "the token may not see them"


def test_nobody_has_no_contacts() -> None:
    assert [one.contacts for one in found(contacts=True)] == [None, None, None]


def test_the_window_holds_a_weekend_whole() -> None:
    windows: list[tuple[datetime, datetime]] = []

    class Counting(FakePagerDuty):
        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            windows.append((since, until))
            return super().on_call(roles, since, until)

    who(Counting(), ROLES, NOW)
    ((since, until),) = windows
    assert since <= NOW - timedelta(hours=48)
    assert until >= NOW + timedelta(hours=48)


@pytest.mark.parametrize("error", [NotFoundError("no policy", "check"), RemoteError("no answer", "try again")])
def test_what_pagerduty_cannot_tell_is_an_error(error: Exception) -> None:
    pagerduty = FakePagerDuty(turns=[turn(ANA)])
    pagerduty.failing = {"on_call": error}  # type: ignore[dict-item]
    with pytest.raises(type(error)):
        who(pagerduty, ROLES, NOW)
