"""What the sandbox's PagerDuty answers, held against PagerDuty's own description of its API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from secops_oncall.sandbox import cast
from tests.conftest import SHARED

# Fields that the service sends as null though the description doesn't say so (specs/README.md).
NULLS = {
    "Incident": {"incident_key", "priority", "resolve_reason", "resolved_at", "conference_bridge"},
    "Service": {"acknowledgement_timeout", "auto_resolve_timeout"},
}
INCLUDES = ["acknowledgers", "assignees", "users", "services", "teams", "escalation_policies", "conference_bridge"]

Check = Callable[[str, Any], None]


def nullable(schema: Any) -> Any:
    """OpenAPI's `nullable` in JSON Schema's own words, everywhere in a schema."""
    if isinstance(schema, list):
        return [nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    read = {key: nullable(value) for key, value in schema.items()}
    if read.pop("nullable", None) is True and isinstance(read.get("type"), str):
        read["type"] = [read["type"], "null"]
    return read


def allow_null(schemas: dict[str, Any], name: str, fields: set[str]) -> None:
    for part in schemas[name]["allOf"]:
        for field in fields & set(part.get("properties", {})):
            part["properties"][field] = {"anyOf": [{"type": "null"}, part["properties"][field]]}


@pytest.fixture(scope="session")
def description() -> Any:
    """The official description, read as JSON Schema; the test is skipped where it is absent."""
    path = SHARED / "specs" / "pagerduty-rest-openapi3.json"
    if not path.is_file():
        pytest.skip("../shared is absent: the official description can't be compared with")
    spec = nullable(json.loads(path.read_text("utf-8")))
    for name, fields in NULLS.items():
        allow_null(spec["components"]["schemas"], name, fields)
    return spec


@pytest.fixture(scope="session")
def check(description: Any) -> Check:
    """Hold an answer against a named schema."""
    registry: Registry[Any] = Registry().with_resource("spec", DRAFT202012.create_resource(description))

    def validate(name: str, answer: Any) -> None:
        schema = {"$ref": f"spec#/components/schemas/{name}"}
        errors = list(Draft202012Validator(schema, registry=registry).iter_errors(answer))
        assert not errors, [f"{error.json_path}: {error.message[:200]}" for error in errors]

    return validate


@pytest.mark.parametrize("includes", [[], INCLUDES], ids=["references", "whole"])
def test_incidents(pagerduty: Any, check: Check, includes: list[str]) -> None:
    found = list(pagerduty.iter_all("/incidents", params={"date_range": "all", "include[]": includes}))
    assert len(found) == len(cast.PAGES)
    for incident in found:
        check("Incident", incident)


def test_changed_incidents(pagerduty: Any, check: Check) -> None:
    for status in ("acknowledged", "resolved", "triggered"):
        change = {"type": "incident_reference", "status": status}
        check("Incident", pagerduty.rput("/incidents/Q1MISSEDEDR0004", json=change))


def test_lists_say_where_they_are(pagerduty: Any, check: Check) -> None:
    check("Pagination", pagerduty.get("/incidents", params={"total": "true"}).json())


def test_on_calls(pagerduty: Any, check: Check) -> None:
    entries = pagerduty.rget("/oncalls")
    assert len(entries) == 2
    for entry in entries:
        check("Oncall", entry)


def test_users_and_their_contact_methods(pagerduty: Any, check: Check) -> None:
    check("User", pagerduty.rget("/users/me"))
    for user in pagerduty.rget("/users"):
        check("User", user)
        for method in pagerduty.rget(f"/users/{user['id']}/contact_methods"):
            check("EmailContactMethod" if method["type"].startswith("email") else "PhoneContactMethod", method)


def test_policies_schedules_and_services(pagerduty: Any, check: Check) -> None:
    check("EscalationPolicy", pagerduty.rget("/escalation_policies/PSECRSP"))
    check("Schedule", pagerduty.rget("/schedules/PSENGIN", params={"since": "2026-11-23T00:00:00Z"}))
    for key in cast.SERVICES:
        check("Service", pagerduty.rget(f"/services/{key}"))


def test_overrides(pagerduty: Any, check: Check) -> None:
    window = {"since": "2026-11-23T00:00:00Z", "until": "2026-12-23T00:00:00Z"}
    (override,) = pagerduty.rget("/schedules/PSENGIN/overrides", params=window)
    check("Override", override)


def test_alerts_whose_details_are_objects_and_notes(pagerduty: Any, check: Check) -> None:
    for page in cast.PAGES:
        for alert in pagerduty.rget(f"/incidents/{page.id}/alerts"):
            if not isinstance(alert["body"].get("details"), str):  # a string is sent too, and not described
                check("Alert", alert)
        for note in pagerduty.rget(f"/incidents/{page.id}/notes"):
            check("IncidentNote", note)


def test_responder_requests(pagerduty: Any, check: Check) -> None:
    targets = [{"responder_request_target": {"id": "PDANA04", "type": "user_reference"}}]
    body = {"requester_id": "PANA001", "message": "Please help", "responder_request_targets": targets}
    check("ResponderRequest", pagerduty.rpost("/incidents/Q1MISSEDEDR0004/responder_requests", json=body))
    incident = pagerduty.rget("/incidents/Q1MISSEDEDR0004")
    check("Incident", incident)
    (asked,) = incident["incidents_responders"]
    check("IncidentsRespondersReference", asked)


def test_a_wrong_answer_is_noticed(pagerduty: Any, check: Check) -> None:
    incident = pagerduty.rget("/incidents/Q1MISSEDEDR0004")
    for wrong in ({"status": "acked"}, {"created_at": None}, {"pending_actions": [{"type": "wake"}]}):
        with pytest.raises(AssertionError):
            check("Incident", {**incident, **wrong})
