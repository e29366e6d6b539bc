"""`oncall who`: who is on call, until when, and how to reach them."""

from typing import Annotated

import typer

from secops_oncall.cli import asking
from secops_oncall.cli.options import At, Json, ListOutput, app_of, list_format
from secops_oncall.views.people import print_people
from secops_oncall.workflows import people, roster

app = typer.Typer()


@app.command(rich_help_panel="The shift")
def who(
    context: typer.Context,
    at: At = None,
    contact: Annotated[bool, typer.Option("--contact", help="With numbers to call.")] = False,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """Say who is on call: engineer, backup and manager.

    While PagerDuty is down the answer comes from what was kept for an outage, and its age is said.

    \b
    $ oncall who
    $ oncall who --contact
    $ oncall who --at "Sun 04:00"
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    moment = people.checked(asking.moment(home, at), home.now())
    roles = home.config.role_names
    found = roster.ask(
        home.pagerduty,
        lambda source: people.who(source, roles, moment, contacts=contact),
        moment,
        kept=home.config.cache.contacts,
    )
    home.offers.people(found.value)
    print_people(
        home.streams,
        found.value,
        form,
        home.now(),
        home.zone,
        at=moment,
        contacts=contact,
        unread=found.unread,
    )
    return asking.told(home, found)
