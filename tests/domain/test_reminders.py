"""What is due: an hour before a shift ends, and a quarter of an hour after the next one has begun."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.reminders import DRAFT, Due, due, is_draft
from tests.fakes import NOW, an_issue

ROLE = RoleName("Responder", 1)
ROLES: dict[Role, RoleName] = {
    "engineer": ROLE,
    "backup": RoleName("Backup", None),
    "manager": RoleName("Responder", 2),
}
ANA, BEN, CHEN = (Person(f"P{name.upper()}", name.title(), f"{name}@example.com") for name in ("ana", "ben", "chen"))


def turn(person: Person, begins: float, ends: float, level: int = 1) -> OnCall:
    """Somebody's turn, in hours from NOW."""
    hours = timedelta(hours=1)
    return OnCall(person, NOW + begins * hours, NOW + ends * hours, "Responder", level, "Engineers", "Asia/Singapore")


USUAL = (turn(ANA, -12, 0), turn(CHEN, 0, 12), turn(ANA, 12, 24))


def found(minutes: float, *entries: OnCall) -> list[Due]:
    """What is due so many minutes from NOW."""
    return due(entries or USUAL, ROLES, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("minutes", "kinds"),
    [
        (-61, []),
        (-60, ["ending"]),
        (-1, ["ending"]),
        (0, []),
        (14, []),
        (15, ["waiting"]),
        (119, ["waiting"]),
        (120, []),
        (659, []),
        (660, ["ending"]),
    ],
)
def test_when_a_reminder_is_due(minutes: float, kinds: list[str]) -> None:
    assert [each.kind for each in found(minutes)] == kinds


def test_it_concerns_both_engineers_and_names_the_shift() -> None:
    (ending,) = found(-30)
    assert ending.people == {"outgoing": ANA, "incoming": CHEN}
    assert ending.shift.id == "engineer/PANA/2026-11-23T02:00:00Z"
    assert ending.zone(CHEN) == "Asia/Singapore"
    assert ending.marker(CHEN) == "oncall:remind:ending:engineer/PANA/2026-11-23T02:00:00Z:PCHEN"


def test_in_a_gap_the_next_shift_begins_where_the_gap_ends() -> None:
    late = (turn(ANA, -12, 0), turn(CHEN, 6, 12))
    (ending,) = found(-30, *late)
    assert ending.people == {"outgoing": ANA, "incoming": CHEN}
    assert ending.rota.gap
    assert found(30, *late) == []
    (waiting,) = found(6 * 60 + 15, *late)
    assert (waiting.kind, waiting.people) == ("waiting", {"outgoing": ANA, "incoming": CHEN})


def test_one_person_twice_is_reminded_of_the_end_and_never_of_an_acceptance() -> None:
    twice = (turn(ANA, -12, 0), turn(ANA, 0, 12), turn(CHEN, 12, 24), turn(BEN, 24, 36))
    by_rule = [turn(BEN, -36, -24), turn(CHEN, -24, -12), *twice]  # by which the schedule is known to change hands
    (ending,) = found(-30, *by_rule)
    assert ending.rota.goes_on
    assert ending.people == {"outgoing": ANA}
    (waiting,) = found(20, *by_rule)
    assert waiting.waits_for_nobody
    assert not waiting.handed_to(BEN).waits_for_nobody


def test_whom_the_hand_off_names_comes_before_the_schedule() -> None:
    (waiting,) = found(15)
    assert waiting.handed_to(BEN).people == {"outgoing": ANA, "incoming": BEN}
    assert waiting.handed_to(None) == waiting.handed_to(CHEN) == waiting
    grace = Person("", "Grace", "grace@example.com")
    assert waiting.marker(grace) != waiting.marker(replace(grace, email="ben@example.com"))


def test_where_nobody_is_known_to_come_the_outgoing_engineer_is_told() -> None:
    for minutes in (-30, 30):
        (only,) = found(minutes, turn(ANA, -12, 0))
        assert only.people == {"outgoing": ANA}
        assert only.rota.gap is None


def test_other_roles_and_turns_without_an_end_are_none_of_it() -> None:
    assert found(-30, turn(ANA, -12, 0, level=2)) == []
    assert found(-30, OnCall(ANA, None, None, "Responder", 1)) == []


@pytest.mark.parametrize(
    ("description", "said"),
    [
        (f"{DRAFT}\n\n**@ana → @chen**\n\n<!-- oncall:handover x shift -->", True),
        (f"{DRAFT}\r\n\r\n* **In Slack:** (channel C0SECOPS, message 1.2)\r\n", True),
        (f"**@ana → @chen**\n\n{DRAFT}", False),
        ("", False),
    ],
)
def test_a_draft_is_known_by_how_it_begins(description: str, said: bool) -> None:
    assert is_draft(an_issue("acme/on-call#1", description)) is said
