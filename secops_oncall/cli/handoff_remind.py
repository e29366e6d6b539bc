"""`oncall handoff remind`: the reminders of a shift's end, sent by a scheduled pipeline."""

from collections.abc import Sequence

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import DryRun, Json, OneOutput, app_of, one_format
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.views.outcomes import Answer
from secops_oncall.views.reminders import draft, notices, remarks
from secops_oncall.workflows import remind as reminders
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.remind import RENEWED, SURPLUS, Watch


def remind(context: typer.Context, dry_run: DryRun = False, output: OneOutput = None, as_json: Json = False) -> int:
    """Remind both engineers of a hand-off, for a scheduled pipeline: docs/automation.md.

    An hour before a shift ends its hand-over issue is opened or renewed, and both are assigned and messaged; 15 minutes
    after the next one has begun both are messaged if nobody has accepted. Run again, it does only what is missing.

    \b
    $ oncall handoff remind
    $ oncall handoff remind --dry-run
    """
    home, form = app_of(context), one_format(output, as_json)
    watches = reminders.look(home.pagerduty, lambda: home.gitlab, home.handoff_settings, home.now())
    with Answer(home.streams, form) as answer:
        for watch in watches:
            _say(home, watch)
            told = _reminded(home, watch, dry_run=dry_run)
            for verb in ("closed", "opened", "renewed", "reminded"):
                answer.add([one for one in told if _verb(one) == verb], verb)
    if not watches:
        home.streams.say("Nothing is due: no shift ends within the hour, and none has just begun.")
    return home.told(Acted(answer.outcomes))


def _reminded(home: App, watch: Watch, *, dry_run: bool) -> Sequence[Outcome]:
    where = home.destinations
    told = notices(watch.due, where, written=watch.written)
    document = draft(watch.due, watch.work, where)
    return reminders.remind(lambda: home.gitlab, lambda: home.slack, watch, document, told, dry_run=dry_run)


def _say(home: App, watch: Watch) -> None:
    """What it is about, and what is wrong with the schedule there."""
    what = "is accepted" if watch.accepted else "ends within the hour" if watch.due.kind == "ending" else "has ended"
    home.streams.say(f"{watch.due.shift.id} {what}")
    for remark in remarks(watch.due):
        home.streams.warn(remark)


def _verb(outcome: Outcome) -> str:
    if outcome.place == "slack":
        return "reminded"
    return {SURPLUS: "closed", RENEWED: "renewed"}.get(outcome.code, "opened")
