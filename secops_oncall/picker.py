"""Picking from a list on a terminal: arrows move, typing filters, and what the filter hides is never taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from prompt_toolkit import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import ConditionalContainer, FormattedTextControl, HSplit, Layout, Window

_HOW = "(arrows move, typing filters, Enter takes)"
_HOW_MANY = "(space marks, arrows move, typing filters, Enter takes)"
_UNMARKED = "Mark at least one with space; Ctrl-C leaves."
_NONE = "Nothing matches; Backspace takes a letter back, Ctrl-C leaves."


def pick(title: str, labels: Sequence[str], *, many: bool = False, **look: Any) -> list[int]:
    """The places of the labels that were picked, in their order: one, or at least one where `many`.

    `look` is prompt_toolkit's: `style`, `color_depth`. Raises KeyboardInterrupt for Ctrl-C.
    """
    picking = _Picking(title, labels, many)
    application: Application[list[int]] = Application(_layout(picking), key_bindings=_keys(picking), **look)
    return application.run()


@dataclass
class _Picking:
    """What has been typed, marked and pointed at so far; places are those of the labels, `at` is one among `shown`."""

    title: str
    labels: Sequence[str]
    many: bool
    typed: str = ""
    at: int = 0
    marked: set[int] = field(default_factory=set)
    complaint: str = ""
    taken: bool = False

    @property
    def shown(self) -> list[int]:
        """The places of the labels that have in them what was typed."""
        wanted = self.typed.casefold()
        return [place for place, label in enumerate(self.labels) if wanted in label.casefold()]

    @property
    def picked(self) -> list[int]:
        """What Enter would take."""
        return sorted(self.marked) if self.many else self.shown[self.at : self.at + 1]

    def move(self, steps: int) -> None:
        """Point at another label, beyond the last one at the first."""
        self.at = (self.at + steps) % max(len(self.shown), 1)

    def filter(self, typed: str) -> None:
        """Show the labels that have a text in them."""
        self.typed, self.at = typed, 0

    def mark(self) -> None:
        """Mark what is pointed at, or take its mark away."""
        self.marked ^= set(self.shown[self.at : self.at + 1])
        self.complaint = ""

    def head(self) -> StyleAndTextTuples:
        return [("class:qmark", "?"), ("class:question", f" {self.title} "), ("", _HOW_MANY if self.many else _HOW)]

    def end(self) -> StyleAndTextTuples:
        """What stays on the screen: the question, and what was taken, if anything was."""
        taken = self.picked if self.taken else []
        answer = f"{len(taken)} taken" if len(taken) > 1 else "".join(self.labels[place] for place in taken)
        return [*self.head()[:2], ("class:answer", answer)]

    def rows(self) -> StyleAndTextTuples:
        found: StyleAndTextTuples = []
        for row, place in enumerate(self.shown):
            here = row == self.at
            mark = ("● " if place in self.marked else "○ ") if self.many else ""
            found += [
                ("", "\n" if row else ""),
                ("class:pointer", " » " if here else "   "),
                ("class:highlighted" if here else "", f"{mark}{self.labels[place]}"),
            ]
        return found

    def foot(self) -> StyleAndTextTuples:
        """What was typed, and what is wrong."""
        complaint = self.complaint if self.shown else _NONE
        return [("", "\n".join(filter(None, [f"/ {self.typed}" if self.typed else "", complaint])))]


def _layout(picking: _Picking) -> Layout:
    def row() -> Point:
        return Point(0, picking.at)

    rows = FormattedTextControl(picking.rows, focusable=True, show_cursor=False, get_cursor_position=row)
    listed = Window(rows, dont_extend_height=True)
    asked = Window(FormattedTextControl(picking.head), wrap_lines=True, dont_extend_height=True)
    ended = Window(FormattedTextControl(picking.end), wrap_lines=True, dont_extend_height=True)
    foot = Window(FormattedTextControl(picking.foot), wrap_lines=True, dont_extend_height=True)
    said = Condition(lambda: bool(picking.foot()[0][1]))
    parts = [
        ConditionalContainer(asked, ~is_done),
        ConditionalContainer(ended, is_done),
        ConditionalContainer(listed, ~is_done),
        ConditionalContainer(foot, said & ~is_done),
    ]
    return Layout(HSplit(parts), focused_element=listed)


def _keys(picking: _Picking) -> KeyBindings:
    keys = KeyBindings()
    _choose(keys, picking)
    _end(keys, picking)
    return keys


def _choose(keys: KeyBindings, picking: _Picking) -> None:
    """The keys that move, filter and mark."""

    @keys.add("down")
    @keys.add("c-n")
    def _(_: KeyPressEvent) -> None:
        picking.move(1)

    @keys.add("up")
    @keys.add("c-p")
    def _(_: KeyPressEvent) -> None:
        picking.move(-1)

    @keys.add(" ", filter=Condition(lambda: picking.many))
    def _(_: KeyPressEvent) -> None:
        picking.mark()

    @keys.add("backspace")
    def _(_: KeyPressEvent) -> None:
        picking.filter(picking.typed[:-1])

    @keys.add(Keys.Any)
    @keys.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        if letters := "".join(filter(str.isprintable, event.data)):
            picking.filter(picking.typed + letters)


def _end(keys: KeyBindings, picking: _Picking) -> None:
    """The keys that take what was picked, or leave without."""

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        picking.taken = bool(picking.picked)
        picking.complaint = _UNMARKED if picking.many else ""
        if picking.taken:
            event.app.exit(result=picking.picked)

    @keys.add("c-c")
    @keys.add("c-d")
    @keys.add("c-q")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())
