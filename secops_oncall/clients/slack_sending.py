"""How slack_sdk sends: it waits and repeats as ours do, follows no redirect, and keeps to itself."""

import logging
import ssl
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from slack_sdk.http_retry import RetryHandler

from secops_oncall.clients.causes import cause_of
from secops_oncall.clients.network import Network, proxies_for
from secops_oncall.clients.transport import LIMITED, LONGEST_WAIT, PAUSE, asked_wait
from secops_oncall.domain.text import quoted
from secops_oncall.errors import ConfigError


class Policy(RetryHandler):
    """When a request is repeated: after 429; one that only reads after anything that may pass, too."""

    def __init__(self, network: Network, *, write: bool) -> None:
        super().__init__(max_retry_count=network.attempts - 1)
        self._network = network
        self._write = write

    def _can_retry(
        self, *, state: Any, request: Any, response: Any | None = None, error: Exception | None = None
    ) -> bool:
        if response is None:
            cause = cause_of(error) if isinstance(error, OSError) else None
            again = cause is not None and cause.again and not (self._write and cause.sent)
        else:
            again = response.status_code == 429 or (not self._write and response.status_code >= 500)
        seconds = self._wait(state, response)
        return again and seconds <= LONGEST_WAIT and seconds < self._network.patience.left()

    def prepare_for_next_attempt(
        self, *, state: Any, request: Any, response: Any | None = None, error: Exception | None = None
    ) -> None:
        """Wait as long as Slack asks, or a moment."""
        seconds = self._wait(state, response)
        if response is not None and response.status_code == 429:
            self._network.wait("Slack", seconds)
        else:
            self._network.sleep(seconds)
        state.next_attempt_requested = True
        state.increment_current_attempt()

    def _wait(self, state: Any, response: Any | None) -> float:
        pause: float = PAUSE * 2 ** (state.current_attempt + 1)
        if response is None or response.status_code != 429:
            return pause
        return wait_asked({name: values[0] for name, values in response.headers.items() if values}) or LIMITED


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: urllib would take the token along to wherever it is sent."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def opener(network: Network, address: str) -> urllib.request.OpenerDirector:
    """What slack_sdk's urllib sends through: our proxies, the same certificates as for the others, no redirects.

    Raises ConfigError for a certificate bundle that isn't there, or is none.
    """
    believed = Path(network.verify if isinstance(network.verify, str) else DEFAULT_CA_BUNDLE_PATH)
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(**{"capath" if believed.is_dir() else "cafile": str(believed)})
    except ssl.SSLError:
        raise ConfigError(f"{quoted(believed)} is no certificate bundle", "check `network.ca_bundle`") from None
    proxies = urllib.request.ProxyHandler(proxies_for(address))
    return urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=context), _NoRedirect())


def silent() -> logging.Logger:
    """A log that keeps to itself: slack_sdk's errors would reach standard error by themselves."""
    log = logging.getLogger("secops_oncall.slack")
    log.setLevel(logging.CRITICAL + 1)
    return log


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """The seconds that Slack asks us to wait, None where it doesn't say."""
    return asked_wait({name.title(): value for name, value in headers.items()}, time.time())
