"""The banner around a command: asked for beside its first request, printed behind its answer."""

from collections.abc import Iterable

import typer

from secops_oncall.app import App
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.workflows.banner import ROOM, said, unacked

# The commands that ask for the banner; `status` has listed my pages itself, and `ack` asks what
# is left when it has told of its own: 1,000 pages are acked with ten reads.
ENDING = frozenset(
    {"pages", "show", "who", "shift", "escalate", "open", "issues", "backlog", "resolve", "snooze", "handoff"}
)


def begin(context: typer.Context, home: App) -> None:
    """Have the banner asked for beside the command's first request, unless nothing is to be said."""
    path = context.command_path.split()
    home.wants_banner = not home.options.quiet and len(path) > 1 and path[1] in ENDING


def settle(home: App, outcomes: Iterable[Outcome]) -> None:
    """Leave out of the banner what this command has done something about; of what failed its own line tells."""
    told = (Result.DONE, Result.ALREADY, Result.FAILED, Result.UNKNOWN)
    home.settled.update(outcome.id for outcome in outcomes if outcome.result in told)


def end(home: App) -> None:
    """Say what still waits for me; what this command has acked doesn't."""
    room = home.streams.width - 2 if home.streams.stderr_is_terminal else ROOM
    if home.pages_seen is not None and not home.options.quiet:
        now = home.now()
        waiting = unacked(home.pages_seen, home.config.pages.ack_minutes, now)
        line = said(waiting, now, room) if waiting else None
    else:
        line = home.banner.line(home.settled, room) if home.banner else None
    if line:
        home.streams.refused(line)
