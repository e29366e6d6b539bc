"""What the clients are tried on: the sandbox, and a small service that answers exactly what a test tells it."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.issues import GitLabUser
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import new_issue, save
from secops_oncall.sandbox.pagerduty_changes import trigger
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock, clock, sandbox  # noqa: F401 - the fixtures of the sandbox

ANA = GitLabUser(11, "ana", "Ana Ferreira")


@dataclass(frozen=True)
class Reply:
    """What the small service answers: `drop` hangs up instead, `hold` seconds later."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    drop: bool = False
    hold: float = 0.0


@dataclass(frozen=True)
class Request:
    """One request that the small service got."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


Answering = Callable[[Request], Reply]


class Service:
    """A service on a loopback socket: `replies` one after the other, the last for ever; or what `answering` says.

    With a context it is reached by TLS.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.replies: list[Reply] = [Reply()]
        self.answering: Answering | None = None
        self.seen: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.address = f"http://127.0.0.1:{self.port}"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.address = f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, request: Request) -> Reply:
        self.seen.append(request)
        if self.answering:
            return self.answering(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(sent) if "json" in headers.get("content-type", "") and sent else sent.decode() or None
            reply = service.reply(Request(self.command, self.path, headers, body))
            time.sleep(reply.hold)
            if reply.drop:
                # A reset, so that nobody takes it for the orderly end of an idle connection.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            content = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            headers = {"Content-Type": reply.kind, "Content-Length": str(len(content)), **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # who timed out is gone
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def service() -> Iterator[Service]:
    """A service that answers as it is told."""
    started = Service()
    started.start()
    yield started
    started.stop()


@pytest.fixture
def elsewhere() -> Iterator[Service]:
    """Another host, which must never be asked."""
    started = Service()
    started.start()
    yield started
    started.stop()


@dataclass
class Told:
    """What the network told: waits, requests, and how long it would have slept."""

    waits: list[tuple[str, float]] = field(default_factory=list)
    requests: list[tuple[str, str, int | str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)


@pytest.fixture
def told() -> Told:
    """What the network tells."""
    return Told()


@pytest.fixture
def network(told: Told) -> Network:
    """A network that doesn't sleep, and tells."""
    return Network(
        on_wait=lambda service, seconds: told.waits.append((service, seconds)),
        on_request=lambda method, url, status, _: told.requests.append((method, url, status)),
        sleep=told.slept.append,
    )


@pytest.fixture
def cache(tmp_path: Path, clock: SettableClock) -> Cache:  # noqa: F811
    """A cache that begins empty."""
    return Cache(tmp_path / "cache", clock)


@pytest.fixture
def pagerduty(sandbox: Sandbox, network: Network, cache: Cache) -> PagerDutyClient:  # noqa: F811
    """The client under test, as the engineer whose shift it is."""
    return PagerDutyClient(sandbox.addresses.pagerduty, cast.token("pagerduty"), network=network, cache=cache)


@pytest.fixture
def gitlab(sandbox: Sandbox, network: Network, cache: Cache) -> GitLabClient:  # noqa: F811
    """The client under test, as the engineer whose shift it is."""
    return GitLabClient(sandbox.addresses.gitlab, cast.token("gitlab"), network=network, cache=cache)


def storm(sandbox: Sandbox, count: int, at: datetime) -> None:  # noqa: F811
    """As many more pages of one service, all of a moment."""
    with sandbox.store.state() as state:
        for number in range(count):
            page = {"id": f"QSTORM{number:06}", "number": 9000 + number, "title": "Storm", "service": "PSVCIDN"}
            trigger(
                state,
                at,
                {**page, "urgency": "high", "priority": "", "bridge": None},
                [],
                [cast.PEOPLE["ana"].pagerduty],
            )


def asked(sandbox: Sandbox, method: str) -> list[str]:  # noqa: F811
    """The paths of every request of a method, oldest first."""
    return [seen.path for seen in sandbox.log.seen if seen.method == method]


def flood(sandbox: Sandbox, count: int) -> None:  # noqa: F811
    """As many more open issues labelled `flood`."""
    with sandbox.store.state() as state:
        for number in range(count):
            issue = new_issue(
                state, cast.PROJECTS["operations"], 11, NOW - timedelta(minutes=number), iid=5000 + number
            )
            save(state, {**issue, "title": f"Flood {number}", "labels": ["flood"]})


def issue_row(number: int, project: str) -> dict[str, Any]:
    """An issue as GitLab shows it, with no more than what is always there."""
    return {
        "id": number,
        "iid": number,
        "project_id": 3,
        "title": "T",
        "state": "opened",
        "created_at": "2026-11-23T10:00:00Z",
        "updated_at": "2026-11-23T10:00:00Z",
        "references": {"full": f"{project}#{number}"},
    }


def pagerduty_at(service: Service, network: Network, cache: Cache, **settings: Any) -> PagerDutyClient:
    """The client under test, on the small service."""
    return PagerDutyClient(service.address, "pd-s3cret-token", network=network, cache=cache, **settings)


def gitlab_at(service: Service, network: Network, cache: Cache) -> GitLabClient:
    """The client under test, on the small service."""
    return GitLabClient(service.address, "glpat-s3cret", network=network, cache=cache)


def gitlab_with(sandbox: Sandbox, network: Network, cache: Cache, token: str) -> GitLabClient:  # noqa: F811
    """The client under test, with the token of a person, of one who may only read, or the bot's."""
    return GitLabClient(sandbox.addresses.gitlab, cast.token("gitlab", token), network=network, cache=cache)
