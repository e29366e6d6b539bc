"""What `oncall init` offers to choose from, what it would choose itself, and what of the answers is to be written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from secops_oncall.domain.backlog import OPEN
from secops_oncall.domain.issues import Board
from secops_oncall.domain.people import ROLES, Role, role_name
from secops_oncall.domain.setup import Policy, Schedule
from secops_oncall.domain.slack import Channel

Choices = list[tuple[str, str]]  # what is read, and the value behind it
REGIONS = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}
# The option that answers in a question's place.
FLAGS = {
    "pagerduty.url": "--region",
    "pagerduty.email": "--pagerduty-email",
    "roles.engineer": "--engineer",
    "roles.backup": "--backup",
    "roles.manager": "--manager",
    "gitlab.url": "--gitlab-url",
    "gitlab.groups": "--group",
    "gitlab.projects": "--project",
    "incidents.projects": "--incident-project",
    "incidents.labels": "--incident-label",
    "backlog.board": "--board",
    "backlog.list": "--list",
    "backlog.doing": "--doing",
    "handoff.project": "--handoff-project",
    "slack.channel": "--ack-channel",
    "handoff.slack_channel": "--handoff-channel",
}
_NOTHING = (None, "", ())
MAY_BE_NONE = ("backlog.board", "handoff.project", "slack.channel", "handoff.slack_channel")
_ALWAYS = ("pagerduty.url", "gitlab.url")  # written even where they are the defaults: they say whose tokens there are


def address(text: str) -> str:
    """A service's address as it was typed, with `https://` where no scheme was."""
    typed = text.strip()
    whole = typed if not typed or "://" in typed else f"https://{typed}"
    return whole.rstrip("/")


def role_choices(policies: Iterable[Policy], schedules: Iterable[Schedule]) -> Choices:
    """What a role's setting may name: each level of each policy, then each schedule whose name is no policy's level."""
    levels = [
        (f"{policy.name}:{place}  pages {', '.join(level.targets) or 'nobody'}", f"{policy.name}:{place}")
        for policy in policies
        for place, level in enumerate(policy.levels, start=1)
    ]
    named = [
        (f"{one.name}  a schedule, {_used(one)}", one.name) for one in schedules if role_name(one.name).level is None
    ]
    return levels + named


def _used(schedule: Schedule) -> str:
    return f"of {', '.join(schedule.policies)}" if schedule.policies else "of no policy"


def guessed_roles(me: str | None, policies: Sequence[Policy], schedules: Sequence[Schedule]) -> dict[Role, str]:
    """Who probably holds which role, where the usual names aren't there.

    Engineer and manager are the first two levels of the only policy that pages somebody of my name, else of the only
    policy there is; the backup is the only schedule that is called so, else the only one that no policy uses.
    """
    mine = [one for one in policies if any(me in level.targets for level in one.levels)] if me else []
    only = mine[0] if len(mine) == 1 else policies[0] if len(policies) == 1 else None
    levels: tuple[Role, ...] = ("engineer", "manager")
    count = len(only.levels) if only else 0
    guessed = {role: f"{only.name}:{at}" for at, role in enumerate(levels, start=1) if only and at <= count}
    called = [one.name for one in schedules if "backup" in one.name.casefold()]
    unused = [one.name for one in schedules if not one.policies]
    backup = next((found[0] for found in (called, unused) if len(found) == 1), None)
    return guessed | ({"backup": backup} if backup else {})


def found_roles(names: Mapping[Role, str], choices: Choices) -> dict[Role, str]:
    """Those of the roles' names that the account has, spelt as a role's setting is read."""
    there = {role_name(value) for _, value in choices}
    return {role: names[role] for role in ROLES if role in names and role_name(names[role]) in there}


def topmost(groups: Iterable[str]) -> list[str]:
    """The groups that lie below no other one of them: what is listed of a group is listed of those below it, too."""
    paths = list(dict.fromkeys(groups))
    return [one for one in paths if not any(one.startswith(f"{other}/") for other in paths)]


def board_choices(boards: Iterable[Board]) -> Choices:
    """Boards as `backlog.board` names them, with their lists."""
    return [(f"{board_key(one)}  {', '.join((OPEN, *one.lists))}", board_key(one)) for one in boards]


def board_key(board: Board) -> str:
    """`group/project:BOARD NAME`."""
    return f"{board.place}:{board.name}"


def spelt(wanted: str, names: Iterable[str]) -> str | None:
    """The one of that name, else the one that differs in case only."""
    there = list(names)
    return next((one for one in there if one == wanted), None) or next(
        (one for one in there if one.casefold() == wanted.casefold()), None
    )


def channel_choices(channels: Iterable[Channel]) -> Choices:
    """Channels as the settings name them; those that the token is no member of say so."""
    return [(f"#{one.name}{_beside(one)}", f"#{one.name}") for one in channels if not one.is_archived]


def _beside(channel: Channel) -> str:
    facts = [fact for fact, is_so in (("private", channel.is_private), ("not joined", not channel.is_member)) if is_so]
    return f"  {', '.join(facts)}" if facts else ""


def changes(
    answers: Mapping[str, Any], written: Mapping[str, Any], below: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, object | None]:
    """What is to be written: the answers that don't hold already, None for what the file must forget.

    `written` is what holds by the file, of that `below` what holds without the profile's own tables. An answer that
    is the default is written only in place of another; the addresses always.
    """
    changed: dict[str, object | None] = {}
    for key, answer in answers.items():
        nothing = answer in _NOTHING and defaults.get(key) in _NOTHING
        if nothing and key in written and written[key] not in _NOTHING:
            changed[key] = _empty(defaults.get(key)) if below.get(key) not in _NOTHING else None
        elif not nothing and answer != written.get(key, None if key in _ALWAYS else defaults.get(key)):
            changed[key] = answer
    return changed


def _empty(default: object) -> object:
    """What says "none" in a profile, where leaving a key out would say what the file says without it."""
    return () if default == () else ""
