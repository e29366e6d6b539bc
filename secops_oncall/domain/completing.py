"""What may stand where the cursor is: commands, options, and values by what help calls them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from secops_oncall.domain.commands import Command, Option, named


@dataclass(frozen=True)
class Offer:
    """One way on, and what it is."""

    value: str
    about: str = ""


@dataclass
class Place:
    """Where the words before the cursor lead: the command, what was given to it, and the option that wants a value."""

    command: Command
    options: dict[str, str] = field(default_factory=dict)  # by the last of its names; a flag's value is empty
    arguments: list[str] = field(default_factory=list)
    waiting: Option | None = None
    is_closed: bool = False  # behind `--`

    def value(self, name: str) -> str | None:
        """What a global option was given; None where it wasn't."""
        return self.options.get(name) or None


Values = Callable[[str, Place], Iterable[Offer]]  # by what help calls the value, such as PAGE


def find(root: Command, words: Iterable[str]) -> Place:
    """Where words lead, global options among them wherever they stand."""
    place = Place(root)
    for word in words:
        name, equals, value = word.partition("=")
        option = None if place.is_closed else place.command.option(name) or root.option(name)
        if place.waiting:
            place.options[place.waiting.names[-1]] = word
            place.waiting = None
        elif word == "--":
            place.is_closed = True
        elif option:
            place.options[option.names[-1]] = value
            place.waiting = option if option.value and not equals else None
        elif word in place.command.commands and not place.arguments:
            place.command = place.command.commands[word]
        elif place.is_closed or word == "-" or not word.startswith("-"):
            place.arguments.append(word)
    return place


def complete(root: Command, words: Sequence[str], begun: str, values: Values) -> list[Offer]:
    """Every way on from words and the beginning of another; `values` knows what may stand for a PAGE."""
    place = find(root, words)
    return [each for each in _offers(root, place, begun, values) if each.value.startswith(begun)]


def _offers(root: Command, place: Place, begun: str, values: Values) -> Iterator[Offer]:
    if place.waiting:
        yield from _values(place.waiting, place, values)
    elif begun.startswith("-") and not place.is_closed:
        name, equals, _ = begun.partition("=")
        option = place.command.option(name) or root.option(name)
        if equals and option:
            yield from (Offer(f"{name}={each.value}", each.about) for each in _values(option, place, values))
        elif not equals:
            yield from _options(root, place, begun)
    else:
        if not place.arguments:
            yield from _summaries(place.command.commands)
        yield from _arguments(root, place, values)


def _options(root: Command, place: Place, begun: str) -> Iterator[Offer]:
    """The options that may still be given, the command's own first; by their long name, unless a short one is begun."""
    every = [*place.command.options, *(root.options if place.command is not root else ())]
    for option in every:
        if option.repeats or option.names[-1] not in place.options:
            names = option.names if begun == "-" else option.names[-1:]
            yield from (Offer(name, option.help) for name in names)
    yield Offer("--help", "What it does, with examples.")


def _values(option: Option, place: Place, values: Values) -> Iterator[Offer]:
    if option.choices:
        yield from map(Offer, option.choices)
    else:
        yield from _named("PROFILE" if "--profile" in option.names else option.value, place, values)


def _arguments(root: Command, place: Place, values: Values) -> Iterator[Offer]:
    """What may stand for the next argument; nothing twice."""
    known, count = place.command.arguments, len(place.arguments)
    if not known or (count >= len(known) and not known[-1].repeats):
        return
    if known[-1].value == "TOPIC":  # of `help`: a topic, or the words of a command
        command, rest = named(root, place.arguments)
        yield from _summaries(command.commands if not rest else {})
        yield from values("TOPIC", place) if not count else ()
        return
    offers = _named(known[min(count, len(known) - 1)].value, place, values)
    yield from (each for each in offers if each.value not in place.arguments)


def _named(kinds: str, place: Place, values: Values) -> Iterator[Offer]:
    """What may stand for a value that help calls so: of `backup|USER` the word itself, and whatever a USER is."""
    for kind in kinds.split("|"):
        yield from [Offer(kind)] if kind.islower() else values(kind, place)


def _summaries(commands: Mapping[str, Command]) -> Iterator[Offer]:
    yield from (Offer(name, each.summary) for name, each in commands.items())
