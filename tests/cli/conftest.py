"""The whole program on the sandbox: a command line in, what it printed and its exit code out."""

import json
import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.journal import SqliteJournal
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.log import Log
from secops_oncall.sandbox.scenario import ensure
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.store import Store
from secops_oncall.streams import Streams
from tests.begun import begun

NOW = datetime(2026, 11, 23, 14, 7, tzinfo=UTC)  # a Monday
LATENCY = 0.1  # seconds a request, so that one wave can be told from the next
# What networked commands end with while a page waits, a hand-off or a review is due.
BANNER = re.compile(r"^! (?:unacked: |the shift ends |half the shift )[^\n]*\n", re.MULTILINE)


class Pipe(StringIO):
    """A stream that remembers when it was first written to."""

    written: float | None = None

    def write(self, text: str) -> int:
        self.written = self.written or time.monotonic()
        return super().write(text)


class Screen(Pipe):
    """One that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Ran:
    """What a command did; `err` is without the banner, which has tests of its own."""

    code: int
    out: str
    err: str
    log: Log | None
    banner: str = ""
    answered: float | None = None  # when it first wrote to standard output

    @property
    def waves(self) -> int:
        """Those that the answer waited for; what is asked behind it keeps nobody waiting."""
        assert self.log is not None
        until = self.answered or math.inf
        return Log([seen for seen in self.log.seen if seen.start < until]).waves()

    @property
    def asked(self) -> list[str]:
        """Every request, as `GET /pagerduty/incidents`."""
        assert self.log is not None
        return [f"{seen.method} {seen.path}" for seen in self.log.seen]

    @property
    def writes(self) -> list[str]:
        """Every request that changes something; none where nothing was asked."""
        return [asked for asked in self.asked if not asked.startswith("GET ")] if self.log else []

    @property
    def json(self) -> Any:
        """Standard output, which holds JSON and nothing else."""
        return json.loads(self.out)


class Oncall(Protocol):
    """Runs one command line in a process's stead."""

    now: datetime
    state: Path

    def __call__(self, *arguments: str, stdin: str = "", screen: bool = False, **environ: str) -> Ran: ...

    def slow(self) -> None: ...

    def fail(self, method: str, path: str, status: int = 500, **more: object) -> None: ...


# Each worker's own, below those that a system gives to whoever asks for any: between two commands of a test nobody else
# takes the sandbox's.
_PORTS = map(
    (10_000 + 2_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 20_000).__add__, cycle(range(2_000))
)


class _Begun(App):
    """The program, in whose practice world the shift has begun before it is opened, on a port of its own."""

    def open_sandbox(self, port: int = 0) -> Sandbox:
        with suppress(OSError):  # what can't be written there is for the program to say
            mine = begun(self.practice.folder, self.now()) / "port"
            if not mine.exists():
                mine.write_text(str(next(_PORTS)), "utf-8")
        return super().open_sandbox(port)


class _Oncall:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.now = NOW

    def __call__(self, *arguments: str, stdin: str = "", screen: bool = False, **environ: str) -> Ran:
        world = {**os.environ, "ONCALL_STATE_DIR": str(self.state), "ONCALL_SANDBOX": "1", **environ}
        out, err = (Screen() if screen else Pipe()), StringIO()
        app = _Begun(world, Streams(out, err, StringIO(stdin), environ=world), lambda: self.now)
        try:
            code = run(arguments, app)
            log = app.sandbox.log if "sandbox" in vars(app) else None
        finally:
            if "_network" in vars(app):
                app._network.patience.seconds = 0  # a process that has ended asks for nothing more
            app.close()
        told = err.getvalue()
        return Ran(code, out.getvalue(), BANNER.sub("", told), log, "".join(BANNER.findall(told)), out.written)

    def slow(self) -> None:
        """Make every request take a while, as over a network."""
        self.fail("*", ".", 0, times=-1, hold=LATENCY)

    def fail(self, method: str, path: str, status: int = 500, **more: object) -> None:
        """Tell the sandbox to fail or hold requests."""
        store = Store(begun(self.state / "sandbox", self.now) / "sandbox.sqlite3")
        ensure(store, self.now)
        add_fault(store, Fault(method, path, status, **more))  # type: ignore[arg-type]


def an_oncall(state: Path) -> Oncall:
    """`oncall(...)`, each call as a process of its own would be; `oncall.now` is the time."""
    return _Oncall(state)


@pytest.fixture
def oncall(tmp_path: Path) -> Oncall:
    """The same on a sandbox of its own."""
    return an_oncall(tmp_path / "state")


@dataclass(frozen=True)
class Served:
    """The services as another process would serve them, and what an engineer sets to use them."""

    services: Sandbox

    def environ(self, login: str = cast.ME, **more: str) -> dict[str, Any]:
        """Everything from the environment, no configuration file; nothing is tried twice."""
        return {
            "ONCALL_SANDBOX": "",
            "ONCALL_PAGERDUTY_URL": self.services.addresses.pagerduty,
            "ONCALL_PAGERDUTY_TOKEN": cast.token("pagerduty", login),
            "ONCALL_GITLAB_URL": self.services.addresses.gitlab,
            "ONCALL_GITLAB_TOKEN": cast.token("gitlab", login),
            "ONCALL_GITLAB_GROUPS": cast.ACCOUNT,
            "ONCALL_INCIDENTS_PROJECTS": cast.INCIDENTS_PROJECT,
            "ONCALL_INCIDENTS_LABELS": cast.INCIDENT_LABEL,
            "ONCALL_BACKLOG_BOARD": cast.BOARD,
            "ONCALL_NETWORK_ATTEMPTS": "1",
            **more,
        }

    def fail(self, method: str, path: str, status: int = 500, **more: object) -> None:
        """Tell the services to fail or hold requests."""
        add_fault(self.services.store, Fault(method, path, status, **more))  # type: ignore[arg-type]

    @property
    def asked(self) -> list[str]:
        """Every request so far, as `GET /pagerduty/incidents`."""
        return [f"{seen.method} {seen.path}" for seen in self.services.log.seen]


@pytest.fixture
def served(tmp_path: Path, oncall: Oncall) -> Iterator[Served]:
    """The services on a port of their own, at `oncall`'s time: `oncall("pages", **served.environ())`."""
    with Sandbox(begun(tmp_path / "served", oncall.now), clock=lambda: oncall.now) as services:
        yield Served(services)


def shown(oncall: Oncall, page: str) -> Any:
    """A page as the service has it now."""
    return oncall("show", page, "--json").json


def kept(oncall: Oncall) -> list[str]:
    """The kinds of events in every journal, but for what was heard of my shift beside a command."""
    journals = oncall.state.rglob("journal.db")
    return [event.kind for path in journals for event in SqliteJournal(path).events() if event.kind != "shift"]


def two_lines(error: str) -> bool:
    """Whether an error is what the house has: what is wrong, and what to type next."""
    return re.fullmatch(r"oncall: [^\n]+\n  hint: [^\n]+\n", error) is not None
