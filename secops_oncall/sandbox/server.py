"""The three services behind one loopback socket, in a thread of this process or in the foreground."""

import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response as Answer

from secops_oncall.errors import UsageError
from secops_oncall.sandbox import scenario
from secops_oncall.sandbox.application import HANG_UP, PARKED, application
from secops_oncall.sandbox.gate import Parked
from secops_oncall.sandbox.services import KEY, Clock, Services
from secops_oncall.sandbox.store import Store


class _Handler(WSGIRequestHandler):
    """Keeps the connection from request to request, as the real services do; werkzeug's own closes it after each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        length = int(self.headers.get("Content-Length") or 0)
        environ["wsgi.input"] = BytesIO(self.rfile.read(length))
        environ[KEY] = self.server.services  # type: ignore[attr-defined]
        held: list[Parked] = []
        environ[PARKED] = held  # in a list of its own: the application works on a copy of the environment
        try:
            self._answer(environ)
        finally:
            for parked in held:
                parked.answered.set()

    def _answer(self, environ: dict[str, Any]) -> None:
        answer = Answer.from_app(self.server.app, environ, buffered=True)
        if HANG_UP in answer.headers:
            self.close_connection = True
            return
        self.send_response_only(answer.status_code)  # without this machine's time, which a test may not go by
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.get_data())
        self.wfile.flush()

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: the terminal is the engineer's."""


class _Server(ThreadedWSGIServer):
    """A server that hangs up on everybody when it stops, so that no kept connection is answered afterwards."""

    def __init__(self, listening: socket.socket, services: Services) -> None:
        host, port = listening.getsockname()
        super().__init__(host, port, application(), _Handler, fd=listening.fileno())
        self.services = services
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
        self.services = Services(Store(folder / "sandbox.sqlite3"), clock)
        self.store, self.log, self.gate = self.services.store, self.services.log, self.services.gate
        self.reseeded = scenario.ensure(self.store, clock())
        self._server = _Server(_listen(port) if port else _listen_again(folder / "port"), self.services)
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
