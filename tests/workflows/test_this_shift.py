"""This shift, and the journal's memory of it."""

from datetime import timedelta

import pytest

from secops_oncall.domain.events import Event, shifts
from secops_oncall.domain.people import OnCall, Role, RoleName
from secops_oncall.domain.shifts import Shift
from secops_oncall.errors import ConfigError, RemoteError
from secops_oncall.workflows.this_shift import find, remembered
from tests.fakes import ME, NOW, FakeJournal, FakePagerDuty

HOUR = timedelta(hours=1)
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Responder", 2),
}


def duty(hours: float, *, ago: float = 2) -> FakePagerDuty:
    start = NOW - ago * HOUR
    return FakePagerDuty(turns=[OnCall(ME.person, start, start + hours * HOUR, "Responder", 1)])


def test_a_shift_is_kept_once_and_again_when_it_has_changed() -> None:
    journal = FakeJournal()
    for _ in range(2):
        shift = find(duty(12), journal, ROLES, NOW)
    assert shift
    assert [(one.id, one.role, one.start, one.end) for one in shifts(journal.events())] == [
        (shift.id, "engineer", NOW - 2 * HOUR, NOW + 10 * HOUR)
    ]
    assert len(journal.written) == 1
    find(duty(6), journal, ROLES, NOW)
    assert [one.end for one in shifts(journal.events())] == [NOW + 4 * HOUR]


def test_what_was_heard_of_a_shift_is_kept_again_when_it_is_no_longer_fresh() -> None:
    journal = FakeJournal()
    for hours in (0, 5.9, 6, 11):
        find(duty(12), journal, ROLES, NOW + hours * HOUR)
    assert [event.at - NOW for event in journal.written] == [0 * HOUR, 6 * HOUR]
    assert [shift.learnt for shift in shifts(journal.events())] == [NOW + 6 * HOUR]


def test_without_a_shift_nothing_is_kept() -> None:
    journal = FakeJournal()
    assert find(duty(1, ago=15), journal, ROLES, NOW) is None
    assert journal.written == []


def test_a_journal_that_can_not_be_written_hides_no_shift() -> None:
    journal = FakeJournal()
    journal.failing = ConfigError("the disk is full", "make room")
    assert find(duty(12), journal, ROLES, NOW)


def test_a_shift_that_has_ended_is_over_when_its_hand_off_is_accepted_unless_more_was_posted() -> None:
    journal = FakeJournal()
    shift = find(duty(8, ago=10), journal, ROLES, NOW)
    assert shift
    journal.append(Event(NOW, "posted", shift.id), Event(NOW + HOUR, "accepted", shift.id))
    assert find(duty(8, ago=10), journal, ROLES, NOW) is None
    with pytest.raises(RemoteError):
        remembered(journal, down, NOW)
    journal.append(Event(NOW + 2 * HOUR, "posted", shift.id))
    assert find(duty(8, ago=10), journal, ROLES, NOW) == shift


def known(role: str, begins: float, ends: float | None) -> Event:
    """A shift that the journal knows, in hours from now."""
    end = None if ends is None else (NOW + ends * HOUR).isoformat()
    return Event(NOW, "shift", f"{role}/1", data={"role": role, "start": (NOW + begins * HOUR).isoformat(), "end": end})


def asked() -> Shift:
    return Shift("engineer/asked", NOW - HOUR, NOW + HOUR, "weekday", "engineer", ME.person, "Responder")


def down() -> Shift:
    raise RemoteError("PagerDuty is down", "later")


def test_a_shift_that_is_known_needs_no_network_and_the_engineers_goes_first() -> None:
    journal = FakeJournal(known("engineer", -2, 10), known("manager", -3, None))
    assert remembered(journal, down, NOW).id == "engineer/1"
    assert remembered(journal, down, NOW + 20 * HOUR).id == "manager/1"


def test_a_shift_that_is_not_known_is_asked_for_and_kept() -> None:
    journal = FakeJournal(known("engineer", -10, -1))
    assert remembered(journal, asked, NOW).id == "engineer/asked"
    assert [one.id for one in shifts(journal.events())] == ["engineer/asked", "engineer/1"]
    assert remembered(journal, down, NOW).id == "engineer/asked"


def test_where_pagerduty_is_down_the_last_one_counts_for_twelve_hours() -> None:
    journal = FakeJournal(known("engineer", -20, -11), known("manager", -20, -12))
    assert remembered(journal, down, NOW).id == "engineer/1"
    with pytest.raises(RemoteError):
        remembered(journal, down, NOW + HOUR)
    with pytest.raises(RemoteError):
        remembered(FakeJournal(), down, NOW)
