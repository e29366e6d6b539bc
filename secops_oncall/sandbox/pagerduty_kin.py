"""The sandbox's PagerDuty, what a plan adds to an incident: past and related ones, and custom field values."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import wire
from secops_oncall.sandbox.pagerduty_records import INCIDENT
from secops_oncall.sandbox.pagerduty_requests import found
from secops_oncall.sandbox.pagerduty_shapes import API
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("kin", __name__)
_AT_ONCE = timedelta(hours=1)
_RELATED = 20  # the most recent ones (api-schema, getRelatedIncidents)
_FIELD = {
    "id": "PFIELD1",
    "type": "field_value",
    "name": "environment",
    "display_name": "Environment",
    "description": "Where it happened",
    "data_type": "string",
    "field_type": "single_value_fixed",
    "value": "production",
}


@blueprint.get("/incidents/<key>/past_incidents")
def _past(key: str) -> ResponseReturnValue:
    """Resolved incidents of the same service, five unless `limit` says otherwise (api-schema, getPastIncidents)."""
    this, limit = found(INCIDENT, key), int(wire.arg("limit", "5"))
    alike = [each for each in wire.state().all(INCIDENT, "resolved") if each["service"] == this["service"]]
    past = [{"incident": _brief(each), "score": 46.8} for each in _newest(alike) if each["id"] != this["id"]]
    return jsonify({"past_incidents": past[:limit], "total": len(past), "limit": limit})


@blueprint.get("/incidents/<key>/related_incidents")
def _related(key: str) -> ResponseReturnValue:
    """Open incidents of other services that began within an hour of this one."""
    this = found(INCIDENT, key)
    began = datetime.fromisoformat(this["created"])
    still_open = [each for status in ("triggered", "acknowledged") for each in wire.state().all(INCIDENT, status)]
    near = [
        each
        for each in still_open
        if each["service"] != this["service"] and abs(datetime.fromisoformat(each["created"]) - began) <= _AT_ONCE
    ]
    why = {"type": "machine_learning_inferred", "metadata": {"grouping_classification": "similar_contents"}}
    related = [{"incident": _brief(each), "relationships": [why]} for each in _newest(near)]
    return jsonify({"related_incidents": related[:_RELATED]})


@blueprint.get("/incidents/<key>/custom_fields/values")
def _custom_fields(key: str) -> ResponseReturnValue:
    """The one field that every incident has here."""
    found(INCIDENT, key)
    return jsonify({"custom_fields": [_FIELD]})


def _newest(incidents: Iterable[Document]) -> list[Document]:
    return sorted(incidents, key=lambda each: str(each["created"]), reverse=True)


def _brief(incident: Document) -> dict[str, Any]:
    address = f"{API}/incidents/{incident['id']}"
    return {
        "id": incident["id"],
        "created_at": incident["created"],
        "self": address,
        "title": incident["title"],
    }
