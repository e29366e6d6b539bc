"""What one server answers from, found by the endpoints in the request: one application serves them all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import request

from secops_oncall.sandbox.gate import Gate
from secops_oncall.sandbox.log import Log
from secops_oncall.sandbox.store import Store

Clock = Callable[[], datetime]

KEY = "sandbox.services"  # in a request's environment


@dataclass
class Services:
    """Their state, the log of the requests to them, the gate before them, and `clock`, which answers the time (aware).

    `kept` is what lists have found, of the state's version `kept_at`: see `wire.found_once`.
    """

    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)
    gate: Gate = field(default_factory=Gate)
    kept: dict[object, list[str]] = field(default_factory=dict)
    kept_at: int = -1


def services() -> Services:
    """Those that the present request is meant for."""
    found: Services = request.environ[KEY]
    return found
