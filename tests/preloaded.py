"""`oncall` from a process that has loaded it all: each command is a fork of that one, so that none costs a start.

`python -m tests.preloaded serve SOCKET` waits for commands. `python tests/preloaded.py SOCKET oncall …` runs one there,
with the arguments, folder, environment and standard streams of its caller, and leaves with its exit code. A command is
a process of its own, with signals, a session and an end as any other; what a start itself does, as with encodings from
the environment and closed streams, is not tried so.
"""

import gc
import json
import os
import signal
import socket
import sys
import time
import warnings
from types import FrameType
from typing import Any

_SIZE = 1 << 20  # bytes: more than an environment and a command line have
# What commands load when they need it, and what takes the longest of that.
_LATER = ["typer._adapters", "rich.console", "rich.table", "questionary", "prompt_toolkit.shortcuts", "keyring"]
_LATER += ["requests", "urllib3", "pdpyras", "gitlab", "gitlab.v4.objects", "slack_sdk.web", "flask"]
_LATER += ["werkzeug.serving", "typer._click.decorators", "encodings.latin_1"]
_RUNNING: dict[int, socket.socket] = {}


def serve(address: str) -> None:
    """Load everything, say so on standard output, and fork for every caller until killed."""
    _load()
    signal.signal(signal.SIGCHLD, _tell)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        print("ready", flush=True)  # noqa: T201 - whoever has begun this process waits for it
        while True:
            caller, _ = listening.accept()
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
            pid = os.fork()
            if pid == 0:
                listening.close()
                break
            _RUNNING[pid] = caller
            _send(caller, pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    _be(caller)


def _load() -> None:
    import pkgutil
    from importlib import import_module

    import secops_oncall

    for module in pkgutil.walk_packages(secops_oncall.__path__, "secops_oncall."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    with warnings.catch_warnings(action="ignore"):
        for name in _LATER:
            import_module(name)
    # What each sandbox begins with: the rules of all its routes, and a look for werkzeug's version.
    import_module("secops_oncall.sandbox.application").application()
    import_module("importlib.metadata").version("werkzeug")
    gc.freeze()  # what is loaded is shared by all, and nobody's garbage


def _tell(_: int, __: FrameType | None) -> None:
    """Tell the callers of the commands that have ended how they did."""
    while _RUNNING:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with _RUNNING.pop(pid) as caller:
            _send(caller, os.waitstatus_to_exitcode(status))


def _send(caller: socket.socket, number: int) -> None:
    try:
        caller.sendall(number.to_bytes(4, "big", signed=True))
    except OSError:  # a caller who has gone wants to know nothing
        return


def _be(caller: socket.socket) -> None:
    """Be the process that the caller wants."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    told, streams, _, _ = socket.recv_fds(caller, _SIZE, 3)
    wanted = json.loads(told)
    caller.close()
    for other in _RUNNING.values():
        other.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    os.setsid()
    if wanted["terminal"]:
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environ"])
    time.tzset()
    sys.argv = wanted["argv"]
    sys.stdin = sys.__stdin__ = _stream(0, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "w", "backslashreplace")  # type: ignore[misc]
    _main()


def _main() -> None:
    """Run the command line and end as an interpreter does, but for taking itself apart, which costs the most of it."""
    import atexit
    import threading
    import traceback

    from secops_oncall.__main__ import main

    code: object = 0
    try:
        main()
    except SystemExit as left:
        code = left.code
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = 120
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _stream(number: int, mode: str, errors: str = "surrogateescape") -> Any:
    """A standard stream as Python opens it where the locale is C.UTF-8."""
    buffering = 1 if number == 2 or os.isatty(number) else -1
    return open(number, mode, buffering, encoding="utf-8", errors=errors, closefd=False)


def ask(there: socket.socket, argv: list[str], environ: dict[str, str], streams: tuple[int, int, int]) -> int:
    """Begin a command, and give the id of its process; a terminal becomes its own, as one that a terminal starts."""
    wanted = {"argv": argv, "folder": os.getcwd(), "environ": environ, "terminal": os.isatty(streams[0])}
    socket.send_fds(there, [json.dumps(wanted).encode()], list(streams))
    pid = told(there)
    assert pid is not None, "the process that has loaded it all is gone"
    return pid


def told(there: socket.socket) -> int | None:
    """The next number from there: how a command ended, as `subprocess` has it; None where nobody is there any more."""
    found = there.recv(4, socket.MSG_WAITALL)
    return int.from_bytes(found, "big", signed=True) if len(found) == 4 else None


def call(address: str, argv: list[str]) -> int:
    """Run a command line there; its exit code, and as a shell has it where a signal has ended it."""
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(address)
        pid = ask(there, argv, dict(os.environ), (0, 1, 2))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: os.kill(pid, number))
        code = told(there)
        return 70 if code is None else code if code >= 0 else 128 - code


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[1], sys.argv[2:]))
