"""`oncall note` and `oncall notes`: a line in the journal, at once and offline."""

from typing import Annotated

import typer

from secops_oncall.cli.options import Json, Limit, ListOutput, PageOption, app_of, list_format
from secops_oncall.domain.events import NoteKind
from secops_oncall.workflows import notes as workflow

app = typer.Typer()
PANEL = "The shift"


@app.command(rich_help_panel=PANEL)
def note(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="What to remember.", show_default=False)],
    kind: Annotated[NoteKind, typer.Option("--kind", help="What sort of note it is.")] = "note",
    page: PageOption = None,
) -> None:
    """Keep a note in the journal: no network, no configuration, linked to the page in focus.

    \b
    $ oncall note "ruled out the VPN: no session at 02:14"
    $ oncall note --kind automate "close honeypot noise by itself"
    """
    home = app_of(context)
    taken = workflow.take_note(home.journal, " ".join(text), kind, page, home.now())
    home.streams.done("noted" + workflow.about(home.journal, taken))


@app.command(rich_help_panel=PANEL)
def notes(context: typer.Context, limit: Limit = None, output: ListOutput = None, as_json: Json = False) -> None:
    """List the notes in the journal, oldest first.

    \b
    $ oncall notes
    $ oncall notes --json
    """
    from secops_oncall.views.notes import print_notes

    home = app_of(context)
    print_notes(home.streams, workflow.list_notes(home.journal), list_format(output, as_json, home), home.now(), limit)
