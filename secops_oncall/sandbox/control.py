"""What a test or a drill may do to the services: fail a request, hold it, park it, and read what was asked.

Over HTTP, for a server in another process: `requests` (GET); `mentions`, those in GitLab (GET); `faults` (POST a Fault,
DELETE); `gate` (POST a Rule, DELETE) and what it holds, `waiting` (GET, and POST `waiting/ID`: lets one through, and
answers when that was answered).
"""

import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_mentions
from secops_oncall.sandbox.gate import Parked, Rule
from secops_oncall.sandbox.services import services
from secops_oncall.sandbox.store import Store

blueprint = Blueprint("control", __name__)


@dataclass(frozen=True)
class Fault:
    """Fail or hold the next `times` requests whose method and path match; -1: every one, until cleared.

    `status` 0 lets the request through (after `hold` seconds); `drop` closes the connection instead of
    answering, before the request is carried out, or `after` it (its fate is then unknown to the client).
    `headers` go with the failed answer: `ratelimit-reset`, `Retry-After`. `skew` is by how many seconds the clock in
    the answer's `Date` is wrong. `user` is the login of the token's owner, in any of the services; nobody named means
    anybody.
    """

    method: str
    path: str  # a regular expression, searched in the path and its decoded query
    status: int = 0
    times: int = 1
    hold: float = 0.0
    drop: bool = False
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    user: str = ""
    skew: float = 0.0


def add_fault(store: Store, fault: Fault) -> None:
    """Keep a fault for the requests to come, in this process and in others on the same state."""
    re.compile(fault.path)
    with store.state() as state:
        number = state.next("fault")
        state.put("fault", number, {"number": number, **asdict(fault)})


def clear_faults(store: Store) -> None:
    """Behave again."""
    with store.state() as state:
        for fault in state.all("fault"):
            state.delete("fault", fault["number"])


def take_fault(store: Store, method: str, path: str, user: str) -> Fault | None:
    """The first fault that this request meets, counted down; its `hold` has been waited out on return."""
    if not store.has_any("fault"):
        return None
    with store.state() as state:
        found = next(
            (
                each
                for each in sorted(state.all("fault"), key=lambda one: int(one["number"]))
                if Rule(each["method"], each["path"], each.get("user", "")).holds(method, path, user)
            ),
            None,
        )
        if found is None:
            return None
        number = found.pop("number")
        if found["times"] == 1:
            state.delete("fault", number)
        elif found["times"] > 1:
            state.put("fault", number, {"number": number, **found, "times": found["times"] - 1})
    fault = Fault(**found)
    time.sleep(fault.hold)
    return fault


@blueprint.errorhandler(TypeError)
@blueprint.errorhandler(re.error)
def _refuse(error: Exception) -> ResponseReturnValue:
    return jsonify({"message": str(error)}), 400


@blueprint.get("/requests")
def _requests() -> ResponseReturnValue:
    return jsonify([asdict(seen) for seen in services().log.seen])


@blueprint.get("/mentions")
def _mentions() -> ResponseReturnValue:
    return jsonify(gitlab_mentions.everybody(services().store))


@blueprint.post("/faults")
def _fail() -> ResponseReturnValue:
    asked: dict[str, Any] = request.get_json()
    add_fault(services().store, Fault(**asked))
    return jsonify(asked), 201


@blueprint.delete("/faults")
def _clear() -> ResponseReturnValue:
    clear_faults(services().store)
    return "", 204


@blueprint.post("/gate")
def _hold() -> ResponseReturnValue:
    asked: dict[str, Any] = request.get_json()
    services().gate.hold(Rule(**asked))
    return jsonify(asked), 201


@blueprint.delete("/gate")
def _open() -> ResponseReturnValue:
    services().gate.open()
    return "", 204


@blueprint.get("/waiting")
def _waiting() -> ResponseReturnValue:
    return jsonify([_shown(parked) for parked in services().gate.waiting()])


@blueprint.post("/waiting/<int:number>")
def _let(number: int) -> ResponseReturnValue:
    parked = services().gate.let(number)
    if parked is None:
        return jsonify({"message": f"no request {number} waits"}), 404
    return jsonify(_shown(parked)), 200 if parked.answered.is_set() else 504


def _shown(parked: Parked) -> dict[str, Any]:
    return {"id": parked.id, "user": parked.user, "method": parked.method, "path": parked.path}
