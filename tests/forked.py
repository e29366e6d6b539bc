"""Commands of `oncall` as processes of their own, with pipes or on a terminal, without what a start costs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any

from pexpect.fdpexpect import fdspawn

from tests.preloaded import ask, told

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def loaded(address: Path) -> Iterator["Forks"]:
    """A process that has loaded it all and waits at an address for commands."""
    command = [sys.executable, "-m", "tests.preloaded", "serve", str(address)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield Forks(address)
        process.kill()


class Forks:
    """Begins commands; `run` waits for one, as `subprocess.run` does, `begin` and `terminal` don't."""

    def __init__(self, address: Path) -> None:
        self.address = address

    @property
    def command(self) -> list[str]:
        """The words that begin one in a shell's line, as `oncall` does."""
        return [sys.executable, "-SE", str(ROOT / "tests" / "preloaded.py"), str(self.address), "oncall"]

    def run(self, *arguments: str, env: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        with self.begin(*arguments, env=env) as process:
            out, err = process.communicate(stdin, timeout=60)
        return subprocess.CompletedProcess(["oncall", *arguments], process.returncode or 0, out, err)

    def begin(self, *arguments: str, env: Mapping[str, str]) -> "Piped":
        return Piped(self.address, arguments, env)

    def terminal(self, *arguments: str, env: Mapping[str, str], **look: Any) -> "OnTerminal":
        """`dimensions` are lines and columns; `timeout` counts in seconds."""
        return OnTerminal(self.address, arguments, env, **look)


class _Begun:
    """A process that a fork is, and how it ended: a code, or a negative signal."""

    def __init__(
        self, address: Path, arguments: tuple[str, ...], env: Mapping[str, str], streams: tuple[int, int, int]
    ) -> None:
        self._there = socket.socket(socket.AF_UNIX)
        self._there.connect(str(address))
        self.pid = ask(self._there, ["oncall", *arguments], dict(env), streams)
        self.code: int | None = None

    def kill(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = 30) -> int:
        if self.code is None:
            self._there.settimeout(timeout)
            try:
                self.code = told(self._there)
            except TimeoutError:
                raise subprocess.TimeoutExpired("oncall", timeout or 0) from None
            assert self.code is not None, "the process that has loaded it all is gone"
            self._there.close()
        return self.code


class Piped:
    """One with pipes, used as a `subprocess.Popen` of text is."""

    def __init__(self, address: Path, arguments: tuple[str, ...], env: Mapping[str, str]) -> None:
        theirs, ours = zip(os.pipe(), os.pipe()[::-1], os.pipe()[::-1], strict=True)
        self._begun = _Begun(address, arguments, env, theirs)
        for number in theirs:
            os.close(number)
        self.stdin, self.stdout, self.stderr = (
            os.fdopen(number, mode, encoding="utf-8") for number, mode in zip(ours, "wrr", strict=True)
        )
        self.returncode: int | None = None

    def communicate(self, stdin: str = "", timeout: float | None = 30) -> tuple[str, str]:
        """What it prints until it ends; in seconds."""
        found: dict[str, str] = {}

        def read(name: str, stream: IO[str]) -> None:
            found[name] = stream.read()

        readers = [Thread(target=read, args=each, daemon=True) for each in (("out", self.stdout), ("err", self.stderr))]
        for reader in readers:
            reader.start()
        with suppress(BrokenPipeError):  # it has read enough
            self.stdin.write(stdin)
            self.stdin.close()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        return found["out"], found["err"]

    def wait(self, timeout: float | None = 30) -> int:
        self.returncode = self._begun.wait(timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        self._begun.kill(number)

    def kill(self) -> None:
        self._begun.kill(signal.SIGKILL)

    def __enter__(self) -> "Piped":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill it if it runs, and read no more of it."""
        if self.returncode is None:
            self.kill()
            self.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            with suppress(BrokenPipeError):
                stream.close()


class OnTerminal(fdspawn):  # type: ignore[type-arg]
    """One on a terminal of its own that shows nothing of what is typed, used as a `pexpect.spawn` is."""

    def __init__(
        self,
        address: Path,
        arguments: tuple[str, ...],
        env: Mapping[str, str],
        *,
        dimensions: tuple[int, int] = (24, 80),
        timeout: float = 30,
    ) -> None:
        import termios

        ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, dimensions)
        look = termios.tcgetattr(theirs)
        look[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, look)
        self._begun = _Begun(address, arguments, env, (theirs,) * 3)
        os.close(theirs)
        super().__init__(ours, encoding="utf-8", timeout=timeout)
        self.pid = self._begun.pid

    def send(self, s: str | bytes) -> int:
        """Type keys, a moment after what was waited for, as `pexpect.spawn` does: whoever asks has begun to listen."""
        time.sleep(0.05)
        return int(super().send(s))

    def until_keys_count(self) -> None:
        """Wait until single keys are listened to: what was typed before is dropped."""
        import termios

        until = time.monotonic() + 20
        while termios.tcgetattr(self.child_fd)[3] & termios.ICANON and time.monotonic() < until:
            time.sleep(0.01)

    def kill(self, number: int) -> None:
        self._begun.kill(number)

    def wait(self) -> int:
        return self._begun.wait()

    def close(self, force: bool = True) -> None:
        """Hang up, and say how it ended in `exitstatus` or `signalstatus`."""
        if self.closed:
            return
        super().close()
        try:
            code = self._begun.wait(5)
        except subprocess.TimeoutExpired:
            self._begun.kill(signal.SIGKILL)
            code = self._begun.wait()
        self.exitstatus, self.signalstatus = (code, None) if code >= 0 else (None, -code)
