"""`oncall status`: the shift on one screen."""

import typer

from secops_oncall.cli.banner import hear
from secops_oncall.cli.options import Json, OneOutput, app_of, one_format
from secops_oncall.views.status import print_status
from secops_oncall.workflows.status import status as workflow

app = typer.Typer()


@app.command(rich_help_panel="The shift")
def status(context: typer.Context, output: OneOutput = None, as_json: Json = False) -> int:
    """Show the shift on one screen: what needs me, what is to do, what is coming.

    \b
    $ oncall status
    $ oncall status --json
    """
    home, form = app_of(context), one_format(output, as_json)
    now = home.now()
    seen = workflow(home.pagerduty, home.gitlab_if_used, home.journal, home.handoff_settings, now)
    home.offers.pages(seen.status.pages)
    home.offers.issues("mine", seen.status.backlog)
    hear(home, [page for page in seen.status.pages if page.is_mine(seen.status.me.id)], now)
    print_status(home.streams, seen.status, form, home.now(), home.zone)
    return home.tell(seen.problems)
