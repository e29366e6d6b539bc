"""`oncall handoff accept`: the hand-off on the screen, the read-back, and who acts from then on."""

from typing import Annotated

import typer

from secops_oncall.cli.options import DryRun, Json, OneOutput, Yes, app_of, one_format
from secops_oncall.cli.taking import VERBS, Taking, chosen
from secops_oncall.domain.readback import ReadBack
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows.accepting import own
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.receiving import Inbox, find


def accept(
    context: typer.Context,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="USER", help="Whose hand-off it is.", show_default=False)
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="TEXT", help="The state is …", show_default=False)
    ] = None,
    first: Annotated[
        str | None, typer.Option("--first", metavar="TEXT", help="First I will …", show_default=False)
    ] = None,
    escalate_if: Annotated[
        str | None, typer.Option("--escalate-if", metavar="TEXT", help="I escalate if …", show_default=False)
    ] = None,
    questions: Annotated[
        str | None, typer.Option("--questions", metavar="TEXT", help="What I still ask.", show_default=False)
    ] = None,
    reassign: Annotated[
        bool, typer.Option("--reassign", help="Have their open pages assigned to me in PagerDuty, too.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Take over a hand-off: read it, read it back in three answers, and act from then on. The owners stay.

    What the answers leave out of the hand-off, or have of their own, is said before anything is sent.

    \b
    $ oncall handoff accept
    $ oncall handoff accept --from ana@example.com
    $ oncall handoff accept --state "key revoked" --first "read the logs with Ben by 15:00" --escalate-if "a call comes"
    """
    home, form = app_of(context), one_format(output, as_json)
    given = ReadBack(state or "", first or "", escalate_if or "", questions or "")
    found = find(Inbox(home.pagerduty, home.gitlab, home.handoff_settings), home.now())
    handed, problems = chosen(home, found, sender, given), list(found.problems)
    with Answer(home.streams, form) as answer:
        if handed is None:
            home.streams.say("Nothing to accept: no hand-off waits for you.")
        elif found.is_mine(handed):
            answer.add([own(handed)], "accepted")
        else:
            taking = Taking(home, found, handed)
            taking.agreed(yes=yes)
            if form == "text" and not taking.known:
                taking.show()
            mine = taking.pages(yes=yes) if reassign else []
            for acted in taking.go(given, mine, yes=yes, dry_run=dry_run):
                for outcome in acted.outcomes:
                    answer.add([outcome], VERBS[outcome.place])
                problems += acted.problems
    return home.told(Acted(answer.outcomes, problems))
