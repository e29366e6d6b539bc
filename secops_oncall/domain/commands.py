"""What every command is called, takes and says of itself, as a tree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """An option; `value` is what its value is called, empty for a flag."""

    names: tuple[str, ...]
    help: str = ""
    value: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    repeats: bool = False
    required: bool = False

    @property
    def spelt(self) -> str:
        """As help shows it: `-o, --output text|json`."""
        return " ".join(filter(None, (", ".join(self.names), self.value)))


@dataclass(frozen=True)
class Argument:
    """What stands behind a command without a name."""

    value: str
    help: str = ""
    repeats: bool = False
    required: bool = False

    @property
    def spelt(self) -> str:
        """As a line of usage shows it: `[PAGE]...`."""
        return (self.value if self.required else f"[{self.value}]") + ("..." if self.repeats else "")


@dataclass(frozen=True)
class Command:
    """One command: `path` is what follows `oncall`; `runs` is false where only a subcommand does anything."""

    path: tuple[str, ...] = ()
    panel: str = ""
    summary: str = ""
    more: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    runs: bool = True
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    commands: Mapping[str, "Command"] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is typed: `oncall handoff post`."""
        return " ".join(("oncall", *self.path))

    @property
    def usage(self) -> str:
        """How it is called, on one line."""
        behind = "COMMAND" if self.commands and not self.runs else "[COMMAND]" if self.commands else ""
        return " ".join(filter(None, (self.name, "[OPTIONS]", *(each.spelt for each in self.arguments), behind)))

    def option(self, name: str) -> Option | None:
        """Its option of a name, `-o` or `--output`."""
        return next((each for each in self.options if name in each.names), None)

    def walk(self) -> Iterator["Command"]:
        """Every command below it, each before its subcommands."""
        for command in self.commands.values():
            yield command
            yield from command.walk()


def parse(kept: Mapping[str, Any], path: tuple[str, ...] = ()) -> Command:
    """The command that JSON holds."""
    return Command(
        path,
        kept.get("panel", ""),
        kept.get("summary", ""),
        tuple(kept.get("more", ())),
        tuple(kept.get("examples", ())),
        kept.get("runs", True),
        tuple(Argument(**each) for each in kept.get("arguments", ())),
        tuple(_option(each) for each in kept.get("options", ())),
        {name: parse(each, (*path, name)) for name, each in kept.get("commands", {}).items()},
    )


def _option(kept: Mapping[str, Any]) -> Option:
    return Option(**(dict(kept) | {key: tuple(kept.get(key, ())) for key in ("names", "choices")}))


def named(root: Command, words: Sequence[str]) -> tuple[Command, list[str]]:
    """The command that words lead to, and the words behind it."""
    command, rest = root, list(words)
    while rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    return command, rest
