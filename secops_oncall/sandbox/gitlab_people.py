"""The sandbox's GitLab on itself: who a token belongs to and what it may do, its users, and its version."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_records import USERS, stamp
from secops_oncall.sandbox.gitlab_requests import Refused, caller, now, page

VERSION = "18.1.1-ee"
REVISION = "ceb07b24cb0"
_TOKEN_IS_OLD = timedelta(days=90)
_NOT_PERSONAL = "400 Bad request - This endpoint requires token type to be a personal access token"

blueprint = Blueprint("people", __name__)


@blueprint.get("/user")
def _user() -> Response:
    return jsonify(gitlab_shapes.current_user(caller().number))


@blueprint.get("/users")
def _users() -> ResponseReturnValue:
    """Users by `username` (whole, whatever its case) or `search` (a part of the name)."""
    login, words = wire.arg("username").lower(), wire.arg("search").lower()
    found = [
        number
        for number, user in sorted(USERS.items(), reverse=True)
        if login in ("", user.login) and (words in user.name.lower() or words in user.login)
    ]
    return page(found, gitlab_shapes.user)


@blueprint.get("/personal_access_tokens/self")
def _token() -> Response:
    who = caller()
    if not who.personal:
        raise Refused(400, {"message": _NOT_PERSONAL})
    last = None if who.days is None else (now() + timedelta(days=who.days)).date().isoformat()
    return jsonify(
        {
            "id": who.number,
            "name": "oncall",
            "description": None,
            "revoked": False,
            "created_at": stamp(now() - _TOKEN_IS_OLD),
            "scopes": [who.scope],
            "user_id": who.number,
            "last_used_at": stamp(now()),
            "active": True,
            "expires_at": last,
        }
    )


@blueprint.get("/version")
def _version() -> Response:
    return jsonify({"version": VERSION, "revision": REVISION})


@blueprint.get("/metadata")
def _metadata() -> Response:
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    return jsonify({"version": VERSION, "revision": REVISION, "kas": kas, "enterprise": True})
