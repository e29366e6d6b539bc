"""The shift on one screen: who I am in it, what needs me, and what is still to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from secops_oncall.domain.handoff import ComingUp
from secops_oncall.domain.incidents import STALE, Incident
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import INTERNAL, Person, Role
from secops_oncall.domain.received import Acceptance
from secops_oncall.domain.shifts import Shift


@dataclass(frozen=True)
class MyRole:
    """The engineer at the keyboard, and what they are on call as now."""

    id: str
    name: str
    role: Role | Literal["none"]


@dataclass(frozen=True)
class ReviewCount:
    """How many reviews of the labelled issues this shift has had, and how many it is to have.

    `at` are the times of those that count, `human` the refs of the issues that were found to need a human.
    """

    done: int
    due: int
    at: tuple[datetime, ...] = field(default=(), metadata=INTERNAL)
    human: tuple[str, ...] = field(default=(), metadata=INTERNAL)


@dataclass(frozen=True)
class HandoffState:
    """How far the hand-off of this shift is, and how many problems it still has, as far as the status can tell.

    `waits` says that something was added to it after it was accepted, `unposted` that words typed since it was posted
    are posted nowhere.
    """

    state: Literal["not_posted", "posted", "accepted"]
    problems: int
    posted_at: datetime | None = None
    accepted: Acceptance | None = None
    waits: bool = False
    url: str | None = None
    unposted: bool = False


@dataclass(frozen=True)
class Takeover:
    """A hand-off that waits for me: the id of its shift, whose it was, since when, and where it is.

    `accepted` by whom it was read back, and acts, where what waits was added to it since.
    """

    shift: str
    outgoing: Person
    posted_at: datetime
    url: str | None
    accepted: Person | None = None


@dataclass(frozen=True)
class Stale:
    """A service that could not be asked: what is shown of it is so many seconds old, None where there is nothing."""

    service: str
    age: int | None


@dataclass(frozen=True)
class Status:
    """What `oncall status` tells; `queued` are the posts that still have to go out, those that failed too."""

    me: MyRole
    shift: Shift | None
    pages: tuple[Page, ...]
    reviews: ReviewCount
    incidents: tuple[Incident, ...] = ()
    backlog: tuple[Issue, ...] = ()
    handoff: HandoffState | None = None
    coming_up: tuple[ComingUp, ...] = ()
    queued: tuple[Outcome, ...] = ()
    stale: tuple[Stale, ...] = ()
    takeover: Takeover | None = None


def outline(issue: Issue | None, pages: Sequence[Page], me: Person, now: datetime) -> Incident:
    """A piece of open work from lists alone: its owner as far as they tell, and nothing that a person typed."""
    owner = min(pages, key=lambda page: page.created_at).owner if pages else None
    told = [issue.updated_at] if issue else [page.created_at for page in pages]
    return Incident(
        id=issue.ref if issue else pages[0].id,
        pages=tuple(pages),
        issue=issue,
        owner=owner,
        acting=me,
        engaged=tuple({person.id: person for page in pages for person in page.acknowledged_by}.values()),
        posture=None,
        summary=issue.title if issue else pages[0].title,
        state=None,
        tried=None,
        confidence=None,
        related=(),
        next_steps=(),
        if_then=(),
        zoom=None,
        slack=(),
        timeline=(),
        stale=all(now - at >= STALE for at in told),
        uncovered=any(page.status == "triggered" for page in pages),
    )
