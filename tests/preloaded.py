"""`oncall` from a process that has loaded it all: each command is a fork of that one, so that none costs a start.

`python -m tests.preloaded serve SOCKET` waits for commands. `python tests/preloaded.py SOCKET oncall …` runs one there,
with the arguments, folder, environment and standard streams of its caller, and leaves with its exit code.
"""

import json
import os
import signal
import socket
import sys
from typing import NoReturn

_SIZE = 1 << 20  # bytes: more than an environment and a command line have


def serve(address: str) -> None:
    """Load everything, say so on standard output, and fork for every caller until killed."""
    import pkgutil
    from importlib import import_module

    import secops_oncall

    for module in pkgutil.walk_packages(secops_oncall.__path__, "secops_oncall."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them but their callers
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)  # noqa: T201 - whoever has begun this process waits for it
        while True:
            caller, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(caller)
            caller.close()


def _answer(caller: socket.socket) -> NoReturn:
    """Be the process that the caller wants, and tell them how it ended."""
    code = 1
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        told, streams, _, _ = socket.recv_fds(caller, _SIZE, 3)
        wanted = json.loads(told)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(wanted["folder"])
        os.environ.clear()
        os.environ.update(wanted["environ"])
        sys.argv = wanted["argv"]
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
            for number, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        from secops_oncall.__main__ import main

        main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    finally:
        sys.stdout.flush()
        caller.sendall(bytes([code]))
        os._exit(code)


def call(address: str, argv: list[str]) -> int:
    """Run a command line there; its exit code, and 70 where it ended without one."""
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(address)
        wanted = {"argv": argv, "folder": os.getcwd(), "environ": dict(os.environ)}
        socket.send_fds(there, [json.dumps(wanted).encode()], [0, 1, 2])
        return (there.recv(1) or b"\x46")[0]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[1], sys.argv[2:]))
