"""`oncall issues`: the labelled issues of every configured group and project."""

from typing import Annotated

import typer

from secops_oncall.cli.options import Json, Limit, ListOutput, app_of, list_format
from secops_oncall.errors import UsageError
from secops_oncall.views.issues import print_issues
from secops_oncall.workflows.issues import list_issues

app = typer.Typer()


@app.command(rich_help_panel="Issues")
def issues(
    context: typer.Context,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="With this label; repeat it for any of several.", show_default=False),
    ] = None,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> None:
    """List open issues with a label, over every configured group and project, newest activity first.

    \b
    $ oncall issues --label oncall
    $ oncall issues -L 10 --json
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    if label and not all(each.strip() for each in label):
        raise UsageError("--label is empty", "oncall issues --label oncall")
    found = list_issues(home.gitlab, home.config.places, label or [home.config.issues.label])
    print_issues(home.streams, found, form, home.now(), limit)
