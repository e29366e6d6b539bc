"""Slack as the workflows know it: one message posted, and found again by the markers in its blocks."""

import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from secops_oncall.clients.causes import cause_of, remote_error
from secops_oncall.clients.network import Network, checked_address
from secops_oncall.clients.slack_sending import Policy, opener, silent, wait_asked
from secops_oncall.clients.transport import CONNECT, TIRED, illegible, try_again
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.domain.text import clean, quoted, shorten
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RejectedError, RemoteError

T = TypeVar("T")

SETTING = "slack.url"
PAGE = 200
_MOST = 50  # pages of a list: a cursor that never ends must
_POST, _UPDATE = "chat.postMessage", "chat.update"
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
        self._opener = opener(network, self._address)

    def post(self, channel: str, lines: Mapping[str, str], thread: Message | None = None) -> Message:
        """Post one message, a block for each line with its marker as `block_id`; no link is unfurled."""
        quiet = {"unfurl_links": False, "unfurl_media": False}
        below = {"thread_ts": thread.ts} if thread else {}
        asked = {"channel": channel, **_content(lines), **quiet, **below}
        return self._call(_POST, asked, lambda json: _message(json["channel"], json), channel)

    def update(self, message: Message, lines: Mapping[str, str]) -> Message:
        """Give a message of my own other lines (chat.update)."""
        asked = {"channel": message.channel, "ts": message.ts, **_content(lines)}
        return self._call(_UPDATE, asked, lambda json: _message(json["channel"], json), message.channel)

    def find(
        self, channel: str, markers: Collection[str], since: datetime, thread: Message | None = None
    ) -> Message | None:
        """The message of my own since a moment whose blocks have all of the markers.

        In a channel's history, or among the replies of a thread (conversations.history, conversations.replies).
        """
        mine = self._mine(channel, since, thread)
        return next((message for message, marked in mine if marked.issuperset(markers)), None)

    def marked(self, channel: str, markers: Collection[str], since: datetime) -> dict[str, Message]:
        """By marker the last message of my own since a moment that has a block with it (conversations.history)."""
        found: dict[str, Message] = {}
        for message, marked in self._mine(channel, since):
            for marker in marked.intersection(markers):
                found.setdefault(marker, message)
        return found

    def _mine(self, channel: str, since: datetime, thread: Message | None = None) -> Iterator[tuple[Message, set[str]]]:
        """My own messages since a moment with the markers of each; in a channel's history the last one first."""
        me = self._call("auth.test", {}, lambda json: str(json["user_id"]), channel)
        place, oldest = thread.channel if thread else self._id(channel), f"{since.timestamp():.6f}"
        asked = {"channel": place, "oldest": oldest, **({"ts": thread.ts} if thread else {})}
        method = "conversations.replies" if thread else "conversations.history"
        for message in self._every(method, asked, "messages", channel):
            if message.get("user") == me:
                yield _message(place, message), {str(block.get("block_id")) for block in message.get("blocks") or []}

    def channel(self, name: str) -> Channel:
        """A channel by `#name` or id (conversations.info)."""
        return self._call(
            "conversations.info", {"channel": self._id(name)}, lambda json: _channel(json["channel"]), name
        )

    def permalink(self, message: Message) -> str:
        """The URL of a message (chat.getPermalink)."""
        asked = {"channel": message.channel, "message_ts": message.ts}
        return self._call("chat.getPermalink", asked, lambda json: clean(json["permalink"]), message.channel)

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
        network, began, write = self._network, time.monotonic(), method in (_POST, _UPDATE)
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
            logger=silent(),
            retry_handlers=[Policy(self._network, write=write)],
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
            hint = try_again(wait_asked(response.headers))
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


def _content(lines: Mapping[str, str]) -> dict[str, Any]:
    """A block for each line, known by its marker; the text is what notifications show."""
    blocks = [
        {"type": "section", "block_id": marker, "text": {"type": "mrkdwn", "text": line, "verbatim": True}}
        for marker, line in lines.items()
    ]
    return {"blocks": blocks, "text": "\n".join(lines.values())}


def _channel(json: Mapping[str, Any]) -> Channel:
    return Channel(
        clean(json["id"]),
        clean(json.get("name")),
        bool(json.get("is_private") or json.get("is_im")),
        bool(json.get("is_member") or json.get("is_im")),
        bool(json.get("is_archived")),
    )


def _message(channel: str, json: Mapping[str, Any]) -> Message:
    return Message(clean(channel), clean(json["ts"]))


def _cursor(json: Mapping[str, Any]) -> str:
    return str((json.get("response_metadata") or {}).get("next_cursor") or "")
