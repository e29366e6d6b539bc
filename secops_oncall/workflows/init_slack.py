"""The Slack chapter of `oncall init`, which may be skipped: token, the channel for acks, the one for hand-offs."""

from dataclasses import dataclass

from secops_oncall import threads
from secops_oncall.domain.init import FLAGS, channel_choices
from secops_oncall.domain.setup import TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.domain.tokens import Token
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, RemoteError
from secops_oncall.ports_setup import SlackSetup
from secops_oncall.workflows.init_asking import Interview
from secops_oncall.workflows.init_connecting import Connecting, SkippedError, called

ACKS, HANDOFFS = "slack.channel", "handoff.slack_channel"


@dataclass(frozen=True)
class Seen:
    """What Slack says of a token, and the channels that the token sees."""

    setup: SlackSetup
    facts: TokenFacts
    channels: list[Channel]


def ask(connecting: Connecting) -> SlackSetup | None:
    """Ask for Slack; None where it is skipped, or nothing of it is to be changed."""
    interview = connecting.interview
    url = str(interview.known["slack.url"])
    names_it = any(key in interview.given for key in (ACKS, HANDOFFS)) or "slack" in connecting.given
    is_there = connecting.has("slack", url)
    may_ask = interview.asking.interactive and not interview.changing
    maps = interview.given.get("people") and is_there
    if interview.given.get("slack") is False or not (
        names_it or maps or may_ask or (is_there and not interview.changing)
    ):
        return None

    def prove(url: str, token: Token) -> Seen:
        return _proved(connecting.services.slack(url, token))

    try:
        _, seen = connecting.connected("slack", lambda: url, True, prove)
    except SkippedError:
        interview.asking.say("Slack: skipped")
        return None
    except (AuthError, ConfigError, NotFoundError, RemoteError) as error:
        if names_it or maps:
            raise
        interview.asking.error(error.message, f"Slack is left out; later: oncall init {FLAGS[ACKS]} '#CHANNEL'")
        return None
    interview.asking.done(called(seen.facts))
    _channels(interview, seen)
    return seen.setup


def _proved(setup: SlackSetup) -> Seen:
    channels = threads.start(setup.channels)
    return Seen(setup, setup.token(), channels.result())


def _channels(interview: Interview, seen: Seen) -> None:
    """Where acks are announced and where hand-offs are posted: nowhere, unless somebody says so."""
    choices = channel_choices(seen.channels)
    nowhere = "nowhere: acks are not announced"
    acks = interview.one(ACKS, "Channel in which acks are announced", choices, none=nowhere, what="Slack channel")
    if not interview.is_idle(ACKS):
        interview.answers["slack.announce"] = bool(acks)
    nowhere = "nowhere: hand-offs are not posted to Slack"
    handoffs = interview.one(HANDOFFS, "SecOps channel for hand-offs", choices, none=nowhere, what="Slack channel")
    joined = {f"#{one.name}" for one in seen.channels if one.is_member}
    for channel in dict.fromkeys(name for name in (acks, handoffs) if name and name not in joined):
        interview.asking.warn(f"the token is not in {channel} yet: type /invite @ and its name there")
    if not acks:
        interview.answers.pop(ACKS, None)  # what is written there doesn't count where nothing is announced
