"""`oncall shift`: my shift now or next, the coming weeks, and a calendar file."""

from typing import Annotated, Literal

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import Json, Limit, app_of, list_format, one_format
from secops_oncall.domain.shifts import Shift
from secops_oncall.errors import UsageError
from secops_oncall.views import shift as view
from secops_oncall.workflows import shift as workflow

app = typer.Typer()
AnyFormat = Literal["text", "table", "json", "tsv", "csv", "ids"]


@app.command(rich_help_panel="The shift")
def shift(
    context: typer.Context,
    following: Annotated[bool, typer.Option("--next", help="The next one, also while I am on call.")] = False,
    weeks: Annotated[
        int | None,
        typer.Option("--weeks", min=1, max=workflow.MOST_WEEKS, help="All of so many weeks.", show_default=False),
    ] = None,
    ics: Annotated[bool, typer.Option("--ics", help="A calendar file, of 4 weeks or --weeks.")] = False,
    limit: Limit = None,
    output: Annotated[
        AnyFormat | None,
        typer.Option("-o", "--output", help="One: text or json; weeks: table, json, tsv, csv or ids."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Show my shift: the one now, else the next. With --weeks: all of mine, and where nobody is on call.

    \b
    $ oncall shift
    $ oncall shift --weeks 4
    $ oncall shift --ics > oncall.ics
    """
    home = app_of(context)
    if ics and (output or as_json or following):
        raise UsageError("--ics is a format of its own", "oncall shift --ics > oncall.ics")
    found = workflow.coming(
        home.pagerduty, home.config.role_names, home.now(), weeks or workflow.WEEKS, home.shift_rules
    )
    if ics:
        from secops_oncall.views.calendar import calendar

        home.streams.answer(calendar(found.mine, home.now()))
    elif weeks:
        _list(home, found, following, output, as_json, limit)
    else:
        _one(home, found, following, output, as_json)
    return home.tell(found.problems)


def _list(
    home: App, found: workflow.Coming, following: bool, output: AnyFormat | None, as_json: bool, limit: int | None
) -> None:
    if output == "text":
        raise UsageError("-o text is for one shift", "oncall shift --weeks 4 -o table")
    mine = [one for one in found.mine if one.start > home.now() or not following]
    shifts: list[Shift] = sorted([*mine, *found.gaps], key=lambda one: one.start)
    view.print_shifts(home.streams, shifts, list_format(output, as_json, home), home.zone, limit)


def _one(home: App, found: workflow.Coming, following: bool, output: AnyFormat | None, as_json: bool) -> None:
    if output not in (None, "text", "json"):
        raise UsageError(f"-o {output} is for several shifts", f"oncall shift --weeks 4 -o {output}")
    chosen, now = found.one(home.now(), following=following), home.now()
    view.print_shift(home.streams, chosen, one_format(output, as_json), now, home.zone)
    soon = [gap for gap in found.gaps if gap.start < now + workflow.SOON]
    view.say_gaps(home.streams, soon, now, home.zone)
