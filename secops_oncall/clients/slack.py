"""Slack as the workflows know it: messages posted, changed, and found again by the markers in their blocks."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from secops_oncall.clients.network import Network
from secops_oncall.clients.slack_api import POST, UPDATE, SlackApi
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.domain.text import clean, quoted
from secops_oncall.errors import NotFoundError

_ID, _PERSON = re.compile(r"[CDG][A-Z0-9]{2,}"), re.compile(r"[UW][A-Z0-9]{2,}")  # names are in lower case


class SlackClient:
    """`ports.Slack` over the Web API (docs.slack.dev); `url` is its base, `token_from` where the token was found.

    Raises ConfigError for an address that must not get a token.
    """

    def __init__(self, url: str, token: str, *, network: Network, token_from: str) -> None:
        self._api = SlackApi(url, token, network, token_from=token_from)
        self._known: dict[str, Channel] = {}

    def post(self, channel: str, lines: Mapping[str, str], thread: Message | None = None) -> Message:
        """Post one message, a block for each line with its marker as `block_id`; no link is unfurled."""
        quiet = {"unfurl_links": False, "unfurl_media": False}
        below = {"thread_ts": thread.ts} if thread else {}
        asked = {"channel": channel, **_content(lines), **quiet, **below}
        return self._api.call(POST, asked, _posted, channel)

    def update(self, message: Message, lines: Mapping[str, str]) -> Message:
        """Give a message of my own other lines (chat.update)."""
        asked = {"channel": message.channel, "ts": message.ts, **_content(lines)}
        return self._api.call(UPDATE, asked, _posted, message.channel)

    def own(self, channel: str, since: datetime, thread: Message | None = None) -> list[Message]:
        """My own messages since a moment, newest first; those of a thread oldest first, its first one among them.

        From a channel's history, or the replies of a thread (conversations.history, conversations.replies).
        """
        place = thread.channel if thread else self._place(channel)
        asked = {"channel": place, "oldest": f"{since.timestamp():.6f}", **({"ts": thread.ts} if thread else {})}
        method = "conversations.replies" if thread else "conversations.history"
        every = list(self._api.every(method, asked, "messages", channel))
        me = self._who[0]  # also where there is nothing yet: a permalink needs it soon
        with self._api.translated(channel):
            return [_said(place, message) for message in every if message.get("user") == me]

    def find(
        self, channel: str, markers: Collection[str], since: datetime, thread: Message | None = None
    ) -> Message | None:
        """The message of my own since a moment whose blocks have all of the markers."""
        found = self.own(channel, since, thread)
        return next((message for message in found if message.lines.keys() >= set(markers)), None)

    def marked(self, channel: str, markers: Collection[str], since: datetime) -> dict[str, Message]:
        """By marker the last message of my own since a moment that has a block with it."""
        found: dict[str, Message] = {}
        for message in self.own(channel, since):
            for marker in message.lines.keys() & set(markers):
                found.setdefault(marker, message)
        return found

    def channel(self, name: str) -> Channel:
        """A channel by its name, from the list of those that the token's user sees, or by its id."""
        if name not in self._known:
            self._known[name] = self._by_id(name) if _ID.fullmatch(name) else self._by_name(name)
        return self._known[name]

    def permalink(self, message: Message) -> str:
        """The URL of a message, made of the workspace's own as Slack does (chat.getPermalink): a request less."""
        digits = message.ts.replace(".", "")
        return f"{self._who[1].rstrip('/')}/archives/{message.channel}/p{digits}"

    @cached_property
    def _who(self) -> tuple[str, str]:
        """The user id that my messages have, an app's own, and the workspace's URL (auth.test)."""
        return self._api.call("auth.test", {}, lambda json: (str(json["user_id"]), clean(json.get("url"))), "")

    def _place(self, channel: str) -> str:
        """The id of a channel, or of the direct messages with a user: a history is to be had by that only.

        `conversations.open` needs a scope (im:write) that posting to a user doesn't.
        """
        if not _PERSON.fullmatch(channel):
            return channel if _ID.fullmatch(channel) else self.channel(channel).id
        return self._api.call(
            "conversations.open", {"users": channel}, lambda json: clean(json["channel"]["id"]), channel
        )

    def _by_id(self, id: str) -> Channel:
        return self._api.call("conversations.info", {"channel": id}, lambda json: channel_of(json["channel"]), id)

    def _by_name(self, name: str) -> Channel:
        """The channel of that name; an archived one only where no other has it."""
        archived = None
        kinds = {"types": "public_channel,private_channel"}
        with self._api.translated(name):
            for found in self._api.every("conversations.list", kinds, "channels", name):
                if found.get("name") == name.removeprefix("#"):
                    archived = channel_of(found)
                    if not archived.is_archived:
                        return archived
        if archived:
            return archived
        what = f"Slack has no channel {quoted(name)}, or not for this token"
        raise NotFoundError(what, "check the channel in the settings; a private one has to be joined")


def _content(lines: Mapping[str, str]) -> dict[str, Any]:
    """A block for each line, known by its marker; the text is what notifications show."""
    blocks = [
        {"type": "section", "block_id": marker, "text": {"type": "mrkdwn", "text": line, "verbatim": True}}
        for marker, line in lines.items()
    ]
    return {"blocks": blocks, "text": "\n".join(lines.values())}


def _posted(json: Mapping[str, Any]) -> Message:
    return Message(clean(json["channel"]), clean(json["ts"]))


def channel_of(json: Mapping[str, Any]) -> Channel:
    return Channel(
        clean(json["id"]),
        clean(json.get("name")),
        bool(json.get("is_private") or json.get("is_im")),
        bool(json.get("is_member") or json.get("is_im")),
        bool(json.get("is_archived")),
    )


def _said(channel: str, json: Mapping[str, Any]) -> Message:
    """A message with what it says, by the markers of its blocks."""
    blocks = [block for block in json.get("blocks") or [] if isinstance(block, dict)]
    lines = {str(block.get("block_id")): str((block.get("text") or {}).get("text") or "") for block in blocks}
    return Message(channel, clean(json["ts"]), lines)
