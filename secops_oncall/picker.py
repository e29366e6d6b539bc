"""A list to pick from on a terminal: arrows move, typing filters, space marks, Enter takes what is there to be seen."""

import warnings
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

NOTHING = "Nothing matches: erase some of it; Ctrl-C leaves."
_NAMED = 2  # so many that were taken are named, more are counted
UNMARKED = "Mark at least one with space; Ctrl-C leaves."
# Bold instead of colours: it reads alike on light and dark backgrounds.
_STYLE = [("question", "bold"), ("pointed", "bold")]


class Picker:
    """What of some labels is shown, pointed at and marked, as keys come in; a label's place stands for it.

    The first of the `chosen` places is pointed at to begin with, and where `many` may be picked all of them are marked.
    `alone` is the place of what can't be marked beside another.
    """

    def __init__(
        self, title: str, labels: Sequence[str], *, many: bool, chosen: Collection[int] = (), alone: int | None = None
    ) -> None:
        self._title = title
        self._labels = labels
        self._many = many
        self._filter = ""
        self._at = min(chosen, default=0)  # among those that are shown
        self._marked = set(chosen) if many else set()
        self._alone = alone
        self._complaint = ""
        self._taken: list[int] | None = None

    @property
    def shown(self) -> list[int]:
        """The places of the labels that have the typed text in them, whatever its case."""
        return [place for place, label in enumerate(self._labels) if self._filter.casefold() in label.casefold()]

    def move(self, step: int) -> None:
        """Point at another one, beyond either end at the other end."""
        self._at = (self._at + step) % max(len(self.shown), 1)

    def filter(self, text: str) -> None:
        """Show only those that have a text in them, and point at the first."""
        self._filter, self._at, self._complaint = text, 0, ""

    def type(self, text: str) -> None:
        """Take in what was typed: a space marks where several may be picked, anything else filters."""
        if self._many and text == " ":
            self._mark(set(self.shown[self._at : self._at + 1]))
            self._complaint = ""
        elif text.isprintable():
            self.filter(self._filter + text)

    def _mark(self, pointed: set[int]) -> None:
        """Turn a mark on or off."""
        self._marked ^= pointed
        if pointed & self._marked:
            self._marked -= {self._alone} if pointed != {self._alone} else self._marked - pointed

    def erase(self) -> None:
        """Take back the last character of the filter."""
        self.filter(self._filter[:-1])

    def take(self) -> list[int] | None:
        """What Enter takes: the marked ones, or the one that is pointed at; None, and why, where there is none."""
        found = sorted(self._marked) if self._many else self.shown[self._at : self._at + 1]
        self._complaint = "" if found else UNMARKED if self._many and self.shown else NOTHING
        self._taken = found or None
        return self._taken

    def head(self) -> "StyleAndTextTuples":
        """The question, with what the keys do, and in the end with what was taken."""
        marks = "space marks, " if self._many else ""
        said = f"({marks}arrows move, typing filters, Enter takes)"
        if self._taken:
            named = ", ".join(self._labels[place] for place in self._taken)
            said = named if len(self._taken) <= _NAMED else f"{len(self._taken)} of {len(self._labels)}"
        return [("", "? "), ("class:question", self._title), ("", f" {said}")]

    def body(self) -> "StyleAndTextTuples":
        """A line for each that is shown."""
        lines: StyleAndTextTuples = []
        for line, place in enumerate(self.shown):
            mark = ("● " if place in self._marked else "○ ") if self._many else ""
            if line == self._at:
                lines += [("[SetCursorPosition]", ""), ("class:pointed", f" » {mark}{self._labels[place]}")]
            else:
                lines.append(("", f"   {mark}{self._labels[place]}"))
            lines.append(("", "\n"))
        return lines[:-1]

    def foot(self) -> "StyleAndTextTuples":
        """What was typed, and why Enter took nothing."""
        return [("", "  ".join(filter(None, [self._filter and f"/ {self._filter}", self._complaint])))]

    @property
    def has_foot(self) -> bool:
        """Whether there is anything to say below."""
        return bool(self._filter or self._complaint)


def pick(
    title: str,
    labels: Sequence[str],
    *,
    many: bool,
    color: bool,
    chosen: Collection[int] = (),
    alone: int | None = None,
) -> list[int]:
    """Let the engineer pick from labels that fit the terminal: the places of one, or of at least one where `many`.

    Enter alone takes what is `chosen` already; nothing is marked beside what is to stand `alone`.
    Raises KeyboardInterrupt for Ctrl-C and Ctrl-D, EOFError for a terminal that is gone.
    """
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")  # by a loop that Ctrl-C cut off
    return _application(Picker(title, labels, many=many, chosen=chosen, alone=alone), color=color).run()


def at_spaces(text: "StyleAndTextTuples", room: int) -> "StyleAndTextTuples":
    """Styled text in lines of at most so many columns, broken at spaces: a terminal breaks it anywhere."""
    from prompt_toolkit.utils import get_cwidth

    told: StyleAndTextTuples = []
    column = 0
    for style, part, *_ in text:
        first, *words = part.split(" ")
        column += get_cwidth(first)
        for word in words:
            fits = column + 1 + get_cwidth(word) <= room
            first += f"{' ' if fits else chr(10)}{word}"
            column = (column + 1 if fits else 0) + get_cwidth(word)
        told.append((style, first))
    return told


def _application(picker: Picker, *, color: bool) -> "Application[list[int]]":
    from prompt_toolkit.application import Application, get_app
    from prompt_toolkit.filters import Condition, is_done
    from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, HSplit, Layout, Window
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.styles import Style

    def question() -> "StyleAndTextTuples":
        return at_spaces(picker.head(), get_app().output.get_size().columns)

    head = Window(FormattedTextControl(question), wrap_lines=True, dont_extend_height=True, always_hide_cursor=True)
    body = Window(FormattedTextControl(picker.body), dont_extend_height=True, always_hide_cursor=True)
    foot = Window(FormattedTextControl(picker.foot), dont_extend_height=True, always_hide_cursor=True)
    rows = [
        head,
        ConditionalContainer(body, ~is_done),
        ConditionalContainer(foot, Condition(lambda: picker.has_foot) & ~is_done),
    ]
    depth = None if color else ColorDepth.DEPTH_1_BIT
    return Application(Layout(HSplit(rows)), key_bindings=_keys(picker), style=Style(_STYLE), color_depth=depth)


def _keys(picker: Picker) -> "KeyBindings":
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    keys = KeyBindings()

    @keys.add(Keys.Up)
    @keys.add(Keys.ControlP)
    def _(event: "KeyPressEvent") -> None:
        picker.move(-1)

    @keys.add(Keys.Down)
    @keys.add(Keys.ControlN)
    def _(event: "KeyPressEvent") -> None:
        picker.move(1)

    @keys.add(Keys.Backspace)
    def _(event: "KeyPressEvent") -> None:
        picker.erase()

    @keys.add(Keys.Any)
    def _(event: "KeyPressEvent") -> None:
        picker.type(event.data)

    @keys.add(Keys.ControlM)
    def _(event: "KeyPressEvent") -> None:
        if taken := picker.take():
            event.app.exit(result=taken)

    @keys.add(Keys.ControlC)
    @keys.add(Keys.ControlD)
    def _(event: "KeyPressEvent") -> None:
        event.app.exit(exception=KeyboardInterrupt)

    return keys
