"""`oncall snooze`: a page that is to rest for a while, and whom it wakes then."""

from typing import Annotated

import typer

from secops_oncall.cli import asking
from secops_oncall.cli.acting import PANEL, chooser
from secops_oncall.cli.banner import settle
from secops_oncall.cli.options import DryRun, Force, Json, OneOutput, PageArgument, app_of, one_format
from secops_oncall.views.outcomes import print_outcomes
from secops_oncall.workflows import snoozing
from secops_oncall.workflows.acting import Asked
from secops_oncall.workflows.snoozing import Watch

app = typer.Typer()


@app.command(rich_help_panel=PANEL)
def snooze(
    context: typer.Context,
    page: PageArgument = None,
    length: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="How long: 90m, 2h, 1d.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Until when, in my time zone.", show_default=False)
    ] = None,
    force: Force = False,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Let a page rest, acked; tells when it comes back and whom it wakes. Without PAGE: the one that I have acked.

    \b
    $ oncall snooze 4117 --for 2h
    $ oncall snooze 4117 --until 07:00
    """
    home, form = app_of(context), one_format(output, as_json)
    rest = snoozing.rest(length, until, home.now(), lambda: home.zone)
    asking.say_which(home, until, rest.of_two)
    asked = Asked((page,) if page else (), force=force, dry_run=dry_run)
    watch, choose = Watch(home.config.role_names, home.zone, home.shift_rules), chooser(home, "snooze", many=False)
    snoozed = snoozing.snooze(home.pagerduty, home.journal, asked, rest, choose, watch, home.now())
    print_outcomes(home.streams, snoozed.outcomes, "snoozed", form)
    for warning in snoozed.warnings:
        home.streams.warn(warning)
    settle(home, snoozed.outcomes)
    return home.told(snoozed)
