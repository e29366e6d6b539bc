"""How argv is read: commands loaded when they are named, options wherever the engineer types them."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from secops_oncall.errors import UsageError

GLOBAL_FLAGS = frozenset({"--sandbox", "--no-input", "--no-color", "--no-pager", "--no-cache", "--version"}) | {
    *("-q", "--quiet", "-v", "--verbose")
}
GLOBAL_VALUES = frozenset({"--config", "-p", "--profile"})


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each imported from its room of `cli/` when it is first asked for."""

    def __init__(self, rooms: Mapping[str, str]) -> None:
        self._rooms = dict(rooms)
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            app = import_module(f"secops_oncall.cli.{self._rooms[name]}").app
            room: Any = get_command(app)
            # A room holds either commands of the top level or a group that has its own name.
            if room.name != name:
                room = room.commands[name]
            elif hasattr(room, "commands"):
                room.rich_help_panel = app.rich_help_panel  # Typer hands it on in `add_typer` only
            self._loaded[name] = room
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._rooms[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rooms)

    def __len__(self) -> int:
        return len(self._rooms)


class Options:
    """What a command's options look like, as far as skipping over their values needs it."""

    def __init__(self, command: Any) -> None:
        self.values: set[str] = set()
        self.flags: set[str] = set()
        for each in command.params:
            if each.param_type_name == "option":
                known = self.flags if each.is_flag or each.count else self.values
                known.update(each.opts, each.secondary_opts)


def hoist(root: TyperGroup, args: Sequence[str]) -> list[str]:
    """The arguments with every global option before the command, wherever it stood (up to `--`).

    A value of another option is never taken for a global one: `resolve 4117 --note -q` keeps its `-q`.
    """
    hoisted: list[str] = []
    rest: list[str] = []
    command: Any = root
    options = Options(root)
    words = iter(args)
    for word in words:
        if word == "--":
            return [*hoisted, *rest, word, *words]
        name, equals, _ = word.partition("=")
        if word in GLOBAL_FLAGS or (equals and name in GLOBAL_VALUES):
            hoisted.append(word)
        elif word in GLOBAL_VALUES:
            hoisted += [word, _value(word, words)]
        elif word in options.values:
            rest += [word, *_following(words)]
        elif word.startswith("-") and not word.startswith("--"):
            ours, others = _split_cluster(word, options)
            hoisted += ours
            rest += others
        else:
            rest.append(word)
            if word in getattr(command, "commands", {}):
                command = command.commands[word]
                options = Options(command)
    return hoisted + rest


def lower(group: TyperGroup, args: Sequence[str]) -> list[str]:
    """The arguments with a group's options behind its subcommand, which knows them or refuses them."""
    options = Options(group)
    before: list[str] = []
    words = iter(args)
    for word in words:
        if word in options.values:
            before += [word, *_following(words)]
        elif word.startswith("-") and word != "--":
            before.append(word)
        else:
            return [word, *before, *words] if word in group.commands else list(args)
    return list(args)


def _value(option: str, words: Iterator[str]) -> str:
    """The value behind a global option: without one the command itself would be taken for it."""
    for value in words:
        return value
    raise UsageError(f"Option '{option}' requires an argument", "oncall --help")


def _following(words: Iterator[str]) -> list[str]:
    following = next(words, None)
    return [] if following is None else [following]


def _split_cluster(word: str, options: Options) -> tuple[list[str], list[str]]:
    """A cluster of short options such as `-nq`, parted into the global ones and the command's own."""
    ours, others = [], []
    for place, letter in enumerate(word[1:], start=1):
        option = f"-{letter}"
        if option in options.flags:
            others.append(option)
        elif option in GLOBAL_FLAGS:
            ours.append(option)
        elif option in GLOBAL_VALUES:
            return [*ours, "-" + word[place:]], others
        else:  # it takes a value, or nobody knows it: the rest of the word belongs to it
            return ours, [*others, "-" + word[place:]]
    return ours, others or ([] if ours else [word])


class KnowingGroup(TyperGroup):
    """A group that says which of its commands may have been meant."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from secops_oncall.cli.meant import no_such_command

            raise no_such_command(args[0], ctx.command_path, self.commands)
        return super().resolve_command(ctx, args)


class RootGroup(KnowingGroup):
    """`oncall` itself: it takes the global options wherever they stand, and `--help` as its command `help`."""

    rooms: Mapping[str, str] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands(self.rooms)

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if {"-h", "--help"} & set(args):
            from secops_oncall.cli.meant import as_help

            args = as_help(args)
        return super().parse_args(ctx, hoist(self, args))


class NounGroup(KnowingGroup):
    """A command with subcommands, such as `backlog`: what is given to it reaches the subcommand."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return super().parse_args(ctx, lower(self, args))
