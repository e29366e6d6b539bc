"""This shift, and the journal's memory of it."""

from datetime import timedelta

from secops_oncall.domain.events import shifts
from secops_oncall.domain.people import OnCall, Role, RoleName
from secops_oncall.errors import ConfigError
from secops_oncall.workflows.this_shift import find
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


def test_without_a_shift_nothing_is_kept() -> None:
    journal = FakeJournal()
    assert find(duty(1, ago=15), journal, ROLES, NOW) is None
    assert journal.written == []


def test_a_journal_that_can_not_be_written_hides_no_shift() -> None:
    journal = FakeJournal()
    journal.failing = ConfigError("the disk is full", "make room")
    assert find(duty(12), journal, ROLES, NOW)
