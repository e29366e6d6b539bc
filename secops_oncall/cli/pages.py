"""`oncall pages` and `oncall show`: what wants attention, and one page whole."""

from typing import Annotated, Literal

import typer

from secops_oncall.cli.asking import focus, moment
from secops_oncall.cli.options import Json, Limit, ListOutput, OneOutput, PageArgument, app_of, list_format, one_format
from secops_oncall.domain.pages import OPEN, Status
from secops_oncall.views.pages import print_pages
from secops_oncall.views.showing import print_page
from secops_oncall.workflows import pages as workflow
from secops_oncall.workflows import showing
from secops_oncall.workflows.focus import after_show

app = typer.Typer()
PANEL = "Pages"


@app.command(rich_help_panel=PANEL)
def pages(
    context: typer.Context,
    mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to me.")] = False,
    triggered: Annotated[bool, typer.Option("--triggered", help="Only those that nobody has acked.")] = False,
    acked: Annotated[bool, typer.Option("--acked", help="Only acked ones.")] = False,
    resolved: Annotated[bool, typer.Option("--resolved", help="Those resolved in the last 12 hours.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="TIME", help="Created, or resolved, since then: 2h, 08:00.", show_default=False
        ),
    ] = None,
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
    $ oncall pages --resolved --since 8h --json
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    statuses = _statuses(triggered, acked, resolved)
    began = moment(home, since, "past") if since else None
    wanted = workflow.PageFilter(statuses, mine, all_teams, urgency, began, service, search)
    narrowed = any((began, resolved, urgency, service, search))
    bare, roles = form == "ids", home.config.role_names  # of ids nothing but PagerDuty's lists is asked
    found = workflow.list_pages(
        home.pagerduty,
        home.gitlab_if_used,
        [] if bare else home.config.incident_sources,
        wanted,
        ack_minutes=home.config.pages.ack_minutes,
        engineer=None if bare else roles["engineer"],
        manager=roles["manager"],
        now=home.now(),
    )
    if wanted == workflow.PageFilter():
        home.offers.pages(found.pages)
    print_pages(home.streams, found.pages, form, home.now(), limit, "No such pages." if narrowed else "No open pages.")
    return home.tell(found.problems)


@app.command(rich_help_panel=PANEL)
def show(context: typer.Context, page: PageArgument = None, output: OneOutput = None, as_json: Json = False) -> int:
    """Show one page whole: alerts, issue, owner, time line. Without PAGE: the one in focus.

    \b
    $ oncall show 4117
    $ oncall show --json
    """
    home, form = app_of(context), one_format(output, as_json)
    shown = showing.show(
        home.pagerduty,
        home.gitlab_if_used,
        home.config.incident_sources,
        focus(home) if page is None else page,
        engineer=home.config.role_names["engineer"],
        manager=home.config.role_names["manager"],
        gitlab_url=home.config.gitlab.url,
        ack_minutes=home.config.pages.ack_minutes,
        people=home.emails,
        bot=home.config.handoff.bot,
    )
    ended, unkept = after_show(home.journal, shown.page, shown.problems, home.now())
    print_page(home.streams, shown.page, form, home.now(), home.local)
    if several := shown.page.issue_candidates:
        refs = ", ".join(issue.ref for issue in several)
        home.streams.warn(f"several issues name page {shown.page.number}: {refs}")
    if ended:
        home.streams.say(f"its work is closed, so page {shown.page.number} is in focus no longer")
    return home.tell([*shown.problems, *unkept])


def _statuses(triggered: bool, acked: bool, resolved: bool) -> tuple[Status, ...]:
    asked: dict[Status, bool] = {"triggered": triggered, "acknowledged": acked, "resolved": resolved}
    return tuple(status for status, wanted in asked.items() if wanted) or OPEN
