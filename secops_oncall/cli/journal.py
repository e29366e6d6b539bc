"""`oncall journal`: all of it to another machine, and back."""

from pathlib import Path
from typing import Annotated

import typer

from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.options import Force, app_of
from secops_oncall.domain.exporting import LONGEST
from secops_oncall.domain.text import plural
from secops_oncall.workflows import moving as workflow

app = typer.Typer(
    name="journal",
    cls=NounGroup,
    rich_help_panel="Set up",
    help="""The shift's memory, to be moved to another machine.

    \b
    $ oncall journal export oncall.jsonl
    $ oncall journal import oncall.jsonl
    """,
)


@app.command("export")
def export(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to; without it standard output.", show_default=False),
    ] = None,
    force: Force = False,
) -> None:
    """Write the whole journal as lines of JSON, for `oncall journal import` elsewhere.

    \b
    $ oncall journal export oncall.jsonl
    $ oncall journal export | ssh elsewhere oncall journal import -
    """
    home = app_of(context)
    count, lines = workflow.export(home.journal, home.now())
    if file is None or str(file) == "-":
        for line in lines:
            home.streams.answer(line)
        return
    home.save(file, lines, force=force)
    home.streams.done(f"exported {plural(count, 'event')} to {file}")


@app.command("import")
def take_in(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `oncall journal export` wrote; - for a pipe.")],
    force: Force = False,
) -> None:
    """Take in what another machine has exported: all of it or nothing, and each event once however often.

    \b
    $ oncall journal import oncall.jsonl
    $ ssh elsewhere oncall journal export | oncall journal import -
    """
    home = app_of(context)
    with home.reading(file, LONGEST) as read:
        taken = workflow.take_in(home.own_journal, read, file, force=force)
    home.streams.done(f"imported {plural(taken.new, 'event')}; {taken.known} were here already")
