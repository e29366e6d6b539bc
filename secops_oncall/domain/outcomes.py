"""What every write answers: one outcome for each thing and place."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How a write ended. `unknown`: sent, never answered, not to be found out; `planned`: a dry run, not sent."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    QUEUED = "queued"
    PLANNED = "planned"


@dataclass(frozen=True)
class Outcome:
    """One thing's outcome; `code` is the reason for programs, `message` the reason for people.

    The code of a `failed` one is an exit code's name in lower case: `auth`, `not_found`, `remote`.
    """

    id: str
    result: Result
    number: int | None = None
    ref: str | None = None
    place: str = "pagerduty"
    title: str = ""
    url: str | None = None
    code: str = ""
    message: str = ""
