"""The three services as one application: how each request goes in and comes out."""

import logging
import time
from datetime import timedelta
from functools import cache
from urllib.parse import unquote

from flask import Flask, Response, g, request

from secops_oncall.sandbox import cast, control, gitlab, pagerduty, slack, wire
from secops_oncall.sandbox.control import Fault, take_fault
from secops_oncall.sandbox.log import Seen
from secops_oncall.sandbox.pagerduty_changes import elapse
from secops_oncall.sandbox.services import services

PARKED = "sandbox.parked"  # in a request's environment: whether the gate held it, and so waits for its answer
HANG_UP = "X-Sandbox-Hang-Up"  # a header that never leaves: close the connection instead of answering


@cache
def application() -> Flask:
    """The one of this process, for any number of servers: each says in a request's environment what it serves."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Flask("secops_oncall.sandbox", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(pagerduty.blueprint, url_prefix="/pagerduty")
    app.register_blueprint(gitlab.blueprint, url_prefix="/gitlab/api/v4")
    app.register_blueprint(slack.blueprint, url_prefix="/slack/api")
    app.register_blueprint(control.blueprint, url_prefix="/sandbox")
    for status in (404, 405, 500):
        app.register_error_handler(status, lambda _, status=status: wire.failure(status))
    app.before_request(_enter)
    app.after_request(_leave)
    app.teardown_request(_close)
    return app


def _enter() -> Response | None:
    """Wait at the gate, meet the faults, then open the transaction that the request is carried out in."""
    if request.blueprint == control.blueprint.name:
        return None
    here = services()
    g.start, g.query = time.monotonic(), unquote(request.query_string.decode("utf-8", "replace"))
    path = f"{request.path}?{g.query}" if g.query else request.path
    user = wire.login()
    parked = here.gate.park(request.method, path, user)
    if parked is not None:
        request.environ[PARKED].append(parked)
    fault = take_fault(here.store, request.method, path, user) or Fault("", "")
    g.drop, g.skew = fault.drop, fault.skew
    if fault.status or (fault.drop and not fault.after):
        response = wire.failure(fault.status or 503)
        response.headers.update(fault.headers)
        return response
    g.now = here.clock()
    g.transaction = here.store.state()
    g.state = g.transaction.__enter__()
    elapse(g.state, g.now)
    return None


def _leave(response: Response) -> Response:
    """Put the sandbox's own time and address where they belong, undo what was refused, note the request."""
    response.date = services().clock() + timedelta(seconds=g.get("skew", 0.0))
    if "start" not in g:
        return response
    if response.mimetype == "application/json":
        here = request.host_url.rstrip("/") + "/gitlab"
        response.set_data(response.get_data(as_text=True).replace(cast.GITLAB_ORIGIN, here))
    if response.status_code >= 400 and "state" in g:
        g.state.discard()
    if g.drop:
        response.headers[HANG_UP] = "1"
    seen = Seen(request.method, request.path, g.query, response.status_code, g.start, time.monotonic())
    services().log.add(seen)
    return response


def _close(error: BaseException | None) -> None:
    """Commit before the answer leaves: who has it may rely on it."""
    transaction = g.pop("transaction", None)
    if transaction is not None:
        transaction.__exit__(type(error) if error else None, error, None)
