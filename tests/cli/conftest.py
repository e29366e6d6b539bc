"""The whole program on the sandbox: a command line in, what it printed and its exit code out."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Protocol

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.sandbox.control import Fault, Log, add_fault
from secops_oncall.sandbox.store import Store
from secops_oncall.streams import Streams

NOW = datetime(2026, 11, 23, 14, 7, tzinfo=UTC)  # a Monday
LATENCY = 0.03  # seconds a request, so that one wave can be told from the next


class Screen(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str
    log: Log | None

    @property
    def waves(self) -> int:
        assert self.log is not None
        return self.log.waves()

    @property
    def asked(self) -> list[str]:
        """Every request, as `GET /pagerduty/incidents`."""
        assert self.log is not None
        return [f"{seen.method} {seen.path}" for seen in self.log.seen]


class Oncall(Protocol):
    """Runs one command line in a process's stead."""

    now: datetime

    def __call__(self, *arguments: str, stdin: str = "", screen: bool = False, **environ: str) -> Ran: ...

    def slow(self) -> None: ...

    def fail(self, method: str, path: str, status: int = 500, **more: object) -> None: ...


class _Oncall:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.now = NOW

    def __call__(self, *arguments: str, stdin: str = "", screen: bool = False, **environ: str) -> Ran:
        world = {**os.environ, "ONCALL_STATE_DIR": str(self.state), "ONCALL_SANDBOX": "1", **environ}
        out, err = (Screen() if screen else StringIO()), StringIO()
        app = App(world, Streams(out, err, StringIO(stdin), environ=world), lambda: self.now)
        try:
            code = app.leave(run(arguments, app))
            log = app.sandbox.log if "sandbox" in vars(app) else None
        finally:
            app.close()
        return Ran(code, out.getvalue(), err.getvalue(), log)

    def slow(self) -> None:
        """Make every request take a while, as over a network."""
        self.fail("*", ".", 0, times=-1, hold=LATENCY)

    def fail(self, method: str, path: str, status: int = 500, **more: object) -> None:
        """Tell the sandbox to fail or hold requests."""
        add_fault(Store(self.state / "sandbox" / "sandbox.sqlite3"), Fault(method, path, status, **more))  # type: ignore[arg-type]


@pytest.fixture
def oncall(tmp_path: Path) -> Oncall:
    """`oncall(...)` on a sandbox of its own, each call as a process of its own would be; `oncall.now` is the time."""
    return _Oncall(tmp_path / "state")


def two_lines(error: str) -> bool:
    """Whether an error is what the house has: what is wrong, and what to type next."""
    return re.fullmatch(r"oncall: [^\n]+\n  hint: [^\n]+\n", error) is not None
