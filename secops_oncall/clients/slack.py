"""Slack as the workflows know it: one message posted, and found again by the markers in its blocks."""

import logging
import ssl
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler

from secops_oncall.clients.causes import cause_of, remote_error
from secops_oncall.clients.network import Network, checked_address, proxies_for
from secops_oncall.clients.transport import (
    CONNECT,
    LIMITED,
    LONGEST_WAIT,
    PAUSE,
    TIRED,
    asked_wait,
    illegible,
    try_again,
)
from secops_oncall.domain.slack import Message
from secops_oncall.domain.text import clean, quoted, shorten
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RejectedError, RemoteError

T = TypeVar("T")

SETTING = "slack.url"
PAGE = 200
_MOST = 50  # pages of a list: a cursor that never ends must
_POST = "chat.postMessage"
_AUTH = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required")
_SCOPE = ("missing_scope", "no_permission", "ekm_access_denied", "access_denied", "not_allowed_token_type")
# "It's possible some aspect of the operation succeeded before the error was raised" (docs.slack.dev, chat.postMessage).
_IN_DOUBT = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
_WORDS = {
    "not_in_channel": "the token's user is not in it: /invite them there",
    "is_archived": "it is archived",
    "restricted_action": "not everybody may post there",
}


class SlackClient:
    """`ports.Slack` over the Web API (docs.slack.dev); `url` is its base, `token_from` where the token was found.

    Raises ConfigError for an address that must not get a token.
    """

    def __init__(self, url: str, token: str, *, network: Network, token_from: str) -> None:
        self._address = checked_address(SETTING, url)
        self._where = f"Slack ({urlsplit(self._address).netloc})"
        self._token = token
        self._token_from = token_from
        self._network = network
        self._opener = _opener(network, self._address)

    def post(self, channel: str, lines: Mapping[str, str]) -> Message:
        """Post one message, a block for each line with its marker as `block_id`; no link is unfurled."""
        blocks = [
            {"type": "section", "block_id": marker, "text": {"type": "mrkdwn", "text": line, "verbatim": True}}
            for marker, line in lines.items()
        ]
        sent = {"channel": channel, "blocks": blocks, "text": "\n".join(lines.values())}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        return self._call(_POST, {**sent, **quiet}, lambda json: _message(json["channel"], json), channel)

    def find(self, channel: str, markers: Collection[str], since: datetime) -> Message | None:
        """The message of my own since a moment whose blocks have all of the markers (conversations.history)."""
        me = self._call("auth.test", {}, lambda json: str(json["user_id"]), channel)
        place, oldest = self._id(channel), f"{since.timestamp():.6f}"
        for message in self._every("conversations.history", {"channel": place, "oldest": oldest}, "messages", channel):
            marked = {str(block.get("block_id")) for block in message.get("blocks") or []}
            if message.get("user") == me and marked.issuperset(markers):
                return _message(place, message)
        return None

    def _id(self, channel: str) -> str:
        """The id of a channel that is named `#name`: its history is to be had by id only."""
        if not channel.startswith("#"):
            return channel
        kinds = {"types": "public_channel,private_channel", "exclude_archived": True}
        for found in self._every("conversations.list", kinds, "channels", channel):
            if found.get("name") == channel.removeprefix("#"):
                return str(found["id"])
        raise NotFoundError(f"Slack has no channel {quoted(channel)}", "check `slack.channel`")

    def _every(self, method: str, asked: Mapping[str, Any], name: str, channel: str) -> Iterator[dict[str, Any]]:
        """What a method lists, page after page."""
        cursor = ""
        for _ in range(_MOST):
            page = {**asked, "limit": PAGE, **({"cursor": cursor} if cursor else {})}
            rows, cursor = self._call(method, page, lambda json: (list(json[name]), _cursor(json)), channel)
            yield from rows
            if not cursor:
                return

    def _call(self, method: str, asked: Mapping[str, Any], read: Callable[[Any], T], channel: str) -> T:
        """One call of a method to its end; every error names the channel where it is about that."""
        network, began, write = self._network, time.monotonic(), method == _POST
        with network.patience, network.patience.writing(write), self._translated(channel):
            left = network.patience.left()
            if left <= 0:
                raise RemoteError(f"{self._where}: more than {network.patience.seconds:g} s in all", TIRED, answered=0)
            client = self._client(min(network.write if write else network.timeout, left), write=write)
            status: int | str = "no answer"
            try:
                body, form = (dict(asked), None) if write else (None, dict(asked))
                answer = client.api_call(method, json=body, params=form)
                status = answer.status_code
            except SlackApiError as error:
                status = error.response.status_code
                raise
            finally:
                took = (time.monotonic() - began) * 1000
                network.on_request("POST", f"{self._address}/{method}", status, took)
            return read(answer.data)

    def _client(self, timeout: float, *, write: bool) -> WebClient:
        """slack_sdk's own client, made to wait and to repeat as ours do."""
        urllib.request.install_opener(self._opener)
        client = WebClient(
            self._token,
            base_url=f"{self._address}/",
            timeout=timeout,  # type: ignore[arg-type]
            user_agent_prefix=self._network.user_agent,
            logger=_silent(),
            retry_handlers=[_Policy(self._network, write=write)],
        )
        client.proxy = None  # with one it would open its own way, and follow redirects with the token
        return client

    @contextmanager
    def _translated(self, channel: str) -> Iterator[None]:
        try:
            yield
        except SlackApiError as error:
            raise self._error(error.response, channel) from None
        except (SlackClientError, KeyError, TypeError, ValueError, AttributeError):
            raise illegible(self._where, SETTING) from None
        except (OSError, HTTPException) as error:
            broken = error if isinstance(error, OSError) else ConnectionError()
            facts = {"connect": CONNECT, "read": self._network.write, "setting": SETTING}
            raise remote_error(broken, cause_of(broken), self._where, **facts) from error

    def _error(self, response: Any, channel: str) -> OncallError:
        told = response.data if isinstance(response.data, dict) else {}
        status, code = int(response.status_code), shorten(clean(told.get("error")), 80)
        if status == 429 or code == "ratelimited":
            hint = try_again(_asked(response.headers))
            return RemoteError(f"{self._where}: too many requests (429)", hint, answered=429)
        if 300 <= status < 400 or status >= 500:
            return RemoteError(f"{self._where}: it answers {status}", f"check `{SETTING}`", answered=status)
        if code in _AUTH:
            what = f"Slack rejects the token from {self._token_from} ({code})"
            return AuthError(what, f"export {self._token_from}=… with a token that is valid")
        if code in _SCOPE:
            needed = clean(told.get("needed"))
            what = f"the Slack token from {self._token_from} may not do this ({code}{needed and f': {needed}'})"
            return AuthError(what, "give the app chat:write, channels:read and channels:history")
        if code == "channel_not_found":
            return NotFoundError(f"Slack has no channel {quoted(channel)}, or not for this token", "check the settings")
        if code in _IN_DOUBT:
            return RemoteError(f"{self._where}: it answers {code}", "try again in a minute")
        if not code or " " in code:  # slack_sdk puts a sentence there for what was no JSON
            return illegible(self._where, SETTING)
        what = f"Slack refused {quoted(channel)}: {_WORDS.get(code, code)}"
        return RejectedError(what, "check `slack.channel`", answered=200, code=code)


class _Policy(RetryHandler):
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
        return _asked({name: values[0] for name, values in response.headers.items() if values}) or LIMITED


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: urllib would take the token along to wherever it is sent."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _opener(network: Network, address: str) -> urllib.request.OpenerDirector:
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


def _silent() -> logging.Logger:
    """A log that keeps to itself: slack_sdk's errors would reach standard error by themselves."""
    log = logging.getLogger("secops_oncall.slack")
    log.setLevel(logging.CRITICAL + 1)
    return log


def _asked(headers: Mapping[str, str]) -> float | None:
    """The seconds that Slack asks us to wait, None where it doesn't say."""
    return asked_wait({name.title(): value for name, value in headers.items()}, time.time())


def _message(channel: str, json: Mapping[str, Any]) -> Message:
    return Message(clean(channel), clean(json["ts"]))


def _cursor(json: Mapping[str, Any]) -> str:
    return str((json.get("response_metadata") or {}).get("next_cursor") or "")
