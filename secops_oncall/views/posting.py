"""What is shown before a hand-off is posted: who will see what, and who is told by a mention."""

from collections.abc import Iterable, Sequence

from secops_oncall.domain.audience import Reach
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.lint import BOT
from secops_oncall.domain.posting import meant
from secops_oncall.domain.text import plural
from secops_oncall.streams import Streams

NAMED = 8  # errors that are told; of more the list is what helps
OVERRULE = 'oncall handoff post --anyway --why "…"'


def show_reach(streams: Streams, reach: Reach, between: str) -> None:
    """Say where a hand-off goes, who can read it there, and whom it mentions; it is no answer."""
    streams.say(f"{between}:")
    for each in reach.audiences:
        streams.say(f"  {each.what} ({each.readers}): {each.change}")
    users = f"{', '.join(reach.users) or 'nobody'} in GitLab"
    slack = f", {reach.people} in Slack" if reach.people else ""
    streams.say(f"  mentioned: {users}{slack}")


def show_strange(streams: Streams, problems: Iterable[Problem]) -> None:
    """Say that another account has drafted the hand-over issue, and that this one is not going to be used."""
    for problem in problems:
        if problem.field == BOT:
            streams.warn(f"{problem.code} {problem.subject}: {problem.message}; {problem.fix}")


def show_blocking(streams: Streams, problems: Sequence[Problem], flags: str = "") -> None:
    """Say what keeps a hand-off from being posted, and how it is posted all the same.

    `flags` are those without which a command would mean another hand-off.
    """
    for problem in problems[:NAMED]:
        field = f" {problem.field}" if problem.field else ""
        streams.warn(f"{problem.code} {problem.subject}{field}: {problem.message}; {problem.fix}")
    if len(problems) > NAMED:
        streams.say(meant(f"  and {len(problems) - NAMED} more: oncall handoff lint", flags))
    what = f"the hand-off has {plural(len(problems), 'error')}, and nothing was posted"
    streams.error(what, meant(f"oncall handoff lint, or in spite of it {OVERRULE}", flags))
