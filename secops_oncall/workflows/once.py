"""A request that is sent once: where nobody knows what became of it, what it was to leave behind is looked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from secops_oncall.domain.outcomes import Result
from secops_oncall.errors import OncallError, RemoteError

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """What was answered, or where no answer came is there: then `why` says so.

    `otherwise` is how the request ended where this is not what it was to leave behind.
    """

    value: T
    otherwise: Result = Result.FAILED
    why: str = ""


@dataclass(frozen=True)
class Lost:
    """A request that left nothing behind, as far as anybody can tell: how it ended, and why."""

    result: Result
    why: str
    error: OncallError

    @property
    def in_doubt(self) -> bool:
        """Whether it had to be looked up."""
        return isinstance(self.error, RemoteError) and self.error.in_doubt


def once(send: Callable[[], T], look: Callable[[], T | None]) -> Found[T] | Lost:
    """Send a request; one that gets no answer, or only a 5xx, is looked up and never sent again. Nothing is raised.

    What isn't there then has failed where a 5xx answered; else it may still arrive.
    """
    try:
        return Found(send())
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return Lost(Result.FAILED, error.message, error)
        doubt = error
    otherwise = Result.UNKNOWN if doubt.answered is None else Result.FAILED
    try:
        found = look()
    except OncallError as error:
        return Lost(Result.UNKNOWN, f"{doubt.message}; and to look it up failed: {error.message}", doubt)
    return Lost(otherwise, doubt.message, doubt) if found is None else Found(found, otherwise, doubt.message)
