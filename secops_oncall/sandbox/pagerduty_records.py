"""What the sandbox's PagerDuty keeps: compact documents, which `pagerduty_shapes` shows the way the API does."""

from datetime import datetime
from typing import Any

from secops_oncall.domain.times import iso
from secops_oncall.sandbox.store import Document, State

USER = "pagerduty_user"
SERVICE = "pagerduty_service"
POLICY = "pagerduty_policy"
SCHEDULE = "pagerduty_schedule"
INCIDENT = "pagerduty_incident"  # its parent is its status
NUMBER = "pagerduty_number"  # an incident's number: its id
DUE = "pagerduty_due"  # "TIME ID": what happens to an incident by itself, the earliest first
ALERT = "pagerduty_alert"  # its parent, like that of the next two, is its incident's id
NOTE = "pagerduty_note"
ENTRY = "pagerduty_entry"
ABILITIES = "pagerduty_abilities"  # "current": what the account's plan has, where a test or a drill changed it

STATUSES = ("triggered", "acknowledged", "resolved")
_ABILITIES = ("teams", "urgencies", "advanced_permissions", "service_support_hours", "coordinated_responding")

Agent = dict[str, str]  # who did it: `type` (`user` or `service`) and `id`


def user_agent(user: str) -> Agent:
    return {"type": "user", "id": user}


def service_agent(incident: Document) -> Agent:
    """PagerDuty itself, which acts in the name of the incident's service."""
    return {"type": "service", "id": incident["service"]}


def abilities(state: State) -> list[str]:
    """What the account's plan has."""
    found = state.get(ABILITIES, "current")
    return list(found["abilities"]) if found else list(_ABILITIES)


def require(state: State, kind: str, key: str) -> Document:
    """A document that must be there: another one names it."""
    found = state.get(kind, key)
    if found is None:
        raise KeyError(f"{kind} {key}")
    return found


def names(state: State, users: list[str]) -> str:
    """People's names, as log entries write them."""
    return ", ".join(require(state, USER, user)["name"] for user in users)


def save(state: State, incident: Document) -> Document:
    """Write an incident back, where its status, its number and the time of its pending action find it."""
    pending = incident["pending"]
    due = f"{pending['at']} {incident['id']}" if pending else ""
    if incident["due"] != due:
        state.delete(DUE, incident["due"])
        incident["due"] = due
        if due:
            state.put(DUE, due, {"incident": incident["id"]})
    return state.put(INCIDENT, incident["id"], incident, parent=incident["status"])


def log(
    state: State,
    incident: Document,
    kind: str,
    at: datetime,
    summary: str,
    *,
    agent: Agent | None = None,
    channel: dict[str, Any] | None = None,
    **more: Any,
) -> Document:
    """Write a log entry: `kind` is its type without the ending, `more` what only this type has."""
    way = {"type": "website" if agent and agent["type"] == "user" else "auto"}
    entry = {
        "id": f"{entry_id(at)}{state.next(ENTRY):08}",
        "kind": kind,
        "at": iso(at),
        "incident": incident["id"],
        "service": incident["service"],
        "agent": agent or service_agent(incident),
        "summary": summary,
        "channel": channel or way,
        **more,
    }
    return state.put(ENTRY, entry["id"], entry, parent=incident["id"])


def entry_id(at: datetime) -> str:
    """How the ids of a moment's log entries begin: they sort by time, so that a window of the log is a range."""
    return f"R{at:%Y%m%d%H%M%S}"
