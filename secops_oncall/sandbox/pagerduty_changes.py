"""What happens to an incident in the sandbox's PagerDuty, by people or by itself, and what its log says of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from secops_oncall.domain.times import iso
from secops_oncall.sandbox.pagerduty_records import (
    ALERT,
    DUE,
    INCIDENT,
    NOTE,
    NUMBER,
    POLICY,
    SERVICE,
    Agent,
    log,
    names,
    require,
    save,
    service_agent,
    user_agent,
)
from secops_oncall.sandbox.pagerduty_rota import on_call
from secops_oncall.sandbox.store import Document, State


def trigger(state: State, at: datetime, page: Document, alerts: list[Document], fallback: list[str]) -> Document:
    """A new incident, assigned to whom its policy's first level pages (to `fallback` where that is nobody).

    `page` has `id`, `number`, `title`, `service`, `urgency`, `priority` (a name or "") and `bridge` (or None);
    each alert `severity` and `body`.
    """
    policy = require(state, SERVICE, page["service"])["policy"]
    fresh = {"policy": policy, "via": "escalation_policy", "level": 1, "loops": 0, "alerts": len(alerts), "due": ""}
    times = {"created": iso(at), "updated": iso(at), "changed": iso(at), "resolved": None}
    incident = {**page, **fresh, **times, "status": "triggered", "assigned": [], "acks": [], "pending": None}
    incident["changed_by"] = service_agent(incident)
    entry = log(
        state,
        incident,
        "trigger",
        at,
        "Triggered through the API",
        channel={"type": "api", "summary": page["title"]},
        event_details={"description": page["title"]},
    )
    incident["trigger"] = entry["id"]
    state.put(NUMBER, page["number"], {"incident": page["id"]})
    for number, alert in enumerate(alerts, start=1):
        key = f"{page['id']}A{number}"
        state.put(ALERT, key, {"id": key, "at": iso(at), "incident": page["id"], **alert}, parent=page["id"])
    _hand_to(state, incident, on_call(state, policy, 1, at) or fallback, at, "assign")
    incident["pending"] = _next_escalation(state, incident, at)
    return save(state, incident)


def acknowledge(state: State, incident: Document, user: str, at: datetime) -> None:
    """Ack it, or ack it again: it is this user's now, and the time until it is unacked starts anew (1.1 and 1.3)."""
    timeout = require(state, SERVICE, incident["service"])["acknowledgement_timeout"]
    others = [ack for ack in incident["acks"] if ack["user"] != user]
    incident["acks"] = [*others, {"user": user, "at": iso(at)}]
    incident["assigned"] = [{"user": user, "at": iso(at)}]
    incident["pending"] = _later("unacknowledge", at, timeout) if timeout else None
    agent = user_agent(user)
    summary = f"Acknowledged by {names(state, [user])}"
    log(state, incident, "acknowledge", at, summary, agent=agent, acknowledgement_timeout=timeout)
    _turn(state, incident, "acknowledged", agent, at)


def unacknowledge(state: State, incident: Document, agent: Agent | None, at: datetime) -> None:
    """Back to triggered, by a user or (no agent) by time-out; whom it is assigned to stays, and escalating goes on."""
    by, channel = (f"by {names(state, [agent['id']])}", None) if agent else ("by timeout", {"type": "timeout"})
    log(state, incident, "unacknowledge", at, f"Unacknowledged {by}", agent=agent, channel=channel)
    incident["acks"] = []
    incident["pending"] = _next_escalation(state, incident, at)
    _turn(state, incident, "triggered", agent or service_agent(incident), at)


def reopen(state: State, incident: Document, agent: Agent, at: datetime) -> None:
    """A resolved incident set to triggered: it begins again with its policy's first level (both PUTs' `status`)."""
    incident.update(level=1, loops=0, via="escalation_policy")
    log(state, incident, "trigger", at, f"Reopened by {names(state, [agent['id']])}", agent=agent)
    _hand_to(state, incident, on_call(state, incident["policy"], 1, at), at, "assign")
    incident["pending"] = _next_escalation(state, incident, at)
    _turn(state, incident, "triggered", agent, at)


def resolve(state: State, incident: Document, agent: Agent, at: datetime, note: str = "") -> None:
    """Done, by a user or by the service itself; nobody is assigned, and nobody has it acked, any more."""
    by = names(state, [agent["id"]]) if agent["type"] == "user" else "the service"
    more: dict[str, Any] = {"note": note} if note else {}
    log(state, incident, "resolve", at, f"Resolved by {by}", agent=agent, **more)
    incident.update(acks=[], assigned=[], pending=None, resolved=iso(at))
    _turn(state, incident, "resolved", agent, at)


def escalate(state: State, incident: Document, level: int, agent: Agent | None, at: datetime) -> None:
    """Page the users of a level, in place of those who were (by time-out where no agent did it)."""
    users = on_call(state, incident["policy"], level, at)
    incident.update(level=level, via="escalation_policy", acks=[])
    if users:  # a level with nobody on call leaves it with those who have it
        _hand_to(state, incident, users, at, "escalate", agent)
    incident["pending"] = _next_escalation(state, incident, at)
    _turn(state, incident, "triggered", agent or service_agent(incident), at)


def assign(state: State, incident: Document, users: list[str], agent: Agent, at: datetime) -> None:
    """Give it to these users: unacked unless one of them has acked it, and without escalating any more (S:15613)."""
    acked = any(ack["user"] in users for ack in incident["acks"])
    _hand_to(state, incident, users, at, "assign", agent)
    incident.update(via="direct_assignment", pending=None, acks=incident["acks"] if acked else [])
    _turn(state, incident, "acknowledged" if acked else "triggered", agent, at)


def snooze(state: State, incident: Document, seconds: int, agent: Agent, at: datetime) -> None:
    """Keep an acked incident acked for so long, and no longer."""
    incident["pending"] = _later("unacknowledge", at, seconds)
    channel = {"type": "website", "duration": seconds}
    summary = f"Snoozed by {names(state, [agent['id']])}"
    log(state, incident, "snooze", at, summary, agent=agent, channel=channel, changed_actions=[incident["pending"]])
    _turn(state, incident, incident["status"], agent, at)


def annotate(state: State, incident: Document, content: str, user: str, at: datetime) -> Document:
    """Add a note, and answer it."""
    key = f"PN{state.next(NOTE):06}"
    summary, channel = f"Note added by {names(state, [user])}", {"type": "note", "summary": content}
    log(state, incident, "annotate", at, summary, agent=user_agent(user), channel=channel, note=content)
    note = {"id": key, "user": user, "content": content, "at": iso(at)}
    return state.put(NOTE, key, note, parent=incident["id"])


def request_responders(
    state: State, incident: Document, users: list[str], message: str, user: str, at: datetime
) -> Document:
    """Ask users to help, and answer the request; whom the page is assigned to stays."""
    asked = [{"user": each, "requester": user, "message": message, "at": iso(at)} for each in users]
    incident["responders"] = [*incident.get("responders", ()), *asked]
    incident["updated"] = iso(at)
    for each in users:
        summary = f"{names(state, [each])} was asked to help by {names(state, [user])}"
        log(state, incident, "notify", at, summary, agent=user_agent(user), channel={"type": "push"}, user=each)
    save(state, incident)
    return {"incident": incident["id"], "requester": user, "message": message, "at": iso(at), "asked": asked}


def elapse(state: State, now: datetime) -> None:
    """Let everything happen that was due by now, in its order and at its own time."""
    while due := state.between(DUE, "", f"{iso(now)}~", limit=1):
        incident = require(state, INCIDENT, due[0]["incident"])
        action = incident["pending"]
        _BY_ITSELF[action["type"]](state, incident, datetime.fromisoformat(action["at"]))


def _escalate_by_itself(state: State, incident: Document, at: datetime) -> None:
    level = incident["level"] + 1
    if level > len(require(state, POLICY, incident["policy"])["rules"]):
        level, incident["loops"] = 1, incident["loops"] + 1
        log(state, incident, "repeat_escalation_path", at, "Escalation path repeated")
    escalate(state, incident, level, None, at)


_BY_ITSELF: dict[str, Callable[[State, Document, datetime], None]] = {
    "escalate": _escalate_by_itself,
    "unacknowledge": lambda state, incident, at: unacknowledge(state, incident, None, at),
}


def _next_escalation(state: State, incident: Document, at: datetime) -> Document | None:
    """When the next level is paged. Low urgency never escalates (PagerDuty's "Configurable Service Settings")."""
    policy = require(state, POLICY, incident["policy"])
    last = incident["level"] >= len(policy["rules"]) and incident["loops"] >= policy["loops"]
    if last or incident["urgency"] == "low" or incident["via"] != "escalation_policy":
        return None
    return _later("escalate", at, 60 * int(policy["rules"][incident["level"] - 1]["delay"]))


def _later(kind: str, at: datetime, seconds: int) -> Document:
    return {"type": kind, "at": iso(at + timedelta(seconds=seconds))}


def _hand_to(
    state: State, incident: Document, users: list[str], at: datetime, kind: str, agent: Agent | None = None
) -> None:
    """Assign it, say so in the log (`assign` or `escalate`), and notify each of them."""
    incident["assigned"] = [{"user": user, "at": iso(at)} for user in users]
    done = {"assign": "Assigned", "escalate": "Escalated"}[kind]
    by = f" by {names(state, [agent['id']])}" if agent else " by timeout" if kind == "escalate" else ""
    log(state, incident, kind, at, f"{done} to {names(state, users)}{by}", agent=agent, assignees=users)
    for user in users:
        sent = {"type": "push_notification", "address": None, "status": "success"}
        channel = {"type": "auto", "notification": sent}
        log(state, incident, "notify", at, f"Notified {names(state, [user])} by push", channel=channel, user=user)


def _turn(state: State, incident: Document, status: str, agent: Agent, at: datetime) -> None:
    """Write it back in a status, and where that is a new one, since when and through whom."""
    incident["updated"] = iso(at)
    if status != "resolved":
        incident["resolved"] = None
    if status != incident["status"]:
        incident.update(status=status, changed=iso(at), changed_by=agent)
    save(state, incident)
