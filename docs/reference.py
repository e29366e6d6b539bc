"""Write down what the commands say of themselves: `python docs/reference.py`.

It makes secops_oncall/commands.json (what help and completion read), and beside this file reference.md and oncall.1.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import MISSING, Field, asdict, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.main import get_command

from secops_oncall import config
from secops_oncall.cli.root import app
from secops_oncall.commands import FILE, Key, Known
from secops_oncall.domain.commands import Argument, Command, Option
from secops_oncall.domain.setup import NAMES
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


def settings() -> dict[str, Key]:
    """Every key of the configuration."""
    return {
        key: Key(config.variable(key), default(each), each.metadata["meaning"]) for key, each in config.KEYS.items()
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
        return {key: kept(each) for key, each in shown.items() if (each is not True and each) or each is False}
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


MADE = "<!-- made by `python docs/reference.py`: change the commands, not this page -->"


def page(told: Known) -> str:
    """The reference page, in Markdown."""
    commands = [part for command in told.root.walk() for part in section(command)]
    everywhere = table(("option", "does"), ((code(each.spelt), each.help) for each in told.root.options))
    written = [
        "# Reference",
        MADE,
        "Every command, setting, variable and exit code. The same is told by `oncall COMMAND --help`,"
        " `oncall help environment`, `oncall help output` and `oncall help exit-codes`.",
        "## Global options",
        told.root.more[0],
        everywhere,
        "## Commands",
        *commands,
        "## Settings",
        "Keys of the [configuration file](configuration.md); `ONCALL_GITLAB_URL` sets `gitlab.url`, and so on.",
        table(
            ("key", "default", "means"),
            ((f"`{key}`", code(each.default), each.means) for key, each in told.settings.items()),
        ),
        *(part for each in topics.environment(tokens(told), [])[:-1] for part in topic(each)),
        *(part for each in (*topics.OUTPUT, *topics.exit_codes(WHEN.items())) for part in topic(each)),
    ]
    return "\n\n".join(filter(None, written)) + "\n"


def section(command: Command) -> list[str]:
    """One command on the reference page."""
    arguments = ((code(each.value), each.help) for each in command.arguments)
    options = ((code(each.spelt), told_of(each)) for each in command.options)
    shown = [f"$ {each}" for each in command.examples]
    return [
        f"### {command.name}",
        prose(command.summary),
        *map(prose, command.more),
        block([command.usage, *([""] if shown else []), *shown]),
        table(("given", "means"), (*arguments, *options)),
    ]


def topic(told: topics.Section) -> list[str]:
    """One topic on the reference page."""
    rows = ((", ".join(map(code, name.split(", "))), what) for name, what in told.rows)
    return [
        f"## {told.title}",
        *map(prose, told.text),
        block([f"$ {each}" for each in told.lines]),
        table(("", ""), rows),
    ]


def told_of(each: Option) -> str:
    return f"{each.help} Default: {code(each.default)}." if each.default else each.help


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(prose(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]) if lines else ""


def block(lines: list[str]) -> str:
    return "\n".join(["```sh", *lines, "```"]) if lines else ""


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Text that Markdown takes as it is, but for what stands in backticks already."""
    parts = text.split("`")
    return "`".join(part if place % 2 else part.replace("<", "&lt;") for place, part in enumerate(parts))


def tokens(told: Known) -> list[tuple[str, Iterable[str]]]:
    return [(NAMES[service], names) for service, names in told.tokens.items()]


def variables(told: Known) -> list[tuple[str, str]]:
    return [(each.variable, each.means) for each in told.settings.values()]


def manual(told: Known) -> str:
    """The man page, in roff."""
    written = [
        '.\\" made by python docs/reference.py: change the commands, not this page',
        '.TH ONCALL 1 "" "oncall" "User Commands"',
        ".SH NAME\n" + roff(f"oncall - {told.root.summary[0].lower()}{told.root.summary[1:].removesuffix('.')}"),
        ".SH SYNOPSIS\n.B oncall\n" + roff("[OPTIONS] COMMAND [ARGUMENTS]"),
        ".SH DESCRIPTION\n" + "\n.PP\n".join(map(roff, told.root.more)),
        ".SH GLOBAL OPTIONS\n" + rows((each.spelt, each.help) for each in told.root.options),
        ".SH COMMANDS",
        *map(entry, told.root.walk()),
        *map(chapter, topics.environment(tokens(told), variables(told))),
        *map(chapter, (*topics.OUTPUT, *topics.exit_codes(WHEN.items()))),
    ]
    return "\n".join(written) + "\n"


def entry(command: Command) -> str:
    """One command of the man page."""
    usage = roff(command.usage.removeprefix(f"{command.name} "))
    examples = [f".EX\n{roff(f'$ {each}')}\n.EE" for each in command.examples]
    parts = [f".SS {roff(command.name)}", f".B {roff(command.name)}", usage]
    parts += [f".PP\n{roff(text)}" for text in (command.summary, *command.more)]
    parts += [".PP", *examples] if examples else []
    shown = [*((each.value, each.help) for each in command.arguments)]
    return "\n".join([*parts, rows([*shown, *((each.spelt, told_of(each)) for each in command.options)])]).rstrip()


def chapter(told: topics.Section) -> str:
    """One topic of the man page."""
    parts = [f".SH {roff(told.title.upper())}", *(f".PP\n{roff(text)}" for text in told.text)]
    parts += [f".PP\n.EX\n{roff(f'$ {each}')}\n.EE" for each in told.lines]
    return "\n".join([*parts, rows(told.rows)]).rstrip()


def rows(every: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f".TP\n.B {roff(name)}\n{roff(what)}" for name, what in every)


def roff(text: str) -> str:
    """Text that roff prints as it is."""
    plain = text.replace("`", "").replace(chr(92), r"\e").replace("-", r"\-")
    plain = re.sub(r"[^\x00-\x7f]", lambda found: rf"\[u{ord(found[0]):04X}]", plain)
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain


WRITTEN = {FILE: file, HERE / "reference.md": page, HERE / "oncall.1": manual}

if __name__ == "__main__":
    for target, write in WRITTEN.items():
        target.write_text(write(known()), "utf-8")
