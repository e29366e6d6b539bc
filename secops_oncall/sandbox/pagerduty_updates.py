"""What PUT /incidents may ask of an incident in the sandbox's PagerDuty, and when it is refused."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from secops_oncall.sandbox.pagerduty_changes import acknowledge, assign, escalate, reopen, resolve, unacknowledge
from secops_oncall.sandbox.pagerduty_records import POLICY, STATUSES, USER, require, save, user_agent
from secops_oncall.sandbox.pagerduty_requests import Refused, invalid
from secops_oncall.sandbox.pagerduty_rota import on_call
from secops_oncall.sandbox.store import Document, State

_TYPES = ("incident", "incident_reference")


def update(state: State, incident: Document, change: Any, user: str, at: datetime) -> Document:
    """The incident after a change (`type` and the fields to set) by a user; raises Refused, and then all is undone."""
    if not isinstance(change, dict) or change.get("type") not in _TYPES:
        raise invalid("Type must be incident or incident_reference")
    if incident["status"] == "resolved" and not {"status", "title"}.intersection(change):
        raise Refused(400, 1001, "Incident Already Resolved")
    for field, apply in _FIELDS.items():
        if change.get(field) is not None:
            apply(state, incident, change, user, at)
    return incident


def _title(state: State, incident: Document, change: Document, user: str, at: datetime) -> None:
    if not isinstance(change["title"], str) or not change["title"].strip():
        raise invalid("Title can't be blank")
    incident["title"] = change["title"]
    save(state, incident)


def _assignments(state: State, incident: Document, change: Document, user: str, at: datetime) -> None:
    try:
        users = [str(each["assignee"]["id"]) for each in change["assignments"]]
    except (TypeError, KeyError):
        raise invalid("Assignments must have assignees") from None
    if not users or any(state.get(USER, each) is None for each in users):
        raise Refused(400, 1007, "Assignee User Not Found")
    assign(state, incident, users, user_agent(user), at)


def _level(state: State, incident: Document, change: Document, user: str, at: datetime) -> None:
    """Levels count from 1; 0 is the first one, too (go-pagerduty issue 364)."""
    level, policy = change["escalation_level"], require(state, POLICY, incident["policy"])
    if not isinstance(level, int) or not 0 <= level <= len(policy["rules"]) or incident["urgency"] == "low":
        raise Refused(400, 1006, "Incident Cannot Be Escalated")
    if not on_call(state, incident["policy"], max(level, 1), at):
        raise Refused(400, 1015, "Escalation Policy Has No One On Call")
    escalate(state, incident, max(level, 1), user_agent(user), at)


def _status(state: State, incident: Document, change: Document, user: str, at: datetime) -> None:
    """A resolved incident that is set to triggered or acknowledged is reopened."""
    wanted, before, agent = change["status"], incident["status"], user_agent(user)
    if wanted not in STATUSES:
        raise invalid("Status must be a list of triggered, acknowledged, or resolved.")
    if wanted == "acknowledged":
        acknowledge(state, incident, user, at)
    elif wanted == "resolved" and before == "resolved":
        raise Refused(400, 1001, "Incident Already Resolved")
    elif wanted == "resolved":
        resolve(state, incident, agent, at, str(change.get("resolution") or ""))
    elif before == "acknowledged":
        unacknowledge(state, incident, agent, at)
    elif before == "resolved":
        reopen(state, incident, agent, at)


_FIELDS: dict[str, Callable[[State, Document, Document, str, datetime], None]] = {
    "title": _title,
    "assignments": _assignments,
    "escalation_level": _level,
    "status": _status,
}
