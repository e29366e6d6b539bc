"""The banner around a command: asked for beside its first request, printed behind its answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from secops_oncall.app import App

if TYPE_CHECKING:
    from secops_oncall.domain.outcomes import Outcome
    from secops_oncall.domain.pages import Page

# The commands that don't ask for it: `status` has listed my pages itself, the others ask a service for nothing else.
WITHOUT = frozenset({"status", "doctor", "journal", "demo", "sandbox", "help"})
_BY_NOBODY = ["handoff", "remind"]  # run by an account that is never on call


def begin(context: typer.Context, home: App) -> None:
    """Have the banner asked for beside the command's first request, unless nothing is to be said."""
    command = context.command_path.split()[1:]
    is_mine = bool(command) and command[0] not in WITHOUT and command != _BY_NOBODY
    home.wants_banner = not home.options.quiet and is_mine
    home.wants_reminder = command[:1] != ["review"]


def hear(home: App, mine: "Sequence[Page] | None", at: datetime) -> None:
    """Take the banner from pages of mine that this command has listed itself `at` a moment; None: it has not."""
    if mine is not None and not home.options.quiet:
        home.hear(mine, at)


def settle(home: App, outcomes: "Sequence[Outcome]") -> None:
    """Leave out of the banner, of this command's and the next ones', what this command has done something about."""
    from secops_oncall.workflows.banner import settle

    settle(home.memory, outcomes, home.now())
    if home.banner:
        home.banner.settle(outcomes)


def end(home: App) -> None:
    """Say what still waits for me, else what is due; what this command has acked doesn't wait."""
    if not home.banner:
        return
    if line := home.banner.line(home.now(), home.streams.room):
        home.streams.warn(line)
