"""A shift: one turn of somebody's in a role, as PagerDuty's on-call entries have it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall.domain.people import ROLES, OnCall, Person, Role, RoleName
from secops_oncall.domain.times import iso

LATE = timedelta(hours=12)  # a shift that ended less than this ago is still "this shift"


@dataclass(frozen=True)
class Shift:
    """One shift. `gap` says that nobody was on call in it; its id is role, user and nominal start."""

    id: str
    start: datetime
    end: datetime | None
    kind: Literal["weekday", "weekend"]
    role: Role
    user: Person
    policy: str | None
    source: Literal["pagerduty", "config"] = "pagerduty"
    gap: bool = False


def entries_of(role: RoleName, entries: Iterable[OnCall]) -> list[OnCall]:
    """The on-call entries of a role, earliest first, each turn once: one person may stand there several times."""
    found = {(each.person.id, each.start): each for each in entries if role.matches(each)}
    return sorted(found.values(), key=lambda each: each.start.timestamp() if each.start else float("-inf"))


def this_shift(entries: Iterable[OnCall], roles: Mapping[Role, RoleName], me: str, now: datetime) -> Shift | None:
    """My current turn (as engineer before backup before manager), else my last one if it ended under 12 h ago."""
    every = list(entries)
    turns = [
        (role, each)
        for role in ROLES
        for each in entries_of(roles[role], every)
        if each.person.id == me and (each.start is None or each.start <= now)
    ]
    current = [turn for turn in turns if turn[1].covers(now)]
    ended = [turn for turn in turns if turn[1].end and now - LATE < turn[1].end <= now]
    if current:
        return _shift(*current[0], now)
    return _shift(*max(ended, key=lambda turn: turn[1].end or now), now) if ended else None


def on_duty(role: RoleName, entries: Iterable[OnCall], moment: datetime) -> OnCall | None:
    """Who holds a role at a moment: the entry that started last, where several are in force."""
    return next((each for each in reversed(entries_of(role, entries)) if each.covers(moment)), None)


def incoming(shift: Shift, role: RoleName, entries: Iterable[OnCall]) -> OnCall | None:
    """Who takes over from a shift: the next turn of somebody else at or after its end."""
    end = shift.end
    if end is None:
        return None
    return next(
        (
            each
            for each in entries_of(role, entries)
            if each.person.id != shift.user.id and (each.end is None or each.end > end) and (each.start or end) >= end
        ),
        None,
    )


def _shift(role: Role, entry: OnCall, now: datetime) -> Shift:
    start = entry.start or now.replace(hour=0, minute=0, second=0, microsecond=0)
    long = entry.end is None or entry.end - start > timedelta(hours=24)
    return Shift(
        id=f"{role}/{entry.person.id}/{iso(start)}",
        start=start,
        end=entry.end,
        kind="weekend" if long else "weekday",
        role=role,
        user=entry.person,
        policy=entry.policy or entry.schedule,
    )
