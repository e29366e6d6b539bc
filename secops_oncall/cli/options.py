"""The options that several commands have, each spelt once."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from secops_oncall.app import App
from secops_oncall.cli.banner import begin
from secops_oncall.errors import UsageError
from secops_oncall.streams import Streams

Format = TypeVar("Format", bound=str)
ListFormat = Literal["table", "json", "tsv", "csv", "ids"]
OneFormat = Literal["text", "json"]
HandoffFormat = Literal["markdown", "json"]


def one_name(context: typer.Context, name: str | None) -> str | None:
    """The one thing that was named; for `-` the one that a pipe names, whatever else that line holds.

    Raises UsageError for a pipe that names none, or several.
    """
    if name != "-" or context.resilient_parsing:
        return name
    app: App = context.obj
    found, _ = names([name], app.streams)
    if len(found) != 1:
        count = f"{len(found)} things" if found else "nothing"
        raise UsageError(f"standard input names {count}, and one is needed", f"{context.command_path} PAGE")
    return found[0]


ListOutput = Annotated[
    ListFormat | None,
    typer.Option("-o", "--output", help="How to answer: a table, or for programs.", show_default=False),
]
OneOutput = Annotated[
    OneFormat | None, typer.Option("-o", "--output", help="How to answer: text, or for programs.", show_default=False)
]
HandoffOutput = Annotated[
    HandoffFormat | None, typer.Option("-o", "--output", help="Markdown, or for programs.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="The same as -o json.")]
Limit = Annotated[int | None, typer.Option("-L", "--limit", min=1, help="At most so many.", show_default=False)]
DryRun = Annotated[bool, typer.Option("-n", "--dry-run", help="Say what would be done, and send no write.")]
Force = Annotated[bool, typer.Option("--force", help="Do it in spite of what speaks against it.")]
PageArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="PAGE", help="An id, a number or a URL; - reads it from a pipe.", show_default=False, callback=one_name
    ),
]
PageArguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="PAGE", help="Ids, numbers or URLs; - reads them from a pipe.", show_default=False),
]
PageOption = Annotated[
    str | None,
    typer.Option("--page", metavar="PAGE", help="The page it is about.", show_default=False, callback=one_name),
]
IssueOption = Annotated[
    str | None,
    typer.Option("--issue", metavar="ISSUE", help="Its issue: group/project#12, a URL, or 12.", show_default=False),
]
IssueArgument = Annotated[
    str | None, typer.Argument(metavar="ISSUE", help="group/project#12, a URL, or 12.", show_default=False)
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="As of 04:00, 'Sun 04:00' or 2h from now.", show_default=False),
]
ShiftOption = Annotated[
    str | None,
    typer.Option("--shift", metavar="SHIFT", help="That of -1 before, or of a time in it.", show_default=False),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="USER", help="Who takes over, if not whose turn is next.", show_default=False),
]
Yes = Annotated[bool, typer.Option("-y", "--yes", help="Don't ask.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Read this configuration.", show_default=False)
]
Profile = Annotated[
    str | None, typer.Option("-p", "--profile", metavar="NAME", help="Use this profile of it.", show_default=False)
]


def app_of(context: typer.Context) -> App:
    """The App that the boundary put into the context, with the banner on its way where the command ends with it."""
    app: App = context.obj
    begin(context, app)
    return app


def list_format(output: ListFormat | None, as_json: bool, app: App) -> ListFormat:
    """How a list is answered: as asked, else a table on a terminal and TSV in a pipe."""
    return _one(output, as_json) or ("table" if app.streams.is_terminal else "tsv")


def one_format(output: OneFormat | None, as_json: bool) -> OneFormat:
    """How a single thing is answered."""
    return "json" if _one(output, as_json) == "json" else "text"


def outcomes_format(output: ListFormat | None, as_json: bool, listing: str = "--list") -> OneFormat:
    """How outcomes are answered by a command that has a `listing`, too: as JSON, else as text."""
    if output not in (None, "json"):
        raise UsageError(f"-o {output} is for {listing}", "-o json, or nothing for text")
    return one_format(output, as_json)


def handoff_format(output: HandoffFormat | None, as_json: bool) -> HandoffFormat:
    """How a hand-off is answered."""
    return "json" if _one(output, as_json) == "json" else "markdown"


def _one(output: Format | None, as_json: bool) -> Format | Literal["json"] | None:
    if as_json and output not in (None, "json"):
        raise UsageError(f"--json and -o {output} contradict each other", "give one of them")
    return "json" if as_json else output


def names(given: list[str] | None, streams: Streams) -> tuple[tuple[str, ...], bool]:
    """The things that were named, and whether `-` took names from a pipe: a line each, its first field."""
    found = [name for name in given or [] if name != "-"]
    if "-" not in (given or []):
        return tuple(found), False
    try:
        lines = streams.stdin.read().splitlines() if streams.stdin else []
    except UnicodeDecodeError:
        raise UsageError("standard input is no text: one id, number or URL a line", "oncall pages -o ids") from None
    return (*found, *(line.split("\t")[0].strip() for line in lines if line.strip())), True
