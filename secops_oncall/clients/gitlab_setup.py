"""GitLab as it tells of itself: whose token it is, and the groups, projects, boards and people to choose from."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from secops_oncall import threads
from secops_oncall.clients.gitlab_api import GitLabApi, Json, place_at
from secops_oncall.clients.gitlab_boards import boards_of, labels_of
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.domain.setup import Account, Project, TokenFacts
from secops_oncall.domain.text import clean
from secops_oncall.errors import AuthError, NotFoundError, RejectedError

_GUEST = 10  # the least of the roles that a member has (doc/api/members.md)
_IN_ORDER = {"order_by": "id", "sort": "asc"}  # the order in which what comes in between moves no page
# Users that GitLab makes for tokens and service accounts (doc/user/project/settings/project_access_tokens.md, "Bot
# users for projects"; doc/user/profile/service_accounts.md): a list of members tells them by nothing but the name.
_BOT = re.compile(r"(?P<place>project|group)_\d+_bot\w*|service_account_\w+")


class GitLabSetupClient:
    """`ports_setup.GitLabSetup` over REST v4 (GitLab's doc/api); nothing is cached, each call asks anew.

    `url` is the instance, `token_from` where the token was found. Raises ConfigError for an address that must not
    get a token.
    """

    def __init__(self, url: str, token: str, *, network: Network, token_from: str) -> None:
        self._api = GitLabApi(url, token, network, token_from=token_from)

    def token(self) -> TokenFacts:
        """Whose token it is (GET /user), and what it says of itself (GET /personal_access_tokens/self); one wave."""
        itself = threads.start(self._itself)
        account, bot = self._api.get("your user", lambda gl: _get(gl, "/user"), _owner)
        kind, scopes, expires = itself.result()
        return TokenFacts("gitlab", _bots_kind(account) if bot else kind, account, scopes, expires)

    def version(self) -> str:
        """GitLab's version (GET /version)."""
        return self._api.get("its version", lambda gl: _get(gl, "/version"), lambda json: clean(json["version"]))

    def groups(self) -> list[str]:
        """The full paths of the groups that the token's user has a role in, by path (doc/api/groups.md)."""
        asked = {"min_access_level": _GUEST, **_IN_ORDER}
        found = self._api.every("your groups", "/groups", _full_path, asked)
        return sorted(found, key=str.casefold)

    def projects(self) -> list[str]:
        """The full paths of the projects with issues that the user is a member of, by path (doc/api/projects.md)."""
        asked = {"membership": "true", "with_issues_enabled": "true", "archived": "false", "simple": "true"}
        found = self._api.every("your projects", "/projects", _path, {**asked, **_IN_ORDER})
        return sorted(found, key=str.casefold)

    def boards(self, place: str) -> list[Board]:
        """The boards of a group or project; NotFoundError where there is no such place for this token."""
        return boards_of(self._api, place)

    def labels(self, place: IssueQuery) -> list[str]:
        """The names of all labels that issues of a group or project can have, each once."""
        return labels_of(self._api, place)

    def project(self, path: str) -> Project:
        """A project (GET /projects/:id, doc/api/projects.md); NotFoundError where there is none for this token."""
        return self._api.get(f"project {path}", lambda gl: _get(gl, place_at("project", path)), _project)

    def people(self, places: Sequence[IssueQuery]) -> list[Account]:
        """Everybody who is a member of one of the places, inherited or invited ones too, by name; one wave.

        An e-mail is told only of who shows it, or to who owns the group (doc/api/members.md).
        """
        asked = dict.fromkeys((place.kind, place.place) for place in places)
        found = {person.id: person for members in threads.each(self._members, asked) for person in members if person}
        return sorted(found.values(), key=lambda person: (person.name.casefold(), person.id))

    def _members(self, asked: tuple[Any, str]) -> list[Account | None]:
        kind, place = asked
        return self._api.every(f"{kind} {place}", f"{place_at(kind, place)}/members/all", _member, {})

    def _itself(self) -> tuple[str, frozenset[str] | None, date | None]:
        """The kind of the token, its scopes and its last day, as far as it may look at itself.

        To what is no personal access token that is refused with 400; the other refusals are older servers'
        (gitlab.md, "Auth, tokens, instance"; GitLab's self_information.rb).
        """
        try:
            return self._api.get("your token", lambda gl: _get(gl, "/personal_access_tokens/self"), _told)
        except RejectedError as error:
            return ("OAuth token" if error.answered == 400 else "access token"), None, None
        except (AuthError, NotFoundError):
            return "access token", None, None


def _get(gl: Any, path: str) -> Any:
    return gl.http_get(path, obey_rate_limit=False)


def _owner(json: Json) -> tuple[Account, bool]:
    """Whose token it is, and whether that is a bot."""
    account = _account(json)
    return account, bool(json.get("bot")) or bool(_BOT.fullmatch(account.handle or ""))


def _bots_kind(account: Account) -> str:
    """A bot's token: a project's or a group's, which the bot is named after, or a service account's."""
    found = _BOT.fullmatch(account.handle or "")
    return f"{found['place']} access token" if found and found["place"] else "service account token"


def _told(json: Json) -> tuple[str, frozenset[str] | None, date | None]:
    scopes = json.get("scopes")
    expires = None
    with suppress(ValueError):
        expires = date.fromisoformat(str(json.get("expires_at") or "")[:10])
    return "personal access token", None if scopes is None else frozenset(map(clean, scopes)), expires


def _full_path(json: Json) -> str:
    return clean(json["full_path"])


def _path(json: Json) -> str:
    return clean(json["path_with_namespace"])


def _project(json: Json) -> Project:
    """Older servers have no `issues_access_level`; `permissions` is left out for whoever is nobody there."""
    level = json.get("issues_access_level")
    issues = level != "disabled" if level else json.get("issues_enabled") is not False
    return Project(clean(json["path_with_namespace"]), issues, bool(json.get("archived")), _access(json))


def _access(json: Json) -> int | None:
    """The higher of the access to the project and that by its groups; None where GitLab tells neither."""
    told: dict[str, Any] = json.get("permissions") or {}
    levels = [one.get("access_level") for one in (told.get("project_access"), told.get("group_access")) if one]
    return max((int(level) for level in levels if level is not None), default=None)


def _member(json: Json) -> Account | None:
    """A member; None for a bot, and for one who is blocked, whom nothing reaches."""
    account = _account(json)
    is_bot = bool(json.get("bot")) or bool(_BOT.fullmatch(account.handle or ""))
    return None if is_bot or json.get("state", "active") != "active" else account


def _account(json: Json) -> Account:
    username, email = clean(json["username"]), clean(json.get("email") or json.get("public_email"))
    return Account("gitlab", str(int(json["id"])), clean(json.get("name")) or username, email or None, username)
