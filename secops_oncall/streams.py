"""The two consoles: standard output for the answer, standard error for the conversation, and what is known of both."""

import io
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from secops_oncall.domain.text import clean, clean_lines, shorten
from secops_oncall.errors import Cancelled, UsageError
from secops_oncall.terminal import Terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

T = TypeVar("T")

MARKS = {"done": "✓", "refused": "!", "failed": "✗", "unknown": "?", "queued": "·"}
# Every look that there is, as Rich and as the terminal call it: nobody's, late or failed; what wants you; the rest.
# None depends on a light or a dark background, and none says alone what it means.
STYLES = {"bold red": "1;31", "bold": "1", "dim": "2"}
# Bold instead of the prompts' own colours: it reads alike on light and dark backgrounds.
_PROMPT_STYLE = [
    ("qmark", "noinherit bold"),
    ("question", "bold"),
    ("answer", "noinherit"),
]


class Streams(Terminal):
    """The terminal, or whatever stands in its place, as what is written to and asked.

    `quiet` may be set later, when the options are known. A reader who leaves early (a broken pipe) is no error.
    """

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        stdin: TextIO | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        quiet: bool = False,
        no_input: bool = False,
        no_color: bool = False,
    ) -> None:
        super().__init__(stdout, stderr, stdin, environ=environ, no_input=no_input, no_color=no_color)
        self.quiet = quiet
        self.answered: Callable[[], None] = lambda: None  # called when somebody has answered a question
        self.hide: Callable[[str], str] = lambda text: text  # takes secrets out of what is told
        self.reported = False  # whether what became of a write had to go to standard error
        self._is_lent = False

    def watch(self, asking: Callable[[], bool]) -> Callable[[], None]:
        """Show on a terminal that services are being asked, when it takes a while; answers what to call after each."""
        if self.quiet or not self.stderr_is_terminal or self.is_dumb:
            return lambda: None
        from secops_oncall.activity import Activity

        def draw(text: str) -> None:
            self.stderr.draw(text)
            self.stderr.flush()

        activity = Activity(draw, lambda: asking() and not self._is_lent, lambda: self.width).start()
        self.stdout.before = self.stderr.before = activity.clear
        return activity.answered

    def read(self, most: int) -> str:
        """All of standard input, U+FFFD where it is no text; UsageError for more than so many characters."""
        if isinstance(self.stdin, io.TextIOWrapper):
            self.stdin.reconfigure(encoding="utf-8", errors="replace")
        text = self.stdin.read(most + 1) if self.stdin else ""
        if len(text) > most:
            raise UsageError(f"standard input holds more than {most:,} characters", "give a part of it")
        return text

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Leave the terminal to another program for a while."""
        self._is_lent = True
        self.stderr.before()
        self.flush()
        try:
            yield
        finally:
            self._is_lent = False

    def mark(self, name: str) -> str:
        """The mark of an outcome, `done`, `refused`, `failed`, `unknown` or `queued`: a word always follows it."""
        return MARKS[name]

    def flush(self) -> None:
        """Hand on everything that was written; OSError where standard output could not take all of it."""
        self.stdout.flush()
        if self.stdout.lost:
            raise self.stdout.lost

    def answer(self, text: str) -> None:
        """The answer, to standard output, as it is; a line end is added where there is none."""
        self.stdout.write(text if text.endswith("\n") else text + "\n")

    def report(self, text: str) -> None:
        """What became of a write, at once; to standard error where standard output takes no more, as `flush` says."""
        with suppress(OSError):
            self.flush()
            self.answer(text)
            self.flush()
            return
        self.reported = True
        self._tell(text.removesuffix("\n"))

    def render(self, renderable: "RenderableType") -> None:
        """The answer, to standard output, drawn by Rich."""
        self.answer(self.drawn(renderable))

    def page(self, text: "Text") -> None:
        """The whole answer of a command that only reads: through a pager where it is longer than the screen.

        Links are left out there, since an older less prints them as rubbish.
        """
        from secops_oncall import pager

        descriptor = self.stdout.descriptor
        argv = pager.command(self._environ) if self._is_long(text.plain) else None
        if argv and descriptor is not None:
            plain = self.stdout.encoded(self.drawn(text, links=False))
            with self.lent():
                if pager.show(plain, argv, self._environ, descriptor):
                    return
        self.render(text)

    def _is_long(self, text: str) -> bool:
        """Whether it would run off the screen of somebody who can leave a pager again."""
        if self.no_pager or not self.interactive:
            return False
        from rich.cells import cell_len

        return sum(max(-(-cell_len(line) // self.width), 1) for line in text.split("\n")) >= self.height

    def drawn(self, renderable: "RenderableType", *, links: bool = True) -> str:
        """What Rich draws for standard output; lines of `Text` are neither wrapped nor cut."""
        from rich.text import Text

        from secops_oncall import ansi

        console = self.console
        if isinstance(renderable, Text):
            return ansi.drawn(renderable, console, links=links and self.links)
        with console.capture() as drawn:
            console.print(renderable)
        return drawn.get()

    def say(self, text: str) -> None:
        """Conversation, to standard error; `--quiet` silences it."""
        if not self.quiet:
            self._tell("\n".join(map(self._fitting, clean_lines(text).split("\n"))))

    def done(self, text: str) -> None:
        """A tick on standard error: what happened, beginning with a word for it; `--quiet` silences it."""
        if not self.quiet:
            self._tell(self._fitting(f"{self.mark('done')} {clean(text)}"))

    def failed(self, text: str) -> None:
        """What was tried and did not work, on standard error, even under `--quiet`."""
        self._tell(self._fitting(f"{self.mark('failed')} {clean(text)}"), "bold red")

    @property
    def room(self) -> int:
        """The columns of a warning: what the terminal has for it, and plenty where nobody looks."""
        return self.width - 2 if self.stderr_is_terminal else 140

    def warn(self, text: str) -> None:
        """What nobody should miss, on standard error, even under `--quiet`."""
        self._tell(self._fitting(f"{self.mark('refused')} {clean(text)}"), "bold")

    def hint(self, text: str) -> None:
        """The next command, as one dim line, where standard error is a terminal and not `--quiet`."""
        if self.stderr_is_terminal and not self.quiet:
            self._tell(self._fitting(f"  {clean(text)}"), "dim")

    def error(self, message: str, hint: str) -> None:
        """Exactly two lines on standard error, however wide: what is wrong, and what to type next."""
        self._tell(f"oncall: {clean(message)}", "bold")
        self.next_step(hint)

    def next_step(self, hint: str) -> None:
        """What to type next, below what went wrong, even under `--quiet`."""
        self._tell(f"  hint: {clean(hint) or 'oncall --help'}")

    def confirm(self, question: str) -> bool:
        """Ask yes or no; Enter alone is no.

        Raises UsageError where nobody can be asked, Cancelled for Ctrl-C and Ctrl-D.
        """
        import questionary

        return bool(self._ask("add --yes", questionary.confirm, question, default=False, auto_enter=False))

    def ask(self, question: str, *, default: str = "", secret: bool = False) -> str:
        """Ask for one line of text; a secret is not shown as it is typed.

        Raises UsageError where nobody can be asked, Cancelled for Ctrl-C and Ctrl-D.
        """
        import questionary

        prompt = questionary.password if secret else questionary.text
        return str(self._ask("give it as an option", prompt, question, default=default)).strip()

    def pick(
        self,
        title: str,
        choices: Sequence[tuple[str, T]],
        *,
        many: bool = False,
        chosen: Collection[T] = (),
        alone: T | None = None,
    ) -> list[T]:
        """Let the engineer pick from labels and their values: one, or at least one where `many`.

        Arrow keys move, typing filters, space marks, Enter takes; alone it takes the `chosen` values.
        Nothing is marked beside the value that is to stand `alone`.
        Raises UsageError where nobody can be asked, Cancelled for Ctrl-C.
        """
        from secops_oncall import picker

        labels = [shorten(clean_lines(label).replace("\n", " "), self.width - 8) for label, _ in choices]
        at = [place for place, (_, value) in enumerate(choices) if value in chosen]
        lone = next((place for place, (_, value) in enumerate(choices) if alone is not None and value == alone), None)
        with self._asking(title, "name what you mean"):
            taken = picker.pick(clean(title), labels, many=many, color=self.color, chosen=at, alone=lone)
        return [choices[place][1] for place in taken]

    def _ask(self, remedy: str, prompt: Any, question: str, **keys: Any) -> Any:
        from prompt_toolkit.output import ColorDepth
        from questionary import Style

        if not self.color:
            keys["color_depth"] = ColorDepth.DEPTH_1_BIT
        with self._asking(question, remedy):
            return prompt(clean(question), style=Style(_PROMPT_STYLE), **keys).unsafe_ask()

    @contextmanager
    def _asking(self, question: str, remedy: str) -> Iterator[None]:
        """Only where somebody can be asked; whoever leaves has cancelled."""
        if not self.interactive:
            raise UsageError(f"there is no terminal to ask on: {question}", f"the same command again, but {remedy}")
        try:
            with self.lent():
                yield
            self.answered()
        except (KeyboardInterrupt, EOFError):
            raise Cancelled("cancelled", "nothing more was sent") from None

    def _fitting(self, text: str) -> str:
        if not self.stderr_is_terminal:
            return text
        from secops_oncall.lines import fitting

        return fitting(text, self.width)

    def _tell(self, text: str, style: str = "") -> None:
        text = self.hide(text)
        if style and self.may_color(self.stderr):
            text = f"\x1b[{STYLES[style]}m{text}\x1b[0m"
        with suppress(OSError):  # nobody could be told, and what is being done goes on
            self.stderr.write(text + "\n")
            self.stderr.flush()
