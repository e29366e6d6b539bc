"""`oncall who`: who is on call, until when, and how to reach them."""

from typing import Annotated

import typer

from secops_oncall.cli.options import Json, ListOutput, app_of, list_format
from secops_oncall.views.people import print_people
from secops_oncall.workflows import people

app = typer.Typer()


@app.command(rich_help_panel="The shift")
def who(
    context: typer.Context,
    contact: Annotated[bool, typer.Option("--contact", help="With numbers to call.")] = False,
    output: ListOutput = None,
    as_json: Json = False,
) -> None:
    """Say who is on call: engineer, backup and manager.

    \b
    $ oncall who
    $ oncall who --contact
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    found = people.who(home.pagerduty, home.config.role_names, home.now(), contacts=contact)
    print_people(home.streams, found, form, home.now(), home.zone)
