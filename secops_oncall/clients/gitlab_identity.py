"""Whose a GitLab token is and what it may do, asked once a day."""

from dataclasses import asdict
from typing import Any

from secops_oncall.cache import Cache
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import GitLabApi
from secops_oncall.domain.issues import GitLabUser
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RejectedError

# 400 is what an OAuth token gets, since it is no personal access token; the others are older servers'
# (gitlab.md, "Auth, tokens, instance"; GitLab's self_information.rb).
_CANNOT_LOOK = (AuthError, NotFoundError, RejectedError)


class Identity:
    """The one user of a token; `key` tells it from another token's."""

    def __init__(self, api: GitLabApi, cache: Cache, key: str) -> None:
        self._api = api
        self._cache = cache
        self._key = key
        self._known: GitLabUser | None = None

    def me(self) -> GitLabUser:
        """Who the token belongs to (GET /user); a bot is answered as one."""
        key = f"{self._key}/me"
        known: GitLabUser | None = self._known or self._cache.get(key, read=lambda kept: GitLabUser(**kept))
        if known is None:
            known = self._api.get("your user", lambda gl: gl.http_get("/user", obey_rate_limit=False), reading.user)
            self._cache.put(key, asdict(known))
        self._known = known
        return known

    def user(self, username: str) -> GitLabUser | None:
        """The user of that name (GET /users?username=), from the cache for a day; None where there is none."""
        key = f"{self._key}/user/{username.casefold()}"
        known: GitLabUser | None = self._cache.get(key, read=lambda kept: GitLabUser(**kept))
        if known is None:
            asked = {"username": username}
            found = self._api.every("users", "/users", reading.user, asked)
            known = next((each for each in found if each.username.casefold() == username.casefold()), None)
            if known:
                self._cache.put(key, asdict(known))
        return known

    def scopes(self) -> frozenset[str] | None:
        """What the token may do (GET /personal_access_tokens/self); None where it can't look at itself.

        None, too, where GitLab doesn't answer, and then it is asked again the next time.
        """
        key = f"{self._key}/scopes"
        kept: dict[str, list[str] | None] | None = self._cache.get(key, read=_kept_scopes)
        if kept is None:
            try:
                kept = {"told": self._api.get("your token", _token, reading.scopes)}
            except _CANNOT_LOOK:
                kept = {"told": None}
            except OncallError:
                return None
            self._cache.put(key, kept)
        told = kept["told"]
        return None if told is None else frozenset(told)


def _token(gl: Any) -> Any:
    return gl.http_get("/personal_access_tokens/self", obey_rate_limit=False)


def _kept_scopes(kept: Any) -> dict[str, list[str] | None]:
    told = kept["told"]
    return {"told": None if told is None else [str(scope) for scope in told]}
