"""A request to the sandbox's GitLab: who asks, its parameters as Rails reads them, and the page it wants."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from flask import Response, g, jsonify, request

from secops_oncall.sandbox import cast, wire
from secops_oncall.sandbox.gitlab_records import MEMBERS, NUMBERS, stamp
from secops_oncall.sandbox.store import Document

T = TypeVar("T")

_LARGEST_PAGE = 100
_MOST_COUNTED = 10_000  # of more rows GitLab doesn't tell the number (gitlab.md, "Pagination")
_FLAGS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}


class Refused(Exception):
    """An answer of 400 or more, with the body that GitLab documents for it."""

    def __init__(self, status: int, body: Document) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class Moved(Exception):
    """The path of a project that has another one now."""

    def __init__(self, before: str, now: str) -> None:
        super().__init__(now)
        self.before = before
        self.now = now

    @property
    def location(self) -> str:
        """Where the same request belongs."""
        before, now = re.escape(quote(self.before, safe="")), quote(self.now, safe="")
        path = re.sub(before, now, _raw_path(), count=1, flags=re.IGNORECASE)
        sent = request.query_string.decode()
        return f"{request.host_url.rstrip('/')}{path}{'?' + sent if sent else ''}"


def not_found(what: str = "") -> Refused:
    """404, also where somebody may not see it: `404 Project Not Found`; `404 Not found` where nothing is named."""
    return Refused(404, {"message": f"404 {what} Not Found" if what else "404 Not found"})


def out_of_scope(needed: str) -> Refused:
    """403 for a token without any of the scopes that are needed."""
    more = "The request requires higher privileges than provided by the access token."
    return Refused(403, {"error": "insufficient_scope", "error_description": more, "scope": needed})


def invalid(problem: str) -> Refused:
    """400 for a parameter that the API's own checks refuse."""
    return Refused(400, {"error": problem})


def unprocessable(field: str, problem: str) -> Refused:
    """400 for a value that the issue can't have."""
    return Refused(400, {"message": {field: [problem]}})


@dataclass(frozen=True)
class Caller:
    """Whose token it is and what it is like: one that only reads has the scope `read_api`.

    `days` are left of a personal access token, None of one without an end; `trouble` is why one is taken no more.
    """

    number: int
    scope: str = "api"
    days: int | None = 90
    personal: bool = True
    trouble: str = ""

    @property
    def member(self) -> bool:
        return self.number in MEMBERS

    def has(self, issue: Document) -> bool:
        """Whether an issue is the caller's: they wrote it, or it is assigned to them."""
        return self.number in (issue["author"], *issue["assignees"])


_LOGINS = {person.login: person.number for person in cast.PEOPLE.values()} | {"bot": cast.TOKEN_BOT.number}
# What follows a token's name, and how that token differs from the plain one.
_KINDS: dict[str, dict[str, Any]] = {
    "": {},
    "-readonly": {"scope": "read_api"},
    "-expiring": {"days": 3},
    "-endless": {"days": None},
    "-oauth": {"personal": False},
    # GitLab's lib/api/api_guard.rb
    "-expired": {"trouble": "Token is expired. You can either do re-authorization or token refresh."},
    "-revoked": {"trouble": "Token was revoked. You have to re-authorize from the user."},
}
_CALLERS = {
    cast.token("gitlab", login) + suffix: Caller(number, **kind)
    for login, number in _LOGINS.items()
    for suffix, kind in _KINDS.items()
}


def caller() -> Caller:
    """Who asks, as `enter` found out."""
    found: Caller = g.caller
    return found


def now() -> datetime:
    """The time of this request."""
    found: datetime = g.now
    return found


def enter() -> None:
    """Let a request in: 401 without a token that is known, 403 for a write by one that only reads."""
    token = request.headers.get("PRIVATE-TOKEN") or request.headers.get("Authorization", "").removeprefix("Bearer ")
    found = _CALLERS.get(token)
    if found is None:
        raise Refused(401, {"message": "401 Unauthorized"})
    if found.trouble:
        raise Refused(401, {"error": "invalid_token", "error_description": found.trouble})
    if found.scope != "api" and request.method not in ("GET", "HEAD"):
        raise out_of_scope("api")
    _require_encoded_place()
    g.caller = found


def _require_encoded_place() -> None:
    """A path of a project or group must come as one segment, `group%2Fproject`: GitLab knows no other route."""
    place = (request.view_args or {}).get("place", "")
    if "/" in place and quote(place, safe="").lower() not in _raw_path().lower():
        raise Refused(404, {"error": "404 Not Found"})


def _raw_path() -> str:
    sent: str = request.environ["REQUEST_URI"]
    return sent.split("?")[0]


def values(name: str) -> list[str]:
    """A list in the query: `name[]=a&name[]=b`, or `name=a,b`; without brackets the last of several counts."""
    bracketed = wire.args(f"{name}[]")
    found = bracketed or wire.arg(name).split(",")
    return [value.strip() for value in found if value.strip()]


def choice(name: str, allowed: Iterable[str], default: str) -> str:
    """A query parameter that is one of a few words."""
    found = wire.arg(name) or default
    if found not in allowed:
        raise invalid(f"{name} does not have a valid value")
    return found


def asked(name: str, default: str = "false") -> bool:
    """A query parameter that is yes or no."""
    return flag(name, wire.arg(name, default))


def query() -> list[tuple[str, str]]:
    """What is asked of a list, whichever of its pages is wanted."""
    return [pair for pair in request.args.items(multi=True) if pair[0] not in ("page", "per_page")]


def body() -> Document:
    """What a write sends: its query and its JSON or form, where a name that ends in `[]` is a list."""
    found = _pairs(request.query_string.decode())
    if request.mimetype == "application/x-www-form-urlencoded":
        return found | _pairs(request.get_data(as_text=True))
    try:
        sent = wire.body()
    except ValueError as error:
        raise Refused(400, {"message": "400 Bad request - The request body is not valid JSON"}) from error
    return found | (sent if isinstance(sent, dict) else {})


def _pairs(encoded: str) -> Document:
    found: Document = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(wire.stored(value))
        else:
            found[name] = wire.stored(value)
    return found


def listed(value: Any) -> list[str]:
    """A list as a write may send it: an array, or one text with commas."""
    parts = value if isinstance(value, list) else [value]
    return [part.strip() for text in parts for part in str(text or "").split(",") if part.strip()]


def whole(name: str, value: Any) -> int:
    """A whole number; 400 where it is none."""
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,18}", str(value)):
        raise invalid(f"{name} is invalid")
    return int(value)


def flag(name: str, value: Any) -> bool:
    """Yes or no, in any of the ways that Grape reads."""
    found = _FLAGS.get(str(value).lower())
    if found is None:
        raise invalid(f"{name} is invalid")
    return found


def moment(name: str, value: str) -> str:
    """A time in a query, as the store has it; with an offset's `+` not encoded it has a space there: 400."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid(f"{name} is invalid") from error
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def day(value: Any) -> str | None:
    """A date; GitLab takes one that it can't read for none."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def page(rows: Sequence[T], show: Callable[[T], Document | None]) -> Response:
    """The page of the rows that the query asks for, with GitLab's headers; what `show` answers None for is left out.

    Only the rows of the page are shown. `per_page` is 20, and at most 100 (gitlab.md, "Pagination").
    """
    size = min(_positive("per_page", 20), _LARGEST_PAGE)
    number = _positive("page", 1)
    shown = (show(row) for row in rows[(number - 1) * size : number * size])
    response = jsonify([row for row in shown if row is not None])
    response.headers.update(_paging(number, size, len(rows)))
    return response


def _positive(name: str, default: int) -> int:
    return max(whole(name, wire.arg(name, str(default))), 1)


def _paging(number: int, size: int, total: int) -> dict[str, str]:
    last = max(-(-total // size), 1)
    before, after = (number - 1 if number > 1 else None), (number + 1 if number < last else None)
    counted = total <= _MOST_COUNTED
    pages = {"prev": before, "next": after, "first": 1, "last": last if counted else None}
    headers = {
        "X-Page": str(number),
        "X-Per-Page": str(size),
        "X-Prev-Page": str(before or ""),
        "X-Next-Page": str(after or ""),
        "Link": ", ".join(f'<{_address(to, size)}>; rel="{rel}"' for rel, to in pages.items() if to),
    }
    return headers | ({"X-Total": str(total), "X-Total-Pages": str(last)} if counted else {})


def _address(number: int, size: int) -> str:
    """Where another page of this list is: the path as it was sent, since a decoded one names no route."""
    asking = urlencode([*query(), ("page", number), ("per_page", size)])
    return f"{request.host_url.rstrip('/')}{_raw_path()}?{asking}"


def user_number(login: str) -> int:
    """The number of a user by login, whatever its case; 0, which nobody has, for a stranger."""
    return NUMBERS.get(login.lower().removeprefix("@"), 0)
