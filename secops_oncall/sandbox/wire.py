"""Reading a request: its JSON and its query, with the sandbox's own address turned back into the stored one."""

import json
from typing import Any

from flask import g, request

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.store import State


def state() -> State:
    """The state that this request reads and writes, one transaction a request."""
    found: State = g.state
    return found


def body() -> Any:
    """The request's JSON (`{}` where there is none); raises ValueError where it isn't JSON."""
    text = request.get_data(as_text=True)
    return json.loads(stored(text)) if text.strip() else {}


def args(name: str) -> list[str]:
    """Every value of a query parameter, in the order they were sent."""
    return [stored(value) for value in request.args.getlist(name)]


def arg(name: str, default: str = "") -> str:
    """The last value of a query parameter, as Rails has it."""
    return (args(name) or [default])[-1]


def stored(text: str) -> str:
    """Text with this server's address of GitLab as the store keeps it."""
    return text.replace(request.host_url.rstrip("/") + "/gitlab", cast.GITLAB_ORIGIN)
