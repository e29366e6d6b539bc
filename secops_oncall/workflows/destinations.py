"""Where a hand-off goes: whether its Slack channel is private is asked of Slack, never guessed."""

from collections.abc import Callable
from dataclasses import replace

from secops_oncall.domain.documents import Destinations
from secops_oncall.errors import OncallError
from secops_oncall.ports import Slack


def checked(slack: Callable[[], Slack], destinations: Destinations) -> tuple[Destinations, list[OncallError]]:
    """The destinations with whether their channel is private, and why that could not be found out.

    Slack is only asked where it matters: where confidential issues may be told of in a private channel. A channel of
    which it isn't known is taken for one that everybody reads. Nothing is raised.
    """
    if destinations.in_slack == "none" or not destinations.channel:
        return destinations, []
    try:
        channel = slack().channel(destinations.channel)
    except OncallError as error:
        return destinations, [error]
    return replace(destinations, private=channel.is_private), []
