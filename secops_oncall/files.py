"""Files that the engineer names: written whole or not at all, for this user alone, and read line by line."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from secops_oncall.domain.text import quoted
from secops_oncall.errors import UsageError

_IN_MEMORY = 1_000_000  # bytes


def save(path: Path, lines: Iterable[str], *, force: bool = False) -> None:
    """Write lines to a file, mode 0600, which has its name when all of them are on the disk.

    Raises UsageError for one that is there already, unless `force`, and where it can't be written.
    """
    try:
        target = path.resolve()  # what a link leads to is written, and the link stays
        if target.exists() and not (force and target.is_file()):
            wrong = "is there already" if target.is_file() else "is no file"
            raise UsageError(f"{quoted(path)} {wrong}", "name another, or --force to write over a file")
        replace(target, lines)
    except OSError as error:
        raise UsageError(f"{quoted(path)} can't be written: {error.strerror}", "name another file") from error


def replace(target: Path, lines: Iterable[str]) -> None:
    """Put lines in a file's place at once: a temporary file beside it, 0600, on the disk before it has the name.

    Whatever goes wrong, the file is what it was. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:60]}-")  # 0600 from the start
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def reading(name: str, stdin: TextIO | None, longest: int) -> Iterator[Callable[[], Iterator[bytes]]]:
    """What answers the lines of a file, or of standard input where it is called `-`, as often as they are asked for.

    A line of more bytes than `longest` comes in pieces. Raises UsageError for a file that can't be read.
    """
    if name != "-":
        yield lambda: _lines_of(name, longest)
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        whole = getattr(stdin, "buffer", None)
        if whole is not None:
            shutil.copyfileobj(whole, spool)
        elif stdin is not None:
            spool.write(stdin.read().encode("utf-8", "replace"))

        def again() -> Iterator[bytes]:
            spool.seek(0)
            return _lines(spool, longest)

        yield again


def _lines_of(name: str, longest: int) -> Iterator[bytes]:
    try:
        with open(name, "rb") as file:
            yield from _lines(file, longest)
    except OSError as error:
        what = f"{quoted(name)} can't be read: {error.strerror}"
        raise UsageError(what, "name another file, or - for standard input") from error


def _lines(file: IO[bytes], longest: int) -> Iterator[bytes]:
    return iter(lambda: file.readline(longest), b"")
