"""What happens by itself: escalations, time-outs and snoozes, each at its own time, however late anyone looks."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock


def log(session: Any, key: str) -> list[tuple[str, str]]:
    """The newest entries first: what and when."""
    entries = session.rget(f"/incidents/{key}/log_entries")
    return [(entry["type"].removesuffix("_log_entry"), entry["created_at"]) for entry in entries]


def at(minutes: float) -> str:
    return iso(NOW + timedelta(minutes=minutes))


def test_not_acked_in_time_it_goes_to_the_manager_at_that_time(pagerduty: Any, clock: SettableClock) -> None:
    clock.forward(minutes=11, seconds=-1)  # the canary page is 4 minutes old
    assert pagerduty.rget("/incidents/Q1CANARYTOKEN01")["assignments"][0]["assignee"]["id"] == "PANA001"
    clock.forward(minutes=30)
    escalated = pagerduty.rget("/incidents/Q1CANARYTOKEN01")
    assert [each["assignee"]["summary"] for each in escalated["assignments"]] == ["Dana Cohen"]
    assert (escalated["status"], escalated["pending_actions"]) == ("triggered", [])
    assert log(pagerduty, "Q1CANARYTOKEN01")[:2] == [("notify", at(11)), ("escalate", at(11))]
    entry = pagerduty.rget("/incidents/Q1CANARYTOKEN01/log_entries")[1]
    assert entry["agent"]["type"] == "service_reference"
    assert entry["assignees"][0]["id"] == "PDANA04"


def test_an_ack_in_time_keeps_it(pagerduty: Any, clock: SettableClock) -> None:
    clock.forward(minutes=10)
    pagerduty.rput("/incidents/Q1CANARYTOKEN01", json={"type": "incident_reference", "status": "acknowledged"})
    clock.forward(hours=5)
    assert pagerduty.rget("/incidents/Q1CANARYTOKEN01")["assignments"][0]["assignee"]["id"] == "PANA001"


def test_low_urgency_never_escalates(pagerduty: Any, clock: SettableClock) -> None:
    clock.forward(hours=2)
    assert pagerduty.rget("/incidents/Q1HOSTILEMAIL03")["assignments"][0]["assignee"]["id"] == "PANA001"


def test_an_ack_times_out_and_the_escalation_goes_on_from_there(pagerduty: Any, clock: SettableClock) -> None:
    change = {"type": "incident_reference", "escalation_level": 1, "status": "acknowledged"}
    pagerduty.rput("/incidents/Q1MISSEDEDR0004", json=change)
    clock.forward(minutes=241)
    back = pagerduty.rget("/incidents/Q1MISSEDEDR0004")
    assert (back["status"], back["acknowledgements"]) == ("triggered", [])
    assert back["last_status_change_at"] == at(240)
    assert back["pending_actions"] == [{"type": "escalate", "at": at(255)}]
    entry = pagerduty.rget("/incidents/Q1MISSEDEDR0004/log_entries")[0]
    assert (entry["type"], entry["channel"]) == ("unacknowledge_log_entry", {"type": "timeout"})


def test_several_things_that_are_overdue_happen_in_their_order(pagerduty: Any, clock: SettableClock) -> None:
    change = {"type": "incident_reference", "escalation_level": 1, "status": "acknowledged"}
    pagerduty.rput("/incidents/Q1MISSEDEDR0004", json=change)
    clock.forward(days=1)
    late = log(pagerduty, "Q1MISSEDEDR0004")[:3]
    assert late == [("notify", at(255)), ("escalate", at(255)), ("unacknowledge", at(240))]


def test_a_snooze_ends(pagerduty: Any, clock: SettableClock) -> None:
    ends = NOW.replace(hour=23, minute=0)  # two hours after the shift
    assert pagerduty.rget("/incidents/Q1SNOOZEDVPN007")["pending_actions"][0]["at"] == iso(ends)
    clock.now = ends
    back = pagerduty.rget("/incidents/Q1SNOOZEDVPN007")
    assert (back["status"], back["pending_actions"][0]["type"]) == ("triggered", "escalate")


def test_a_policy_may_begin_again_at_its_end(pagerduty: Any, sandbox: Sandbox, clock: SettableClock) -> None:
    with sandbox.store.state() as state:
        policy = state.get(POLICY, cast.POLICY[0])
        assert policy
        state.put(POLICY, cast.POLICY[0], {**policy, "loops": 1})
    clock.forward(minutes=11 + 15)
    again = pagerduty.rget("/incidents/Q1CANARYTOKEN01")
    assert again["assignments"][0]["assignee"]["id"] == "PANA001"
    newest = [kind for kind, _ in log(pagerduty, "Q1CANARYTOKEN01")[:3]]
    assert newest == ["notify", "escalate", "repeat_escalation_path"]
    clock.forward(days=1)
    last = pagerduty.rget("/incidents/Q1CANARYTOKEN01")
    assert (last["assignments"][0]["assignee"]["id"], last["pending_actions"]) == ("PDANA04", [])


def test_a_level_with_nobody_on_call_changes_nothing(pagerduty: Any, sandbox: Sandbox, clock: SettableClock) -> None:
    with sandbox.store.state() as state:
        managers = state.get(SCHEDULE, "PSMANAG")
        assert managers
        state.put(SCHEDULE, "PSMANAG", {**managers, "turns": []})
    answer = pagerduty.put(
        "/incidents/Q1CANARYTOKEN01", json={"incident": {"type": "incident_reference", "escalation_level": 2}}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 1015)
    clock.forward(minutes=20)
    assert pagerduty.rget("/incidents/Q1CANARYTOKEN01")["assignments"][0]["assignee"]["id"] == "PANA001"


@pytest.mark.parametrize("path", ["/users/me", "/log_entries"])
def test_any_request_lets_time_pass(pagerduty: Any, clock: SettableClock, path: str) -> None:
    clock.forward(minutes=30)
    pagerduty.get(path)
    clock.now = NOW
    assert pagerduty.rget("/incidents/Q1CANARYTOKEN01")["assignments"][0]["assignee"]["id"] == "PDANA04"
