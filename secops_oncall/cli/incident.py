"""`oncall incident`: the open work, the missing issue of a page, and what is new about an incident."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli import charging
from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.incident_desk import chooser, desk, named, send
from secops_oncall.cli.note import not_lost
from secops_oncall.cli.options import (
    DryRun,
    IssueOption,
    Json,
    Limit,
    ListOutput,
    OneOutput,
    PageArgument,
    PageOption,
    Yes,
    app_of,
    list_format,
    one_format,
)
from secops_oncall.domain import notices
from secops_oncall.errors import UsageError
from secops_oncall.views.improvements import say_draft
from secops_oncall.views.outcomes import print_outcomes
from secops_oncall.views.worklist import print_work
from secops_oncall.workflows import charging as workflow
from secops_oncall.workflows import page_filing
from secops_oncall.workflows.incidents import list_work
from secops_oncall.workflows.meant import MINE, meant

app = typer.Typer(name="incident", cls=NounGroup, rich_help_panel="Incidents and hand-off")
Notes = Annotated[bool, typer.Option("--notes", help="Read the issues' notes, too: who acts, who is engaged.")]


@app.callback(invoke_without_command=True)
def incident(
    context: typer.Context,
    notes: Notes = False,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """List the open work, what is uncovered or stale first: page-created issues, and open pages without one.

    \b
    $ oncall incident
    $ oncall incident file 4115
    $ oncall incident update "contained: the key is revoked" --page 4112
    $ oncall incident break --to "Ben Okafor" --back 45m --page 4112
    """
    return 0 if context.invoked_subcommand else listing(context, notes, limit, output, as_json)


@app.command("list")
def listing(
    context: typer.Context,
    notes: Notes = False,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """List the open work, what is uncovered or stale first; JSON has what the notes tell, too.

    \b
    $ oncall incident list --notes
    $ oncall incident list --json
    """
    home = app_of(context)
    form, now = list_format(output, as_json, home), home.now()
    read = notes or form == "json"
    settings = home.handoff_settings
    work = list_work(home.pagerduty, home.gitlab_if_used, home.journal, settings, now, notes=read)
    print_work(home.streams, work.incidents, form, now, limit)
    if not work.covered:
        home.streams.warn(f"nobody is on call as {settings.roles['engineer'].name} now: oncall who")
    return home.tell(work.problems)


@app.command()
def file(
    context: typer.Context,
    page: PageArgument = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="PROJECT", help="In place of incidents.projects' first.", show_default=False),
    ] = None,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Make the issue that a page lacks, confidential. Without PAGE: the page of mine that has none.

    \b
    $ oncall incident file
    $ oncall incident file 4115
    """
    home, form = app_of(context), one_format(output, as_json)
    at = desk(home, tells=False)
    planned = page_filing.plan(at, page, project, chooser(home, "file"), home.now())
    if dry_run and planned.outcome is None:
        say_draft(home.streams, planned.new, planned.marker)
    acted = planned.rehearsed if dry_run else page_filing.file(at, planned, home.now())
    print_outcomes(home.streams, acted.outcomes, "filed", form)
    return home.told(acted)


@app.command()
def update(
    context: typer.Context,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="What is new; - reads it from a pipe.", show_default=False),
    ] = None,
    page: PageOption = None,
    issue: IssueOption = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Say what is new, in the issue and in Slack. Without --page or --issue: of the page in focus.

    Without TEXT it is written in your editor.

    \b
    $ oncall incident update "contained: the key is revoked" --page 4112
    $ oncall incident update - --issue group/project#12 < summary.txt
    """
    home, form = app_of(context), one_format(output, as_json)
    with _words(home, text) as typed:
        words = workflow.words(typed.text)
        with not_lost(home.streams, "" if typed.is_drafted else words):
            at, now = desk(home), home.now()
            found = meant(at, named(home, page, issue), MINE, chooser(home, "update"), now, follow=True)
            notice = notices.update(found.about, words)
            code = send(home, at, found, notice, form, "Tell of this", yes=yes, dry_run=dry_run)
        typed.is_kept = code == 0
    return code


@dataclass
class _Typed:
    """The words of an update, whether they lie in a draft, and whether they are where they belong."""

    text: str
    is_drafted: bool = False
    is_kept: bool = False


@contextmanager
def _words(home: App, text: list[str] | None) -> Iterator[_Typed]:
    """The words, from wherever the engineer has them; a draft of them stays until they are kept."""
    if text:
        yield _Typed(home.streams.read(workflow.MOST) if text == ["-"] else " ".join(text))
        return
    try:
        draft = home.draft("", "update")
    except UsageError:
        raise UsageError("there is no text", 'oncall incident update "what is new", or - to read it') from None
    typed = _Typed(draft.text, is_drafted=True)
    try:
        yield typed
    finally:
        if typed.is_kept:
            draft.discard()
        else:
            home.streams.say(f"what was written is kept in {draft.path}")


for _name, _command in charging.COMMANDS.items():
    app.command(_name)(_command)
