"""Slack's Web API over slack_sdk: one call of a method to its end, whole lists, and every error translated."""

import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from secops_oncall.clients.network import Network, checked_address
from secops_oncall.clients.slack_sending import Policy, opener, silent, wait_asked
from secops_oncall.clients.slots import Slots
from secops_oncall.clients.transport import CONNECT, TIRED, illegible, try_again
from secops_oncall.clients.ways import Way
from secops_oncall.domain.text import clean, quoted, shorten
from secops_oncall.domain.tokens import SLACK_PRIVATE_SCOPES, SLACK_SCOPES, renewal
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RejectedError, RemoteError

T = TypeVar("T")

SETTING = "slack.url"
PAGE = 200
AT_ONCE = 4  # Slack takes about a message a second in a channel, and short bursts (docs.slack.dev, "Rate limits")
_MOST = 50  # pages of a list: a cursor that never ends must
POST, UPDATE = "chat.postMessage", "chat.update"
_AUTH = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required")
_REJECTED = {"token_expired": ": it has expired", "token_revoked": ": it was revoked"}
_SCOPE = ("missing_scope", "no_permission", "ekm_access_denied", "access_denied", "not_allowed_token_type")
_ALL_SCOPES = f"{', '.join(SLACK_SCOPES)} (of a private channel {', '.join(SLACK_PRIVATE_SCOPES)})"
# "It's possible some aspect of the operation succeeded before the error was raised" (docs.slack.dev, chat.postMessage).
_IN_DOUBT = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
# What is wrong, and what mends it; every other word of Slack's stands for itself.
_WORDS = {
    "not_in_channel": ("the token's user is not in it", "/invite them there in Slack, then run it again"),
    "is_archived": ("it is archived", "unarchive it, or name another channel in the settings"),
    "restricted_action": ("not everybody may post there", "ask who runs it, or name another channel in the settings"),
    "msg_too_long": ("the message is too long", "say it in fewer words"),
    "msg_blocks_too_long": ("the message is too long", "say it in fewer words"),
    "edit_window_closed": ("a message as old as that can't be changed any more", "say what is new in its thread"),
}


class ForbiddenError(AuthError):
    """The token is good, but may not do this: it lacks a scope, or the workspace doesn't allow it."""


class SlackApi:
    """Single calls and whole lists, each with `read` to make the domain's of Slack's JSON.

    `about` is the channel that an error names. Raises ConfigError for an address that must not get a token.
    """

    def __init__(self, url: str, token: str, network: Network, *, token_from: str) -> None:
        self._address = checked_address(SETTING, url)
        self._where = f"Slack ({urlsplit(self._address).netloc})"
        self._token = token
        self._token_from = token_from
        self._network = network
        self._way = Way(self._address, SETTING, network)
        self._opener = opener(self._way)
        self._slots = Slots(AT_ONCE)

    def every(
        self, method: str, asked: Mapping[str, Any], name: str, about: str, size: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        """What a method lists, page after page; RemoteError for a list without an end: half of it proves nothing."""
        cursor = ""
        for _ in range(_MOST):
            page = {**asked, "limit": size, **({"cursor": cursor} if cursor else {})}
            rows, cursor = self.call(method, page, lambda json: (list(json[name]), _cursor(json)), about)
            yield from rows
            if not cursor:
                return
        what = f"{self._where}: there are more than {_MOST * size} {name}"
        raise RemoteError(what, f"name {quoted(about)} by its id" if about != name else TIRED, answered=200)

    def call(self, method: str, asked: Mapping[str, Any], read: Callable[[Any], T], about: str) -> T:
        """One call of a method to its end; `read` gets what it answered.

        A post is sent once. An update may be repeated as what only reads: it leaves the same behind, and wakes nobody.
        """
        return self.call_whole(method, asked, lambda answer: read(answer.data), about)

    def call_whole(self, method: str, asked: Mapping[str, Any], read: Callable[[Any], T], about: str) -> T:
        """The same, but that `read` gets slack_sdk's own answer, with its headers."""
        network, began, write = self._network, time.monotonic(), method in (POST, UPDATE)
        with network.patience, network.patience.writing(write), self.translated(about), self._slot():
            left = network.patience.left()
            client = self._client(min(network.write if write else network.timeout, left), once=method == POST)
            answer: Any = None
            try:
                body, form = (dict(asked), None) if write else (None, dict(asked))
                answer = client.api_call(method, json=body, params=form)
            except SlackApiError as error:
                answer = error.response
                raise
            finally:
                self._tell(method, answer, (time.monotonic() - began) * 1000)
            return read(answer)

    def _tell(self, method: str, answer: Any, milliseconds: float) -> None:
        """Tell of a request, and of its answer where there is one."""
        network, status = self._network, "no answer" if answer is None else answer.status_code
        network.on_request("POST", f"{self._address}/{method}", status, milliseconds)
        if answer is not None:
            network.answered("slack", milliseconds, header(answer, "Date"), network.clock())

    @contextmanager
    def _slot(self) -> Iterator[None]:
        left = self._network.patience.left()
        if left <= 0 or not self._slots.take(left):
            seconds = self._network.patience.seconds
            raise RemoteError(f"{self._where}: more than {seconds:g} s in all", TIRED, answered=0, silent=True)
        try:
            yield
        finally:
            self._slots.give()

    def _client(self, timeout: float, *, once: bool) -> WebClient:
        """slack_sdk's own client, made to wait and to repeat as ours do."""
        urllib.request.install_opener(self._opener)
        client = WebClient(
            self._token,
            base_url=f"{self._address}/",
            timeout=timeout,  # type: ignore[arg-type]
            user_agent_prefix=self._network.user_agent,
            logger=silent(),
            retry_handlers=[Policy(self._network, once=once)],
        )
        client.proxy = None  # with one it would open its own way, and follow redirects with the token
        return client

    @contextmanager
    def translated(self, about: str) -> Iterator[None]:
        """slack_sdk's exceptions, the network's, and answers of another shape, as ours."""
        try:
            yield
        except SlackApiError as error:
            raise self._error(error.response, about) from None
        except (SlackClientError, KeyError, TypeError, ValueError, AttributeError):
            raise illegible(self._where, SETTING) from None
        except (OSError, HTTPException) as error:
            broken = error if isinstance(error, OSError) else ConnectionError()
            cause, read = self._way.cause_of(broken), self._network.write
            raise self._way.error(broken, cause, self._where, connect=CONNECT, read=read) from error

    def _error(self, response: Any, about: str) -> OncallError:
        told = response.data if isinstance(response.data, dict) else {}
        status, code = int(response.status_code), shorten(clean(told.get("error")), 80)
        if status == 429 or code == "ratelimited":
            hint = try_again(wait_asked(response.headers))
            return RemoteError(f"{self._where}: too many requests (429)", hint, answered=429)
        if status >= 500:
            hint = try_again(wait_asked(response.headers))
            return RemoteError(f"{self._where}: it answers {status}", hint, answered=status)
        if 300 <= status < 400:
            return RemoteError(f"{self._where}: it answers {status}", f"check `{SETTING}`", answered=status)
        if code in _AUTH:
            what = f"Slack rejects the token from {self._token_from}{_REJECTED.get(code, '')} ({code})"
            return AuthError(what, renewal("slack", self._token_from))
        if code in _SCOPE:
            needed = shorten(clean(told.get("needed")), 80)
            what = f"the Slack token from {self._token_from} may not do this ({code}{needed and f': {needed}'})"
            return ForbiddenError(what, f"give the app {needed or _ALL_SCOPES}, and install it again")
        if code == "channel_not_found":
            what = f"Slack has no channel {quoted(about)}, or not for this token"
            return NotFoundError(what, "check the channel in the settings; a private one has to be joined")
        if code in _IN_DOUBT:
            return RemoteError(f"{self._where}: it answers {code}", "try again in a minute")
        if not code or " " in code:  # slack_sdk puts a sentence there for what was no JSON
            return illegible(self._where, SETTING)
        why, hint = _WORDS.get(code, (code, "check the channel in the settings"))
        return RejectedError(f"Slack refused {quoted(about)}: {why}", hint, answered=200, code=code)


def header(answer: Any, name: str) -> str | None:
    """A header of slack_sdk's answer, whose names come in any case; None where there is none."""
    found = {key.casefold(): value for key, value in (answer.headers or {}).items()}.get(name.casefold())
    return None if found is None else str(found)


def _cursor(json: Mapping[str, Any]) -> str:
    return str((json.get("response_metadata") or {}).get("next_cursor") or "")
