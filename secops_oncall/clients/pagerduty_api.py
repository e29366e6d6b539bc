"""PagerDuty's REST v2 over pdpyras: our own paging, and every exception translated."""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from secops_oncall import threads
from secops_oncall.clients.lending import Lending
from secops_oncall.clients.network import Network
from secops_oncall.clients.transport import Transport, illegible
from secops_oncall.domain.text import clean, shorten
from secops_oncall.domain.tokens import renewal
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RejectedError, RemoteError

AT_ONCE = 4  # "Make requests serially for a given token" (DD 04-Rate-Limits): four is little enough
PAGE = 100
FURTHEST = 10_000  # offset + limit beyond it is refused (pagerduty.md, 1.2)

T = TypeVar("T")
Json = dict[str, Any]
Params = Mapping[str, str | list[str]]


class ForbiddenError(AuthError):
    """The token is good, but may not do this."""


class FurthestError(RemoteError):
    """A list is longer than PagerDuty lists at once; `found` is how far it came."""

    def __init__(self, error: RemoteError, found: list[Any]) -> None:
        super().__init__(error.message, error.hint)
        self.found = found


@dataclass(frozen=True)
class _Part(Generic[T]):
    """A part of a list: what stands there from an offset on, by id, whether more follows, and (else 0) its length."""

    offset: int
    items: list[tuple[str | None, T]]
    more: bool
    total: int


class PagerDutyApi:
    """GET, PUT and whole lists, by path. Only calls that pdpyras and its successor have in common (section 2).

    `token_from` says where the token was found, for the engineer who has to replace it; `is_used` whether anything
    was asked yet.
    """

    def __init__(
        self, url: str, token: str, network: Network, *, email: str | None, auth: str, token_from: str
    ) -> None:
        self._transport = Transport("pagerduty", url, network, limit=AT_ONCE)
        self._token = token
        self._email = email
        self._auth = auth
        self._token_from = token_from
        self._sessions = Lending(self._session)
        self.is_used = False

    def get(self, path: str, read: Callable[[Json], T], params: Params | None = None) -> T:
        """One thing, out of its wrapper, as `read` understands it."""
        with self._asking() as session:
            return read(session.rget(path, params=params or {}))

    def list_of(self, path: str, read: Callable[[Json], T], params: Params | None = None) -> list[T]:
        """What a path lists that PagerDuty doesn't page: notes, contact methods, a schedule's users."""
        with self._asking() as session:
            return [read(item) for item in session.rget(path, params=params or {})]

    def listed_as(self, name: str, path: str, read: Callable[[Json], T]) -> list[T]:
        """What a path that pdpyras doesn't know lists under a name."""
        with self._asking() as session:
            return [read(item) for item in session.jget(path)[name]]

    def every(self, path: str, read: Callable[[Json], T], params: Params | None = None) -> list[T]:
        """Everything that a paged path lists, each once, in its order; raises RemoteError rather than answer a part.

        The second part tells how long the list is, so that the rest of it is asked for side by side, in no more
        requests than one after the other.
        """
        found: list[T] = []
        seen: set[str] = set()
        offset, total = 0, 0
        while True:
            offsets = range(offset, min(total, FURTHEST - PAGE + 1), PAGE) or [offset]
            for part in self._parts(path, read, params, offsets):
                if part.offset != offset:
                    break  # the one before was shorter than it should be: what follows it is asked for again
                fresh = [(key, one) for key, one in part.items if key not in seen]
                seen.update(key for key, _ in fresh if key)
                found += [one for _, one in fresh]
                offset, total = offset + len(part.items), part.total or total
                if not part.more:
                    return found
                if not fresh:
                    raise self._short(path, len(found), "it says that there is more, and sends nothing more")
            if offset + PAGE > FURTHEST:
                raise FurthestError(self._short(path, len(found), "PagerDuty lists no further"), found)

    def beginning(self, path: str, read: Callable[[Json], T], params: Params, wanted: Callable[[T], bool]) -> list[T]:
        """What a sorted list begins with, up to the first that is not `wanted`; what lies behind it is not asked for.

        Raises RemoteError where PagerDuty lists no further before that.
        """
        found: dict[str | None, T] = {}
        offset = 0
        while offset + PAGE <= FURTHEST:
            part = self._part(path, read, params, offset)
            fine = {key: one for key, one in part.items if wanted(one)}
            found |= fine
            if len(fine) < len(part.items) or not (part.more and part.items):
                return list(found.values())
            offset += len(part.items)
        raise self._short(path, len(found), "PagerDuty lists no further")

    def put(self, path: str, body: Json | list[Json], read: Callable[[Any], T]) -> T:
        """Change one thing, or several at their list's path; answers what PagerDuty made of them."""
        with self._asking() as session:
            return read(session.rput(path, json=body))

    def post(self, path: str, body: Json, read: Callable[[Any], T]) -> T:
        """Make one thing, out of and into its wrapper; it is sent once, whatever becomes of it."""
        with self._asking() as session:
            return read(session.rpost(path, json=body))

    def _parts(
        self, path: str, read: Callable[[Json], T], params: Params | None, offsets: Sequence[int]
    ) -> list["_Part[T]"]:
        """The parts of a list that begin at some offsets, in their order."""
        if len(offsets) == 1:
            return [self._part(path, read, params, offsets[0])]
        return threads.each(lambda offset: self._part(path, read, params, offset), offsets)

    def _part(self, path: str, read: Callable[[Json], T], params: Params | None, offset: int) -> "_Part[T]":
        """One part of a list; how long that is is asked for with the second alone, for it makes PagerDuty slower.

        It is read here, so that a long list is never held as JSON.
        """
        asked = {**(params or {}), "limit": str(PAGE), "offset": str(offset)}
        if offset == PAGE:
            asked["total"] = "true"
        with self._asking() as session:
            body = session.jget(path, params=asked)
            items: list[Json] = body[path.rpartition("/")[2]]
            known = [(clean(item.get("id")) or None, read(item)) for item in items]
            return _Part(offset, known, bool(body.get("more")), int(body.get("total") or 0))

    def _short(self, path: str, count: int, why: str) -> RemoteError:
        return RemoteError(f"PagerDuty: {path} ends after {count}, incomplete: {why}", "ask for less at once")

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """A session to ask with; `translated` tells what is raised."""
        self.is_used = True
        with self.translated(), self._sessions.one() as session:
            yield session

    def _session(self) -> Any:
        session = _sdk().APISession(self._token, default_from=self._email, auth_type=self._auth)
        session.url = self._transport.address
        session.max_network_attempts = 0  # repeating is the transport's business
        session.postprocess = _uncounted
        return self._transport.mounted(session)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """pdpyras' exceptions, and answers of another shape, as ours.

        `from None`: pdpyras puts the end of the token into its message.
        """
        sdk = _sdk()
        try:
            yield
        except sdk.PDClientError as error:
            raise self._error(getattr(error, "response", None)) from None
        except sdk.URLError:
            raise self._illegible() from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._illegible() from error

    def _illegible(self) -> RemoteError:
        return illegible(f"PagerDuty ({self._transport.address})", "pagerduty.url")

    def _error(self, response: Any) -> OncallError:
        status = getattr(response, "status_code", 0)
        if not 400 <= status < 500:
            return self._illegible()
        code, message = complaint(response)
        if status == 401:
            what = f"PagerDuty rejects the token from {self._token_from}"
            return AuthError(what, renewal("pagerduty", self._token_from))
        if status == 403:
            what = f"the PagerDuty token from {self._token_from} may not do this: {message}"
            return ForbiddenError(what, "use a token of a user who may")
        if status == 404:
            return NotFoundError(f"PagerDuty: {message}", "check the id, and that the token may see it")
        hint = "not in this account's plan" if status == 402 else "run it again with -v to see the request"
        return RejectedError(f"PagerDuty refused: {message} ({code or status})", hint, answered=status, code=code)


def complaint(response: Any) -> tuple[str, str]:
    """PagerDuty's own code and words for a refusal, cleaned.

    `error` is an object or a plain string, and a proxy's refusal is no JSON at all (pagerduty.md, 1.6).
    """
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = ""
    if not isinstance(error, dict):
        return "", shorten(clean(error), 300) or f"status {response.status_code}"
    reasons = error.get("errors")
    words = [error.get("message"), *(reasons if isinstance(reasons, list) else [reasons])]
    message = ": ".join(clean(word) for word in words if word)
    return clean(error.get("code")), shorten(message, 300) or f"status {response.status_code}"


def _uncounted(*_: object) -> None:
    """In place of pdpyras' statistics, which nobody reads: each request is compared with every path that it knows."""


def _sdk() -> Any:
    """pdpyras, without the warning that it prints at every import, and without its log on standard error."""
    warnings.filterwarnings("ignore", message='The package "pdpyras" is deprecated', category=UserWarning)
    import pdpyras

    log = logging.getLogger("pdpyras")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
        log.propagate = False
    return pdpyras
