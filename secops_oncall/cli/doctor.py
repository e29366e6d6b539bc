"""`oncall doctor`: every check of the set-up, and what mends what is wrong with it."""

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import Json, ListFormat, ListOutput, app_of, list_format
from secops_oncall.domain.doctor import worst
from secops_oncall.examining import examined as findings
from secops_oncall.views.doctor import print_findings

app = typer.Typer()


@app.command(rich_help_panel="Set up")
def doctor(context: typer.Context, output: ListOutput = None, as_json: Json = False) -> int:
    """Check the configuration, each service and this machine, and say what mends what is wrong.

    Nothing is written anywhere. The exit code is that of the error to mend first.

    \b
    $ oncall doctor
    $ oncall doctor --json
    $ oncall doctor -p staging
    """
    home = app_of(context)
    return examined(home, list_format(output, as_json, home), whole=True)


def examined(app: App, form: ListFormat | None = None, *, whole: bool = False) -> int:
    """Run every check, print what was found (None: a table on a terminal), and answer the exit code.

    `whole` tells that nothing was asked before: a long answer may then go through a pager.
    """
    found = findings(app)
    print_findings(app.streams, found, form, whole=whole)
    return worst(found)
