"""How the API shows an incident of the sandbox's PagerDuty, its alerts, its notes and its log."""

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import ENTRY, INCIDENT, SERVICE, Agent
from secops_oncall.sandbox.pagerduty_shapes import API, Shape, Shapes, head, team
from secops_oncall.sandbox.store import Document

_PRIORITIES = {"P1": "PSLWBL8", "P2": "P53ZZH5", "P3": "PGE9YCZ", "P4": "PVJPWYW", "P5": "P81SUUT"}
_NOTE_CHANNEL = {"summary": "The PagerDuty website or APIs"}


class IncidentShapes(Shapes):
    """The same for incidents and what hangs on them."""

    def incident(self, incident: Document) -> Shape:
        """An incident. A key of its own it has not, since it has alerts (S:2937); its bridge only when asked for."""
        shape = {
            **_head(incident, ""),
            "incident_number": incident["number"],
            "title": incident["title"],
            "description": incident["title"],
            "status": incident["status"],
            "urgency": incident["urgency"],
            "priority": self._priority(incident["priority"]),
            "incident_key": None,
            "incident_type": {"name": "incident_default"},
            "is_mergeable": incident["status"] != "resolved",
            "service": self.named("service", incident["service"], "services"),
            "escalation_policy": self.named("escalation_policy", incident["policy"], "escalation_policies"),
            "teams": [team(whole=self._asked("teams"))],
            "first_trigger_log_entry": self._first_entry(incident),
            "alert_counts": _alert_counts(incident),
            "pending_actions": [incident["pending"]] if incident["pending"] else [],
            **self._people(incident),
            **_times(incident),
            "resolve_reason": None,
            "incidents_responders": [self.responder(each, incident) for each in incident.get("responders", ())],
            "responder_requests": [],
        }
        if self._asked("conference_bridge"):
            shape["conference_bridge"] = incident["bridge"]
        return shape

    def alert(self, alert: Document, incident: Document) -> Shape:
        """An alert, resolved with its incident."""
        service = self._get(SERVICE, incident["service"]) or {}
        base, web = f"{API}/incidents/{incident['id']}", f"{cast.PAGERDUTY_ORIGIN}/alerts/{alert['id']}"
        return {
            "id": alert["id"],
            "type": "alert",
            "summary": incident["title"],
            "self": f"{base}/alerts/{alert['id']}",
            "html_url": web,
            "created_at": alert["at"],
            "status": "resolved" if incident["status"] == "resolved" else "triggered",
            "alert_key": f"{incident['service'].lower()}-{incident['number']}",
            "service": self.named("service", incident["service"], "services"),
            "incident": self.incident(incident) if self._asked("incidents") else _head(incident),
            "suppressed": False,
            "severity": alert["severity"],
            "integration": (self.service(service)["integrations"] if service else [None])[0],
            "body": {"type": "alert_body", **alert["body"]},
        }

    def note(self, note: Document) -> Shape:
        """A note; its author may be told from its `user`."""
        return {
            "id": note["id"],
            "user": self.named("user", note["user"]),
            "channel": _NOTE_CHANNEL,
            "content": note["content"],
            "created_at": note["at"],
            "updated_at": note["at"],
        }

    def responder(self, asked: Document, incident: Document) -> Shape:
        """Somebody who was asked to help, and has not answered."""
        return {
            "state": "pending",
            "user": self.named("user", asked["user"]),
            "incident": _head(incident),
            "updated_at": asked["at"],
            "message": asked["message"],
            "requester": self.named("user", asked["requester"]),
            "requested_at": asked["at"],
        }

    def responder_request(self, made: Document, incident: Document) -> Shape:
        """A request for help, with everybody whom it went to (api-schema, createIncidentResponderRequest)."""
        targets = [
            {
                "responder_request_target": {
                    "type": "user",
                    "id": each["user"],
                    "incidents_responders": [self.responder(each, incident)],
                }
            }
            for each in made["asked"]
        ]
        return {
            "incident": _head(incident),
            "requester": self.named("user", made["requester"]),
            "requested_at": made["at"],
            "message": made["message"],
            "responder_request_targets": targets,
        }

    def entry(self, entry: Document) -> Shape:
        """A log entry, with what only its type has (`assignees`, `user`, `note`, …)."""
        gone = {"id": entry["incident"], "number": 0, "title": ""}  # a log outlives what it is about
        incident = self._get(INCIDENT, entry["incident"])
        shape = {
            **_entry_head(entry, "log_entry"),
            "created_at": entry["at"],
            "agent": self._agent(entry["agent"]),
            "channel": entry["channel"],
            "service": self.named("service", entry["service"], "services"),
            "incident": self.incident(incident) if incident and self._asked("incidents") else _head(incident or gone),
            "teams": [team(whole=self._asked("teams"))],
            "contexts": [],
        }
        only = ("note", "acknowledgement_timeout", "event_details", "changed_actions")
        shape.update({key: entry[key] for key in only if key in entry})
        if "assignees" in entry:
            shape["assignees"] = [self.named("user", user) for user in entry["assignees"]]
        if "user" in entry:
            shape["user"] = self.named("user", entry["user"])
        return shape

    def _people(self, incident: Document) -> Shape:
        """Who has it, who has acked it, and who changed its status last."""
        return {
            "assignments": [
                {"at": each["at"], "assignee": self.named("user", each["user"], "assignees", "users")}
                for each in incident["assigned"]
            ],
            "assigned_via": incident["via"],
            "acknowledgements": [
                {"at": each["at"], "acknowledger": self._acknowledger(each)} for each in incident["acks"]
            ],
            "last_status_change_by": self._agent(incident["changed_by"], "agents", "users"),
        }

    def _acknowledger(self, ack: Document) -> Shape:
        """Who acked: a user, or where the ack says so a service."""
        return self.named(ack.get("type", "user"), ack["user"], "acknowledgers", "users")

    def _agent(self, agent: Agent, *includes: str) -> Shape:
        return self.named(agent["type"], agent["id"], *includes)

    def _priority(self, name: str) -> Shape | None:
        if not name:
            return None
        asked = self._asked("priorities")
        shape = {**head("priority", _PRIORITIES[name], name, "" if asked else "_reference"), "html_url": None}
        return {**shape, "name": name} if asked else shape

    def _first_entry(self, incident: Document) -> Shape:
        entry = self._get(ENTRY, incident["trigger"])
        if entry and self._asked("first_trigger_log_entries"):
            return self.entry(entry)
        stub = {"id": incident["trigger"], "kind": "trigger", "incident": incident["id"]}
        return _entry_head({**stub, "summary": "Triggered through the API"}, "log_entry_reference")


def _head(incident: Document, suffix: str = "_reference") -> Shape:
    return head("incident", incident["id"], f"[#{incident['number']}] {incident['title']}", suffix)


def _entry_head(entry: Document, ending: str) -> Shape:
    key, place = entry["id"], cast.page_url(entry["incident"])
    return {
        "id": key,
        "type": f"{entry['kind']}_{ending}",
        "summary": entry["summary"],
        "self": f"{API}/log_entries/{key}?incident_id={entry['incident']}",
        "html_url": f"{place}/log_entries/{key}",
    }


def _times(incident: Document) -> Shape:
    return {
        "created_at": incident["created"],
        "updated_at": incident["updated"],
        "last_status_change_at": incident["changed"],
        "resolved_at": incident["resolved"],
    }


def _alert_counts(incident: Document) -> Shape:
    count, resolved = incident["alerts"], incident["status"] == "resolved"
    return {"all": count, "triggered": 0 if resolved else count, "resolved": count if resolved else 0}
