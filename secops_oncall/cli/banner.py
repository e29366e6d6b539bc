"""Around a command: the banner, asked for beside its first request and printed behind its answer, and the roster."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from secops_oncall.app import App

if TYPE_CHECKING:
    from secops_oncall.domain.outcomes import Outcome
    from secops_oncall.domain.pages import Page

# The commands without one. `status` has listed my pages itself; the others ask nobody, or for somebody else.
WITHOUT = frozenset({"status", "demo", "sandbox"})


def begin(context: typer.Context, home: App) -> None:
    """Have the banner asked for beside the command's first request, unless nothing is to be said."""
    command = context.command_path.split()[1:2]
    home.wants_banner = not home.options.quiet and bool(command) and command[0] not in WITHOUT
    home.wants_reminder = command != ["review"]


def hear(home: App, mine: "Sequence[Page] | None", at: datetime) -> None:
    """Take the banner from pages of mine that this command has listed itself `at` a moment; None: it has not."""
    if mine is not None and not home.options.quiet:
        home.hear(mine, at)


def settle(home: App, outcomes: "Iterable[Outcome]") -> None:
    """Leave out of the banner what this command has done something about; the next one forgets it, too."""
    if home.banner:
        home.banner.settle(outcomes)
        return
    from secops_oncall.domain.outcomes import Result
    from secops_oncall.workflows.banner import forget

    forget(home.memory, {one.id for one in outcomes if one.result in (Result.DONE, Result.ALREADY)})


def end(home: App) -> None:
    """Say what still waits for me, else what is overdue; what this command has acked doesn't wait."""
    if not home.banner:
        return
    from secops_oncall.workflows.banner import ROOM

    room = home.streams.width - 2 if home.streams.stderr_is_terminal else ROOM
    if line := home.banner.line(home.now(), room):
        home.streams.refused(line)


def keep_roster(home: App) -> None:
    """Keep the roster once a day, where PagerDuty was asked anyway; a pipe's reader waits less for the end of it."""
    if "pagerduty" in vars(home):
        from secops_oncall.workflows import roster

        patience = roster.PATIENCE if home.streams.is_terminal else roster.PATIENCE_IN_A_PIPE
        allowed, roles = home.config.cache.contacts, home.config.role_names
        roster.keep_daily(home.pagerduty, roles, home.now(), allowed=allowed, patience=patience)
