"""Reading a request to the sandbox's PagerDuty: who asks, which part of a list, which window of time; and refusing."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from flask import g, request

from secops_oncall.domain.times import parse
from secops_oncall.sandbox import wire
from secops_oncall.sandbox.pagerduty_records import INCIDENT, USER
from secops_oncall.sandbox.store import Document

T = TypeVar("T")

_DEFAULT_LIMIT, _MAX_LIMIT, _MAX_RECORDS = 25, 100, 10_000  # DD 09-Pagination.md:14-35
_INVALID = "Invalid Input Provided"


class Refused(Exception):
    """The request is answered with an error: an HTTP status, and PagerDuty's `code`, `message` and `errors`."""

    def __init__(self, status: int, code: int, message: str, *errors: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "code": code, **({"errors": list(errors)} if errors else {})}


def invalid(*errors: str) -> Refused:
    """A value that the API doesn't take: 400, code 2001."""
    return Refused(400, 2001, _INVALID, *errors)


def not_found() -> Refused:
    """Nothing of that id: 404, code 2100."""
    return Refused(404, 2100, "Not Found")


def found(kind: str, key: str) -> Document:
    """What a path names: 404 where there is none, with a code of its own (5001) for an incident."""
    document = wire.state().get(kind, key)
    if document is None:
        raise Refused(404, 5001, "Incident Not Found") if kind == INCIDENT else not_found()
    return document


def actor() -> str:
    """The id of the user who writes: the key's own, else (account-level key) the one that `From` names."""
    if g.caller is not None:
        return str(g.caller["id"])
    email = request.headers.get("From", "")
    if not email:
        text = 'You must specify a user\'s email address in the "From" header to perform this action'
        raise Refused(400, 2016, text)
    for user in wire.state().all(USER):
        if user["email"] == email:
            return str(user["id"])
    raise Refused(400, 1008, "Requester User Not Found")


def wrapped(name: str) -> Any:
    """What the body has under the name of what is written (`incident`, `incidents`, `note`)."""
    try:
        body = wire.body()
    except ValueError:
        raise invalid("The request body is not valid JSON") from None
    if not isinstance(body, dict) or name not in body:
        raise invalid(f"{name} can't be blank")
    return body[name]


def include(*allowed: str) -> set[str]:
    """The `include[]`s that were asked for, of those that the endpoint has; others are passed over."""
    return set(wire.args("include[]")).intersection(allowed)


def flag(name: str) -> bool:
    """Whether a parameter is on; `1` is accepted as well (DD 06-Types.md:50)."""
    return wire.arg(name).lower() in ("true", "1")


def moment(name: str) -> datetime | None:
    """A query parameter's time, None where it is missing."""
    text = wire.arg(name)
    found = parse(text)
    if text and found is None:
        raise invalid(f"{name.capitalize()} must be a valid date/time")
    return found


def listed(name: str, items: Iterable[T], show: Callable[[T], Any]) -> dict[str, Any]:
    """The part of a list that was asked for, in PagerDuty's classic pagination; only that part is shown."""
    everything = list(items)
    limit = min(_number("limit", _DEFAULT_LIMIT), _MAX_LIMIT) or _DEFAULT_LIMIT
    offset = _number("offset", 0)
    if offset + limit > _MAX_RECORDS:
        raise Refused(400, 2002, "Arguments Caused Error", "Offset+limit exceeds maximum allowed value of 10000")
    return {
        name: [show(item) for item in everything[offset : offset + limit]],
        "limit": limit,
        "offset": offset,
        "total": len(everything) if flag("total") else None,
        "more": offset + limit < len(everything),
    }


def _number(name: str, default: int) -> int:
    text = wire.arg(name)
    if text and not text.isdecimal():
        raise invalid(f"{name.capitalize()} must be a number of at least 0")
    return int(text) if text else default
