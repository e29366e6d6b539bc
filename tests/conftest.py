"""The fence around every test: folders of its own, no tokens, a fixed look, sockets to loopback only."""

import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest

gc.set_threshold(50_000)  # as the program has it: a tenth of the tests' time was looking for garbage
# Typer sets this while it reads a command line, and takes it back: of two tests' threads that each run one, the second
# would find it gone. A process of the program reads one.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"
# What a shell runs behind itself begins deaf to Ctrl-C, and so would every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parents[2] / "shared"
_LONG = (
    "test_race.py",
    "test_processes.py",
    "test_docs.py",
    "test_examples.py",
    "test_scale.py",
    "test_improvements.py",
)
_THEIRS = ("ONCALL_", "GITLAB_", "SLACK_", "XDG_", "SSL_CERT_")


def pytest_collection(session: pytest.Session) -> None:
    """Of several workers each compiles a share of the tests, and has the rest from the others: half a minute in all."""
    number, of = os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:], os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    files = sorted(file for arg in session.config.args for file in Path(arg).resolve().rglob("test_*.py"))
    for file in files[int(number) :: int(of)] if of != "1" and not sys.dont_write_bytecode else []:
        with suppress(Exception, pytest.skip.Exception):  # what is wrong with one is told when it is collected
            import_module(".".join(file.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: at the end a worker that has nothing left would wait for it."""
    items.sort(key=lambda item: item.path.name not in _LONG)


def pytest_collection_finish() -> None:
    """What there is of modules and tests stays to the end: no look for garbage goes through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Home folders yet to be made. Not in `tmp_path`, which takes the longer to make the more of them there are."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Begins commands as processes of their own that cost no start: tests/forked.py."""
    from tests.forked import loaded

    with loaded(tmp_path_factory.mktemp("forks") / "socket") as forks:
        yield forks


@pytest.fixture(autouse=True)
def fence(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """Nothing of this machine's own oncall and keyring is read, and nothing but this machine is reached."""
    for name in list(os.environ):
        if name.startswith(_THEIRS) or name.upper().endswith(("_PROXY", "_CA_BUNDLE")):
            monkeypatch.delenv(name)
    home = next(homes)
    home.mkdir()
    look = {"NO_COLOR": "1", "COLUMNS": "100", "LANG": "C.UTF-8", "PAGER": "cat", "FORCE_HYPERLINK": "0"}
    for name, value in {"HOME": str(home), "TZ": "UTC", **look}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"the fence: a test reached for {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)


@pytest.fixture
def shared() -> Path:
    """The folder of official descriptions and samples; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the official descriptions can't be compared with")
    return SHARED
