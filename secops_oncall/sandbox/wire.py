"""Reading a request and failing it: its JSON and its query, and each service's own words for no."""

import json
import re
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any

from flask import Response, g, jsonify, request

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.services import services
from secops_oncall.sandbox.store import State

_PAGERDUTY_CODES = {401: 2006, 403: 2010, 404: 2100, 429: 2020}
_SLACK_WORDS = {429: "ratelimited", 503: "service_unavailable"}
_TOO_MANY = {"error": "This endpoint has been requested too many times. Try again later."}  # GitLab's rate_limiter.rb
_TOKEN = re.compile(r"sandbox-(?:pagerduty|gitlab|slack)-([a-z]+)")


def state() -> State:
    """The state that this request reads and writes, one transaction a request: an answer of 400 or more undoes it."""
    found: State = g.state
    return found


def login() -> str:
    """Whose token a request has, whatever the service, or whom it speaks for; empty for a stranger's."""
    sent = request.headers.get("PRIVATE-TOKEN") or request.headers.get("Authorization") or request.args.get("token", "")
    found = _TOKEN.search(sent)
    speaks_for = request.headers.get("From", "").partition("@")[0]
    return "" if found is None else speaks_for if found[1] == "account" else found[1]


def body() -> Any:
    """The request's JSON (`{}` where there is none); raises ValueError where it isn't JSON."""
    text = request.get_data(as_text=True)
    return json.loads(stored(text)) if text.strip() else {}


def args(name: str) -> list[str]:
    """Every value of a query parameter, in the order they were sent."""
    return [stored(value) for value in request.args.getlist(name)]


def arg(name: str, default: str = "") -> str:
    """The last value of a query parameter, as Rails has it."""
    return (args(name) or [default])[-1]


def stored(text: str) -> str:
    """Text with this server's address of GitLab as the store keeps it."""
    return text.replace(request.host_url.rstrip("/") + "/gitlab", cast.GITLAB_ORIGIN)


def found_once(asked: object, find: Callable[[], Iterable[str]]) -> list[str]:
    """The keys of what a list holds, found once for all of its pages, as long as nobody has written."""
    here, version = services(), state().version
    if here.kept_at != version:
        here.kept, here.kept_at = {}, version
    if asked not in here.kept:
        here.kept[asked] = list(find())
    return here.kept[asked]


def failure(status: int) -> Response:
    """The asked service's own shape of an answer that its code has no part in: told to fail, a bug, an unknown path."""
    phrase = responses.get(status, "Error")
    code = _PAGERDUTY_CODES.get(status, 2000)
    message: Any = _TOO_MANY if status == 429 else f"{status} {phrase}"
    shapes: dict[str, Any] = {
        "pagerduty": {"error": {"message": phrase, "code": code, "errors": [phrase]}},
        "gitlab": {"error" if status in (404, 405) else "message": message},
        "slack": {"ok": False, "error": _SLACK_WORDS.get(status, "internal_error")},
    }
    response = jsonify(shapes.get(request.path.split("/")[1], {"message": phrase}))
    response.status_code = status
    return response
