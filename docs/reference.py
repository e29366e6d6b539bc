"""Write down what the commands say of themselves: `python docs/reference.py`.

It makes secops_oncall/commands.json (what help and completion read), and beside this file reference.md and oncall.1.
"""

import json
from dataclasses import MISSING, Field, asdict, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.main import get_command

from secops_oncall import __version__, config
from secops_oncall.cli.root import app
from secops_oncall.commands import FILE, Known, Setting
from secops_oncall.domain.commands import Argument, Command, Option
from secops_oncall.errors import WHEN
from secops_oncall.secrets import VARIABLES
from secops_oncall.views import topics

HERE = Path(__file__).parent
WIDE = 110  # characters of an option in the file, after which it is worth a line of its own
SHELLS = {"--install-completion", "--show-completion"}


def tree(live: Any, path: tuple[str, ...] = ()) -> Command:
    """A command of Typer's, and all that is below it."""
    paragraphs = [part.strip() for part in (live.help or "").split("\n\n") if part.strip()]
    told = [" ".join(part.split()) for part in paragraphs if "$ oncall" not in part]
    examples = [line.strip()[2:] for part in paragraphs for line in part.splitlines() if line.strip().startswith("$ ")]
    below = getattr(live, "commands", {})
    panel = live.rich_help_panel if isinstance(live.rich_help_panel, str) else ""
    parameters = [each for each in live.params if not getattr(each, "hidden", False)]
    return Command(
        path,
        panel,
        told[0] if told else "",
        tuple(told[1:]),
        tuple(examples),
        not below or live.invoke_without_command,
        tuple(argument(each) for each in parameters if each.param_type_name == "argument"),
        tuple(
            option(each)
            for each in parameters
            if each.param_type_name == "option" and not (path and SHELLS & set(each.opts))
        ),
        {name: tree(below[name], (*path, name)) for name in below},
    )


def argument(live: Any) -> Argument:
    value = live.metavar or "|".join(choices(live)) or live.name.upper()
    return Argument(value, live.help or "", live.nargs == -1, bool(live.required))


def option(live: Any) -> Option:
    flag = live.is_flag or live.count
    told = choices(live)
    default = live.default if live.show_default and not flag and live.default not in (None, "", [], ()) else ""
    value = "" if flag else "|".join(told) or (live.metavar or live.name.upper()).strip("[]")
    return Option(
        (*live.opts, *live.secondary_opts),
        live.help or "",
        value,
        tuple(told),
        str(default),
        bool(live.multiple),
        bool(live.required),
    )


def choices(live: Any) -> list[str]:
    """What an option may be; a parser of ours tells it by its metavar, as `[a|b]`."""
    kind = live.type_descriptor.annotation
    if get_origin(kind) is Literal:
        return [str(each) for each in get_args(kind)]
    written = live.metavar or ""
    return written.strip("[]").split("|") if written.startswith("[") else []


def settings() -> dict[str, Setting]:
    """Every key of the configuration."""
    return {
        key: Setting(config.variable(key), default(each), each.metadata["meaning"]) for key, each in config.KEYS.items()
    }


def default(each: Field[Any]) -> str:
    """A key's default as TOML has it; empty where it has none."""
    value = each.default_factory() if each.default_factory is not MISSING else each.default
    return "" if value in (None, MISSING) else json.dumps(list(value) if isinstance(value, tuple) else value)


def known() -> Known:
    """All of it, from the commands and settings as they are."""
    return Known(tree(get_command(app)), settings(), VARIABLES)


def file(told: Known) -> str:
    """The file that the program reads, an option a line, so that two changes seldom meet."""
    written = {key: [one.variable, one.default, one.means] for key, one in told.settings.items()}
    return lined({"settings": written, "tokens": kept(told.tokens), "commands": kept(told.root)}) + "\n"


def kept(value: Any) -> Any:
    """A command as JSON has it, without what is empty, and without its path, which its place tells."""
    if isinstance(value, Command):
        shown = {each.name: getattr(value, each.name) for each in fields(value) if each.name != "path"}
        return {key: kept(each) for key, each in shown.items() if each is not True and each or each is False}
    if isinstance(value, Option | Argument):
        return {key: each for key, each in asdict(value).items() if each}
    if isinstance(value, dict):
        return {key: kept(each) for key, each in value.items()}
    return [kept(each) for each in value] if isinstance(value, tuple) else value


def lined(value: Any, indent: str = "") -> str:
    """JSON with what is short on one line."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) <= WIDE or is_option(value) or not isinstance(value, dict | list):
        return short
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {lined(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + lined(each, inner) for each in value) + f"\n{indent}]"


def is_option(value: Any) -> bool:
    return isinstance(value, dict) and ("names" in value or "value" in value)


if __name__ == "__main__":
    FILE.write_text(file(known()), "utf-8")
