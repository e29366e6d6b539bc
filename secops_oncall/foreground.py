"""Another program of the engineer's, an editor or a pager, that has the terminal for a while."""

import os
import shlex
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def words(line: str, platform: str = sys.platform) -> list[str]:
    """A command line's words: quotes group them, and no shell reads it. Raises ValueError where one isn't closed."""
    windows = platform == "win32"
    found = shlex.split(line, posix=not windows)  # there a backslash parts folders
    return [word.strip('"') for word in found] if windows else found


def found(program: str) -> str | None:
    """Where a program is, a leading `~` expanded; None where there is none."""
    return shutil.which(os.path.expanduser(program))


@contextmanager
def keys_left_to_it() -> Iterator[None]:
    """Ctrl-C is a key of the other program's, though the terminal sends it to every program in the foreground."""
    if threading.current_thread() is not threading.main_thread():  # which alone may say so
        yield
        return
    keys = [getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)]
    before = [signal.signal(key, signal.SIG_IGN) for key in keys]
    try:
        yield
    finally:
        for key, handler in zip(keys, before, strict=True):
            signal.signal(key, handler)
