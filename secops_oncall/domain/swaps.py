"""Swaps: the shifts that an override in PagerDuty gives to somebody, which is how people swap."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta

from secops_oncall.domain.people import OnCall, Role, RoleName
from secops_oncall.domain.shifts import Shift

Schedules = Mapping[Role, Set[str]]


def schedules_of(me: str, entries: Iterable[OnCall], roles: Mapping[Role, RoleName]) -> dict[Role, set[str]]:
    """The ids of the schedules by which a user id holds each role."""
    mine = [entry for entry in entries if entry.person.id == me and entry.schedule_id]
    return {role: {entry.schedule_id or "" for entry in mine if name.matches(entry)} for role, name in roles.items()}


def with_swaps(shifts: Iterable[Shift], overrides: Iterable[OnCall], schedules: Schedules) -> list[Shift]:
    """The shifts, those marked at least half of which overrides of their role's schedules give to their user."""
    every = list(overrides)
    return [replace(one, swap=True, override=True) if _is_given(one, every, schedules) else one for one in shifts]


def _is_given(shift: Shift, overrides: Iterable[OnCall], schedules: Schedules) -> bool:
    if shift.end is None or shift.user is None:
        return False
    theirs = [one for one in overrides if one.person.id == shift.user.id and one.schedule_id in schedules[shift.role]]
    return 2 * _covered(theirs, shift.start, shift.end) >= shift.end - shift.start


def _covered(overrides: Iterable[OnCall], since: datetime, until: datetime) -> timedelta:
    """How much of a time lies in overrides, of which one may lie over another."""
    covered, reached = timedelta(), since
    for start, end in sorted((one.start or since, one.end or until) for one in overrides):
        start, end = max(start, reached), min(end, until)
        if start < end:
            covered, reached = covered + (end - start), end
    return covered
