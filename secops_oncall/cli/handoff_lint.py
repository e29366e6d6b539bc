"""`oncall handoff lint`: what the hand-off lacks, and the command that mends it."""

from datetime import UTC

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import Json, ListOutput, ShiftOption, ToOption, app_of, list_format
from secops_oncall.errors import ExitCode
from secops_oncall.views.lint import print_problems
from secops_oncall.workflows.handoff import Composed, Wanted, compose


def lint(
    context: typer.Context,
    shift: ShiftOption = None,
    to: ToOption = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """Check the hand-off: errors keep it from being posted, warnings don't. Exit 8 where there are errors.

    \b
    $ oncall handoff lint
    $ oncall handoff lint -o json
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    found = composed(home, shift, to)
    print_problems(home.streams, found.handoff, form)
    told = home.tell(found.problems)
    lacks = any(problem.severity == "error" for problem in found.handoff.problems)
    return told or (ExitCode.INCOMPLETE if lacks else ExitCode.OK)


def composed(home: App, shift: str | None = None, to: str | None = None) -> Composed:
    """The hand-off of this shift, or of the one that was named, to whom was named."""
    zone = home.zone if shift else UTC
    wanted = Wanted(shift, zone, to)
    return compose(home.pagerduty, home.gitlab_if_used, home.journal, home.handoff_settings, home.now(), wanted)
