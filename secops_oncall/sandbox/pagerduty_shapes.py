"""How the API shows what the sandbox's PagerDuty keeps: every object with its references, or included whole."""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE, SERVICE, USER
from secops_oncall.sandbox.store import Document, State

Shape = dict[str, Any]

API = "https://api.pagerduty.com"
_API_PATHS = {"escalation_policy": "escalation_policies", "priority": "priorities"}
_WEB_PATHS = {"service": "service-directory"}  # where the web's path differs from the API's
_KINDS = {"user": USER, "service": SERVICE, "escalation_policy": POLICY, "schedule": SCHEDULE}
_INTEGRATION = "events_api_v2_inbound_integration_reference"


def head(kind: str, key: str, summary: str, suffix: str = "_reference") -> Shape:
    """The five fields of every object and reference: `id type summary self html_url` (the spec's Reference)."""
    path = _API_PATHS.get(kind, f"{kind}s")
    web = f"{cast.PAGERDUTY_ORIGIN}/{_WEB_PATHS.get(kind, path)}/{key}"
    return {"id": key, "type": kind + suffix, "summary": summary, "self": f"{API}/{path}/{key}", "html_url": web}


def team(whole: bool = False) -> Shape:
    """The one team of the practice account."""
    key, name = cast.TEAM
    more = {"name": name, "description": f"{name}: who answers the pages", "default_role": "manager"}
    return {**head("team", key, name, ""), **more} if whole else head("team", key, name)


class Shapes:
    """Shows the documents of one state; `include` are the request's `include[]`, which show whole what they name."""

    def __init__(self, state: State, include: Collection[str] = ()) -> None:
        self._state = state
        self._include = set(include)
        self._found: dict[tuple[str, str], Document | None] = {}
        self._whole: dict[str, Callable[[Document], Shape]] = {
            "user": self.user,
            "service": self.service,
            "escalation_policy": self.policy,
            "schedule": self.schedule,
        }

    def named(self, kind: str, key: str, *includes: str) -> Shape:
        """A reference to a user, service, escalation policy or schedule: whole, if one of `includes` was asked for."""
        found = self._get(_KINDS[kind], key)
        if found and self._asked(*includes):
            return self._bare._whole[kind](found)
        return head(kind, key, found["name"] if found else key)

    @cached_property
    def _bare(self) -> "Shapes":
        """For what is included: that has references only, else a policy and its services would include each other."""
        return Shapes(self._state)

    def user(self, user: Document) -> Shape:
        """A user; contact methods are references unless they were asked for."""
        methods = self.contact_methods(user)
        if "contact_methods" not in self._include:
            methods = [_reference(method) for method in methods]
        return {
            **head("user", user["id"], user["name"], ""),
            "name": user["name"],
            "email": user["email"],
            "time_zone": user["time_zone"],
            "color": "purple",
            "role": "user",
            "avatar_url": "https://pd-static-assets.pagerduty.com/users/blank-avatar.png",
            "description": None,
            "invitation_sent": False,
            "job_title": user["job_title"],
            "teams": [team()],
            "contact_methods": methods,
            "notification_rules": [],
        }

    def contact_methods(self, user: Document) -> list[Shape]:
        """A user's telephone, SMS and e-mail, whole."""
        base = f"{API}/users/{user['id']}/contact_methods"
        return [
            {**method, "summary": method["label"], "self": f"{base}/{method['id']}", "html_url": None}
            for method in user["contact_methods"]
        ]

    def service(self, service: Document) -> Shape:
        """A service, and the integration that its alerts come from."""
        shape = head("service", service["id"], service["name"], "")
        source = f"/integrations/{service['id']}I"
        return {
            **shape,
            "name": service["name"],
            "description": f"Alerts of: {service['integration']}",
            "auto_resolve_timeout": None,
            "acknowledgement_timeout": service["acknowledgement_timeout"],
            "status": "active",
            "escalation_policy": self.named("escalation_policy", service["policy"], "escalation_policies"),
            "teams": [team()],
            "integrations": [
                {
                    "id": f"{service['id']}I",
                    "type": _INTEGRATION,
                    "summary": service["integration"],
                    "self": f"{shape['self']}{source}",
                    "html_url": f"{shape['html_url']}{source}",
                }
            ],
            "incident_urgency_rule": {"type": "constant", "urgency": "severity_based"},
            "alert_creation": "create_alerts_and_incidents",
        }

    def policy(self, policy: Document) -> Shape:
        """An escalation policy; a level's number is the place of its rule in the list, from 1."""
        rules = [
            {
                "id": f"{policy['id']}{level}",
                "escalation_delay_in_minutes": rule["delay"],
                "targets": [
                    self.named(target["type"].removesuffix("_reference"), target["id"], "targets")
                    for target in rule["targets"]
                ],
            }
            for level, rule in enumerate(policy["rules"], start=1)
        ]
        return {
            **head("escalation_policy", policy["id"], policy["name"], ""),
            "name": policy["name"],
            "description": "Who is paged, and who after them",
            "escalation_rules": rules,
            "services": [self.named("service", each, "services") for each in policy["services"]],
            "num_loops": policy["loops"],
            "on_call_handoff_notifications": "if_has_services",
            "teams": [team()],
        }

    def schedule(self, schedule: Document) -> Shape:
        """A schedule as lists have it, without its turns."""
        users = dict.fromkeys(turn["user"] for turn in schedule["turns"])
        return {
            **head("schedule", schedule["id"], schedule["name"], ""),
            "name": schedule["name"],
            "time_zone": schedule["time_zone"],
            "description": schedule["name"],
            "escalation_policies": [self.named("escalation_policy", each) for each in schedule["policies"]],
            "users": [self.named("user", user) for user in users],
            "teams": [team()],
        }

    def oncall(self, entry: Document) -> Shape:
        """An entry of `pagerduty_rota.oncalls`."""
        place = entry["schedule"]
        return {
            "escalation_policy": self.named("escalation_policy", entry["policy"], "escalation_policies"),
            "escalation_level": entry["level"],
            "schedule": self.named("schedule", place, "schedules") if place else None,
            "user": self.named("user", entry["user"], "users"),
            "start": entry["start"],
            "end": entry["end"],
        }

    def _get(self, kind: str, key: str) -> Document | None:
        """A document, read once for all the references to it."""
        if (kind, key) not in self._found:
            self._found[kind, key] = self._state.get(kind, key)
        return self._found[kind, key]

    def _asked(self, *includes: str) -> bool:
        return not self._include.isdisjoint(includes)


def _reference(whole: Shape) -> Shape:
    """An object cut down to a reference to it."""
    kept = {key: whole[key] for key in ("id", "summary", "self", "html_url")}
    return {**kept, "type": f"{whole['type']}_reference"}
