"""The sandbox's Slack: the Web API as far as `oncall` and slack_sdk use it; its errors come with HTTP 200."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify

from secops_oncall.sandbox import cast, wire
from secops_oncall.sandbox.slack_records import (
    CHANNEL,
    MESSAGE,
    TEAM,
    USERS,
    User,
    add_channel,
    add_message,
    bot_id,
    new_ts,
    permalink,
    replies,
    shown_channel,
    shown_message,
    shown_user,
)
from secops_oncall.sandbox.slack_requests import Failed, arguments, caller, flag, may, part, structured, within
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("slack", __name__)

_LONGEST_TEXT = 40_000
_MOST_BLOCKS = 50
_STRUCTURED = ("blocks", "attachments", "metadata")  # JSON within a form; kept exactly as they were sent


@blueprint.route("/<method>", methods=["GET", "POST"])
def _call(method: str) -> Response:
    if method not in _METHODS:
        return jsonify({"ok": False, "error": "unknown_method"})
    try:
        asked = arguments()
        answer = {"ok": True, **_METHODS[method](asked, caller(asked, *_needed(method, asked)))}
    except Failed as failure:
        wire.state().discard()
        answer = {"ok": False, "error": str(failure), **failure.more}
    response = jsonify(answer)
    if "scopes" in g:  # every answer to a token that is good tells what it may do
        response.headers["X-OAuth-Scopes"] = ",".join(sorted(g.scopes))
    return response


def _needed(method: str, asked: Document) -> tuple[str, ...]:
    """The scopes that a method needs; a list of channels one for each type of them."""
    if method == "conversations.list":
        return tuple(scope for kind, scope in _LISTED.items() if kind in str(asked.get("types") or "public_channel"))
    return _SCOPES.get(method, ())


def _auth_test(asked: Document, who: User) -> Document:
    bot = {"bot_id": bot_id(who)} if who.bot else {}
    mine = {"url": f"{cast.SLACK_ORIGIN}/", "team": "Acme Security", "user": who.login}
    return {**mine, "team_id": TEAM, "user_id": who.id, **bot, "is_enterprise_install": False}


def _post(asked: Document, who: User) -> Document:
    channel = _writable(str(asked.get("channel", "")), who)
    content = _content(asked)
    if asked.get("thread_ts"):
        content["thread_ts"] = _root(channel, str(asked["thread_ts"]))["ts"]
    ts = new_ts(wire.state(), g.now)
    message = add_message(wire.state(), channel["id"], ts, who.id, **content)
    return {"channel": channel["id"], "ts": ts, "message": shown_message(message, [])}


def _update(asked: Document, who: User) -> Document:
    channel = _writable(str(asked.get("channel", "")), who)
    message = _message(channel, str(asked.get("ts", "")), "message_not_found")
    if message["user"] != who.id:
        raise Failed("cant_update_message")
    edited = {**message, **_content(asked), "edited": {"user": who.id, "ts": new_ts(wire.state(), g.now)}}
    wire.state().put(MESSAGE, f"{channel['id']}/{message['ts']}", edited, parent=channel["id"])
    where = {"channel": channel["id"], "ts": message["ts"]}
    return {**where, "text": edited["text"], "message": shown_message(edited, [])}


def _content(asked: Document) -> Document:
    """The text and blocks of a message, as they were sent."""
    text = str(asked.get("text") or "")
    content: Document = {"text": text}
    for name in _STRUCTURED:
        if asked.get(name) not in (None, ""):
            content[name] = structured(name, asked[name])
    if not text.strip() and not content.get("blocks") and not content.get("attachments"):
        raise Failed("no_text")
    if len(text) > _LONGEST_TEXT:
        raise Failed("msg_too_long")
    _check_blocks(content.get("blocks", []))
    return content


def _check_blocks(blocks: Any) -> None:
    well_formed = isinstance(blocks, list) and all(isinstance(one, dict) and one.get("type") for one in blocks)
    if not well_formed or len(blocks) > _MOST_BLOCKS or any(len(str(one.get("block_id", ""))) > 255 for one in blocks):
        raise Failed("invalid_blocks")


def _channel(name: str, who: User) -> Document:
    """A channel by id; a private one is there only for those in it."""
    channel = wire.state().get(CHANNEL, name)
    if channel is None or (channel["private"] and who.id not in channel["members"]):
        raise Failed("channel_not_found")
    return channel


def _writable(name: str, who: User) -> Document:
    """Where a message may go: a channel by id or `#name`, or a user, whose direct messages are opened."""
    if name in USERS:
        return _direct(name, who)
    named = (one["id"] for one in wire.state().all(CHANNEL) if one["name"] == name.removeprefix("#"))
    channel = _channel(next(named, name), who)
    if channel["archived"]:
        raise Failed("is_archived")
    if who.id not in channel["members"]:
        raise Failed("not_in_channel")
    return channel


def _direct(user: str, who: User) -> Document:
    first, second = sorted((user, who.id))
    key = f"D{first[1:]}{second[1:]}"
    found = wire.state().get(CHANNEL, key)
    return found or add_channel(wire.state(), (key, key), [first, second], g.now, private=True)


def _readable(asked: Document, who: User) -> Document:
    """A channel whose messages may be read: one must be in it."""
    channel = _channel(str(asked.get("channel", "")), who)
    if who.id not in channel["members"]:
        raise Failed("not_in_channel")
    return channel


def _message(channel: Document, ts: str, missing: str) -> Document:
    found = wire.state().get(MESSAGE, f"{channel['id']}/{ts}")
    if found is None:
        raise Failed(missing)
    return found


def _root(channel: Document, ts: str) -> Document:
    """The message that began the thread which a message is in, itself where it is in none."""
    message = _message(channel, ts, "thread_not_found")
    return _message(channel, str(message.get("thread_ts", ts)), "thread_not_found")


def _info(asked: Document, who: User) -> Document:
    channel = _channel(str(asked.get("channel", "")), who)
    members = {"num_members": len(channel["members"])} if flag(asked, "include_num_members") else {}
    return {"channel": shown_channel(channel, who) | members}


def _open(asked: Document, who: User) -> Document:
    """The direct messages with a user."""
    user = str(asked.get("users", ""))
    if user not in USERS:
        raise Failed("user_not_found")
    return {"channel": {"id": _direct(user, who)["id"]}}


def _channels(asked: Document, who: User) -> Document:
    """The channels of `types` (public ones, unless named) that the caller sees, by id."""
    types = str(asked.get("types") or "public_channel").split(",")
    found = [
        channel
        for channel in sorted(wire.state().all(CHANNEL), key=lambda one: str(one["id"]))
        if ("private_channel" if channel["private"] else "public_channel") in types
        and not channel["id"].startswith("D")
        and not (channel["archived"] and flag(asked, "exclude_archived"))
        and (not channel["private"] or who.id in channel["members"])
    ]
    shown, after = part(found, asked, "id")
    return {"channels": [shown_channel(channel, who) for channel in shown], "response_metadata": after}


def _history(asked: Document, who: User) -> Document:
    """A channel's messages, newest first, without the replies in threads."""
    channel = _readable(asked, who)
    messages = wire.state().all(MESSAGE, channel["id"])
    found = [one for one in within(messages, asked) if one.get("thread_ts", one["ts"]) == one["ts"]]
    shown, after = part(sorted(found, key=lambda one: str(one["ts"]), reverse=True), asked, "ts")
    return {
        "messages": [shown_message(one, replies(messages, one["ts"])) for one in shown],
        "has_more": bool(after["next_cursor"]),
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        "response_metadata": after,
    }


def _replies(asked: Document, who: User) -> Document:
    """A thread: the message that began it, then the replies, oldest first."""
    channel = _readable(asked, who)
    messages = wire.state().all(MESSAGE, channel["id"])
    root = _root(channel, str(asked.get("ts", "")))
    thread = replies(messages, root["ts"])
    shown, after = part([root, *within(thread, asked)], asked, "ts")
    found = [shown_message(one, thread if one["ts"] == root["ts"] else []) for one in shown]
    return {"messages": found, "has_more": bool(after["next_cursor"]), "response_metadata": after}


def _user(asked: Document, who: User) -> Document:
    found = USERS.get(str(asked.get("user", "")))
    if found is None:
        raise Failed("user_not_found")
    return {"user": shown_user(found, g.now, email=may("users:read.email"))}


def _users(asked: Document, who: User) -> Document:
    """Everybody, whatever they are: the app too, by id."""
    shown, after = part([{"id": id} for id in sorted(USERS)], asked, "id")
    members = [shown_user(USERS[row["id"]], g.now, email=may("users:read.email")) for row in shown]
    return {"members": members, "cache_ts": int(g.now.timestamp()), "response_metadata": after}


def _user_by_email(asked: Document, who: User) -> Document:
    email = str(asked.get("email", "")).lower()
    found = next((user for user in USERS.values() if user.email and user.email == email), None)
    if found is None:
        raise Failed("users_not_found")
    return {"user": shown_user(found, g.now)}


def _permalink(asked: Document, who: User) -> Document:
    channel = _channel(str(asked.get("channel", "")), who)
    message = _message(channel, str(asked.get("message_ts", "")), "message_not_found")
    return {"channel": channel["id"], "permalink": permalink(channel["id"], message)}


_METHODS: dict[str, Callable[[Document, User], Document]] = {
    "auth.test": _auth_test,
    "chat.postMessage": _post,
    "chat.update": _update,
    "chat.getPermalink": _permalink,
    "conversations.info": _info,
    "conversations.open": _open,
    "conversations.list": _channels,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "users.info": _user,
    "users.list": _users,
    "users.lookupByEmail": _user_by_email,
}
# What a token has to have for them, besides the scope to look around.
_SCOPES = {
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history",),
    "conversations.replies": ("channels:history",),
    "conversations.open": ("im:write",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "users.lookupByEmail": ("users:read", "users:read.email"),
}
_LISTED = {"public_channel": "channels:read", "private_channel": "groups:read"}
