"""Whom to call: in which order, why, and where a step leads nowhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.deadlines import with_deadline
from secops_oncall.domain.ladder import Alarm, Step, alarm_at, alarm_of, alarmed, ladder, reachable
from secops_oncall.domain.pages import Page, PendingAction
from secops_oncall.domain.people import Contact, OnCall, Person, Role, RoleName
from tests.fakes import NOW, a_page, plain

ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backups", None),
    "manager": RoleName("Responder", 2),
}
HOUR = timedelta(hours=1)
QUIET = Alarm(None, "acked")
PHONE, MAIL = Contact("phone", "+491", "Mobile"), Contact("email", "x@example.com", "Default")


def on(name: str, zone: str | None, role: Role = "engineer", start: float = -5, hours: float = 12) -> OnCall:
    begins = NOW + start * HOUR
    wanted = ROLES[role]
    policy, schedule = (wanted.name, None) if wanted.level else (None, wanted.name)
    person = Person(f"P{name.upper()}", name.title())
    return OnCall(person, begins, begins + hours * HOUR, policy, wanted.level, schedule, zone)


ANA = on("ana", "Europe/Lisbon")
CREW = [
    ANA,
    on("ben", "America/New_York", "backup"),
    on("dana", "America/Los_Angeles", "manager"),
    on("grace", "Australia/Sydney", start=7),
    on("farid", "Asia/Kolkata", start=19),
    on("eva", "Europe/Berlin", start=31),
    on("ian", None, start=43),
    on("ben", "America/New_York", start=55),
    on("chen", "Asia/Singapore", start=67),
]


def steps(*entries: OnCall, moment: datetime = NOW, alarm: Alarm = QUIET, zone: str | None = None) -> list[Step]:
    return alarmed(ladder(ROLES, entries or CREW, moment, zone), alarm)


def names(found: list[Step]) -> list[str | None]:
    return [step.person.name if step.person else None for step in found]


def test_manager_engineer_backup_then_the_others_awake_and_near_first() -> None:
    """It is 14:00 UTC: 15:00 in Berlin, 19:30 in Kolkata, 22:00 in Singapore, 01:00 in Sydney."""
    found = steps()
    assert [(step.n, step.role) for step in found[:3]] == [(0, "manager"), (1, "engineer"), (2, "backup")]
    assert names(found) == ["Dana", "Ana", "Ben", "Eva", "Farid", "Ian", "Chen", "Grace"]
    assert [step.n for step in found] == list(range(8))
    assert [step.why for step in found[3:]] == [
        "awake, 1 h from Ana",
        "awake, 5 h 30 min from Ana",
        "time there unknown",
        "asleep, 8 h from Ana",
        "asleep, 11 h from Ana",
    ]
    assert all(step.problem is None for step in found)


def test_the_night_decides_who_is_awake() -> None:
    night = NOW + 13 * HOUR  # Grace has it then: 14:00 in Sydney, 03:00 in Lisbon
    found = steps(*CREW, on("ben", "America/New_York", "backup", 7), on("dana", None, "manager", 7), moment=night)
    assert names(found)[:4] == ["Dana", "Grace", "Ben", "Chen"]
    assert found[3].why == "awake, 3 h from Grace"
    assert names(found)[-2:] == ["Eva", "Ana"]


def test_the_shorter_way_round_the_world_counts() -> None:
    found = steps(
        on("ana", "Pacific/Auckland"), on("lani", "Pacific/Honolulu", start=7), on("joe", "Asia/Tokyo", start=19)
    )
    assert [step.why for step in found if step.role == "other"] == ["asleep, 1 h from Ana", "asleep, 4 h from Ana"]


def test_steps_with_nobody_are_marked() -> None:
    found = steps(on("chen", "Asia/Singapore", start=40), zone="Europe/Lisbon")
    assert [step.problem for step in found] == [
        "nobody is on call as manager",
        "nobody is on call as engineer",
        "nobody is on call as backup",
        None,
    ]
    assert (found[0].why, found[3].why) == ("Responder, level 2", "asleep, 8 h from you")
    assert steps(on("ben", None, "backup"))[-1].problem == "nobody else is on the schedule"


def test_everybody_on_a_level_and_one_person_on_two() -> None:
    found = steps(ANA, on("chen", None), on("ana", None, "backup"))
    assert [(step.n, step.role, step.problem) for step in found[1:4]] == [
        (1, "engineer", None),
        (1, "engineer", None),
        (2, "backup", "the same person as step 1"),
    ]


@pytest.mark.parametrize(
    ("ways", "problem"),
    [
        ((PHONE, MAIL), None),
        ((MAIL,), "no number to call in PagerDuty"),
        ((), "no way to reach them in PagerDuty"),
        (None, "how to reach them is not known"),
    ],
)
def test_who_cannot_be_called_is_marked(ways: tuple[Contact, ...] | None, problem: str | None) -> None:
    (step,) = reachable([step for step in steps(ANA) if step.role == "engineer"], {"PANA": ways})
    assert step.person
    assert (step.person.contacts, step.problem) == (ways, problem)


def alarm(page: Page) -> Alarm:
    managers = [step.person for step in steps() if step.role == "manager" and step.person]
    return alarm_of(page if page.assigned_at == NOW else with_deadline(plain(page), 15), managers, NOW)


def test_the_alarm_is_the_page_s_own_deadline() -> None:
    due = NOW + timedelta(minutes=6)
    found = alarm(a_page("Q1", minutes=4, pending=(PendingAction("escalate", due),)))
    assert (found.at, found.why) == (due, "PagerDuty pages them at 14:06 UTC, in 6 min, unless acked")
    assert steps(*CREW, alarm=found)[0].automatic_at == due
    assert [step.automatic_at for step in steps(*CREW, alarm=found)[1:]] == [None] * 7


def test_without_one_it_is_the_configured_delay() -> None:
    assert alarm(a_page("Q1", minutes=4)).at == NOW + timedelta(minutes=11)
    assert alarm(a_page("Q1", minutes=19)).why == "paged by PagerDuty at 13:56 UTC, 4 min ago"


def test_where_nobody_is_paged_that_is_said() -> None:
    acked = alarm(a_page("Q1", "acknowledged"))
    assert (acked.at, acked.why) == (None, "acknowledged: PagerDuty pages nobody by itself")
    rests = alarm(a_page("Q1", "acknowledged", pending=(PendingAction("unacknowledge", NOW + HOUR / 2),)))
    assert rests.at is None
    assert rests.why == "acknowledged: PagerDuty takes the ack back at 14:30 UTC, in 30 min, and pages again"
    assert alarm(a_page("Q1", urgency="low")).at is None
    theirs = alarm(a_page("Q1", minutes=4, assigned_to=(Person("PDANA", "Dana"),)))
    assert theirs.why == "paged by PagerDuty already: the page is theirs"


def test_where_the_policy_pages_nobody_else_the_reason_is_told() -> None:
    """Pages that have what their policy says of them: no deadline."""
    known: dict[str, Any] = {"minutes": 9, "assigned_at": NOW}
    assert alarm(a_page("Q1", urgency="low", **known)).why.startswith("low urgency: PagerDuty pages nobody")
    assert alarm(a_page("Q1", assigned_directly=True, **known)).why.startswith("assigned by hand: ")
    assert alarm(a_page("Q1", escalated_at=NOW, **known)).why.startswith("on its policy's last level: ")
    theirs = alarm(a_page("Q1", assigned_to=(Person("PDANA", "Dana"),), escalated_at=NOW, **known))
    assert (theirs.at, theirs.why) == (NOW, "paged by PagerDuty already: the page is theirs")


def test_a_rehearsal_counts_from_its_own_moment() -> None:
    moment = datetime(2026, 11, 29, 4, tzinfo=UTC)
    found = alarm_at(moment, NOW, 15)
    assert found.at == moment + timedelta(minutes=15)
    assert "2026-11-29 04:15 UTC" in found.why
