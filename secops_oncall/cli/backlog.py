"""`oncall backlog`: what can be picked from the board, and picking it."""

from collections.abc import Sequence

import typer

from secops_oncall.app import App
from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.options import (
    DryRun,
    IssueArgument,
    Json,
    Limit,
    ListOutput,
    OneOutput,
    app_of,
    list_format,
    one_format,
)
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.text import plural
from secops_oncall.errors import UsageError
from secops_oncall.views.issues import print_backlog
from secops_oncall.views.outcomes import print_outcomes
from secops_oncall.workflows import backlog as workflow
from secops_oncall.workflows.refs import issue_ref

app = typer.Typer(name="backlog", cls=NounGroup, rich_help_panel="Issues")


@app.callback(invoke_without_command=True)
def backlog(context: typer.Context, limit: Limit = None, output: ListOutput = None, as_json: Json = False) -> int:
    """List what can be picked from the board's Backlog, smallest first.

    \b
    $ oncall backlog
    $ oncall backlog pick group/project#12
    """
    if context.invoked_subcommand:
        return 0
    home = app_of(context)
    form = list_format(output, as_json, home)
    found = workflow.list_backlog(home.gitlab, home.pagerduty_if_used, home.board)
    print_backlog(home.streams, found.issues, form, home.now(), limit)
    if found.active_pages:
        home.streams.warn(f"{plural(found.active_pages, 'page')} of yours to ack first: oncall pages --mine")
    return home.tell(found.problems)


@app.command()
def pick(
    context: typer.Context,
    issue: IssueArgument = None,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Pick an issue: it is assigned to me, moved, and mine to completion, the following week included.

    \b
    $ oncall backlog pick group/project#12
    """
    home = app_of(context)
    form = one_format(output, as_json)
    ref = issue_ref(issue, home.config.gitlab.url, home.config.gitlab.projects) if issue else None
    acted = workflow.pick(home.gitlab, home.journal, home.board, ref, _chooser(home), home.now(), dry_run=dry_run)
    print_outcomes(home.streams, acted.outcomes, "picked", form)
    return home.told(acted)


def _chooser(home: App) -> workflow.Choose:
    """Ask which issue is meant; where nobody can be asked, refuse with the list."""

    def choose(issues: Sequence[Issue]) -> Sequence[Issue]:
        if not issues:
            raise UsageError("the Backlog holds nothing that can be picked", "oncall backlog")
        if home.streams.interactive:
            return home.streams.pick("Which to pick?", [(f"{each.ref}  {each.title}", each) for each in issues])
        listed = ", ".join(each.ref for each in issues)
        raise UsageError(f"{plural(len(issues), 'issue')} to pick: {listed}", "oncall backlog pick ISSUE")

    return choose
