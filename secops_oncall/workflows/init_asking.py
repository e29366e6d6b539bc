"""How `oncall init` gets an answer: from an option, from what is set already, from the one there is, or by asking."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from secops_oncall.domain.init import FLAGS, MAY_BE_NONE, Choices, spelt
from secops_oncall.domain.text import quoted
from secops_oncall.errors import NotFoundError, UsageError

T = TypeVar("T")
NONE = ""  # the value of a choice that is none of them


class Asking(Protocol):
    """Somebody who may be asked, and is told what is going on; whoever leaves raises Cancelled."""

    @property
    def interactive(self) -> bool:
        """Whether anybody is there."""
        ...

    def ask(self, question: str, *, default: str = "", secret: bool = False) -> str:
        """One line of text; a secret is not shown."""
        ...

    def pick(
        self,
        title: str,
        choices: Sequence[tuple[str, str]],
        *,
        many: bool = False,
        chosen: Collection[str] = (),
        alone: str | None = None,
    ) -> list[str]:
        """One of the values, or at least one where `many`; Enter alone takes the `chosen`.

        Nothing is taken beside the value that is to stand `alone`.
        """
        ...

    def confirm(self, question: str) -> bool:
        """Yes or no."""
        ...

    def say(self, text: str) -> None:
        """A word beside it."""
        ...

    def done(self, text: str) -> None:
        """What is proved."""
        ...

    def warn(self, text: str) -> None:
        """What nobody should miss."""
        ...

    def error(self, message: str, hint: str) -> None:
        """What is wrong with an answer, before it is asked for again."""
        ...


@dataclass
class Interview:
    """The questions of one run: `given` are the options' answers by key, `known` what holds now, `written` what of it
    somebody has set. `changing`: everything is set up, and only what an option gives is changed; nothing else is asked.

    `answers` grows as it goes, by what was given, asked or taken; what is left as it is isn't among them.
    """

    asking: Asking
    given: Mapping[str, Any]
    known: Mapping[str, Any]
    written: Collection[str] = ()
    changing: bool = False
    answers: dict[str, Any] = field(default_factory=dict)

    def value(self, key: str) -> Any:
        """A key's value as far as it is known: answered, or as it holds."""
        return self.answers.get(key, self.known.get(key))

    def afresh(self, keys: Collection[str]) -> "Interview":
        """The same interview, of which nothing is known for some keys: what held was of another place."""
        known = {key: None if key in keys else value for key, value in self.known.items()}
        return replace(self, known=known, changing=False)

    def keep(self, key: str, value: object) -> None:
        """Take a value without asking, unless the key is none of those that are to change."""
        if not self.is_idle(key):
            self.answers[key] = value

    def is_idle(self, *keys: str) -> bool:
        """Whether a chapter with these keys has nothing to ask."""
        return self.changing and not any(key in self.given for key in keys)

    def text(self, key: str, question: str) -> str:
        """A line of text, which may be empty; without anybody to ask, what holds."""
        if self.is_idle(key):
            return str(self.known.get(key) or "")
        if key in self.given or not self.asking.interactive:
            return self._answered(key, self.given.get(key, self.known.get(key)) or "")
        return self._answered(key, self.asking.ask(question, default=self.value(key) or ""))

    def texts(self, key: str, question: str) -> tuple[str, ...]:
        """Texts with commas between them, as many as there are; otherwise as `text`."""
        if self.is_idle(key):
            return tuple(self.known.get(key) or ())
        if key in self.given or not self.asking.interactive:
            return self._answered(key, tuple(self.given.get(key, self.known.get(key)) or ()))
        typed = self.asking.ask(question, default=", ".join(self.known.get(key) or ()))
        parts = typed.replace("\n", ",").split(",")  # what is pasted may have several lines
        return self._answered(key, tuple(part.strip() for part in parts if part.strip()))

    def one(
        self, key: str, title: str, choices: Choices, *, guess: str | None = None, none: str | None = None, what: str
    ) -> str:
        """One of the choices, or with `none` (how that reads) none of them: the empty text.

        What holds, else the `guess`, is what Enter takes. Where it is the only one that can be, it is taken, and said.
        Raises NotFoundError for an option that names none of them, and UsageError where nobody can be asked.
        """
        if key in self.given:
            is_none = not self.given[key] and key in MAY_BE_NONE
            return self._answered(key, NONE if is_none else named(self.given[key], choices, what))
        if self.is_idle(key):
            return self.known.get(key) or NONE
        there = [value for _, value in choices]
        before = self._before(key, there, guess)
        if len(there) == 1 and not none:
            self.asking.done(f"{what}: {there[0]}, the only one")
            return self._answered(key, there[0])
        if (before or none) and (not there or not self.asking.interactive):
            return self._answered(key, before or NONE)
        if not self.asking.interactive:
            raise missing(key, title)
        offered = [*([(none, NONE)] if none else []), *choices]
        return self._answered(key, self.asking.pick(title, offered, chosen=[before or NONE])[0])

    def many(
        self, key: str, title: str, names: Sequence[str], *, guess: Collection[str] = (), none: str | None = None
    ) -> tuple[str, ...]:
        """Several of the names, or with `none` (how that reads) none of them; otherwise as `one`.

        What an option names, and what holds already, is taken as it is: whoever calls proves it. A guess is only
        marked, for whoever is asked.
        """
        holds = tuple(self.known.get(key) or ())
        if self.is_idle(key):
            return holds
        if key in self.given:
            return self._answered(key, tuple(self.given[key]))
        if len(names) == 1 and not none and set(holds) <= set(names):
            self.asking.done(f"{title}: {names[0]}, the only one")
            return self._answered(key, tuple(names))
        if (holds or none) and (not names or not self.asking.interactive):
            return self._answered(key, holds)
        if not self.asking.interactive:
            raise missing(key, title)
        kept = [value for value in holds if value not in names]
        offered = [*([(none, NONE)] if none else []), *((name, name) for name in (*kept, *names))]
        picked = self.asking.pick(title, offered, many=True, chosen=holds or guess or [NONE], alone=NONE)
        return self._answered(key, tuple(value for value in picked if value != NONE))

    def _before(self, key: str, there: Sequence[str], guess: str | None) -> str | None:
        holds = self.known.get(key) or None
        return holds if holds in there else guess

    def _answered(self, key: str, value: T) -> T:
        self.answers[key] = value
        return value


def missing(key: str, title: str) -> UsageError:
    """What is said where nobody can be asked for what can't be told otherwise."""
    return UsageError(f"there is no terminal to ask on: {title}", f"oncall init {FLAGS[key]} …")


def named(text: str, choices: Choices, what: str) -> str:
    """The choice that an option names; NotFoundError with the nearest for none of them."""
    there = [value for _, value in choices]
    if found := spelt(text.strip(), there) or spelt(f"#{text.strip()}", there):
        return found
    near = get_close_matches(text, there, n=3, cutoff=0.4) or there[:3]
    raise NotFoundError(
        f"there is no {what} {quoted(text)} that this token sees",
        f"it sees {', '.join(near)}" if near else "see --help",
    )
