"""The sandbox's PagerDuty, its incidents: listed, read, changed, snoozed and annotated, with their alerts and log."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast, wire
from secops_oncall.sandbox.pagerduty_changes import annotate, request_responders, snooze
from secops_oncall.sandbox.pagerduty_incident_shapes import IncidentShapes
from secops_oncall.sandbox.pagerduty_records import (
    ALERT,
    ENTRY,
    INCIDENT,
    NOTE,
    NUMBER,
    STATUSES,
    USER,
    abilities,
    entry_id,
    user_agent,
)
from secops_oncall.sandbox.pagerduty_requests import (
    Refused,
    actor,
    flag,
    found,
    include,
    invalid,
    listed,
    moment,
    wrapped,
)
from secops_oncall.sandbox.pagerduty_updates import update
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("incidents", __name__)

_MONTH, _MOST = timedelta(days=30), timedelta(days=180)  # the default window, and the longest (S:3290)
_MOST_AT_ONCE = 250
_LONGEST_SNOOZE = 604_800
_INCLUDES = (
    "acknowledgers",
    "agents",
    "assignees",
    "conference_bridge",
    "escalation_policies",
    "first_trigger_log_entries",
    "priorities",
    "services",
    "teams",
    "users",
)
_FILTERS: dict[str, Callable[[Document], set[str]]] = {  # all of them, and each by any of its values (DD 07-Filtering)
    "user_ids[]": lambda incident: {each["user"] for each in incident["assigned"]},
    "service_ids[]": lambda incident: {incident["service"]},
    "team_ids[]": lambda incident: {cast.TEAM[0]},
    "urgencies[]": lambda incident: {incident["urgency"]},
}
_SORTS: dict[str, Callable[[Document], Any]] = {
    "incident_number": lambda incident: incident["number"],
    "created_at": lambda incident: incident["created"],
    "resolved_at": lambda incident: incident["resolved"] or "",
    "urgency": lambda incident: incident["urgency"] == "high",
}
_ENTRY_INCLUDES = ("incidents", "services", "channels", "teams")
_OVERVIEW = ("trigger", "acknowledge", "unacknowledge", "escalate", "assign", "resolve", "snooze", "annotate")


@blueprint.get("/incidents")
def _incidents() -> ResponseReturnValue:
    statuses = wire.args("statuses[]") or STATUSES
    if not set(statuses) <= set(STATUSES):
        raise invalid("Statuses must be a list of triggered, acknowledged, or resolved")
    window, order = _window(), wire.arg("sort_by")
    asked = ("incidents", *statuses, *window, order, *((name, *wire.args(name)) for name in _FILTERS))
    ids = wire.found_once(asked, lambda: (each["id"] for each in _sorted(_matching(statuses, window), order)))
    shapes = _shapes()
    return jsonify(listed("incidents", ids, lambda key: shapes.incident(found(INCIDENT, key))))


@blueprint.get("/incidents/<ref>")
def _incident(ref: str) -> ResponseReturnValue:
    """By id or by number (S:43202); everything below an incident takes its id only."""
    number = wire.state().get(NUMBER, ref)
    return jsonify({"incident": _shapes().incident(found(INCIDENT, number["incident"] if number else ref))})


@blueprint.put("/incidents")
def _update_all() -> ResponseReturnValue:
    """Up to 250 at once, all or none; what is wrong is said in one error, which names no incident (1.3)."""
    changes = wrapped("incidents")
    if not isinstance(changes, list):
        raise invalid("Incidents must be an array")
    if len(changes) > _MOST_AT_ONCE:
        raise Refused(413, 2001, "Request Entity Too Large", f"At most {_MOST_AT_ONCE} incidents can be updated")
    user, updated = actor(), []
    for change in changes:
        incident = wire.state().get(INCIDENT, str(change.get("id"))) if isinstance(change, dict) else None
        if incident is None:
            raise invalid("Incident not found")
        updated.append(update(wire.state(), incident, change, user, g.now))
    shapes = _shapes()
    return jsonify({"incidents": [shapes.incident(incident) for incident in updated]})


@blueprint.put("/incidents/<key>")
def _update(key: str) -> ResponseReturnValue:
    incident, change, user = found(INCIDENT, key), wrapped("incident"), actor()
    return jsonify({"incident": _shapes().incident(update(wire.state(), incident, change, user, g.now))})


@blueprint.post("/incidents/<key>/snooze")
def _snooze(key: str) -> ResponseReturnValue:
    """Only an acked incident can be snoozed (PagerDuty's "Snooze an Incident")."""
    incident, seconds, user = found(INCIDENT, key), wrapped("duration"), actor()
    if incident["status"] != "acknowledged":
        raise Refused(400, 1012, "Incident Not Acknowledged")
    if not isinstance(seconds, int) or not 1 <= seconds <= _LONGEST_SNOOZE:
        raise Refused(400, 1013, "Invalid Snooze Duration", f"Duration must be from 1 to {_LONGEST_SNOOZE}")
    snooze(wire.state(), incident, seconds, user_agent(user), g.now)
    return jsonify({"incident": _shapes().incident(incident)}), 201


@blueprint.get("/incidents/<key>/notes")
def _notes(key: str) -> ResponseReturnValue:
    notes = sorted(wire.state().all(NOTE, found(INCIDENT, key)["id"]), key=lambda note: str(note["id"]))
    return jsonify({"notes": [_shapes().note(note) for note in notes]})


@blueprint.post("/incidents/<key>/notes")
def _add_note(key: str) -> ResponseReturnValue:
    incident, note, user = found(INCIDENT, key), wrapped("note"), actor()
    content = note.get("content") if isinstance(note, dict) else None
    if not isinstance(content, str) or not content.strip():
        raise invalid("Content can't be blank")
    return jsonify({"note": _shapes().note(annotate(wire.state(), incident, content, user, g.now))})


@blueprint.post("/incidents/<key>/responder_requests")
def _request_responders(key: str) -> ResponseReturnValue:
    """402 where the account lacks the ability (S:45978); only users are known here, not policies."""
    incident = found(INCIDENT, key)
    if "coordinated_responding" not in abilities(wire.state()):
        raise Refused(402, 2014, "Account does not have the ability to perform this action")
    requester, message = str(wrapped("requester_id")), wrapped("message")
    if wire.state().get(USER, requester) is None:
        raise Refused(400, 1008, "Requester User Not Found")
    try:
        targets = [each["responder_request_target"] for each in wrapped("responder_request_targets")]
        users = [str(each["id"]) for each in targets if each["type"] == "user_reference"]
    except (TypeError, KeyError):
        raise invalid("Responder request targets must have a target") from None
    if not users or len(users) < len(targets) or any(wire.state().get(USER, user) is None for user in users):
        raise invalid("Responder request targets must be users")
    if incident["status"] == "resolved":
        raise Refused(400, 1001, "Incident Already Resolved")
    made = request_responders(wire.state(), incident, users, str(message), requester, g.now)
    return jsonify({"responder_request": _shapes().responder_request(made, incident)})


@blueprint.get("/incidents/<key>/alerts")
def _alerts(key: str) -> ResponseReturnValue:
    incident = found(INCIDENT, key)
    shapes = IncidentShapes(wire.state(), include("services", "incidents"))
    alerts = sorted(wire.state().all(ALERT, incident["id"]), key=lambda alert: str(alert["id"]))
    return jsonify(listed("alerts", alerts, lambda alert: shapes.alert(alert, incident)))


@blueprint.get("/incidents/<key>/log_entries")
def _incident_log(key: str) -> ResponseReturnValue:
    first, last = _log_window()
    entries = wire.state().all(ENTRY, found(INCIDENT, key)["id"])
    return _log([entry for entry in entries if first <= entry["id"] < last])


@blueprint.get("/log_entries")
def _account_log() -> ResponseReturnValue:
    teams = wire.args("team_ids[]")
    return _log([] if teams and cast.TEAM[0] not in teams else wire.state().between(ENTRY, *_log_window()))


def _log(entries: list[Document]) -> ResponseReturnValue:
    """Newest first, as the service answers, though it doesn't promise to."""
    if flag("is_overview"):
        entries = [entry for entry in entries if entry["kind"] in _OVERVIEW]
    shapes = IncidentShapes(wire.state(), include(*_ENTRY_INCLUDES))
    entries.sort(key=lambda entry: str(entry["id"]), reverse=True)
    return jsonify(listed("log_entries", entries, shapes.entry))


def _shapes() -> IncidentShapes:
    return IncidentShapes(wire.state(), include(*_INCLUDES))


def _window() -> tuple[str, str]:
    """The window that a list's incidents were created in, as ISO times; a month from the one end that is given."""
    if wire.arg("date_range") == "all":
        return "", "~"
    since, until = moment("since"), moment("until")
    if since is None:
        until = until or g.now
        since = until - _MONTH
    until = until or since + _MONTH
    if until - since > _MOST:
        raise invalid("Date range can't be longer than 6 months")
    return iso(since), iso(until + timedelta(seconds=1))


def _matching(statuses: Sequence[str], window: tuple[str, str]) -> list[Document]:
    """The incidents of some statuses, created in a window, that every filter of the request lets through."""
    filters = [(values, of) for name, of in _FILTERS.items() if (values := set(wire.args(name)))]
    return [
        incident
        for status in dict.fromkeys(statuses)
        for incident in wire.state().all(INCIDENT, status)
        if window[0] <= incident["created"] < window[1] and all(values & of(incident) for values, of in filters)
    ]


def _log_window() -> tuple[str, str]:
    """The ids between which the asked-for log entries lie."""
    since, until = moment("since"), moment("until")
    return entry_id(since) if since else "", entry_id(until) if until else "~"


def _sorted(incidents: list[Document], order: str) -> list[Document]:
    """In the order of `sort_by`: at most two fields, each `:asc` or `:desc`."""
    for each in reversed((order or "incident_number").split(",")[:2]):
        field, _, direction = each.partition(":")
        if field not in _SORTS:
            raise invalid(f"Sort by must be one of {', '.join(_SORTS)}")
        incidents = sorted(incidents, key=_SORTS[field], reverse=direction == "desc")
    return incidents
