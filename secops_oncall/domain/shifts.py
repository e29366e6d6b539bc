"""A shift: one turn of somebody's in a role, as PagerDuty's on-call entries have it, split at the handover times."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Literal

from secops_oncall.domain.changeovers import DAY, RULES, Changeovers, ShiftRules, is_weekend, learn
from secops_oncall.domain.people import INTERNAL, ROLES, OnCall, Person, Role, RoleName
from secops_oncall.domain.times import iso

LATE = timedelta(hours=12)  # a shift that ended less than this ago is still "this shift"
_ALWAYS, _FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_WEEK = timedelta(days=7)  # how far beyond a window the shifts of a turn without an end are worked out


@dataclass(frozen=True)
class Shift:
    """One shift. `gap` says that nobody is on call in it, and then `user` is None; its id is role, user and start.

    `kind` is `weekday` for whatever is no weekend, as a week's turn: `usual` tells those from a working day's.
    `source` says whose its times are: PagerDuty's, or the configured ones where PagerDuty has none.
    `swap` marks a shift that somebody holds in a row with the one before or after it, or that an `override` gives them.
    """

    id: str
    start: datetime
    end: datetime | None
    kind: Literal["weekday", "weekend"]
    role: Role
    user: Person | None
    policy: str | None
    source: Literal["pagerduty", "config"] = "pagerduty"
    gap: bool = False
    swap: bool = False
    override: bool = field(default=False, metadata=INTERNAL)
    usual: bool = field(default=True, metadata=INTERNAL)

    def covers(self, moment: datetime) -> bool:
        """Whether a moment (aware) lies in it."""
        return self.start <= moment and (self.end is None or moment < self.end)


def entries_of(role: RoleName, entries: Iterable[OnCall]) -> list[OnCall]:
    """The on-call entries of a role, earliest first, each turn once: one person may stand there several times."""
    found = {(each.person.id, each.start): each for each in entries if role.matches(each)}
    return sorted(found.values(), key=lambda each: each.start.timestamp() if each.start else float("-inf"))


def stretches(role: RoleName, entries: Iterable[OnCall]) -> list[OnCall]:
    """The time that each person holds a role without a break, earliest first: entries that touch are one."""
    found: dict[str, list[OnCall]] = defaultdict(list)
    for entry in sorted((each for each in entries if role.matches(each)), key=_start):
        known = found[entry.person.id]
        if known and _start(entry) <= _end(known[-1]):
            known[-1] = replace(known[-1], end=max(known[-1], entry, key=_end).end)
        else:
            known.append(entry)
    return sorted((each for some in found.values() for each in some), key=_start)


def turns(
    role: Role,
    entries: Iterable[OnCall],
    roles: Mapping[Role, RoleName],
    since: datetime,
    until: datetime,
    rules: ShiftRules = RULES,
) -> list[Shift]:
    """Everybody's shifts in a role that touch a window, earliest first.

    A stretch that spans several turns is split where this schedule changes hands by its other entries, else where
    the configuration says so. What is always on call is cut at the window.
    """
    held = stretches(roles[role], entries)
    changes = learn(held, rules)
    shifts = [each for one in held for each in _split(role, one, changes, since, until)]
    return sorted(shifts, key=lambda one: one.start)


def gaps(
    role: Role,
    entries: Iterable[OnCall],
    roles: Mapping[Role, RoleName],
    since: datetime,
    until: datetime,
    rules: ShiftRules = RULES,
) -> list[Shift]:
    """The shifts, or parts of them, in which nobody holds a role, from `since` to `until`."""
    held, name = stretches(roles[role], entries), roles[role].name
    changes, covered = learn(held, rules), since
    free: list[tuple[datetime, datetime]] = []
    for one in held:
        free.append((covered, min(_start(one), until)))
        covered = max(covered, _end(one))
    free.append((covered, until))
    every = [[first, *changes.between(first, last), last] for first, last in free if first < last]
    return [
        Shift(
            id=f"{role}/nobody/{iso(start)}",
            start=start,
            end=end,
            kind=_kind(start, end, changes.zone) or "weekday",
            role=role,
            user=None,
            policy=name,
            source="config",
            gap=True,
            usual=_kind(start, end, changes.zone) is not None,
        )
        for bounds in every
        for start, end in pairwise(bounds)
    ]


def this_shift(
    entries: Iterable[OnCall],
    roles: Mapping[Role, RoleName],
    me: str,
    now: datetime,
    rules: ShiftRules = RULES,
    accepted: Collection[str] = (),
) -> Shift | None:
    """My current turn (as engineer before backup before manager), else my last one if it ended under 12 h ago.

    Not where its hand-off is accepted: `accepted` are the ids of such shifts, as far as this machine knows.
    """
    every = list(entries)
    mine = [
        shift
        for role in ROLES
        for shift in turns(role, every, roles, now - LATE, now, rules)
        if shift.user and shift.user.id == me and shift.start <= now
    ]
    ended = [one for one in mine if one.end and now - LATE < one.end <= now and one.id not in accepted]
    return first_of(mine, now) or max(ended, key=lambda shift: shift.end or now, default=None)


def first_of(mine: Iterable[Shift], moment: datetime) -> Shift | None:
    """My shift at a moment: of several at once the engineer's before the backup's before the manager's."""
    return min((one for one in mine if one.covers(moment)), key=lambda one: ROLES.index(one.role), default=None)


def on_duty(role: RoleName, entries: Iterable[OnCall], moment: datetime) -> OnCall | None:
    """Who holds a role at a moment: the entry that started last, where several are in force."""
    return next((each for each in reversed(entries_of(role, entries)) if each.covers(moment)), None)


def holders(role: RoleName, entries: Iterable[OnCall], moment: datetime) -> list[OnCall]:
    """Everybody who holds a role at a moment, each once, with the time they hold it without a break: latest first."""
    return [each for each in reversed(stretches(role, entries)) if each.covers(moment)]


def incoming(shift: Shift, role: RoleName, entries: Iterable[OnCall]) -> OnCall | None:
    """Who takes over from a shift: the next turn of somebody else at or after its end."""
    end = shift.end
    if end is None:
        return None
    return next(
        (
            each
            for each in entries_of(role, entries)
            if (shift.user is None or each.person.id != shift.user.id)
            and (each.end is None or each.end > end)
            and (each.start or end) >= end
        ),
        None,
    )


def _split(role: Role, one: OnCall, changes: Changeovers, since: datetime, until: datetime) -> Iterator[Shift]:
    """The shifts of one stretch that touch the window; what has no beginning or no end begins or ends by rule."""
    bounds = _bounds(one, changes, since, until)
    own = {one.start, one.end}
    for first, last in pairwise(bounds):
        if last > since and first <= until:
            kind = _kind(first, last, changes.zone)
            by_rule = changes.source == "config" and not {first, last} <= own
            yield Shift(
                id=f"{role}/{one.person.id}/{iso(first)}",
                start=first,
                end=last,
                kind=kind or "weekday",
                role=role,
                user=one.person,
                policy=one.policy or one.schedule,
                source="config" if by_rule else "pagerduty",
                swap=len(bounds) > 2 and None not in own,
                usual=kind is not None,
            )


def _bounds(one: OnCall, changes: Changeovers, since: datetime, until: datetime) -> list[datetime]:
    """Where the shifts of a stretch begin and end. The configured times count only where they fit the stretch."""
    start, end = one.start or since - _WEEK, one.end or until + _WEEK
    fits = changes.source == "pagerduty" or None in (one.start, one.end) or changes.at(start) or changes.at(end)
    inside = changes.between(start, end) if fits else []
    return [*([start] if one.start else []), *inside, *([end] if one.end else [])]


def _kind(start: datetime, end: datetime, zone: tzinfo) -> Literal["weekday", "weekend"] | None:
    """What a shift is called; None for what is neither, as a week."""
    if is_weekend(start, end, zone):
        return "weekend"
    return "weekday" if end - start <= DAY else None


def _start(entry: OnCall) -> datetime:
    return entry.start or _ALWAYS


def _end(entry: OnCall) -> datetime:
    return entry.end or _FOR_EVER
