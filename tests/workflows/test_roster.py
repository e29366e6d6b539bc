"""The roster in an outage: what is kept, when, and what it may answer."""

from datetime import datetime, timedelta

import pytest

from secops_oncall.domain.people import Contact, OnCall, Person, Role, RoleName
from secops_oncall.errors import AuthError, OncallError, RejectedError, RemoteError
from secops_oncall.workflows import roster
from secops_oncall.workflows.people import who
from tests.fakes import ME, NOW, FakePagerDuty

ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backups", None),
    "manager": RoleName("Responder", 2),
}
DANA, EVA = Person("PDANA04", "Dana Cohen"), Person("PEVA005", "Eva Lindqvist")
PHONE = Contact("phone", "+351912345601", "Mobile")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOWN = RemoteError("PagerDuty: no answer", "try again")


def turn(person: Person, start: float, end: float, level: int = 1) -> OnCall:
    return OnCall(person, NOW + start * HOUR, NOW + end * HOUR, "Responder", level, time_zone="UTC")


def service(*turns: OnCall) -> FakePagerDuty:
    reach = {ME.id: (PHONE,), DANA.id: None}
    known = turns or (turn(ME.person, -5, 7), turn(EVA, 7, 19), turn(DANA, -99, 99, 2))
    return FakePagerDuty(turns=known, contacts=reach)


def keep(pagerduty: FakePagerDuty, *, allowed: bool = True) -> None:
    roster.keep_daily(pagerduty, ROLES, NOW, allowed=allowed)


def names(pagerduty: FakePagerDuty, at: datetime = NOW, *, kept: bool = True) -> list[str | None]:
    answer = roster.ask(pagerduty, lambda source: who(source, ROLES, at, contacts=True), at, kept=kept)
    assert answer.kept_at == NOW
    assert answer.problems == [DOWN]
    return [one.name for one in answer.value]


def test_on_call_it_is_kept_for_7_days_with_everybody_s_contacts() -> None:
    pagerduty = service()
    keep(pagerduty)
    assert pagerduty.kept
    assert (pagerduty.kept.at, pagerduty.kept.until) == (NOW, NOW + 7 * DAY)
    assert {entry.person for entry in pagerduty.kept.entries} == {ME.person, EVA, DANA}
    assert pagerduty.kept.contacts == {ME.id: (PHONE,), EVA.id: (), DANA.id: None}


def test_off_duty_nothing_is_kept() -> None:
    pagerduty = service(turn(EVA, -5, 7), turn(ME.person, 7, 19))
    keep(pagerduty)
    assert pagerduty.kept is None


def test_it_is_kept_once_and_forgotten_where_it_is_not_allowed() -> None:
    pagerduty = service()
    keep(pagerduty)
    first = pagerduty.kept
    keep(pagerduty)
    assert pagerduty.kept is first
    keep(pagerduty, allowed=False)
    assert pagerduty.kept is None


@pytest.mark.parametrize("method", ["on_call", "contacts", "me"])
def test_that_it_cannot_be_kept_is_no_reason_to_complain(method: str) -> None:
    pagerduty = service()
    pagerduty.failing = {method: DOWN}
    keep(pagerduty)
    assert pagerduty.kept is None


def test_in_an_outage_it_answers() -> None:
    pagerduty = service()
    keep(pagerduty)
    pagerduty.failing = {"on_call": DOWN, "contacts": DOWN}
    assert names(pagerduty) == [ME.name, None, DANA.name]
    assert names(pagerduty, NOW + 8 * HOUR) == [EVA.name, None, DANA.name]


def test_it_answers_whole_where_only_the_contacts_fail() -> None:
    pagerduty = service()
    keep(pagerduty)
    pagerduty.failing = {"contacts": DOWN}
    assert names(pagerduty)[0] == ME.name


class Partly(FakePagerDuty):
    """A PagerDuty that can't tell how to reach some people."""

    lost: frozenset[str] = frozenset()

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        if user in self.lost:
            raise DOWN
        return super().contacts(user)


def partly(*lost: Person) -> Partly:
    turns = (turn(ME.person, -5, 7), turn(EVA, 7, 19), turn(DANA, -99, 99, 2))
    pagerduty = Partly(turns=turns, contacts={ME.id: (PHONE,), DANA.id: (PHONE,), EVA.id: (PHONE,)})
    pagerduty.lost = frozenset(person.id for person in lost)
    return pagerduty


def test_contacts_that_can_t_be_read_are_unknown_told_by_name_and_cost_nobody_else_theirs() -> None:
    pagerduty = partly(DANA)
    answer = roster.ask(pagerduty, lambda source: who(source, ROLES, NOW, contacts=True), NOW, kept=True)
    assert [(one.name, one.contacts) for one in answer.value if one.id] == [(ME.name, (PHONE,)), (DANA.name, None)]
    assert [one.message for one in answer.problems] == ["how to reach Dana Cohen is not known: PagerDuty: no answer"]
    assert (set(answer.unread), answer.kept_at) == ({DANA.id}, None)


def test_where_nobody_s_contacts_can_be_read_and_none_are_kept_the_answer_comes_without() -> None:
    pagerduty = partly(ME.person, DANA)
    answer = roster.ask(pagerduty, lambda source: who(source, ROLES, NOW, contacts=True), NOW, kept=True)
    assert [one.contacts for one in answer.value if one.id] == [None, None]
    assert [one.message for one in answer.problems] == [
        "how to reach Ana Ferreira, Dana Cohen is not known: PagerDuty: no answer"
    ]


def test_the_roster_is_kept_without_them_or_with_what_was_kept_before() -> None:
    pagerduty = partly(DANA)
    keep(pagerduty)
    assert pagerduty.kept
    assert pagerduty.kept.contacts == {ME.id: (PHONE,), EVA.id: (PHONE,), DANA.id: None}
    pagerduty.lost = frozenset({EVA.id})
    roster.keep(pagerduty, ROLES, NOW + HOUR)
    assert pagerduty.kept.at == NOW + HOUR
    assert pagerduty.kept.contacts == {ME.id: (PHONE,), EVA.id: (PHONE,), DANA.id: (PHONE,)}


@pytest.mark.parametrize("at", [NOW - HOUR, NOW + 8 * DAY], ids=["before", "after"])
def test_what_it_does_not_know_is_nobody_s_absence(at: datetime) -> None:
    pagerduty = service()
    keep(pagerduty)
    pagerduty.failing = {"on_call": DOWN}
    with pytest.raises(RemoteError):
        names(pagerduty, at)


@pytest.mark.parametrize(
    "error", [AuthError("no", "token"), RejectedError("no", "plan", answered=402)], ids=["auth", "rejected"]
)
def test_a_refusal_is_no_outage(error: OncallError) -> None:
    pagerduty = service()
    keep(pagerduty)
    pagerduty.failing = {"on_call": error}
    with pytest.raises(type(error)):
        names(pagerduty)


def test_without_a_roster_or_leave_the_outage_is_told() -> None:
    pagerduty = service()
    pagerduty.failing = {"on_call": DOWN}
    with pytest.raises(RemoteError):
        names(pagerduty)
    pagerduty.failing = {}
    keep(pagerduty)
    pagerduty.failing = {"on_call": DOWN}
    with pytest.raises(RemoteError):
        names(pagerduty, kept=False)
