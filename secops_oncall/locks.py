"""One process at a time: a lock on a file, which the system takes back from whoever ends, however they end."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from secops_oncall import folders

_STILL_HELD = 36  # EDEADLOCK of Windows' C library: LK_LOCK asks ten times, once a second, and then says so


@contextmanager
def alone(file: Path, load: Callable[[str], Any] = import_module) -> Iterator[None]:
    """Keep every other process that asks for the same file waiting; where the system or the disk can't, nobody is.

    The file is made where there is none, and stays: whoever removed it would let two in. `load` imports the system's
    own module.
    """
    with ExitStack() as held:
        with suppress(ImportError, OSError):
            folders.make(file.parent)
            opened = held.enter_context(open(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "rb+"))
            _take(opened, load)
        yield


def _take(file: IO[bytes], load: Callable[[str], Any]) -> None:
    """Wait for the lock; it is given back when the file is closed."""
    try:
        fcntl = load("fcntl")
    except ImportError:
        _take_on_windows(file, load("msvcrt"))
    else:
        fcntl.flock(file, fcntl.LOCK_EX)


def _take_on_windows(file: IO[bytes], msvcrt: Any) -> None:
    while True:
        try:
            return msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[no-any-return]
        except OSError as error:
            if error.errno != _STILL_HELD:
                raise
