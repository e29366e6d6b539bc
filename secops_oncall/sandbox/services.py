"""What one server answers from, found by the endpoints in the request: one application serves them all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request

from secops_oncall.sandbox.gate import Gate
from secops_oncall.sandbox.log import Log
from secops_oncall.sandbox.store import Store

Clock = Callable[[], datetime]

KEY = "sandbox.services"  # in a request's environment


@dataclass(frozen=True)
class Services:
    """Their state, the log of the requests to them, the gate before them, and `clock`, which answers the time (aware).

    `kept` is for what an endpoint looks for once and answers from several times.
    """

    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)
    gate: Gate = field(default_factory=Gate)
    kept: dict[str, Any] = field(default_factory=dict)


def services() -> Services:
    """Those that the present request is meant for."""
    found: Services = request.environ[KEY]
    return found
