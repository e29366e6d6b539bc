"""Who is on call: names to ids, ids to entries, and how many waves that takes."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.errors import NotFoundError, RemoteError, UsageError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, pagerduty_at
from tests.sandbox.conftest import NOW

ENGINEER, MANAGER = RoleName("Security Responder", 1), RoleName("Security Responder", 2)
BACKUP = RoleName("Security Responder Backup", None)
ROLES = (ENGINEER, BACKUP, MANAGER)
DAY = timedelta(days=1)


def holders(entries: list[OnCall], role: RoleName) -> list[str]:
    return [one.person.id for one in entries if role.matches(one) and one.covers(NOW)]


def names(sandbox: Sandbox, kind: str, key: str, **change: Any) -> None:
    """Change a policy or schedule."""
    with sandbox.store.state() as state:
        document = state.get(kind, key)
        assert document is not None
        state.put(kind, change.get("id", key), {**document, **change})
        if "id" in change:
            state.delete(kind, key)


def test_every_role_is_answered(pagerduty: PagerDutyClient) -> None:
    entries = pagerduty.on_call(ROLES, NOW - DAY, NOW + DAY)
    assert [holders(entries, role) for role in ROLES] == [["PANA001"], ["PBEN002"], ["PDANA04"]]
    ana = next(one for one in entries if one.person.id == "PANA001")
    assert (ana.start, ana.end) == (NOW.replace(hour=9, minute=0), NOW.replace(hour=21, minute=0))
    assert (ana.person.email, ana.time_zone) == ("ana@example.com", "Europe/Lisbon")
    assert (ana.schedule, ana.policy, ana.level) == (cast.SCHEDULES["engineer"][1], "Security Responder", 1)


def test_one_moment_is_a_window(pagerduty: PagerDutyClient) -> None:
    entries = pagerduty.on_call(ROLES, NOW, NOW)
    assert [holders(entries, role) for role in ROLES] == [["PANA001"], ["PBEN002"], ["PDANA04"]]


def test_turns_are_not_cut_by_the_window(pagerduty: PagerDutyClient) -> None:
    """A lone schedule renders its entries cut at the window unless it is asked not to."""
    backup = pagerduty.on_call([BACKUP], NOW, NOW)[0]
    assert backup.end and backup.start and backup.end - backup.start == timedelta(days=7)


def test_with_ids_known_it_is_one_wave(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    pagerduty.on_call(ROLES, NOW, NOW)
    sandbox.log.seen.clear()
    add_fault(sandbox.store, Fault("GET", "(oncalls|schedules)", times=3, hold=0.1))
    assert holders(pagerduty.on_call(ROLES, NOW, NOW), ENGINEER) == ["PANA001"]
    assert [seen.path for seen in sandbox.log.seen].count("/pagerduty/oncalls") == 1
    assert sandbox.log.waves() == 1


def test_schedule_that_a_policy_uses_is_asked_of_oncalls(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    role = RoleName(cast.SCHEDULES["manager"][1], None)
    assert holders(pagerduty.on_call([role], NOW, NOW), role) == ["PDANA04"]
    assert sandbox.log.seen[-1].path == "/pagerduty/oncalls"


def test_entries_are_called_as_the_role_calls_them(pagerduty: PagerDutyClient) -> None:
    roles = [RoleName("security responder", 1), RoleName("SECURITY RESPONDER BACKUP", None)]
    entries = pagerduty.on_call(roles, NOW, NOW)
    assert [holders(entries, role) for role in roles] == [["PANA001"], ["PBEN002"]]


def test_unknown_name_is_an_error_with_the_nearest(pagerduty: PagerDutyClient) -> None:
    with pytest.raises(NotFoundError, match="no escalation policy 'Security Responders'") as caught:
        pagerduty.on_call([RoleName("Security Responders", 1)], NOW, NOW)
    assert "did you mean 'Security Responder'?" in caught.value.hint
    with pytest.raises(NotFoundError, match="no schedule 'Zzz'"):
        pagerduty.on_call([RoleName("Zzz", None)], NOW, NOW)


def test_name_of_several_is_an_error(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        schedule = state.get(SCHEDULE, "PSBACKU")
        assert schedule is not None
        state.put(SCHEDULE, "PSBACK2", {**schedule, "id": "PSBACK2"})
    with pytest.raises(UsageError, match="PSBACK2"):
        pagerduty.on_call([BACKUP], NOW, NOW)


def test_exact_name_goes_before_one_of_another_case(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        schedule = state.get(SCHEDULE, "PSBACKU")
        assert schedule is not None
        state.put(SCHEDULE, "PSBACK2", {**schedule, "id": "PSBACK2", "name": BACKUP.name.upper(), "turns": []})
    assert holders(pagerduty.on_call([BACKUP], NOW, NOW), BACKUP) == ["PBEN002"]


def test_schedule_that_was_made_anew_is_found_again(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    pagerduty.on_call(ROLES, NOW, NOW)
    names(sandbox, SCHEDULE, "PSBACKU", id="PSBACK2")
    assert holders(pagerduty.on_call(ROLES, NOW, NOW), BACKUP) == ["PBEN002"]


def test_policy_that_was_made_anew_is_found_again(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    pagerduty.on_call(ROLES, NOW, NOW)
    names(sandbox, POLICY, "PSECRSP", id="PSECRS2")
    assert holders(pagerduty.on_call(ROLES, NOW, NOW), ENGINEER) == ["PANA001"]


def test_users_of_a_lone_schedule_come_with_their_time_zones(service: Service, network: Network, cache: Cache) -> None:
    user = {"id": "P1", "type": "user", "name": "Ana", "email": "ana@example.com", "time_zone": "Europe/Lisbon"}
    entry = {"start": "2026-11-23T09:00:00Z", "end": "2026-11-23T21:00:00Z", "user": {"id": "P1", "summary": "Ana"}}
    rendered = {"rendered_schedule_entries": [entry, {**entry, "user": None}]}

    def answer(request: Request) -> Reply:
        path = request.path.split("?")[0]
        if path == "/schedules":
            return Reply(body={"schedules": [{"id": "PS1", "name": BACKUP.name}], "more": False})
        if path == "/schedules/PS1/users":
            return Reply(body={"users": [user]})
        return Reply(body={"schedule": {"id": "PS1", "escalation_policies": [], "final_schedule": rendered}})

    service.answering = answer
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    found = one.on_call([BACKUP], NOW, NOW)
    assert [(each.person.email, each.time_zone) for each in found] == [("ana@example.com", "Europe/Lisbon")]


def test_always_on_call(service: Service, network: Network, cache: Cache) -> None:
    """`start` and `end` null: permanently on call, and `schedule` null: a person in the policy itself."""
    policy = {"id": "PP1", "name": "Security Responder"}
    entry = {
        "user": {"id": "P1", "summary": "Ana"},
        "start": None,
        "end": None,
        "schedule": None,
        "escalation_level": 1,
    }

    def answer(request: Request) -> Reply:
        if request.path.startswith("/escalation_policies"):
            return Reply(body={"escalation_policies": [policy], "more": False})
        return Reply(body={"oncalls": [{**entry, "escalation_policy": policy}], "more": False})

    service.answering = answer
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    assert holders(one.on_call([ENGINEER], NOW, NOW), ENGINEER) == ["P1"]


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("level", [0, 3, 9])
def test_a_level_that_the_policy_has_not_got_is_an_error(pagerduty: PagerDutyClient, kept: bool, level: int) -> None:
    if kept:
        pagerduty.on_call(ROLES, NOW, NOW)
    with pytest.raises(NotFoundError, match=rf"'Security Responder' has no level {level}: it has 2, from 1 on"):
        pagerduty.on_call([RoleName("Security Responder", level), BACKUP], NOW - DAY, NOW + DAY)


def test_a_level_that_nobody_is_on_is_none(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    pagerduty.on_call(ROLES, NOW, NOW)
    names(sandbox, SCHEDULE, "PSMANAG", turns=[])
    assert [holders(pagerduty.on_call(ROLES, NOW, NOW), role) for role in ROLES] == [["PANA001"], ["PBEN002"], []]


def test_a_level_that_the_policy_got_since_is_none_either(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    """What is kept of a policy may be a day old."""
    pagerduty.on_call(ROLES, NOW, NOW)
    with sandbox.store.state() as state:
        policy = state.get(POLICY, "PSECRSP")
        assert policy is not None
        state.put(POLICY, "PSECRSP", {**policy, "rules": [*policy["rules"], policy["rules"][1]]})
    third = RoleName("Security Responder", 3)
    assert holders(pagerduty.on_call([third], NOW, NOW), third) == ["PDANA04"]


def test_entries_have_the_policy_s_id_whatever_the_role_calls_it(pagerduty: PagerDutyClient) -> None:
    (entry,) = [one for one in pagerduty.on_call([RoleName("SECURITY RESPONDER", 2)], NOW, NOW) if one.level == 2]
    assert (entry.policy, entry.policy_id) == ("SECURITY RESPONDER", "PSECRSP")


ENGINEERS = cast.SCHEDULES["engineer"][0]


def test_overrides_are_read_whole(pagerduty: PagerDutyClient) -> None:
    (swap,) = pagerduty.overrides(ENGINEERS, NOW, NOW + 14 * DAY)
    assert (swap.person.id, swap.schedule_id) == ("PANA001", ENGINEERS)
    assert swap.start and swap.end and swap.end - swap.start == timedelta(hours=12)
    assert pagerduty.overrides(ENGINEERS, swap.start + timedelta(hours=1), swap.start + 2 * timedelta(hours=1)) == [
        swap
    ]
    assert pagerduty.overrides(ENGINEERS, swap.end, swap.end + DAY) == []


def test_entries_tell_the_schedule_that_they_are_of(pagerduty: PagerDutyClient) -> None:
    found = {one.person.id: one.schedule_id for one in pagerduty.on_call(ROLES, NOW, NOW)}
    assert found == {"PANA001": "PSENGIN", "PDANA04": "PSMANAG", "PBEN002": "PSBACKU"}


@pytest.mark.parametrize("status", [400, 402, 403, 404])
def test_a_schedule_that_has_no_overrides_to_tell(
    service: Service, network: Network, cache: Cache, status: int
) -> None:
    """Flexible schedules (v3) have no such path, and scoped tokens may lack `schedules.read`."""
    service.replies = [Reply(status, {"error": {"message": "no", "code": 2001}})]
    assert pagerduty_at(service, network, cache).overrides("PS1", NOW, NOW + DAY) == []


def test_overrides_that_lack_something_are_passed_over(service: Service, network: Network, cache: Cache) -> None:
    user = {"id": "P1", "summary": "Ana\x1b[31m"}
    good = {"id": "O1", "start": "2026-11-23T09:00:00Z", "end": "2026-11-23T21:00:00Z", "user": user}
    bad = [{**good, "user": None}, {**good, "end": None}, {"id": "O2"}]
    service.replies = [Reply(body={"overrides": [*bad, good]})]
    (found,) = pagerduty_at(service, network, cache).overrides("PS 1/..", NOW, NOW + DAY)
    assert (found.person, found.schedule_id) == (Person("P1", "Ana"), "PS 1/..")
    path, _, query = service.seen[0].path.partition("?")
    assert path == "/schedules/PS%201%2F../overrides"
    assert "overflow=true" in query
    service.replies = [Reply(500)]
    with pytest.raises(RemoteError):
        pagerduty_at(service, network, cache).overrides("PS1", NOW, NOW + DAY)


@pytest.mark.parametrize("odd", [["x"], {"a": 1}, 5, None, True, "x"])
@pytest.mark.parametrize("place", ["id", "escalation_level"])
def test_odd_types_are_no_bug(service: Service, network: Network, cache: Cache, odd: Any, place: str) -> None:
    user = {"id": "PANA001", "type": "user", "summary": "Ana Ferreira"}
    entry = {
        "id": "E1",
        "user": user,
        "escalation_policy": {"id": "P1"},
        "escalation_level": 1,
        "start": None,
        "end": None,
    }
    policy = {"id": "P1", "summary": ENGINEER.name}

    def answer(request: Request) -> Reply:
        if request.path.startswith("/oncalls"):
            return Reply(body={"oncalls": [{**entry, place: odd}], "more": False})
        return Reply(
            body={"escalation_policies": [policy, {**policy, "summary": "another", place: odd}], "more": False}
        )

    service.answering = answer
    try:
        found = pagerduty_at(service, network, cache).on_call([ENGINEER], NOW, NOW + DAY)
    except RemoteError:
        return
    assert [one.person.name for one in found] == ["Ana Ferreira"]
