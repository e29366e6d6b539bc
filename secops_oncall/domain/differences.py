"""A read-back beside what was handed over, by plain rules: who, when and what it leaves out, adds or changes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal

from secops_oncall.domain.people import Person
from secops_oncall.domain.readback import LABELS, ReadBack
from secops_oncall.domain.times import stamps
from secops_oncall.domain.traces import NextStep

ALIKE = 0.5  # of a step's words: as many in what is to be done first make it that step

_CLOCK = re.compile(r"(?<![\w:.])(\d{1,2})(?::(\d\d))?(?!:?\d)(?: ?([ap])\.?m\b)?", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_HANDLE = re.compile(r"(?<![\w@./`])@([A-Za-z0-9_](?:[\w.-]*\w)?)")
# A number, or a word with a digit in it (an address, a host, an id), without the sign that ends its sentence.
_ID = re.compile(r"(?<![\w@])(?=[\w./:-]*\d)\w(?:[\w./:-]*\w)?")
_LENGTH = re.compile(r"\d+(?:st|nd|rd|th|s|m|min|h|d|w|am|pm)", re.IGNORECASE)
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class Told:
    """What a hand-off tells: its whole text, its next steps in order, and who is known by name.

    `refs` are those of its incidents, `pages` the numbers of their pages, by which an incident may be meant, too.
    `handles` are GitLab user names by the person's name; `zone` is the reader's own, in which they may tell a time.
    """

    text: str
    steps: Sequence[NextStep] = ()
    refs: Sequence[str] = ()
    people: Sequence[Person] = ()
    handles: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    pages: Sequence[str] = ()


@dataclass(frozen=True)
class Difference:
    """In what a read-back differs: `said` stands in it and not in the hand-off, `handed` the other way round.

    Where there are both, the one is said in the other's place.
    """

    what: Literal["people", "times", "ids"]
    said: tuple[str, ...] = ()
    handed: tuple[str, ...] = ()


def compare(words: ReadBack, told: Told, me: Person) -> list[Difference]:
    """All in which a read-back of mine differs. I am never left out of it, since I say "I"."""
    said = "\n".join(getattr(words, name) for name in LABELS)
    names, clocks, changed = _Names(told), _Clocks(told), _changed(words.first, told, me)
    spoken = {value for each in changed for value in (*each.said, *each.handed)}
    due = {_utc(step.by): step.by for step in told.steps if step.by}
    left = [
        Difference("people", handed=tuple(names.owed(me) - names.found(said))),
        Difference("times", handed=tuple(text for text, by in due.items() if not _clocks(said) & clocks.of(by))),
        Difference("ids", handed=() if _names_any(told, said) else tuple(told.refs)),
    ]
    more = [
        Difference("people", said=tuple(names.found(said) - names.found(told.text) - {me.name})),
        Difference("times", said=tuple(_clocks(said) - clocks.told)),
        Difference("ids", said=tuple(_ids(said) - _ids(told.text))),
    ]
    return [*changed, *(each for one in (*left, *more) if (each := _without(one, spoken)))]


class _Names:
    """Who is named in a text: by the whole name, by a user name after an `@`, or by a first name that only one has."""

    def __init__(self, told: Told) -> None:
        named = {person.name: told.handles.get(person.name) for person in told.people if person.name}
        self._aliases = {
            name: {name.casefold(), *([f"@{user}".casefold()] if user else [])} for name, user in named.items()
        }
        self._whole = {alias: name for name, aliases in self._aliases.items() for alias in aliases}
        self._whole |= {user.casefold(): name for name, user in named.items() if user}  # as posted notes have it
        firsts = [name.split()[0].casefold() for name in named]
        for name in named:
            first = name.split()[0].casefold()
            if firsts.count(first) == 1:
                self._aliases[name].add(first)
        self._steps = [step.who for step in told.steps if step.who]
        for who in self._steps:
            if who.casefold() not in self._whole:  # a team, or somebody whom no table knows
                self._aliases.setdefault(who, set()).add(who.casefold())

    def found(self, text: str) -> set[str]:
        """The names of all who are named, and the user names that are nobody's."""
        folded = text.casefold()
        known = {name for name, aliases in self._aliases.items() if any(_stands(each, folded) for each in aliases)}
        strangers = {f"@{user}" for user in _HANDLE.findall(text) if f"@{user}".casefold() not in self._whole}
        return known | strangers

    def owed(self, me: Person) -> set[str]:
        """The names of those who have a next step, but mine."""
        return {self._whole.get(who.casefold(), who) for who in self._steps} - {me.name}


class _Clocks:
    """The clock times of a hand-off, as it has them and as they are on the reader's own clock."""

    def __init__(self, told: Told) -> None:
        self._zone = told.zone
        known = [*stamps(told.text), *(step.by for step in told.steps if step.by)]
        self.told = _clocks(told.text).union(*(self.of(moment) for moment in known))

    def of(self, moment: datetime) -> set[str]:
        """A moment as a clock shows it."""
        return {f"{moment.astimezone(zone):%H:%M}" for zone in (UTC, self._zone)}


def _changed(first: str, told: Told, me: Person) -> list[Difference]:
    """What is to be done first, where it is a step of the hand-off, but another person's or by another time."""
    words = set(_WORD.findall(first.casefold()))
    likeness = [(_share(set(_WORD.findall(step.action.casefold())), words), step) for step in told.steps]
    most, step = max(likeness, key=lambda each: each[0], default=(0.0, None))
    if step is None or most < ALIKE:
        return []
    found, names, clocks = [], _Names(told), _Clocks(told)
    who, mentioned, by = names.owed(me) & names.found(step.who or ""), names.found(first), _clocks(first)
    if who and mentioned and not who & mentioned:
        found.append(Difference("people", _ordered(mentioned), _ordered(who)))
    if step.by and by and not by & clocks.of(step.by):
        found.append(Difference("times", _ordered(by), (_utc(step.by),)))
    return found


def _share(wanted: set[str], words: set[str]) -> float:
    return len(wanted & words) / len(wanted) if wanted else 0.0


def _without(difference: Difference, spoken: Iterable[str]) -> Difference | None:
    """A difference without what was told already; None where nothing is left."""
    told = set(spoken)
    rest = Difference(difference.what, _ordered(set(difference.said) - told), _ordered(set(difference.handed) - told))
    return rest if rest.said or rest.handed else None


def _ordered(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values, key=str.casefold))


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _names_any(told: Told, text: str) -> bool:
    """Whether a text says which of several incidents it is about; the other way round nobody would name all of ten."""
    return len(told.refs) < 2 or any(_names(each, text) for each in (*told.refs, *told.pages))


def _names(ref: str, text: str) -> bool:
    """Whether a text names an issue `group/project#12` in full or by `#12`, or a page by its number or id."""
    return _stands(ref.rpartition("#")[2].casefold(), text.casefold())


def _clocks(text: str) -> set[str]:
    """The clock times in a text as `HH:MM`; `3 pm` is one, a bare number is none."""
    found = set()
    for hour, minute, half in _CLOCK.findall(text):
        hours = int(hour) % 12 + (12 if half.lower() == "p" else 0) if half else int(hour)
        if (minute or half) and hours < 24 and int(minute or 0) < 60:
            found.add(f"{hours:02}:{minute or '00'}")
    return found


def _ids(text: str) -> set[str]:
    """The numbers and ids in a text, in lower case; times, dates and lengths of time are none."""
    bare = _DATE.sub(" ", _CLOCK.sub(lambda found: found[0] if not (found[2] or found[3]) else " ", text))
    words = (word for found in _ID.findall(bare) for word in re.split(r"[/#]", found))
    return {word.casefold() for word in words if re.search(r"\d", word) and not _LENGTH.fullmatch(word)}


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M} UTC"
