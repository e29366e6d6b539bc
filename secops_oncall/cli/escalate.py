"""`oncall escalate`: the ladder for a page and a time, bringing somebody in, and a record of who was tried."""

from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli import asking
from secops_oncall.cli.acting import PANEL, chooser
from secops_oncall.cli.options import (
    At,
    DryRun,
    Json,
    Limit,
    ListFormat,
    ListOutput,
    PageArgument,
    Yes,
    app_of,
    list_format,
    outcomes_format,
)
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.views.escalate import print_ladder
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows import escalate as workflow
from secops_oncall.workflows.escalate import Call
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.people import checked

app = typer.Typer()


@app.command(rich_help_panel=PANEL)
def escalate(
    context: typer.Context,
    page: PageArgument = None,
    at: At = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="backup|manager|USER", help="Ask backup, manager or a USER to help.", show_default=False
        ),
    ] = None,
    log: Annotated[
        str | None, typer.Option("--log", metavar="TEXT", help="Record who was tried.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """Say whom to call for a page, in order. With --to: ask them to help. With --log: record an attempt.

    \b
    $ oncall escalate 4117
    $ oncall escalate --at "Sun 04:00"
    $ oncall escalate 4117 --to backup
    $ oncall escalate 4117 --log "called Ben: no answer"
    """
    home = app_of(context)
    if to is None and log is None:
        return _ladder(home, page, at, list_format(output, as_json, home), limit)
    if at is not None and not (dry_run and log is None):
        raise UsageError("--at rehearses, --to and --log are for now", "leave out --at, or add --dry-run")
    choose, moment = chooser(home, "escalate", many=False), asking.moment(home, at)
    with Answer(home.streams, outcomes_format(output, as_json, "the ladder")) as answer:
        problems: list[OncallError] = []
        if to is not None:
            roles, wanted = home.config.role_names, Call(page, to, dry_run)
            asked = workflow.call(
                home.pagerduty, home.journal, roles, wanted, choose, asking.confirmer(home, yes), moment
            )
            answer.add(asked.outcomes, "asked")
            problems += asked.problems
            page = asked.outcomes[0].id  # the record is of the same one, and nobody is asked twice which that is
        if log is not None:
            logged = workflow.log_attempt(home.pagerduty, home.journal, page, log, choose, moment, dry_run=dry_run)
            answer.add(logged.outcomes, "logged")
            problems += logged.problems
    return home.told(Acted(answer.outcomes, problems))


def _ladder(home: App, page: str | None, at: str | None, form: ListFormat, limit: int | None) -> int:
    """Print the ladder, now or as it would be."""
    moment = checked(asking.moment(home, at), home.now()) if at else None
    found = workflow.rungs(
        home.pagerduty,
        home.journal,
        home.config.role_names,
        page,
        now=home.now(),
        at=moment,
        ack_minutes=home.config.pages.ack_minutes,
        kept=home.config.cache.contacts,
    )
    print_ladder(home.streams, found.value.page, found.value.steps, form, home.now(), home.zone, limit)
    return asking.told(home, found)
