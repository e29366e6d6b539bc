"""What was meant by a word that no command has, and by `--help` wherever it stands."""

from collections.abc import Collection, Sequence
from typing import Any

from secops_oncall.commands import known
from secops_oncall.domain.nearest import did_you_mean, nearest
from secops_oncall.domain.text import quoted
from secops_oncall.errors import UsageError

HELP = ("-h", "--help")


def as_help(args: Sequence[str]) -> list[str]:
    """The arguments that ask `help` for what `--help` or `-h` among them asks for, with the global options before it.

    The same arguments where it is the value of an option, or stands behind `--` or a command that nobody knows.
    """
    root = known().root
    command, ours, words = root, list[str](), iter(args)
    for word in words:
        if word in HELP:
            return [*ours, "help", *command.path]
        name = word.partition("=")[0]
        if word == "--" or (command.commands and word not in command.commands and not word.startswith("-")):
            break
        command = command.commands.get(word, command)
        option = root.option(name) or command.option(name)
        value = [next(words, "")] if option and option.value and name == word else []
        ours += [word, *value] if root.option(name) else []
    return list(args)


def no_such_command(typed: str, path: str, commands: Collection[str]) -> UsageError:
    """That a group has no such command, with the one that may have been meant: of it, else of another group."""
    near = nearest(typed, commands)
    elsewhere = [command.name for command in known().root.walk() if command.path[-1] == typed.casefold()]
    meant = next(iter([*([f"{path} {near}"] if near else []), *elsewhere]), None)
    everything = "oncall help commands" if path == "oncall" else f"{path} --help"
    return UsageError(
        f"No such command {quoted(typed)}" + did_you_mean(meant),
        f"{meant} --help" if meant else everything,
    )


def no_such_option(typed: str, context: Any) -> tuple[str, str]:
    """That a command has no such option, and what to type next; `context` is Typer's, of that command."""
    options = [name for each in context.command.params for name in each.opts if name.startswith("-")]
    options += [name for each in known().root.options for name in each.names]
    near = nearest(typed, [name for name in options if name.startswith("--") == typed.startswith("--")])
    message = f"No such option: {quoted(typed)[1:-1]}"
    return message + did_you_mean(near), f"{context.command_path} --help"
