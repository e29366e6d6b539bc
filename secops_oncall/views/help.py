"""Help: the daily commands on one screen, one command whole, every command in a line, and topics."""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from secops_oncall.domain.commands import Command
from secops_oncall.domain.text import shorten
from secops_oncall.streams import Streams
from secops_oncall.views.topics import Section

DAILY = ("The shift", "Pages", "Issues", "Incidents and hand-off")  # panels with a line for each command
_WIDEST = 100  # columns: longer lines are hard to read
_HEADING = re.compile(r"^\S.*(?=\n  )", re.MULTILINE)


def print_root(streams: Streams, root: Command) -> None:
    """Print what `oncall` has for every day, a line each; the rest by its name alone."""
    width = min(streams.width, _WIDEST)
    daily, rest = dict[str, list[Command]](), dict[str, list[str]]()
    for panel in DAILY:
        daily[panel] = [each for each in root.commands.values() if each.panel == panel]
    for each in root.commands.values():
        if each.panel not in DAILY:
            rest.setdefault(each.panel, []).append(each.path[0])
    column = max((len(each.path[0]) for some in daily.values() for each in some), default=0) + 4
    parts = [f"Usage: {root.name} [OPTIONS] COMMAND", "\n".join(wrap(root.summary, width))]
    panels = [
        "\n".join([panel, *(f"  {one.path[0]:<{column - 2}}{brief(one.summary, width - column)}" for one in some)])
        for panel, some in daily.items()
        if some
    ]
    panels.append(
        "\n".join(line for panel, names in rest.items() for line in _wrapped(f"{panel}: {', '.join(names)}", "", width))
    )
    spelt = [each.spelt.replace(" ", "\xa0") for each in root.options if not each.names[0].endswith("-completion")]
    panels.append("\n".join(["Global options, before or after the command", *_wrapped("  ".join(spelt), "  ", width)]))
    _print(streams, "\n\n".join([*parts, *panels, "\n".join(_further(width))]), paged=False)


def _further(width: int) -> Iterator[str]:
    yield from wrap("oncall COMMAND --help tells more; oncall help commands lists them all.", width)
    yield from wrap("Topics: oncall help exit-codes, environment, output.", width)


def print_command(streams: Streams, command: Command) -> None:
    """Print what one command does, with its examples, arguments and options."""
    sections = [Section("Examples", lines=command.examples)] if command.examples else []
    if command.commands:
        below = tuple((name, each.summary) for name, each in command.commands.items())
        sections.append(Section("Commands", rows=below))
    if command.arguments:
        sections.append(Section("Arguments", rows=tuple((each.value, each.help) for each in command.arguments)))
    if command.options:
        sections.append(
            Section("Options", rows=tuple((each.spelt, told(each.help, each.default)) for each in command.options))
        )
    text = (f"Usage: {command.usage}", command.summary, *command.more)
    _print(streams, _drawn([Section("", text), *sections], streams.width))


def told(help: str, default: str) -> str:
    """What an option does, and its default, if it has one that says something."""
    return f"{help} Default: {default}." if default else help


def print_commands(streams: Streams, root: Command) -> None:
    """Print every command and subcommand, a line each."""
    width, every = min(streams.width, _WIDEST), list(root.walk())
    column = max(len(each.name) for each in every) + 2
    _print(streams, "\n".join(f"{each.name:<{column}}{brief(each.summary, width - column)}" for each in every))


def print_sections(streams: Streams, sections: Iterable[Section]) -> None:
    """Print a topic."""
    _print(streams, _drawn(sections, streams.width))


def brief(text: str, room: int) -> str:
    """A command's summary in one line: its first sentence, or as much of that as says something."""
    first = re.split(r"(?<=[a-z)])\. ", text)[0].removesuffix(".")
    if len(first) <= room:
        return first
    for sign in ("[:;]", ","):
        ends = [found.start() for found in re.finditer(f"{sign} ", first) if found.start() <= room]
        if ends:
            return first[: ends[-1]]
    return shorten(first, room)


def _drawn(sections: Iterable[Section], room: int) -> str:
    width = min(room, _WIDEST)
    return "\n\n".join("\n".join(_section(each, width)) for each in sections)


def _section(section: Section, width: int) -> Iterator[str]:
    inset = "  " if section.title else ""
    if section.title:
        yield section.title
    paragraphs = ["\n".join(_wrapped(text, inset, width)) for text in section.text]
    if paragraphs:
        yield "\n\n".join(paragraphs)
    if section.rows and section.text:
        yield ""
    yield from _rows(section.rows, width)
    if section.lines and section.text:
        yield ""
    yield from (f"  $ {line}" for line in section.lines)


def _rows(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Names and what they are, in two columns; below a name that is too long for the first one."""
    every = list(rows)
    column = min(max((len(name) for name, _ in every), default=0) + 4, width * 2 // 5)
    for name, what in every:
        lines = wrap(what, max(width - column, 20)) or [""]
        if len(name) + 4 > column:
            yield from _wrapped(name, "  ", width)
        else:
            yield f"  {name:<{column - 2}}{lines.pop(0)}".rstrip()
        yield from (" " * column + line for line in lines)


def _wrapped(text: str, inset: str, width: int) -> list[str]:
    broken = wrap(text, max(width - len(inset), 20), break_long_words=False, break_on_hyphens=False)
    return [inset + line.replace("\xa0", " ") for line in broken]


def _print(streams: Streams, text: str, *, paged: bool = True) -> None:
    """Print a page, its headings bold on a terminal; for a pipe Rich isn't loaded."""
    if not streams.is_terminal:
        streams.answer(text)
        return
    from rich.text import Text

    page = Text(text)
    page.highlight_regex(_HEADING, "bold")
    if paged:
        streams.page(page)
    else:
        streams.render(page)
