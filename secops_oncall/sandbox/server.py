"""The three services behind one loopback socket, in a thread of this process or in the foreground."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from secops_oncall.sandbox import cast, gitlab, pagerduty, scenario, slack
from secops_oncall.sandbox.control import Fault, Log, Seen, take_fault
from secops_oncall.sandbox.store import Store

Clock = Callable[[], datetime]


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive, as the real services have it

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: the terminal is the engineer's."""


class _Dropped(Exception):
    """The connection was cut on purpose."""


@dataclass(frozen=True)
class Addresses:
    """Where the sandbox listens: what goes into `pagerduty.url`, `gitlab.url` and `slack.url`."""

    pagerduty: str
    gitlab: str
    slack: str


class Sandbox:
    """An embedded PagerDuty, GitLab and Slack over one state folder.

    `folder` keeps the state from run to run; `clock` answers the time (aware, UTC). A shift that has ended is
    replaced by a new one, and `reseeded` is then true.
    """

    def __init__(self, folder: Path, *, clock: Clock = lambda: datetime.now(UTC), port: int = 0) -> None:
        self.store = Store(folder / "sandbox.sqlite3")
        self.log = Log()
        self.clock = clock
        self.reseeded = scenario.ensure(self.store, clock())
        self._server = make_server("127.0.0.1", port, self._application(), threaded=True, request_handler=_Handler)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        base = f"http://127.0.0.1:{self._server.server_port}"
        self.addresses = Addresses(f"{base}/pagerduty", f"{base}/gitlab", f"{base}/slack/api/")

    def start(self) -> "Sandbox":
        """Serve from a daemon thread, gone with the process."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def serve(self) -> None:
        """Serve in the foreground, until Ctrl-C."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def _application(self) -> Flask:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = Flask("secops_oncall.sandbox", static_folder=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        app.register_blueprint(pagerduty.blueprint, url_prefix="/pagerduty")
        app.register_blueprint(gitlab.blueprint, url_prefix="/gitlab/api/v4")
        app.register_blueprint(slack.blueprint, url_prefix="/slack/api")
        app.before_request(self._enter)
        app.after_request(self._leave)
        app.teardown_request(self._close)
        return app

    def _enter(self) -> Response | tuple[Response, int] | None:
        g.start, g.now = time.monotonic(), self.clock()
        g.fault = take_fault(self.store, request.method, request.full_path.rstrip("?"))
        fault: Fault | None = g.fault
        if fault and fault.drop and not fault.after:
            _cut()
        if fault and fault.status:
            return jsonify({"error": {"message": "Told to fail", "code": 2000}, "message": "Told to fail"}), fault.status
        g.transaction = self.store.state()
        g.state = g.transaction.__enter__()
        pagerduty.elapse(g.state, g.now)
        return None

    def _leave(self, response: Response) -> Response:
        """Put the sandbox's own address where stored text names GitLab, and note the request."""
        if response.mimetype == "application/json":
            here = request.host_url.rstrip("/") + "/gitlab"
            response.set_data(response.get_data(as_text=True).replace(cast.GITLAB_ORIGIN, here))
        query = request.query_string.decode("utf-8", "replace")
        self.log.add(Seen(request.method, request.path, query, response.status_code, g.start, time.monotonic()))
        return response

    def _close(self, error: BaseException | None) -> None:
        transaction = g.pop("transaction", None)
        if transaction is not None:
            transaction.__exit__(type(error) if error else None, error, None)
        fault = g.get("fault")
        if fault and fault.drop and fault.after:
            _cut()


def _cut() -> None:
    """Close this request's connection without an answer."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    raise _Dropped
