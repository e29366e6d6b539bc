"""The sandbox's PagerDuty: REST v2 as far as `oncall` and pdpyras use it, with its rules about who and when."""

import re

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import pagerduty_incidents, pagerduty_kin, pagerduty_people, wire
from secops_oncall.sandbox.cast import PEOPLE, token
from secops_oncall.sandbox.pagerduty_records import USER
from secops_oncall.sandbox.pagerduty_requests import Refused

ACCOUNT_KEY = "sandbox-pagerduty-account"  # belongs to nobody: writes on incidents need a `From`
_AUTHORIZATION = re.compile(r"(?:Token token=|Bearer )(\S+)")

blueprint = Blueprint("pagerduty", __name__)
blueprint.register_blueprint(pagerduty_incidents.blueprint)
blueprint.register_blueprint(pagerduty_kin.blueprint)
blueprint.register_blueprint(pagerduty_people.blueprint)


@blueprint.before_request
def _authenticate() -> None:
    """`Token token=KEY` or `Bearer KEY` (DD 02-Authentication.md:20-24); anything else is 401."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    key = found[1] if found else ""
    users = {token("pagerduty", login): person.pagerduty for login, person in PEOPLE.items()}
    if key not in users and key != ACCOUNT_KEY:
        raise Refused(401, 2006, "Authentication failed")
    g.caller = wire.state().get(USER, users[key]) if key in users else None


@blueprint.errorhandler(Refused)
def _refuse(refused: Refused) -> ResponseReturnValue:
    return jsonify({"error": refused.error}), refused.status
