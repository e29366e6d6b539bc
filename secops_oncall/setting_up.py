"""The services as they tell of themselves, for addresses and tokens that aren't settled yet."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from secops_oncall.domain.setup import Answer, Service
from secops_oncall.domain.tokens import Token

if TYPE_CHECKING:
    from secops_oncall.clients.network import Network
    from secops_oncall.ports_setup import GitLabSetup, PagerDutySetup, SlackSetup


class SettingUp:
    """Makes clients for any address and token, and keeps what the services answered: `answers`, oldest first.

    `network` is called when the first of them is made: it stands on the configuration, which may be broken. Each
    method raises ConfigError for an address that must not get a token, and for a certificate bundle that isn't there.
    """

    def __init__(self, network: "Callable[[], Network]") -> None:
        self._shared = network
        self.answers: list[Answer] = []

    def pagerduty(self, url: str, token: Token, auth: Literal["token", "bearer"] = "token") -> "PagerDutySetup":
        """PagerDuty at its REST base; `auth` is how the key is sent."""
        from secops_oncall.clients.pagerduty_setup import PagerDutySetupClient

        return PagerDutySetupClient(url, token.value, network=self._network, auth=auth, token_from=token.source)

    def gitlab(self, url: str, token: Token) -> "GitLabSetup":
        """The GitLab at an address."""
        from secops_oncall.clients.gitlab_setup import GitLabSetupClient

        return GitLabSetupClient(url, token.value, network=self._network, token_from=token.source)

    def slack(self, url: str, token: Token) -> "SlackSetup":
        """Slack at the base of its Web API."""
        from secops_oncall.clients.slack_setup import SlackSetupClient

        return SlackSetupClient(url, token.value, network=self._network, token_from=token.source)

    def reach(self, service: Service, url: str) -> None:
        """Have a service answer without a token; RemoteError where it doesn't."""
        from secops_oncall.clients.reaching import reach

        reach(service, url, self._network)

    @cached_property
    def _network(self) -> "Network":
        return replace(self._shared(), on_answer=self.answers.append)
