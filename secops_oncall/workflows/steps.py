"""Next steps and contingencies as an engineer types them: times become absolute, names become people's."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cached_property

from secops_oncall.domain import when
from secops_oncall.domain.draft import read_step
from secops_oncall.domain.people import Person, RoleName, fitting
from secops_oncall.domain.text import clean, quoted
from secops_oncall.domain.times import stamp
from secops_oncall.domain.traces import NextStep
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import PagerDuty
from secops_oncall.workflows.people import AROUND

_FORM = '"action | who | when", as in "rotate the key | Ben | 15:00"'
_IF = re.compile(r"^if\b\s*", re.IGNORECASE)
_THEN = re.compile(r"\s*=>\s*")


class Times:
    """Reads TIMEs in the engineer's own zone, which is asked for with the first one, and once.

    `notes` are what is to be said of them: which of two moments was taken.
    """

    def __init__(self, now: datetime, zone: Callable[[], tzinfo]) -> None:
        self.now = now
        self.notes: list[str] = []
        self._ask = zone

    @cached_property
    def _zone(self) -> tzinfo:
        return self._ask()

    def __call__(self, text: str) -> datetime:
        """The moment that a TIME names (aware); ValueError says why it names none."""
        try:
            typed = when.moment(text, self.now, self._zone)
        except ValueError as error:
            raise ValueError(f"{quoted(text)} is no time: {error}") from None
        if typed is None:
            raise ValueError(f"{quoted(text)} is no time")
        if typed.of_two:
            self.notes.append(f"the clock shows {quoted(text)} twice that day: the {typed.of_two} is taken")
        return typed.moment


@dataclass(frozen=True)
class People:
    """Who may be meant by a name: whoever is on call around now, by e-mail and GitLab name, too.

    `gitlab` are e-mails by GitLab user name. PagerDuty is asked with the first name, and once.
    """

    pagerduty: Callable[[], PagerDuty]
    roles: Sequence[RoleName]
    now: datetime
    gitlab: Mapping[str, str]

    def named(self, who: str) -> str:
        """The name of the one whom a word fits whole, such as a first name; what fits nobody stays as it was typed."""
        handle = who.removeprefix("@").casefold() if who.startswith("@") else ""
        word = {name.casefold(): email for name, email in self.gitlab.items()}.get(handle) if handle else who
        found = fitting(word, self._on_call) if word else []
        whole = [one for one in found if _is_whole(word or "", one)]
        return whole[0].name if len(whole) == 1 else who

    @cached_property
    def _on_call(self) -> list[Person]:
        try:
            entries = self.pagerduty().on_call(self.roles, self.now - AROUND, self.now + AROUND)
        except OncallError:
            return []
        return [entry.person for entry in entries]


def typed_step(text: str, times: Times, people: People) -> NextStep:
    """A step as `action | who | when`, its time absolute and not past; UsageError for any other.

    Who and when may be missing: that is lint's business.
    """
    step, why = read_step(text, times)
    if not step.action or why:
        raise UsageError(why or f"{quoted(text)} has no action", _FORM)
    if step.by and step.by < times.now.replace(second=0, microsecond=0):
        raise UsageError(f"{quoted(text)}: {stamp(step.by)} is past", _FORM)
    return replace(step, who=people.named(step.who) if step.who else None)


def resolved(steps: Iterable[NextStep], before: Iterable[NextStep], people: People) -> tuple[NextStep, ...]:
    """Steps with the people's names, in those that were not there before."""
    known = set(before)
    return tuple(step if step in known or not step.who else replace(step, who=people.named(step.who)) for step in steps)


def contingency(text: str) -> str:
    """`signal => action` as it is written: `If signal, then action`; UsageError for any other."""
    signal, *action = _THEN.split(clean(text), maxsplit=1)
    signal = _IF.sub("", signal, count=1)
    if not signal or not action or not action[0]:
        raise UsageError(f"{quoted(text)} is no contingency", '"signal => action", as in "a call comes => page me"')
    return f"If {signal}, then {action[0]}"


def _is_whole(word: str, person: Person) -> bool:
    """Whether a word is all of an id or e-mail, or whole words of a name: part of one may be a team's."""
    folded = word.casefold()
    exact = folded in (person.id.casefold(), (person.email or "").casefold())
    return exact or set(folded.split()) <= set(person.name.casefold().split())
