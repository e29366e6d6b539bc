"""`oncall pages` and `oncall show`: what wants attention, and one page whole."""

from typing import Annotated, Literal

import typer

from secops_oncall.cli.options import Json, Limit, ListOutput, OneOutput, PageArgument, app_of, list_format, one_format
from secops_oncall.domain.pages import OPEN, Status
from secops_oncall.errors import UsageError
from secops_oncall.views import pages as view
from secops_oncall.workflows import pages as workflow

app = typer.Typer()
PANEL = "Pages"


@app.command(rich_help_panel=PANEL)
def pages(
    context: typer.Context,
    mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to me.")] = False,
    triggered: Annotated[bool, typer.Option("--triggered", help="Only those that nobody has acked.")] = False,
    acked: Annotated[bool, typer.Option("--acked", help="Only acked ones.")] = False,
    all_teams: Annotated[bool, typer.Option("--all-teams", help="Of the whole account, not of my teams.")] = False,
    urgency: Annotated[
        Literal["high", "low"] | None, typer.Option(help="Only of this urgency.", show_default=False)
    ] = None,
    service: Annotated[str | None, typer.Option(help="Only of services with this text.", show_default=False)] = None,
    search: Annotated[str | None, typer.Option(help="Only with this text in the title.", show_default=False)] = None,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """List the open pages of my teams and mine, most urgent first.

    \b
    $ oncall pages
    $ oncall pages --mine --triggered -o ids | oncall ack -
    $ oncall pages --json
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    wanted = workflow.PageFilter(_statuses(triggered, acked), mine, all_teams, urgency, None, service, search)
    sources = [] if form == "ids" else home.config.incident_sources
    found = workflow.list_pages(home.pagerduty, home.gitlab_if_used, sources, wanted, home.config.pages.ack_minutes)
    view.print_pages(home.streams, found.pages, form, home.now(), limit)
    return home.tell(found.problems)


@app.command(rich_help_panel=PANEL)
def show(context: typer.Context, page: PageArgument = None, output: OneOutput = None, as_json: Json = False) -> int:
    """Show one page whole: alerts, issue, owner, time line. Without PAGE: the one in focus.

    \b
    $ oncall show 4117
    $ oncall show --json
    """
    home = app_of(context)
    if page is None:
        focus = workflow.in_focus(home.journal, home.now())
        home.streams.say(f"in focus: {focus.number} {focus.title}")
        page = focus.id
    shown = workflow.show(
        home.pagerduty,
        home.gitlab_if_used,
        home.config.incident_sources,
        page,
        gitlab_url=home.config.gitlab.url,
        ack_minutes=home.config.pages.ack_minutes,
    )
    home.journal.append(workflow.focus_on(shown.page, home.now()))
    form = one_format(output, as_json)
    view.print_page(home.streams, shown.page, form, home.now(), shown.issue, shown.notes, home.zone)
    if shown.candidates:
        home.streams.warn(f"several issues name page {shown.page.number}: {', '.join(shown.candidates)}")
    return home.tell(shown.problems)


def _statuses(triggered: bool, acked: bool) -> tuple[Status, ...]:
    if triggered and acked:
        raise UsageError("--triggered and --acked contradict each other", "leave out both for every open page")
    return ("triggered",) if triggered else ("acknowledged",) if acked else OPEN
