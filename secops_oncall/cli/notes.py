"""`oncall notes`: what was noted, by kind, page and shift."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import Json, Limit, ListOutput, PageOption, app_of, list_format
from secops_oncall.domain.events import NOTE_KINDS, NoteKind
from secops_oncall.domain.text import quoted
from secops_oncall.errors import UsageError
from secops_oncall.workflows import notes as workflow

if TYPE_CHECKING:
    from secops_oncall.domain.shifts import Shift

app = typer.Typer()


def _kind(text: str) -> NoteKind:
    """One of the kinds: Typer takes no list of literals."""
    found = next((kind for kind in NOTE_KINDS if kind == text), None)
    if found is None:
        raise UsageError(f"{quoted(text)} is no kind of note", f"one of {', '.join(NOTE_KINDS)}")
    return found


@app.command(rich_help_panel="The shift")
def notes(
    context: typer.Context,
    shift: Annotated[
        str | None,
        typer.Option(
            "--shift", metavar="SHIFT", help="Those of this, of -1 before, or of a time in it.", show_default=False
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", parser=_kind, metavar=f"[{'|'.join(NOTE_KINDS)}]", help="Only this kind; repeats."),
    ] = None,
    page: PageOption = None,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> None:
    """List the notes in the journal, oldest first; --limit keeps the newest.

    \b
    $ oncall notes
    $ oncall notes --shift this --kind risk --kind question
    $ oncall notes --page 4117 --json
    """
    from secops_oncall.views.notes import print_notes

    home = app_of(context)
    format = list_format(output, as_json, home)
    since, until = _span(home, shift) if shift else (None, None)
    found = workflow.list_notes(home.journal, kind or (), page, since, until)
    empty = "No such notes." if shift or kind or page else "No notes yet."
    print_notes(home.streams, found, format, home.now(), limit, empty=empty)


def _span(home: App, named: str) -> tuple[datetime, datetime | None]:
    """When the shift that was named begins and ends: this one from memory, where the journal knows it."""
    from secops_oncall.domain.answered import accepted_shifts
    from secops_oncall.workflows.shift import named_shift
    from secops_oncall.workflows.this_shift import keep, remembered

    def ask() -> "Shift":
        text = None if named == "this" else named
        accepted = accepted_shifts(home.journal.events())
        return named_shift(
            home.pagerduty, home.config.role_names, text, home.now(), home.zone, home.shift_rules, accepted
        )

    if named == "this":
        found = remembered(home.journal, ask, home.now())
    else:
        found = ask()
        keep(home.journal, found, home.journal.events("shift"), home.now())
    return found.start, found.end
