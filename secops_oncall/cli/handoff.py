"""`oncall handoff`: the structured notes of this shift."""

import typer

from secops_oncall.cli.editing import edit
from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.options import HandoffOutput, Json, app_of, handoff_format
from secops_oncall.views.handoff import markdown
from secops_oncall.views.jsonable import print_json
from secops_oncall.workflows.handoff import compose

app = typer.Typer(name="handoff", cls=NounGroup, rich_help_panel="Hand-off")
app.command()(edit)


@app.callback(invoke_without_command=True)
def handoff(context: typer.Context, output: HandoffOutput = None, as_json: Json = False) -> int:
    """Print the hand-off notes of this shift in Markdown: six headings for every open incident.

    What no service knows is visibly empty.

    \b
    $ oncall handoff
    $ oncall handoff --json
    $ oncall handoff edit
    """
    if context.invoked_subcommand:
        return 0
    home = app_of(context)
    form = handoff_format(output, as_json)
    composed = compose(home.pagerduty, home.gitlab_if_used, home.journal, home.handoff_settings, home.now())
    if form == "json":
        print_json(home.streams, composed.handoff)
    else:
        home.streams.answer(markdown(composed.handoff, home.now()))
    return home.tell(composed.problems)
