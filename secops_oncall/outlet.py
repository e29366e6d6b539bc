"""One stream of text: what its encoding has not got, a reader who leaves, and a disk that is full."""

import codecs
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

# What a console without UTF-8 gets in place of our own characters: one for one, so that columns stay columns.
_PLAIN = str.maketrans("✓✗·…→–—’━╌⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "+x-~>--'#-|/-\\|/-\\|/")


class Outlet:
    """A text stream that writes what its encoding has not got in another way, instead of failing in mid-answer."""

    def __init__(self, stream: TextIO | None, *, windows: bool = os.name == "nt") -> None:
        self._stream = stream if stream is not None else io.StringIO()  # closed by the caller, as in `oncall … >&-`
        self.before: Callable[[], None] = lambda: None  # called before each write
        self.lost: OSError | None = None  # why it takes no more, as on a full disk
        self._left = (errno.EPIPE, errno.EINVAL) if windows else (errno.EPIPE,)  # what a reader's leaving is called
        self._encoding = getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def is_utf8(self) -> bool:
        """Whether every character can be written."""
        return codecs.lookup(self._encoding).name.startswith("utf")

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at it."""
        return self._stream.isatty()

    def write(self, text: str) -> None:
        """Write a text; a lone surrogate, which no encoding has, becomes a question mark."""
        self.before()
        self.draw(text)

    def draw(self, text: str) -> None:
        """Write a text that is no line of its own."""
        with self._may_end():
            self._stream.write(self.encoded(text).decode(self._encoding))

    def encoded(self, text: str) -> bytes:
        """A text as its encoding has it."""
        known = text if self.is_utf8 else text.translate(_PLAIN)
        return known.encode(self._encoding, "replace")

    @property
    def descriptor(self) -> int | None:
        """What another program can write to in its stead; None where it lies in memory."""
        try:
            return self._stream.fileno()
        except OSError:
            return None

    def flush(self) -> None:
        """Hand on what was written."""
        with self._may_end():
            self._stream.flush()

    @contextmanager
    def _may_end(self) -> Iterator[None]:
        """Write on into nothing once nobody reads, as in `oncall pages | head`: what is being done goes on.

        So, too, where there is no room for more, but that is raised the first time.
        """
        try:
            yield
        except OSError as error:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())  # or the interpreter would complain when it leaves
            os.close(nothing)
            if error.errno not in self._left and not isinstance(error, BrokenPipeError):
                self.lost = error
                raise
