"""What the sandbox's Slack keeps: channels and messages; and who is in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.store import Document, State

CHANNEL = "slack_channel"
MESSAGE = "slack_message"  # its id is `CHANNEL/TS`, its parent its channel
TEAM = "T0ACME"
_BLANK = dict.fromkeys(("phone", "skype", "status_text", "status_emoji", "avatar_hash"), "")  # in every profile


@dataclass(frozen=True)
class User:
    """A person or the app: whom a token belongs to, and who writes."""

    id: str
    login: str
    name: str
    time_zone: str
    title: str
    email: str = ""

    @property
    def bot(self) -> bool:
        return not self.email


USERS = {
    person.slack: User(person.slack, person.login, person.name, person.time_zone, person.title, person.email)
    for person in cast.PEOPLE.values()
}
BOT = User(*cast.SLACK_BOT, "On-call", "UTC", "")
USERS[BOT.id] = BOT
SCOPES = frozenset(
    {
        *("chat:write", "channels:read", "channels:history", "groups:read", "groups:history"),
        *("im:write", "users:read", "users:read.email"),
    }
)
# What follows a token's name, and the scopes that one doesn't have.
_LACKING: dict[str, set[str]] = {
    "": set(),
    "-readonly": {"chat:write"},
    "-writeonly": {"channels:history", "im:write"},
    "-public": {"groups:read", "groups:history"},
    "-noemail": {"users:read.email"},
    "-nousers": {"users:read", "users:read.email"},
}
# What else follows one that was good once, and Slack's word for why it is taken no more (docs.slack.dev, "auth.test").
TROUBLES = {"-expired": "token_expired", "-revoked": "token_revoked", "-inactive": "account_inactive"}
TOKENS = {
    cast.token("slack", "bot" if user.bot else user.login) + suffix: (user, SCOPES - lacking)
    for user in USERS.values()
    for suffix, lacking in _LACKING.items()
}


def add_channel(
    state: State,
    named: tuple[str, str],
    members: list[str],
    at: datetime,
    *,
    private: bool = False,
    archived: bool = False,
) -> Document:
    """A channel, by id and name."""
    channel = {
        "id": named[0],
        "name": named[1],
        "members": members,
        "private": private,
        "archived": archived,
        "created": int(at.timestamp()),
    }
    return state.put(CHANNEL, named[0], channel)


def new_ts(state: State, at: datetime) -> str:
    """The next message's `ts`: unique in the whole workspace, and later ones are greater."""
    return f"{int(at.timestamp())}.{state.next('slack_ts', 100_001):06d}"


def add_message(state: State, channel: str, ts: str, user: str, text: str, **more: Any) -> Document:
    """Write a message; `more` is what else was sent with it (`blocks`, `thread_ts`, `metadata`), kept as it is."""
    return state.put(MESSAGE, f"{channel}/{ts}", {"user": user, "ts": ts, "text": text, **more}, parent=channel)


def replies(messages: list[Document], ts: str) -> list[Document]:
    """The replies in the thread of a message, oldest first."""
    return sorted((one for one in messages if one.get("thread_ts") == ts and one["ts"] != ts), key=_ts)


def permalink(channel: str, message: Document) -> str:
    """The web address of a message; that of a reply names its thread."""
    url = f"{cast.SLACK_ORIGIN}/archives/{channel}/p{message['ts'].replace('.', '')}"
    thread = message.get("thread_ts")
    return f"{url}?thread_ts={thread}&cid={channel}" if thread and thread != message["ts"] else url


def _ts(message: Document) -> str:
    return str(message["ts"])


def shown_user(user: User, at: datetime, *, email: bool = True) -> Document:
    """A user as users.info shows them; the e-mail is there for who may read it only."""
    offset = ZoneInfo(user.time_zone).utcoffset(at.replace(tzinfo=None))
    names = {"real_name": user.name, "display_name": user.login}
    profile = {
        **names,
        **{f"{key}_normalized": name for key, name in names.items()},
        "title": user.title,
        "fields": {},
        **_BLANK,
    }
    return {
        "id": user.id,
        "team_id": TEAM,
        "name": user.login,
        "real_name": user.name,
        "deleted": False,
        "is_bot": user.bot,
        "is_admin": False,
        "is_owner": False,
        "is_app_user": False,
        "is_restricted": False,
        "tz": user.time_zone,
        "tz_label": user.time_zone,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile | ({"bot_id": bot_id(user)} if user.bot else {"email": user.email} if email else {}),
        "updated": 1_700_000_000,
    }


def bot_id(user: User) -> str:
    """The id that the app has as a bot, besides that of its user."""
    return f"B{user.id[1:]}"


def shown_channel(channel: Document, user: User) -> Document:
    """A channel as conversations.info shows it to a user."""
    private, direct = channel["private"], channel["id"].startswith("D")
    empty = {"value": "", "creator": "", "last_set": 0}
    return {
        "id": channel["id"],
        "name": channel["name"],
        "name_normalized": channel["name"],
        "is_channel": not private,
        "is_group": private and not direct,
        "is_im": direct,
        "is_mpim": False,
        "is_private": private,
        "is_archived": channel["archived"],
        "is_general": False,
        "is_member": user.id in channel["members"],
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "created": channel["created"],
        "creator": cast.PEOPLE[cast.MANAGER].slack,
        "unlinked": 0,
        "topic": empty,
        "purpose": empty,
        "previous_names": [],
    }


def shown_message(message: Document, thread: list[Document]) -> Document:
    """A message as the history shows it; one that began a thread tells of the replies."""
    user = USERS[message["user"]]
    shown: dict[str, Any] = {"type": "message", "team": TEAM, **message}
    if user.bot:
        shown |= {"bot_id": bot_id(user), "app_id": "A0ONCALL"}
    if thread:
        writers = list(dict.fromkeys(reply["user"] for reply in thread))
        shown |= {
            "thread_ts": message["ts"],
            "reply_count": len(thread),
            "reply_users": writers,
            "reply_users_count": len(writers),
            "latest_reply": thread[-1]["ts"],
            "is_locked": False,
            "subscribed": False,
        }
    return shown
