"""What is known of the terminal, or of whatever stands in its place: who is there, its size, colours and links."""

import io
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from secops_oncall import hyperlinks
from secops_oncall.outlet import Outlet

if TYPE_CHECKING:
    from rich.console import Console


class Terminal:
    """Both consoles and the keyboard; nothing else in the program asks what they are.

    Made from sys's streams unless others are given. `no_input`, `no_color` and `no_pager` may be set later, when the
    options are known.
    """

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        stdin: TextIO | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        no_input: bool = False,
        no_color: bool = False,
    ) -> None:
        self.stdout = Outlet(stdout if stdout is not None else sys.stdout)
        self.stderr = Outlet(stderr if stderr is not None else sys.stderr)
        self.stdin = stdin if stdin is not None else sys.stdin
        self.no_input, self.no_color, self.no_pager = no_input, no_color, False
        self._environ = environ

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at the answer, rather than a program."""
        return self.stdout.is_terminal

    @property
    def stderr_is_terminal(self) -> bool:
        return self.stderr.is_terminal

    @property
    def stdin_is_terminal(self) -> bool:
        return self.stdin is not None and self.stdin.isatty()

    @property
    def attended(self) -> bool:
        """Whether somebody is there: a terminal on both sides, and no `--no-input`."""
        return self.stdin_is_terminal and self.is_terminal and not self.no_input

    @property
    def interactive(self) -> bool:
        """Whether they can be asked: the prompts move the cursor."""
        return self.attended and not self.is_dumb

    @property
    def is_dumb(self) -> bool:
        """Whether the terminal only types: no cursor to move, no colour, no pager."""
        return self._environ.get("TERM") == "dumb"

    @property
    def width(self) -> int:
        """The terminal's width in columns: `COLUMNS` if set, 80 in a pipe."""
        return self._told("COLUMNS") or shutil.get_terminal_size((80, 24)).columns

    @property
    def height(self) -> int:
        """The terminal's height in lines: `LINES` if set."""
        return self._told("LINES") or shutil.get_terminal_size((80, 24)).lines

    def _told(self, variable: str) -> int:
        told = self._environ.get(variable, "")
        return int(told) if told.isdecimal() else 0

    @property
    def color(self) -> bool:
        """Whether standard output may be coloured."""
        return self.may_color(self.stdout)

    @property
    def links(self) -> bool:
        """Whether ids in the answer may be links: never in a pipe."""
        return self.is_terminal and hyperlinks.work(self._environ)

    @property
    def console(self) -> "Console":
        """Rich as wide and as colourful as standard output, into memory; remote text is never markup to it.

        Rich itself would end the process on a broken pipe (`Console.on_broken_pipe`), so it doesn't get to write.
        """
        from rich.console import Console

        return Console(
            file=io.StringIO(),
            width=self.width,
            height=25,
            color_system="standard" if self.color else None,
            no_color=not self.color,
            force_terminal=self.color,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def may_color(self, outlet: Outlet) -> bool:
        """Whether a stream may be coloured: https://no-color.org and https://force-color.org, and no beats yes."""
        if self.no_color or self._environ.get("NO_COLOR"):
            return False
        if self._environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return outlet.is_terminal and not self.is_dumb
