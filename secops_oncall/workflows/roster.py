"""The roster in an outage: kept once a day while I am on call, and answering when PagerDuty can't."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from secops_oncall import threads
from secops_oncall.domain.people import Contact, OnCall, Role, RoleName
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.errors import NotFoundError, OncallError, RejectedError, RemoteError
from secops_oncall.ports import OnCalls, PagerDuty

PATIENCE = 2.5  # seconds
BEFORE, AHEAD = timedelta(days=4), timedelta(days=7)

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer, what could not be asked, and where it comes from the kept roster how old that is.

    `unread` are the ids of those whose contacts could not be read.
    """

    value: T
    kept_at: datetime | None = None
    problems: list[OncallError] = field(default_factory=list)
    unread: frozenset[str] = frozenset()


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


class Forgiving:
    """PagerDuty (`ports.OnCalls`), where contacts that can't be read are unknown, and cost nobody else theirs."""

    def __init__(self, source: OnCalls) -> None:
        self._source = source
        self._names: dict[str, str] = {}
        self._read = False
        self.lost: dict[str, OncallError] = {}

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        """The on-call entries of roles in a window."""
        entries = self._source.on_call(roles, since, until)
        self._names |= {entry.person.id: entry.person.name for entry in entries}
        return entries

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        """How to reach a user id; None also where that can't be read, and `lost` says why."""
        try:
            found = self._source.contacts(user)
        except (RemoteError, NotFoundError) as error:
            self.lost[user] = error
            return None
        self._read = True
        return found

    @property
    def outage(self) -> OncallError | None:
        """Why nobody's contacts could be read, where none could."""
        return None if self._read else next(iter(self.lost.values()), None)

    @property
    def problems(self) -> list[OncallError]:
        """Whose contacts are unknown, each reason once."""
        whose: dict[str, list[str]] = {}
        for user, error in sorted(self.lost.items()):
            whose.setdefault(error.message, []).append(self._names.get(user, user))
        hints = {error.message: error.hint for error in self.lost.values()}
        return [
            RemoteError(f"how to reach {', '.join(names)} is not known: {why}", hints[why])
            for why, names in whose.items()
        ]


def ask(pagerduty: PagerDuty, question: Callable[[OnCalls], T], moment: datetime, *, kept: bool) -> Answer[T]:
    """What PagerDuty answers to a question about a moment; in an outage what the kept roster does, where it may.

    Somebody's contacts that can't be read are unknown; where nobody's can, the kept roster's are better than none.
    Raises what the question raised where there is no roster, or none that knows of that moment.
    """
    source = Forgiving(pagerduty)
    try:
        answer = Answer(question(source))
    except RemoteError as error:
        remembered = _remembered(pagerduty, question, moment, error, kept=kept)
        if remembered is None:
            raise
        return remembered
    remembered = _remembered(pagerduty, question, moment, source.outage, kept=kept)
    return remembered or replace(answer, problems=source.problems, unread=frozenset(source.lost))


def _remembered(
    pagerduty: PagerDuty, question: Callable[[OnCalls], T], moment: datetime, error: OncallError | None, *, kept: bool
) -> Answer[T] | None:
    """What the kept roster answers after an error that is an outage; None where it may not, or doesn't know."""
    if not isinstance(error, RemoteError) or isinstance(error, RejectedError) or not kept:
        return None
    roster = pagerduty.kept_roster()
    if roster is None or not roster.knows(moment):
        return None
    return Answer(question(Remembered(roster)), roster.at, [error])


def keep_daily(pagerduty: PagerDuty, roles: Mapping[Role, RoleName], now: datetime, *, allowed: bool) -> None:
    """Keep the roster where it is due, in at most a few seconds; where it is not allowed, forget it.

    It comes after a command's answer, so that it makes none slower; that it fails is no reason to complain.
    """
    if not allowed:
        pagerduty.keep_roster(None)
    elif pagerduty.roster_is_due():
        with suppress(OncallError, TimeoutError, KeyboardInterrupt):  # the command itself is done
            threads.start(lambda: keep(pagerduty, roles, now), aside=True).result(timeout=PATIENCE)


def keep(pagerduty: PagerDuty, roles: Mapping[Role, RoleName], now: datetime) -> None:
    """Keep who is on call in the coming 7 days and how to reach them, where I am on call now.

    For somebody whose contacts can't be read the ones that were kept before stay.
    """
    me, until, source = pagerduty.me().id, now + AHEAD, Forgiving(pagerduty)
    entries = source.on_call(roles.values(), now - BEFORE, until)
    if not any(entry.person.id == me and entry.covers(now) for entry in entries):
        return
    users = {entry.person.id for entry in entries}
    reach = dict(threads.each(lambda user: (user, source.contacts(user)), users))
    if source.outage:
        raise source.outage
    before = pagerduty.kept_roster() if source.lost else None
    known = {user: before.contacts.get(user) for user in source.lost} if before else {}
    pagerduty.keep_roster(KeptRoster(now, until, tuple(entries), {**reach, **known}))
