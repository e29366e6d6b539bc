"""A request to the sandbox's Slack: its arguments, who asks, the window and the part of a list; and refusing."""

import base64
import json
from typing import Any

from flask import g, request

from secops_oncall.sandbox import wire
from secops_oncall.sandbox.slack_records import TOKENS, TROUBLES, User
from secops_oncall.sandbox.store import Document

_LARGEST_PAGE = 1000
_TRUE = ("true", "1")


class Failed(Exception):
    """The method says no, with one of Slack's words for why, and what else it tells."""

    def __init__(self, word: str, **more: str) -> None:
        super().__init__(word)
        self.more = more


def arguments() -> Document:
    """What was asked, from the query, a form or a JSON body."""
    sent: Document = {name: wire.arg(name) for name in request.args}
    if request.mimetype == "application/json":
        try:
            found = wire.body()
        except ValueError as error:
            raise Failed("invalid_json") from error
        if not isinstance(found, dict):
            raise Failed("json_not_object")
        return sent | found
    return sent | {name: wire.stored(value) for name, value in request.form.items()}


def flag(asked: Document, name: str) -> bool:
    """Whether something was asked for: a form says it in words."""
    return str(asked.get(name, "")).lower() in _TRUE


def caller(asked: Document, *needed: str) -> User:
    """Who asks, by the token in the header or among the arguments, which must have every scope that is needed."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(asked.get("token", ""))
    if not token:
        raise Failed("not_authed")
    name, _, kind = token.rpartition("-")
    if name in TOKENS and f"-{kind}" in TROUBLES:
        raise Failed(TROUBLES[f"-{kind}"])
    if token not in TOKENS:
        raise Failed("invalid_auth")
    user, g.scopes = TOKENS[token]
    for scope in needed:
        if scope not in g.scopes:
            raise Failed("missing_scope", needed=scope, provided=",".join(sorted(g.scopes)))
    return user


def may(scope: str) -> bool:
    """Whether the caller's token has a scope."""
    return scope in g.scopes


def structured(name: str, value: Any) -> Any:
    """A value that a form sends as JSON text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise Failed(f"invalid_{name}_format") from error


def within(messages: list[Document], asked: Document) -> list[Document]:
    """Those between `oldest` and `latest`; the two ends count only with `inclusive`."""
    oldest, latest = _ts(asked, "oldest", "0"), _ts(asked, "latest", "9999999999")
    ends = (oldest, latest) if flag(asked, "inclusive") else ()
    return [one for one in messages if oldest < float(one["ts"]) < latest or float(one["ts"]) in ends]


def _ts(asked: Document, name: str, default: str) -> float:
    try:
        return float(asked.get(name) or default)
    except ValueError as error:
        raise Failed(f"invalid_ts_{name}") from error


def part(rows: list[Document], asked: Document, key: str) -> tuple[list[Document], Document]:
    """The rows from the cursor on, at most `limit` (100 unless given), and the cursor of the first that is left."""
    begin = 0
    if asked.get("cursor"):
        begin = next((at for at, row in enumerate(rows) if _cursor(row[key]) == asked["cursor"]), -1)
        if begin < 0:
            raise Failed("invalid_cursor")
    limit = str(asked.get("limit") or 100)
    if not limit.isdecimal() or not 0 < int(limit) <= _LARGEST_PAGE:
        raise Failed("invalid_limit")
    end = begin + int(limit)
    return rows[begin:end], {"next_cursor": _cursor(rows[end][key]) if rows[end:] else ""}


def _cursor(value: str) -> str:
    return base64.b64encode(f"next:{value}".encode()).decode()
