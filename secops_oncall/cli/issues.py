"""`oncall issues`: the labelled issues of every configured group and project."""

from typing import Annotated, Literal

import typer

from secops_oncall.cli.asking import moment
from secops_oncall.cli.options import Json, Limit, ListOutput, app_of, list_format
from secops_oncall.views.issues import print_issues
from secops_oncall.workflows.issues import IssueFilter, list_issues

app = typer.Typer()


@app.command(rich_help_panel="Issues")
def issues(
    context: typer.Context,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="With this label; repeat it for any of several.", show_default=False),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to me.")] = False,
    unassigned: Annotated[bool, typer.Option("--unassigned", help="Only those that nobody has.")] = False,
    unreviewed: Annotated[
        bool, typer.Option("--unreviewed", help="Only what is new or changed since my last review.")
    ] = False,
    state: Annotated[
        Literal["opened", "closed", "all"], typer.Option(help="Open ones, closed ones, or both.")
    ] = "opened",
    search: Annotated[
        str | None, typer.Option(help="Only with this text in title or description.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Active since then: 2h, 08:00.", show_default=False)
    ] = None,
    no_confidential: Annotated[
        bool, typer.Option("--no-confidential", help="Leave confidential ones out, as for a shared screen.")
    ] = False,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """List open issues with a label, over every configured group and project, newest activity first.

    Each is new, changed or unchanged since my last review; a comment of my own changes none.

    \b
    $ oncall issues --label oncall
    $ oncall issues --unreviewed --unassigned
    $ oncall issues --since 8h --state all --json
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    active = moment(home, since, "past") if since is not None else None
    labels = tuple(label or [home.config.issues.label])
    wanted = IssueFilter(labels, mine, unassigned, unreviewed, state, search, active, not no_confidential)
    gitlab, _ = home.gitlab, home.pagerduty_if_used  # whose journal it is
    found = list_issues(gitlab, home.journal, home.config.places, wanted, home.now())
    narrowed = any((mine, unassigned, unreviewed, search, since, no_confidential, state != "opened"))
    empty = "No such issues." if narrowed else "No open issues."
    print_issues(home.streams, found.issues, form, home.now(), limit, empty)
    return home.tell(found.problems)
