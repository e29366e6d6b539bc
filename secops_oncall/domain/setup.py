"""What the services tell of a token, and what they offer to choose from when oncall is set up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Service = Literal["pagerduty", "gitlab", "slack"]
ACCOUNT_KEY = "account key"  # the kind of a PagerDuty key that is nobody's
NAMES: dict[Service, str] = {"pagerduty": "PagerDuty", "gitlab": "GitLab", "slack": "Slack"}


@dataclass(frozen=True)
class Account:
    """One person as one service knows them; `handle` is what mentions them there: a GitLab user name, a Slack id."""

    service: Service
    id: str
    name: str
    email: str | None = None
    handle: str | None = None


@dataclass(frozen=True)
class TokenFacts:
    """What a service tells of a token: its kind in the service's own words, and what it may do until when.

    `account` is whose it is, None for an account-level key, which is nobody's; `scopes` and `expires` are None where
    the service doesn't tell, or the token has none.
    """

    service: Service
    kind: str
    account: Account | None
    scopes: frozenset[str] | None = None
    expires: date | None = None


@dataclass(frozen=True)
class Level:
    """One level of an escalation policy: whom it pages (their names), and the minutes until the next is paged."""

    targets: tuple[str, ...]
    delay: int


@dataclass(frozen=True)
class Policy:
    """An escalation policy with its levels, the first one first."""

    id: str
    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Schedule:
    """A schedule: its time zone, and the names of the policies that use it (none: it is invisible to /oncalls)."""

    id: str
    name: str
    time_zone: str
    policies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A GitLab project: whether it has issues, and the access level of the token's user, None where it doesn't tell."""

    path: str
    issues: bool
    archived: bool
    access: int | None = None


@dataclass(frozen=True)
class Answer:
    """How a service answered a request: in how many milliseconds, and what its clock said when we heard it (aware).

    `said` is None where its answer had no `Date`.
    """

    service: Service
    milliseconds: float
    said: datetime | None
    heard: datetime
