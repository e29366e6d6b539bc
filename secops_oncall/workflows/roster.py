"""The roster in an outage: kept once a day while I am on call, and answering when PagerDuty can't."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from secops_oncall import threads
from secops_oncall.domain.people import Contact, OnCall, Role, RoleName
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.errors import OncallError, RejectedError, RemoteError
from secops_oncall.ports import OnCalls, PagerDuty

PATIENCE, PATIENCE_IN_A_PIPE = 2.0, 1.0  # seconds
BEFORE, AHEAD = timedelta(days=4), timedelta(days=7)

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer, and where it comes from the kept roster: how old that is, and why PagerDuty could not be asked."""

    value: T
    kept_at: datetime | None = None
    problem: OncallError | None = None


class Remembered:
    """What PagerDuty said before, in PagerDuty's stead (`ports.OnCalls`)."""

    def __init__(self, kept: KeptRoster) -> None:
        self._kept = kept

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        """The kept entries of roles that touch a window."""
        wanted = list(roles)
        return [
            entry
            for entry in self._kept.entries
            if any(role.matches(entry) for role in wanted)
            and (entry.start is None or entry.start <= until)
            and (entry.end is None or since < entry.end)
        ]

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        """How to reach a user id, None where that is not kept."""
        return self._kept.contacts.get(user)


def ask(pagerduty: PagerDuty, question: Callable[[OnCalls], T], moment: datetime, *, kept: bool) -> Answer[T]:
    """What PagerDuty answers to a question about a moment; in an outage what the kept roster does, where it may.

    Raises what the question raised where there is no roster, or none that knows of that moment.
    """
    try:
        return Answer(question(pagerduty))
    except RemoteError as error:
        roster = None if isinstance(error, RejectedError) or not kept else pagerduty.kept_roster()
        if roster is None or not roster.knows(moment):
            raise
        return Answer(question(Remembered(roster)), roster.at, error)


def keep_daily(
    pagerduty: PagerDuty,
    roles: Mapping[Role, RoleName],
    now: datetime,
    *,
    allowed: bool,
    patience: float = PATIENCE,
) -> None:
    """Keep the roster where it is due, in at most so many seconds; where it is not allowed, forget it.

    It comes after a command's answer, so that it makes none slower; that it fails is no reason to complain.
    """
    if not allowed:
        pagerduty.keep_roster(None)
    elif pagerduty.roster_is_due():
        with suppress(OncallError, TimeoutError):
            threads.start(lambda: keep(pagerduty, roles, now), aside=True).result(patience)


def keep(pagerduty: PagerDuty, roles: Mapping[Role, RoleName], now: datetime) -> None:
    """Keep who is on call in the coming 7 days and how to reach them, where I am on call now."""
    me, until = pagerduty.me().id, now + AHEAD
    entries = pagerduty.on_call(roles.values(), now - BEFORE, until)
    if not any(entry.person.id == me and entry.covers(now) for entry in entries):
        return
    users = {entry.person.id for entry in entries}
    reach = dict(threads.each(lambda user: (user, pagerduty.contacts(user)), users))
    pagerduty.keep_roster(KeptRoster(now, until, tuple(entries), reach))
