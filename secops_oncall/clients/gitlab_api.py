"""GitLab's REST v4 over python-gitlab: whole lists, and every exception translated."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import requests

from secops_oncall.clients.gitlab_listing import PAGE, Listing, Page, once
from secops_oncall.clients.lending import Lending
from secops_oncall.clients.network import Network
from secops_oncall.clients.transport import Transport, illegible
from secops_oncall.domain.text import clean, shorten
from secops_oncall.domain.tokens import made_at, renewal
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RejectedError, RemoteError

AT_ONCE = 8

# The order in which a list that changes while it is read loses the fewest rows.
OLDEST_FIRST = {"order_by": "created_at", "sort": "asc"}

# Words of GitLab's for a token that it knows and takes no more, and ours.
_REJECTED = {"expired": ": it has expired", "revoked": ": it was revoked"}

T = TypeVar("T")
Json = dict[str, Any]


class ForbiddenError(AuthError):
    """The token is good, but may not do this: its scopes or its role there don't allow it."""


class GitLabApi:
    """One thing, whole lists and one PUT, each with `read` to make the domain's of GitLab's JSON.

    `what` names in every error what was asked for. The callers get a `gitlab.Gitlab` and send by it, by path: an
    object of the SDK's makes a manager of everything it has, a hundred for a project, and its `save()` sends more
    than was changed (gitlab.md, section 2).
    """

    def __init__(self, url: str, token: str, network: Network, *, token_from: str) -> None:
        self._transport = Transport("gitlab", url, network, limit=AT_ONCE)
        self._token = token
        self._token_from = token_from
        self._clients = Lending(self._client)

    @property
    def address(self) -> str:
        """The base address, without a slash at its end."""
        return self._transport.address

    def get(self, what: str, call: Callable[[Any], Any], read: Callable[[Any], T]) -> T:
        """The one thing that a call answers."""
        with self.translated(what), self._clients.one() as gl:
            return read(call(gl))

    def every(
        self,
        what: str,
        path: str,
        read: Callable[[Json], T],
        query: Mapping[str, Any],
        noun: str = "rows",
    ) -> list[T]:
        """Everything that a path lists, to the last page, each once; `noun` is what an error counts."""

        def ask(number: int) -> Page[T]:
            with self.translated(what), self._clients.one() as gl:
                asked = {"per_page": PAGE, **query, **({"page": number} if number > 1 else {})}
                return _page(gl.http_list(path, iterator=True, query_parameters=asked, obey_rate_limit=False), read)

        with self.translated(what):
            return Listing(ask, noun).whole()

    @contextmanager
    def translated(self, what: str) -> Iterator[None]:
        """python-gitlab's exceptions, requests' own, and answers of another shape, as ours.

        `from None`: what requests says of a bad header holds the header.
        """
        from gitlab.exceptions import GitlabError

        try:
            yield
        except GitlabError as error:
            raise self._error(what, error) from None
        except requests.RequestException:
            raise self._illegible() from None
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise self._illegible() from error

    def _client(self) -> Any:
        """A token goes as Bearer: requests drops that header when it changes hosts."""
        from gitlab import Gitlab

        return Gitlab(
            self.address,
            oauth_token=self._token,
            per_page=PAGE,
            keep_base_url=True,
            retry_transient_errors=False,
            session=self._transport.mounted(requests.Session()),
        )

    def _illegible(self) -> RemoteError:
        return illegible(f"GitLab ({self.address})", "gitlab.url")

    def _error(self, what: str, error: Any) -> OncallError:
        status = error.response_code or 0
        if not 400 <= status < 500:
            return self._illegible()
        words, scope = complaint(error.error_message), _missing_scope(error.response_body)
        if status == 401:
            text = f"GitLab rejects the token from {self._token_from}{_rejected(error.response_body)}"
            return AuthError(text, renewal("gitlab", self._token_from))
        if scope:
            text = f"the GitLab token from {self._token_from} lacks the scope `{scope}`"
            return ForbiddenError(text, f"make one with it: {made_at('gitlab', self.address)}")
        if status == 403:
            text = f"the GitLab token from {self._token_from} may not do this to {what}: {words}"
            return ForbiddenError(text, "ask for a role there that may, or use another token")
        if status == 404:
            return NotFoundError(f"{what}: not found or no access", "check its name, and that your token may see it")
        return RejectedError(f"GitLab refused {what}: {words or status}", "run it again with -v", answered=status)


def place_at(kind: Literal["group", "project"], place: str | int) -> str:
    """Where a group or project is, by its path or id."""
    return f"/{kind}s/{quote(str(place), safe='')}"


def issue_at(ref: str) -> str:
    """Where the issue `group/project#12` is."""
    project, _, iid = ref.rpartition("#")
    return f"{place_at('project', project)}/issues/{quote(iid, safe='')}"


def _page(found: Any, read: Callable[[Json], T]) -> Page[T]:
    """A page that GitLab numbers; the whole list, link by link, where it tells nothing but which page is next.

    A page may be short while more follow (notes are filtered after paging): then the SDK follows its link, and some
    of the next page come twice.
    """
    following, pages, total = found.next_page, found.total_pages, found.total
    numbered = bool(following or pages)
    rows = ((one["id"], read(one)) for one in (islice(found, PAGE) if numbered else found))
    return Page(once(rows), following, pages, total)


def complaint(message: object) -> str:
    """GitLab's words for a refusal as one line: a text, an object of lists, or bytes that were no JSON."""
    if isinstance(message, bytes):
        message = message.decode("utf-8", "replace")
    if isinstance(message, Mapping):
        message = "; ".join(f"{key} {complaint(value)}" for key, value in message.items())
    elif isinstance(message, list):
        message = ", ".join(complaint(value) for value in message)
    return shorten(clean(message), 300)


def _rejected(body: bytes | None) -> str:
    """Why a token is refused that was good once: GitLab tells in `error_description` (its lib/api/api_guard.rb)."""
    try:
        told = json.loads(body or b"")["error_description"]
    except (ValueError, KeyError, TypeError):
        return ""
    return next((why for word, why in _REJECTED.items() if word in clean(told)), "")


def _missing_scope(body: bytes | None) -> str:
    """The scope that a token lacks; the key is `error`, where other refusals have `message` (gitlab.md, "Auth")."""
    try:
        told = json.loads(body or b"")
        return clean(told["scope"]) or "api" if told["error"] == "insufficient_scope" else ""
    except (ValueError, KeyError, TypeError):
        return ""
