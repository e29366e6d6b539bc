"""Whether a service is there at all, asked without a token: how soon it answers, its certificate and its clock."""

from contextlib import suppress

import requests

from secops_oncall.clients.network import Network
from secops_oncall.clients.slack_api import SlackApi
from secops_oncall.clients.transport import Transport, illegible
from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.domain.tokens import host_of
from secops_oncall.errors import AuthError

_PATHS: dict[Service, str] = {"pagerduty": "/users/me", "gitlab": "/api/v4/version"}  # which answer 401


def reach(service: Service, url: str, network: Network) -> None:
    """Have a service answer, whatever it says to somebody without a token; `network` is told of the answer.

    Raises RemoteError where it doesn't, and ConfigError for an address that must not get a token.
    """
    if service == "slack":
        with suppress(AuthError):
            SlackApi(url, "", network, token_from="").call("auth.test", {}, lambda _: None, "auth.test")
        return
    transport = Transport(service, url, network, limit=1)
    try:
        with transport.mounted(requests.Session()) as session:
            session.get(f"{transport.address}{_PATHS[service]}", headers={"Accept": "application/json"})
    except requests.RequestException:  # what leads to itself, above all
        raise illegible(f"{NAMES[service]} ({host_of(url)})", transport.setting) from None
