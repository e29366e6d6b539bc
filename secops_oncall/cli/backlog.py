"""`oncall backlog`: what can be picked from the board, picking it, and seeing it through."""

from collections.abc import Sequence
from typing import Annotated

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
from secops_oncall.domain.backlog import Offered
from secops_oncall.domain.outcomes import NOTE
from secops_oncall.domain.text import plural
from secops_oncall.errors import UsageError
from secops_oncall.views import backlog as view
from secops_oncall.views.outcomes import Answer, print_outcomes
from secops_oncall.workflows import backlog as workflow
from secops_oncall.workflows import finishing, picking
from secops_oncall.workflows.finishing import End
from secops_oncall.workflows.outcomes import Acted

app = typer.Typer(name="backlog", cls=NounGroup, rich_help_panel="Issues")
IssueNamed = Annotated[str, typer.Argument(metavar="ISSUE", help="group/project#12, a URL, or 12.", show_default=False)]


@app.callback(invoke_without_command=True)
def backlog(context: typer.Context, limit: Limit = None, output: ListOutput = None, as_json: Json = False) -> int:
    """List what can be picked from the board's Backlog, smallest first.

    An issue with a time estimate fits where that is no more than what is left of my shift. While a page of mine is
    active nothing is suggested.

    \b
    $ oncall backlog
    $ oncall backlog pick group/project#12
    $ oncall backlog mine
    """
    if context.invoked_subcommand:
        return 0
    home = app_of(context)
    form, desk = list_format(output, as_json, home), _desk(home)
    found = workflow.list_backlog(desk, home.now())
    table = view.Table(form, home.now().astimezone(desk.zone), limit)
    home.offers.issues("backlog", found.issues)
    view.print_backlog(home.streams, found.issues, table, found.board_list.name)
    view.say_what_is_hidden(home.streams, found.board_list)
    view.say_what_comes_first(home.streams, found.pages)
    if found.suggested:
        home.streams.hint(f"oncall backlog pick {found.suggested.ref}")
    return home.tell(found.problems)


@app.command()
def pick(
    context: typer.Context,
    issue: IssueArgument = None,
    following: Annotated[bool, typer.Option("--next", help="The first that fits the rest of my shift.")] = False,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Pick an issue: it is assigned to me, moved, and mine to completion, the following week included.

    Without ISSUE it lets me choose. Of two engineers who pick the same issue at once one gets it, and both are told.

    \b
    $ oncall backlog pick group/project#12
    $ oncall backlog pick --next
    """
    home = app_of(context)
    form = one_format(output, as_json)
    if issue and following:
        raise UsageError("ISSUE and --next contradict each other", "oncall backlog pick --next")
    wish = picking.Wish(home.issue_ref(issue) if issue else None, following, dry_run)
    picked = picking.pick(_desk(home), wish, _chooser(home), home.now())
    print_outcomes(home.streams, picked.outcomes, "picked", form)
    for warning in picked.warnings:
        home.streams.warn(warning)
    return home.told(picked)


@app.command()
def mine(context: typer.Context, limit: Limit = None, output: ListOutput = None, as_json: Json = False) -> None:
    """List what I own from the Backlog, whenever and wherever I picked it: what falls due first comes first.

    \b
    $ oncall backlog mine
    $ oncall backlog mine --json
    """
    home = app_of(context)
    form, desk = list_format(output, as_json, home), _desk(home)
    owned = workflow.list_mine(desk)
    home.offers.issues("mine", owned)
    view.print_mine(home.streams, owned, view.Table(form, home.now().astimezone(desk.zone), limit))


@app.command()
def done(
    context: typer.Context,
    issue: IssueNamed,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="What came of it.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Close an issue that I have picked, with a comment that is written once.

    \b
    $ oncall backlog done group/project#12
    $ oncall backlog done group/project#12 --comment "the runbook is in the handbook"
    """
    home = app_of(context)
    form = one_format(output, as_json)
    ended = finishing.done(_desk(home), _end(home, issue, comment, dry_run), home.now())
    with Answer(home.streams, form) as answer:
        _add(answer, ended, "closed")
    return home.told(ended)


@app.command()
def drop(
    context: typer.Context,
    issue: IssueNamed,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What the next one should know.")],
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Give an issue that I have picked back to the Backlog, and say why in a comment.

    \b
    $ oncall backlog drop group/project#12 --why "needs access to the vault"
    $ oncall backlog drop group/project#12 --why "no time left this week" --dry-run
    """
    home = app_of(context)
    form = one_format(output, as_json)
    ended = finishing.drop(_desk(home), _end(home, issue, why, dry_run), home.now())
    with Answer(home.streams, form) as answer:
        _add(answer, ended, "given back")
    return home.told(ended)


def _desk(home: App) -> workflow.Desk:
    """Whom the commands ask; GitLab first, so that what is missing for it is said first."""
    gitlab, config = home.gitlab, home.config
    pagerduty = home.pagerduty_if_used
    return workflow.Desk(gitlab, pagerduty, home.journal, home.board, config.role_names, home.shift_rules, home.now)


def _end(home: App, issue: str, text: str | None, dry_run: bool) -> End:
    return End(home.issue_ref(issue), text, home.colleagues, dry_run)


def _add(answer: Answer, ended: Acted, verb: str) -> None:
    answer.add([one for one in ended.outcomes if one.place == NOTE], "commented")
    answer.add([one for one in ended.outcomes if one.place != NOTE], verb)


def _chooser(home: App) -> picking.Choose:
    """Ask which issue is meant; where nobody can be asked, refuse with the list."""

    def choose(found: workflow.Backlog) -> Offered:
        items: Sequence[Offered] = found.issues
        if not items:
            raise UsageError(f"the list {found.board_list.name} holds nothing that can be picked", "oncall backlog")
        if home.streams.interactive:
            view.say_what_comes_first(home.streams, found.pages)
            return home.streams.pick("Which to pick?", view.labelled(items))[0]
        listed = ", ".join(item.ref for item in items)
        raise UsageError(f"{plural(len(items), 'issue')} to pick: {listed}", "oncall backlog pick ISSUE")

    return choose
