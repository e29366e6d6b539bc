"""`oncall handoff post`: the hand-off to every place, once."""

import time
from datetime import UTC
from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import DryRun, Json, OneOutput, ShiftOption, ToOption, Yes, app_of, one_format
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.text import clean_lines, plural
from secops_oncall.errors import Cancelled, ExitCode, UsageError
from secops_oncall.views.documents import documents
from secops_oncall.views.outcomes import Answer
from secops_oncall.views.posting import OVERRULE, show_blocking, show_reach, show_strange
from secops_oncall.workflows import posting
from secops_oncall.workflows.audience import reach
from secops_oncall.workflows.handoff import Wanted
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.placing import Plan
from secops_oncall.workflows.planning import (
    Gathered,
    Services,
    address,
    blocking,
    earlier_reason,
    fit,
    gather,
    goes_on,
    overrule,
    planned,
)


def post(
    context: typer.Context,
    shift: ShiftOption = None,
    to: ToOption = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Post it although it has errors.")] = False,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="The reason; it is posted, too.", show_default=False)
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Post the hand-off: issues, hand-over issue, Slack, PagerDuty. Again: only what is missing or has changed.

    What has errors is not posted, and exits with 8.

    \b
    $ oncall handoff post
    $ oncall handoff post --yes --to chen
    $ oncall handoff post --anyway --why "ben owns it since noon; the log doesn't say so"
    """
    home, form, given = app_of(context), one_format(output, as_json), _reason(anyway, why)
    services = Services(home.pagerduty, home.gitlab_if_used, lambda: home.slack)
    wanted = Wanted(shift, home.zone if shift else UTC, to)
    found = gather(services, home.journal, home.handoff_settings, home.now(), wanted)
    handoff, errors = found.composed.handoff, blocking(found.composed)
    reason = fit(found.composed, given or earlier_reason(home.journal, handoff.shift.id, errors))
    written = documents(handoff, found.destinations, reason if errors else "")
    plan = planned(services, found, written) if reason or not errors else None
    if plan is None or (errors and not given and not goes_on(home.journal, plan)):
        show_blocking(home.streams, errors, found.flags)
        return ExitCode.INCOMPLETE
    _tell(home, plan, "" if given or not errors else reason)
    show_reach(home.streams, reach(plan, found.destinations), _between(handoff))
    show_strange(home.streams, handoff.problems)
    if not dry_run:
        _ask(home, plan, yes)
        address(home.journal, found, home.now())
        _overrule(home, found, errors if given or plan.sends else [], reason)
    with Answer(home.streams, form) as answer:
        acted = _posted(home, plan, answer, dry_run=dry_run)
    return home.told(acted)


def _posted(home: App, plan: Plan, answer: Answer, *, dry_run: bool) -> Acted:
    """Carry a plan out, or rehearse it; each wave's outcomes are told as they come in."""
    if dry_run:
        answer.add(posting.rehearsed(plan), "posted")
        return Acted(answer.outcomes)
    home.renew()

    def pause(seconds: float) -> None:
        home.streams.say(f"Waiting {seconds:.0f} s for what an earlier run may still have on its way.")
        time.sleep(seconds)
        home.renew()

    desk = posting.Desk(home.journal, home.now, pause, lambda: home.alone(home.journal.path.parent))
    return posting.post(desk, plan, lambda outcomes: answer.add(outcomes, "posted"))


def _reason(anyway: bool, why: str | None) -> str:
    """Why it is posted although it has errors; UsageError for one without the other."""
    reason = " ".join(clean_lines(why or "").split())
    if anyway != bool(reason):
        what = "--anyway needs a reason" if anyway else "--why is the reason for --anyway, and not empty"
        raise UsageError(what, OVERRULE)
    return reason


def _tell(home: App, plan: Plan, earlier: str) -> None:
    """Say what an earlier run's reason is taken for, where there is one."""
    if earlier:
        what = "goes on for the reason that was given before" if plan.sends else "was posted in spite of them"
        home.streams.say(f"It has errors, and {what}: {earlier}")


def _ask(home: App, plan: Plan, yes: bool) -> None:
    """Ask before others are told; Cancelled for a no. Where nothing is left to send nobody is asked."""
    if plan.sends and not yes and not home.streams.confirm("Post it?"):
        raise Cancelled("cancelled", "nothing was posted")


def _overrule(home: App, found: Gathered, errors: list[Problem], reason: str) -> None:
    """Write down that there are errors, and say how often that has happened lately."""
    if errors:
        count = overrule(home.journal, found.composed.handoff.shift.id, errors, reason, home.now())
        what = f"it goes out with {plural(len(errors), 'error')}"
        home.streams.warn(f"{what}; {plural(count, 'shift')} of the last 30 days did so")


def _between(handoff: Handoff) -> str:
    incoming = handoff.incoming.name if handoff.incoming else "nobody"
    what = "a quiet shift" if handoff.is_quiet else plural(len(handoff.incidents), "open incident")
    return f"Hand-off {handoff.outgoing.name} → {incoming}, {what}"
