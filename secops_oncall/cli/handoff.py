"""`oncall handoff`: the structured notes of this shift."""

from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli import handoff_lint
from secops_oncall.cli.accepting import accept
from secops_oncall.cli.editing import edit
from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.handed import diff, show
from secops_oncall.cli.handoff_lint import composed
from secops_oncall.cli.handoff_post import post
from secops_oncall.cli.handoff_remind import remind
from secops_oncall.cli.options import HandoffOutput, Json, PageOption, ShiftOption, ToOption, app_of, handoff_format
from secops_oncall.domain.handoff import Handoff
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.views.handoff import incidents, markdown
from secops_oncall.views.handoff_slack import printed
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.markdown_lines import print_markdown
from secops_oncall.workflows.destinations import checked
from secops_oncall.workflows.handoff import of_page

app = typer.Typer(name="handoff", cls=NounGroup, rich_help_panel="Incidents and hand-off")
app.command("lint")(handoff_lint.lint)
app.command()(edit)
app.command()(post)
app.command()(accept)
app.command()(show)
app.command()(diff)
app.command()(remind)


@app.callback(invoke_without_command=True)
def handoff(
    context: typer.Context,
    page: PageOption = None,
    shift: ShiftOption = None,
    to: ToOption = None,
    slack: Annotated[bool, typer.Option("--slack", help="The short form that goes to Slack.")] = False,
    output: HandoffOutput = None,
    as_json: Json = False,
) -> int:
    """Print the hand-off notes of this shift in Markdown: six headings for every open incident.

    What no service knows is visibly empty.

    \b
    $ oncall handoff
    $ oncall handoff --page 4112
    $ oncall handoff --slack
    $ oncall handoff --shift -1 --json
    """
    if context.invoked_subcommand:
        return 0
    home, form = app_of(context), handoff_format(output, as_json)
    if slack and (output or as_json):
        raise UsageError("--slack is a form of its own", "oncall handoff --slack")
    found = composed(home, shift, to)
    told = of_page(found.handoff, page) if page else found.handoff
    if form == "json":
        print_json(home.streams, told)
    elif slack:
        return home.tell([*found.problems, *_print_slack(home, told, page)])
    else:
        text = incidents(told, home.handles) if page else markdown(told, home.now(), home.handles)
        print_markdown(home.streams, text, as_it_is=output == "markdown")
    return home.tell(found.problems)


def _print_slack(home: App, told: Handoff, page: str | None) -> list[OncallError]:
    """The short form, or what its thread says of one page; why it could not be found out who reads the channel."""
    destinations, problems = checked(lambda: home.slack, home.destinations)
    home.streams.answer(printed(told, destinations, thread=page is not None))
    return problems
