"""Slack as it tells of itself: whose token it is, and the channels and people to choose from."""

from collections.abc import Callable
from typing import Any, TypeVar

from secops_oncall.clients.network import Network
from secops_oncall.clients.slack import channel_of
from secops_oncall.clients.slack_api import ForbiddenError, SlackApi, header
from secops_oncall.domain.setup import Account, TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.domain.text import clean

PAGE = 999  # the most that Slack lists at once; it takes some twenty such requests a minute (docs.slack.dev)
_SLACKBOT = "USLACKBOT"  # which `is_bot` doesn't tell

T = TypeVar("T")


class SlackSetupClient:
    """`ports_setup.SlackSetup` over the Web API (docs.slack.dev); nothing is cached, each call asks anew.

    `url` is its base, `token_from` where the token was found. Raises ConfigError for an address that must not get a
    token.
    """

    def __init__(self, url: str, token: str, *, network: Network, token_from: str) -> None:
        self._api = SlackApi(url, token, network, token_from=token_from)

    def token(self) -> TokenFacts:
        """Whose token it is (auth.test); its scopes stand in a header of every answer (docs.slack.dev, "Scopes")."""
        return self._api.call_whole("auth.test", {}, _facts, "auth.test")

    def channels(self) -> list[Channel]:
        """Every channel that the token sees and that isn't archived, by name.

        The public ones alone, where it lacks the scope for private ones.
        """
        try:
            found = self._channels("public_channel,private_channel")
        except ForbiddenError:
            found = self._channels("public_channel")
        return sorted(found, key=lambda one: (one.name, one.id))

    def people(self) -> list[Account]:
        """Every member who is a person and active, by name; `email` is None without `users:read.email`."""
        found = self._every("users.list", {}, "members", _person)
        people = {person.id: person for person in found if person}
        return sorted(people.values(), key=lambda one: (one.name.casefold(), one.id))

    def _channels(self, types: str) -> list[Channel]:
        found = self._every("conversations.list", {"types": types, "exclude_archived": "true"}, "channels", channel_of)
        return list({one.id: one for one in found if not one.is_archived}.values())

    def _every(self, method: str, asked: dict[str, str], name: str, read: Callable[[Any], T]) -> list[T]:
        with self._api.translated(name):
            return [read(row) for row in self._api.every(method, asked, name, name, PAGE)]


def _facts(answer: Any) -> TokenFacts:
    json, told = answer.data, header(answer, "x-oauth-scopes")
    id = clean(json["user_id"])
    account = Account("slack", id, clean(json.get("user")), handle=id)
    scopes = None if told is None else frozenset(scope.strip() for scope in clean(told).split(",") if scope.strip())
    return TokenFacts("slack", "bot token" if json.get("bot_id") else "user token", account, scopes)


def _person(json: Any) -> Account | None:
    """A member; None for a bot, and for one who was deactivated."""
    profile, id = json.get("profile") or {}, clean(json["id"])
    if json.get("deleted") or json.get("is_bot") or id == _SLACKBOT:
        return None
    name = clean(profile.get("real_name") or json.get("real_name") or json.get("name"))
    return Account("slack", id, name, clean(profile.get("email")) or None, id)
