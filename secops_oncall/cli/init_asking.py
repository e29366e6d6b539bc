"""Whoever sits at the terminal while `oncall init` asks; each answer gives the services all of their time again."""

from collections.abc import Collection, Sequence

from secops_oncall.app import App


class Person:
    """`init_asking.Asking` on the streams of a run."""

    def __init__(self, home: App) -> None:
        self._home = home
        self.say, self.done = home.streams.say, home.streams.done
        self.warn, self.error = home.streams.warn, home.streams.error

    @property
    def interactive(self) -> bool:
        """Whether anybody is there who can be asked."""
        return self._home.streams.interactive

    def ask(self, question: str, *, default: str = "", secret: bool = False) -> str:
        """One line of text; a secret is not shown."""
        answer = self._home.streams.ask(question, default=default, secret=secret)
        self._home.renew()
        return answer

    def pick(
        self,
        title: str,
        choices: Sequence[tuple[str, str]],
        *,
        many: bool = False,
        chosen: Collection[str] = (),
        alone: str | None = None,
    ) -> list[str]:
        """One of the values, or at least one where `many`."""
        taken = self._home.streams.pick(title, choices, many=many, chosen=chosen, alone=alone)
        self._home.renew()
        return taken

    def confirm(self, question: str) -> bool:
        """Yes or no."""
        answer = self._home.streams.confirm(question)
        self._home.renew()
        return answer
