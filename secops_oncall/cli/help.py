"""`oncall help`: any command's help, every command in a line, and what is to be known of all of them."""

from collections.abc import Callable
from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import app_of
from secops_oncall.commands import known
from secops_oncall.domain.commands import named
from secops_oncall.domain.nearest import did_you_mean, nearest
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.text import quoted
from secops_oncall.errors import WHEN, UsageError
from secops_oncall.views import help as view
from secops_oncall.views import topics

app = typer.Typer()


@app.command("help", rich_help_panel="Set up")
def help_(
    context: typer.Context,
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TOPIC", help="A command, or one of: " + ", ".join(topics.TOPICS) + ".", show_default=False
        ),
    ] = None,
) -> None:
    """Explain a command, or a topic; without one, list what every day needs.

    \b
    $ oncall help
    $ oncall help handoff post
    $ oncall help commands
    $ oncall help exit-codes
    """
    home, words = app_of(context), topic or []
    if len(words) == 1 and words[0] in _TOPICS:
        _TOPICS[words[0]](home)
        return
    command, rest = named(known().root, words)
    if rest:
        raise _unknown(words, rest[0], [*command.commands, *([] if command.path else _TOPICS)])
    if command.path:
        view.print_command(home.streams, command)
    else:
        view.print_root(home.streams, command)


def _unknown(words: list[str], word: str, choices: list[str]) -> UsageError:
    near = nearest(word, choices)
    before = " ".join(["oncall help", *words[: words.index(word)]])
    return UsageError(
        f"there is no help on {quoted(' '.join(words))}" + did_you_mean(near),
        f"{before} {near}" if near else "oncall help commands",
    )


def _environment(home: App) -> None:
    tokens = [(NAMES[service], names) for service, names in known().tokens.items()]
    settings = [(each.variable, each.means) for each in known().settings.values()]
    view.print_sections(home.streams, topics.environment(tokens, settings))


_TOPICS: dict[str, Callable[[App], None]] = {
    "commands": lambda home: view.print_commands(home.streams, known().root),
    "exit-codes": lambda home: view.print_sections(home.streams, topics.exit_codes(WHEN.items())),
    "environment": _environment,
    "output": lambda home: view.print_sections(home.streams, topics.OUTPUT),
}
