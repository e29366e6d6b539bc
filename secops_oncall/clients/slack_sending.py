"""How slack_sdk sends: it waits and repeats as ours do, follows no redirect, and keeps to itself."""

import logging
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from slack_sdk.http_retry import RetryHandler
from urllib3.util.ssl_ import create_urllib3_context

from secops_oncall.clients.causes import cause_of
from secops_oncall.clients.network import Network
from secops_oncall.clients.proxies import Proxy
from secops_oncall.clients.transport import LIMITED, LONGEST_WAIT, PAUSE, asked_wait
from secops_oncall.clients.ways import Way
from secops_oncall.domain.tokens import host_of
from secops_oncall.errors import ConfigError


class Policy(RetryHandler):
    """When a request is repeated: after 429; all but what is sent `once` after anything that may pass, too."""

    def __init__(self, network: Network, *, once: bool) -> None:
        super().__init__(max_retry_count=network.attempts - 1)
        self._network = network
        self._once = once

    def _can_retry(
        self, *, state: Any, request: Any, response: Any | None = None, error: Exception | None = None
    ) -> bool:
        if response is None:
            cause = cause_of(error) if isinstance(error, OSError) else None
            again = cause is not None and cause.again and not (self._once and cause.sent)
        else:
            again = response.status_code == 429 or (not self._once and response.status_code >= 500)
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


class _ByProxy(urllib.request.BaseHandler):
    """Goes through the way's own proxy; urllib's handler would ask this process's environment, and no other."""

    handler_order = 100  # before the one that opens the connection

    def __init__(self, proxy: Proxy | None) -> None:
        self._proxy = proxy

    def https_open(self, request: urllib.request.Request) -> None:
        """Have the connection opened through the proxy, whatever it asks to be told first."""
        if self._proxy and request.host != self._proxy.host:  # a repeated request has it already
            for name, value in self._proxy.headers.items():
                request.add_unredirected_header(name, value)
            request.set_proxy(self._proxy.host, "http")


def opener(way: Way) -> urllib.request.OpenerDirector:
    """What slack_sdk's urllib sends through: the same proxies and certificates as for the others, no redirects.

    Raises ConfigError for a proxy that is itself reached over TLS: urllib would tell it its password in the clear.
    """
    if way.proxy and way.proxy.is_over_tls:
        what = f"Slack can't be asked through a proxy that is reached by https:// ({way.proxy.source})"
        raise ConfigError(what, f"set {way.proxy.source} to http://HOST:PORT, or NO_PROXY to {host_of(way.address)}")
    context = create_urllib3_context()
    if way.address.startswith("https:"):  # to this machine by http:// it would be time for nothing
        believed = Path(way.verify if isinstance(way.verify, str) else DEFAULT_CA_BUNDLE_PATH)
        context.load_verify_locations(**{"capath" if believed.is_dir() else "cafile": str(believed)})
    https = urllib.request.HTTPSHandler(context=context)
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _ByProxy(way.proxy), https, _NoRedirect())


def silent() -> logging.Logger:
    """A log that keeps to itself: slack_sdk's errors would reach standard error by themselves."""
    log = logging.getLogger("secops_oncall.slack")
    log.setLevel(logging.CRITICAL + 1)
    return log


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """The seconds that Slack asks us to wait, None where it doesn't say."""
    return asked_wait({name.title(): value for name, value in headers.items()}, time.time())
