"""The doctor at Slack: the channels of the settings, whether they can be posted to, and who of the people is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from secops_oncall import threads
from secops_oncall.domain.doctor import Checks, Settings
from secops_oncall.domain.doctor_people import handles
from secops_oncall.domain.doctor_slack import channel, scopes
from secops_oncall.domain.doctor_tokens import Kept
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.setup import TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.errors import AuthError, OncallError
from secops_oncall.ports import Slack
from secops_oncall.ports_setup import SlackSetup
from secops_oncall.workflows.doctor import Connection, examine, failed, looked, side_by_side, unused

_CHECKS = Checks("slack")
_REST = ("scopes", "handoffs", "acks", "people")


@dataclass(frozen=True)
class AtSlack:
    """Whom the doctor asks at Slack."""

    setup: SlackSetup
    slack: Slack
    settings: Settings

    @property
    def channels(self) -> dict[str, tuple[str, str]]:
        """The channels that are used, by check: their key in the settings, and their name."""
        settings = self.settings
        named = {
            "handoffs": ("handoff.slack_channel", settings.handoff_channel),
            "acks": ("slack.channel", settings.ack_channel),
        }
        return {check: (key, name) for check, (key, name) in named.items() if name}


def examine_slack(
    connection: Connection, desk: Callable[[], AtSlack], settings: Settings, now: datetime, *, has_token: bool
) -> list[Finding]:
    """Every check of Slack, in two waves and as many more as its list of channels has pages."""
    if not ("slack" in settings.uses or has_token):
        return [unused("slack")]

    def rest(facts: TokenFacts, _: Kept) -> list[Finding]:
        at = desk()
        return side_by_side(partial(_channels, at, facts), partial(looked, _CHECKS, "people", partial(_people, at)))

    return examine(connection, now.date(), rest, _REST)


def _channels(at: AtSlack, facts: TokenFacts) -> list[Finding]:
    """The scopes, which depend on whether a channel is private, and each channel."""
    found = dict(zip(at.channels, threads.each(partial(_looked_up, at.slack), at.channels.values()), strict=True))
    private = any(isinstance(one, Channel) and one.is_private for one in found.values())
    who = (facts.account.handle and facts.account.name) if facts.account else None
    told = [scopes(_CHECKS, facts, private=private)]
    for check, one in found.items():
        if isinstance(one, OncallError):
            told.append(failed(_CHECKS, check, one))
        else:
            confides = at.settings.confides and check == "handoffs"
            told.append(channel(_CHECKS, check, at.channels[check][0], one, who or "oncall", confides=confides))
    return told


def _looked_up(slack: Slack, named: tuple[str, str]) -> Channel | OncallError:
    try:
        return slack.channel(named[1])
    except OncallError as error:
        return error


def _people(at: AtSlack) -> list[Finding]:
    """Whose id of the `people` table nobody has; nothing where the token may not list people: no command needs that."""
    try:
        known = at.setup.people()
    except AuthError:
        return []
    return handles(_CHECKS, at.settings.people, [one.handle or one.id for one in known])
