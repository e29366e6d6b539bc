"""My shifts: the one that is, those that come, and the one that `--shift` names."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo

from secops_oncall import threads
from secops_oncall.domain import when
from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.people import ROLES, Me, OnCall, Role, RoleName, zone_of
from secops_oncall.domain.shifts import Shift, first_of, gaps, this_shift, turns
from secops_oncall.domain.swaps import schedules_of, with_swaps
from secops_oncall.domain.text import quoted
from secops_oncall.domain.times import stamp
from secops_oncall.errors import ConfigError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.ports import PagerDuty

NO_SHIFT = "you have no current shift, and none that ended in the last 12 hours and is not handed off"
BACK = timedelta(weeks=2)  # enough to learn when the schedule changes hands
SOON = timedelta(days=7)  # a gap that is nearer is worth a word
WEEKS, MOST_WEEKS = 4, 12  # /oncalls looks 90 days ahead (pagerduty.md, 1.5)
_BACKWARDS = re.compile(r"-([1-9]\d{0,2})")


@dataclass(frozen=True)
class Coming:
    """My shifts that are not over yet, earliest first, and the gaps: time in which nobody is on call as engineer.

    `problems` are what kept swaps from being read.
    """

    mine: list[Shift]
    gaps: list[Shift]
    problems: list[OncallError] = field(default_factory=list)

    def one(self, now: datetime, *, following: bool = False) -> Shift | None:
        """My shift now (as engineer before backup before manager), else the next.

        With `following` the one that begins next, whatever is now.
        """
        current = None if following else first_of(self.mine, now)
        return current or next((one for one in self.mine if one.start > now), None)


def coming(
    pagerduty: PagerDuty,
    roles: Mapping[Role, RoleName],
    now: datetime,
    weeks: int = WEEKS,
    rules: ShiftRules = RULES,
) -> Coming:
    """My shifts of the coming weeks in every role, swaps marked, and the engineers' gaps; two waves."""
    me, until = pagerduty.me(), now + timedelta(weeks=weeks)
    entries = pagerduty.on_call(roles.values(), now - BACK, until)
    mine = [one for one in _mine(me, entries, roles, now, until, rules) if one.end is None or one.end > now]
    mine, problems = _with_swaps(pagerduty, mine, schedules_of(me.id, entries, roles))
    return Coming(mine, gaps("engineer", entries, roles, now, until, rules), problems)


def _with_swaps(
    pagerduty: PagerDuty, mine: list[Shift], schedules: dict[Role, set[str]]
) -> tuple[list[Shift], list[OncallError]]:
    """My shifts, those marked that overrides give me, and why these could not be read."""
    asked = sorted({each for shift in mine for each in schedules[shift.role]})
    if not asked:
        return mine, []
    since, until = mine[0].start, max(shift.end or shift.start for shift in mine)
    try:
        read = threads.each(lambda schedule: pagerduty.overrides(schedule, since, until), asked)
    except OncallError as error:
        what = f"swaps could not be read, so that some may not be marked: {error.message}"
        return mine, [RemoteError(what, error.hint)]
    return with_swaps(mine, [each for some in read for each in some], schedules), []


def named_shift(
    pagerduty: PagerDuty,
    roles: Mapping[Role, RoleName],
    text: str | None,
    now: datetime,
    zone: tzinfo,
    rules: ShiftRules = RULES,
    accepted: Collection[str] = (),
) -> Shift:
    """This shift, or the one that `--shift` names: by a time in it (read in `zone`), or `-1`, `-2` back from this one.

    `accepted` are the ids of those whose hand-off is. Raises UsageError where there is no shift now or what is named is
    no time, NotFoundError where I had none then.
    """
    me = pagerduty.me()
    back = _BACKWARDS.fullmatch(text.strip()) if text else None
    if back:
        number = int(back[1])
        since = now - BACK - number * timedelta(weeks=1)
        entries = pagerduty.on_call(roles.values(), since, now + BACK)
        current = this_shift(entries, roles, me.id, now, rules, accepted)
        mine = _mine(me, entries, roles, since, now, rules)
        before = [one for one in mine if one.start < (current.start if current else now)]
        if len(before) < number:
            raise NotFoundError(f"you had no {number} shifts before this one since {since:%Y-%m-%d}", "oncall shift")
        return before[-number]
    if text:
        moment = _moment(text, now, zone)
        entries = pagerduty.on_call(roles.values(), moment - BACK, moment + BACK)
        found = first_of(_mine(me, entries, roles, moment, moment, rules), moment)
        if found is None:
            raise NotFoundError(f"you had no shift at {stamp(moment)}", "oncall shift --weeks 4")
        return found
    entries = pagerduty.on_call(roles.values(), now - BACK, now + BACK)
    current = this_shift(entries, roles, me.id, now, rules, accepted)
    if current is None:
        raise UsageError(NO_SHIFT, "name one: --shift -1")
    return current


def shift_rules(time_zone: str, weekday_hours: int, weekend_hours: int, handover: str) -> ShiftRules:
    """The configured shift times (`shift.*`); ConfigError for one that is none."""
    zone = zone_of(time_zone)
    if zone is None:
        raise ConfigError(f"`shift.time_zone` is no time zone: {quoted(time_zone)}", "write it as Europe/Berlin")
    try:
        at = time.fromisoformat(handover)
    except ValueError:
        raise ConfigError(f"`shift.handover` is no time: {quoted(handover)}", "write it as 08:00") from None
    if not 0 < weekday_hours <= 24 or not 0 < weekend_hours <= 72:
        raise ConfigError(
            "`shift.weekday_hours` and `shift.weekend_hours` are no lengths of a shift", "such as 12 and 48"
        )
    return ShiftRules(zone, timedelta(hours=weekday_hours), timedelta(hours=weekend_hours), at)


def _mine(
    me: Me,
    entries: Sequence[OnCall],
    roles: Mapping[Role, RoleName],
    since: datetime,
    until: datetime,
    rules: ShiftRules,
) -> list[Shift]:
    """My shifts in a window, earliest first; of two at once the engineer's first."""
    every = [one for role in ROLES for one in turns(role, entries, roles, since, until, rules)]
    return sorted((one for one in every if one.user and one.user.id == me.id), key=lambda one: one.start)


def _moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    try:
        typed = when.moment(text, now, zone, toward="past")
    except ValueError as error:
        raise UsageError(f"{quoted(text)} names no shift: {error}", "a time before or after it") from None
    if typed is None:
        raise UsageError(f"{quoted(text)} names no shift", "give its start, or -1 for the one before")
    return typed.moment
