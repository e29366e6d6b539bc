"""What people do to incidents: acking, resolving, reopening, escalating, assigning, snoozing, and in bulk."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.times import iso
from secops_oncall.sandbox.pagerduty_changes import trigger
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock

As = Callable[[str], Any]


def put(session: Any, key: str, **change: Any) -> dict[str, Any]:
    done: dict[str, Any] = session.rput(f"/incidents/{key}", json={"type": "incident_reference", **change})
    return done


def refused(session: Any, key: str, **change: Any) -> tuple[int, int]:
    answer = session.put(f"/incidents/{key}", json={"incident": {"type": "incident_reference", **change}})
    return answer.status_code, answer.json()["error"]["code"]


def kinds(session: Any, key: str) -> list[str]:
    return [entry["type"].removesuffix("_log_entry") for entry in session.rget(f"/incidents/{key}/log_entries")]


def people(incident: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Whom it is assigned to, and who has acked it."""
    return (
        [each["assignee"]["id"] for each in incident["assignments"]],
        [each["acknowledger"]["id"] for each in incident["acknowledgements"]],
    )


def test_an_ack_stops_the_escalation_and_makes_it_the_ackers(pagerduty_as: As) -> None:
    acked = put(pagerduty_as("ben"), "Q1CANARYTOKEN01", status="acknowledged")
    assert acked["status"] == "acknowledged"
    assert people(acked) == (["PBEN002"], ["PBEN002"])
    assert acked["pending_actions"] == []  # its service has no time-out
    assert acked["last_status_change_at"] == acked["updated_at"] == iso(NOW)
    assert acked["last_status_change_by"]["id"] == "PBEN002"
    entry = pagerduty_as("ana").rget("/incidents/Q1CANARYTOKEN01/log_entries")[0]
    assert entry["type"] == "acknowledge_log_entry"
    assert (entry["agent"]["type"], entry["agent"]["id"]) == ("user_reference", "PBEN002")
    assert entry["channel"] == {"type": "website"}


def test_an_ack_runs_out_where_the_service_says_so(pagerduty: Any) -> None:
    acked = put(pagerduty, "Q1MISSEDEDR0004", status="acknowledged")
    assert acked["pending_actions"] == [{"type": "unacknowledge", "at": iso(NOW + timedelta(hours=4))}]


def test_another_ack_takes_it_over_and_starts_the_time_out_anew(pagerduty_as: As, clock: SettableClock) -> None:
    put(pagerduty_as("ana"), "Q1MISSEDEDR0004", status="acknowledged")
    later = clock.forward(hours=1)
    taken = put(pagerduty_as("ben"), "Q1MISSEDEDR0004", status="acknowledged")
    assert people(taken) == (["PBEN002"], ["PANA001", "PBEN002"])
    assert taken["pending_actions"][0]["at"] == iso(later + timedelta(hours=4))
    assert taken["last_status_change_at"] == iso(NOW)
    assert kinds(pagerduty_as("ana"), "Q1MISSEDEDR0004")[:2] == ["acknowledge", "acknowledge"]


def test_resolving_leaves_nobody_on_it(pagerduty: Any) -> None:
    resolved = put(pagerduty, "Q1LEAKEDKEY0005", status="resolved", resolution="Key rotated.")
    assert people(resolved) == ([], [])
    assert (resolved["status"], resolved["resolved_at"]) == ("resolved", iso(NOW))
    assert resolved["alert_counts"] == {"all": 1, "triggered": 0, "resolved": 1}
    assert pagerduty.rget("/incidents/Q1LEAKEDKEY0005/alerts")[0]["status"] == "resolved"
    assert pagerduty.rget("/incidents/Q1LEAKEDKEY0005/log_entries")[0]["note"] == "Key rotated."
    assert refused(pagerduty, "Q1LEAKEDKEY0005", status="resolved") == (400, 1001)


def test_acking_a_resolved_incident_reopens_it(pagerduty: Any) -> None:
    reopened = put(pagerduty, "Q1NOISE00000010", status="acknowledged")
    assert (reopened["status"], reopened["resolved_at"]) == ("acknowledged", None)
    assert people(reopened) == (["PANA001"], ["PANA001"])


def test_reopened_as_triggered_it_pages_the_first_level_again(pagerduty: Any) -> None:
    reopened = put(pagerduty, "Q1RESOLVEDOPEN9", status="triggered")
    assert people(reopened) == (["PANA001"], [])
    assert reopened["pending_actions"] == [{"type": "escalate", "at": iso(NOW + timedelta(minutes=15))}]
    assert kinds(pagerduty, "Q1RESOLVEDOPEN9")[:3] == ["notify", "assign", "trigger"]


def test_reopened_it_forgets_how_far_it_had_come_and_whom_it_was_given_to(pagerduty: Any) -> None:
    to = [{"assignee": {"id": "PCHEN03", "type": "user_reference"}}]
    put(pagerduty, "Q1MISSEDEDR0004", assignments=to)
    put(pagerduty, "Q1MISSEDEDR0004", status="resolved")
    reopened = put(pagerduty, "Q1MISSEDEDR0004", status="triggered")
    assert (reopened["assigned_via"], people(reopened)) == ("escalation_policy", (["PANA001"], []))
    assert reopened["pending_actions"][0]["type"] == "escalate"


def test_an_acked_incident_set_to_triggered_is_unacked(pagerduty: Any) -> None:
    unacked = put(pagerduty, "Q1PHISHING00006", status="triggered")
    assert people(unacked) == (["PANA001"], [])
    assert [action["type"] for action in unacked["pending_actions"]] == ["escalate"]
    assert kinds(pagerduty, "Q1PHISHING00006")[0] == "unacknowledge"
    assert put(pagerduty, "Q1PHISHING00006", status="triggered") == unacked


def test_escalating_pages_that_level_and_counts_from_one(pagerduty: Any) -> None:
    up = put(pagerduty, "Q1LEAKEDKEY0005", escalation_level=2)
    assert (up["status"], people(up), up["pending_actions"]) == ("triggered", (["PDANA04"], []), [])
    assert kinds(pagerduty, "Q1LEAKEDKEY0005")[:2] == ["notify", "escalate"]
    down = put(pagerduty, "Q1LEAKEDKEY0005", escalation_level=0)
    assert people(down) == (["PANA001"], [])
    assert down["pending_actions"][0]["type"] == "escalate"


@pytest.mark.parametrize(
    ("key", "change", "expected"),
    [
        ("Q1LEAKEDKEY0005", {"escalation_level": 3}, (400, 1006)),
        ("Q1HOSTILEMAIL03", {"escalation_level": 2}, (400, 1006)),  # low urgency
        ("Q1RESOLVEDOPEN9", {"escalation_level": 2}, (400, 1001)),
        ("Q1LEAKEDKEY0005", {"assignments": [{"assignee": {"id": "PNOBODY"}}]}, (400, 1007)),
        ("Q1LEAKEDKEY0005", {"assignments": ["PBEN002"]}, (400, 2001)),
        ("Q1LEAKEDKEY0005", {"status": "acked"}, (400, 2001)),
        ("Q1LEAKEDKEY0005", {"title": ""}, (400, 2001)),
        ("Q1LEAKEDKEY0005", {"type": "page", "status": "resolved"}, (400, 2001)),
        ("4112", {"status": "resolved"}, (404, 5001)),
    ],
)
def test_what_can_not_be_done_is_refused(pagerduty: Any, key: str, change: Any, expected: tuple[int, int]) -> None:
    before = pagerduty.rget("/incidents/Q1LEAKEDKEY0005")
    assert refused(pagerduty, key, **change) == expected
    assert pagerduty.rget("/incidents/Q1LEAKEDKEY0005") == before


def test_assigned_to_a_person_it_is_unacked_and_does_not_escalate(pagerduty: Any) -> None:
    to = [{"assignee": {"id": "PCHEN03", "type": "user_reference"}}]
    given = put(pagerduty, "Q1CANARYTOKEN01", assignments=to)
    assert (given["status"], given["assigned_via"], given["pending_actions"]) == ("triggered", "direct_assignment", [])
    assert people(given) == (["PCHEN03"], [])
    assert people(put(pagerduty, "Q1PHISHING00006", assignments=to)) == (["PCHEN03"], [])


def test_given_to_one_who_has_acked_it_stays_acked(pagerduty: Any) -> None:
    to = [{"assignee": {"id": "PBEN002", "type": "user_reference"}}]
    given = put(pagerduty, "Q1LEAKEDKEY0005", assignments=to)
    assert (given["status"], people(given)) == ("acknowledged", (["PBEN002"], ["PANA001", "PBEN002"]))


def test_a_title_is_changed(pagerduty: Any) -> None:
    assert put(pagerduty, "Q1HOSTILEMAIL03", title="Phishing mail")["summary"] == "[#4115] Phishing mail"


def test_an_acked_incident_is_snoozed_until_it_comes_back(pagerduty: Any) -> None:
    answer = pagerduty.post("/incidents/Q1PHISHING00006/snooze", json={"duration": 7200})
    back = {"type": "unacknowledge", "at": iso(NOW + timedelta(hours=2))}
    assert answer.status_code == 201
    assert answer.json()["incident"]["pending_actions"] == [back]
    entry = pagerduty.rget("/incidents/Q1PHISHING00006/log_entries")[0]
    assert (entry["type"], entry["changed_actions"]) == ("snooze_log_entry", [back])
    assert entry["channel"] == {"type": "website", "duration": 7200}
    acked = put(pagerduty, "Q1PHISHING00006", status="acknowledged")
    assert acked["pending_actions"] == []  # another ack ends a snooze


@pytest.mark.parametrize(
    ("key", "duration", "code"),
    [
        ("Q1CANARYTOKEN01", 60, 1012),
        ("Q1NOISE00000010", 60, 1012),
        ("Q1PHISHING00006", 0, 1013),
        ("Q1PHISHING00006", 604_801, 1013),
        ("Q1PHISHING00006", "1h", 1013),
    ],
)
def test_only_acked_ones_are_snoozed_and_not_for_ever(pagerduty: Any, key: str, duration: Any, code: int) -> None:
    answer = pagerduty.post(f"/incidents/{key}/snooze", json={"duration": duration})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_many_are_changed_at_once_each_in_its_own_way(pagerduty: Any) -> None:
    changes = [
        {"id": "Q1CANARYTOKEN01", "type": "incident_reference", "status": "acknowledged"},
        {"id": "Q1PHISHING00006", "type": "incident", "status": "resolved"},
    ]
    assert [each["status"] for each in pagerduty.rput("/incidents", json=changes)] == ["acknowledged", "resolved"]


@pytest.mark.parametrize(
    "bad",
    [
        {"id": "QNOWHERE", "type": "incident_reference", "status": "acknowledged"},
        {"id": "Q1NOISE00000010", "type": "incident_reference", "status": "resolved"},
        {"id": "Q1IMPOSSIBLE002", "status": "acknowledged"},
        "Q1IMPOSSIBLE002",
    ],
)
def test_one_bad_change_spoils_them_all_and_is_not_named(pagerduty: Any, bad: Any) -> None:
    good = {"id": "Q1CANARYTOKEN01", "type": "incident_reference", "status": "acknowledged"}
    answer = pagerduty.put("/incidents", json={"incidents": [good, bad]})
    assert answer.status_code == 400
    assert "Q1" not in answer.text
    assert pagerduty.rget("/incidents/Q1CANARYTOKEN01")["status"] == "triggered"
    assert "acknowledge" not in kinds(pagerduty, "Q1CANARYTOKEN01")


def test_250_at_once_and_no_more(pagerduty: Any, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        for number in range(251):
            names = {"id": f"QBULK{number:04}", "number": 9000 + number, "title": "Bulk", "service": "PSVCIDN"}
            trigger(state, NOW, {**names, "urgency": "high", "priority": "", "bridge": None}, [], [])
    change = {"type": "incident_reference", "status": "acknowledged"}
    changes = [{"id": f"QBULK{number:04}", **change} for number in range(251)]
    assert pagerduty.put("/incidents", json={"incidents": changes}).status_code == 413
    done = pagerduty.rput("/incidents", json=changes[:250])
    assert [each["status"] for each in done] == ["acknowledged"] * 250
