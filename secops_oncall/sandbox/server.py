"""The three services behind one loopback socket, in a thread of this process or in the foreground."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, g, request
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response as Answer

from secops_oncall.errors import UsageError
from secops_oncall.sandbox import cast, control, gitlab, pagerduty, scenario, slack, wire
from secops_oncall.sandbox.control import Fault, Log, Seen, take_fault
from secops_oncall.sandbox.gate import Gate, Parked
from secops_oncall.sandbox.store import Store

Clock = Callable[[], datetime]

_PARKED = "sandbox.parked"  # in a request's environment: whether the gate held it, and so waits for its answer
_HANG_UP = "X-Sandbox-Hang-Up"  # a header that never leaves: close the connection instead of answering


class _Handler(WSGIRequestHandler):
    """Keeps the connection from request to request, as the real services do; werkzeug's own closes it after each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        length = int(self.headers.get("Content-Length") or 0)
        environ["wsgi.input"] = BytesIO(self.rfile.read(length))
        held: list[Parked] = []
        environ[_PARKED] = held  # in a list of its own: the application works on a copy of the environment
        try:
            self._answer(environ)
        finally:
            for parked in held:
                parked.answered.set()

    def _answer(self, environ: dict[str, Any]) -> None:
        answer = Answer.from_app(self.server.app, environ, buffered=True)
        if _HANG_UP in answer.headers:
            self.close_connection = True
            return
        self.send_response(answer.status_code)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.get_data())
        self.wfile.flush()

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: the terminal is the engineer's."""


class _Server(ThreadedWSGIServer):
    """A server that hangs up on everybody when it stops, so that no kept connection is answered afterwards."""

    def __init__(self, listening: socket.socket, app: Flask) -> None:
        host, port = listening.getsockname()
        super().__init__(host, port, app, _Handler, fd=listening.fileno())
        listening.close()
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client who left before the answer: the terminal is the engineer's."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        for connection in self._open.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Addresses:
    """Where the sandbox listens: what goes into `pagerduty.url`, `gitlab.url` and `slack.url`."""

    pagerduty: str
    gitlab: str
    slack: str


class Sandbox:
    """An embedded PagerDuty, GitLab and Slack over one state folder.

    `folder` keeps the state from run to run; `clock` answers the time (aware, UTC). A shift that has ended is
    replaced by a new one, and `reseeded` is then true. Raises UsageError where the port is taken.
    """

    def __init__(self, folder: Path, *, clock: Clock = lambda: datetime.now(UTC), port: int = 0) -> None:
        self.store = Store(folder / "sandbox.sqlite3")
        self.log = Log()
        self.gate = Gate()
        self.clock = clock
        self.reseeded = scenario.ensure(self.store, clock())
        self._server = _Server(_listen(port) if port else _listen_again(folder / "port"), self._application())
        self._thread: threading.Thread | None = None
        base = f"http://127.0.0.1:{self._server.port}"
        self.addresses = Addresses(f"{base}/pagerduty", f"{base}/gitlab", f"{base}/slack/api/")

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> "Sandbox":
        """Serve from a daemon thread, gone with the process."""
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serve in the foreground, until Ctrl-C."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Stop answering, and close every connection."""
        if self._thread:
            self._server.shutdown()
        self.gate.open()
        self._server.server_close()
        self._server.hang_up()

    def _application(self) -> Flask:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = Flask("secops_oncall.sandbox", static_folder=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        app.register_blueprint(pagerduty.blueprint, url_prefix="/pagerduty")
        app.register_blueprint(gitlab.blueprint, url_prefix="/gitlab/api/v4")
        app.register_blueprint(slack.blueprint, url_prefix="/slack/api")
        app.register_blueprint(control.endpoints(self.store, self.log, self.gate), url_prefix="/sandbox")
        for status in (404, 405, 500):
            app.register_error_handler(status, lambda _, status=status: wire.failure(status))
        app.before_request(self._enter)
        app.after_request(self._leave)
        app.teardown_request(self._close)
        return app

    def _enter(self) -> Response | None:
        """Wait at the gate, meet the faults, then open the transaction that the request is carried out in."""
        if (request.blueprint or "").partition(".")[0] == "control":
            return None
        g.start, g.query = time.monotonic(), unquote(request.query_string.decode("utf-8", "replace"))
        path = f"{request.path}?{g.query}" if g.query else request.path
        user = wire.login()
        parked = self.gate.park(request.method, path, user)
        if parked is not None:
            request.environ[_PARKED].append(parked)
        fault = take_fault(self.store, request.method, path, user) or Fault("", "")
        g.drop = fault.drop
        if fault.status or (fault.drop and not fault.after):
            response = wire.failure(fault.status or 503)
            response.headers.update(fault.headers)
            return response
        g.now = self.clock()
        g.transaction = self.store.state()
        g.state = g.transaction.__enter__()
        pagerduty.elapse(g.state, g.now)
        return None

    def _leave(self, response: Response) -> Response:
        """Put the sandbox's own address where stored text names GitLab, undo what was refused, note the request."""
        if "start" not in g:
            return response
        if response.mimetype == "application/json":
            here = request.host_url.rstrip("/") + "/gitlab"
            response.set_data(response.get_data(as_text=True).replace(cast.GITLAB_ORIGIN, here))
        if response.status_code >= 400 and "state" in g:
            g.state.discard()
        if g.drop:
            response.headers[_HANG_UP] = "1"
        self.log.add(Seen(request.method, request.path, g.query, response.status_code, g.start, time.monotonic()))
        return response

    def _close(self, error: BaseException | None) -> None:
        """Commit before the answer leaves: who has it may rely on it."""
        transaction = g.pop("transaction", None)
        if transaction is not None:
            transaction.__exit__(type(error) if error else None, error, None)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(f"Port {port} can't be listened on: {error.strerror}", "Name another port.") from error


def _listen_again(file: Path) -> socket.socket:
    """Listen where the sandbox listened before, if nobody does now: addresses stay good from command to command."""
    with suppress(OSError, ValueError, OverflowError):
        return socket.create_server(("127.0.0.1", int(file.read_text("utf-8"))))
    listening = _listen(0)
    if not file.exists():
        file.write_text(str(listening.getsockname()[1]), "utf-8")
    return listening
