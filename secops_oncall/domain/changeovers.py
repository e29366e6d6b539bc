"""When a schedule changes hands: learnt from its own on-call entries, else as the configuration has it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from secops_oncall.domain.people import OnCall, zone_of

DAY = timedelta(days=1)
WORKING_DAYS, SATURDAY, SUNDAY = range(5), 5, 6
LONGEST_WEEKEND = timedelta(hours=72)

Clock = tuple[int, time]  # a week day (Monday is 0) and a local time


@dataclass(frozen=True)
class ShiftRules:
    """What the configuration says of shifts, for where PagerDuty says nothing: `zone` is that of `handover`."""

    zone: tzinfo = UTC
    weekday: timedelta = timedelta(hours=12)
    weekend: timedelta = timedelta(hours=48)
    handover: time = time(8)

    @property
    def clocks(self) -> frozenset[Clock]:
        """Every so many hours from Monday to Friday, and where a weekend begins; halfway where it has two shifts."""
        first = datetime.combine(date.min, self.handover)
        times = [(first + step * self.weekday).time() for step in range(max(1, int(DAY / self.weekday)))]
        weekend = [SATURDAY] if self.weekend > DAY else [SATURDAY, SUNDAY]
        working = {(day, each) for day in WORKING_DAYS for each in times}
        return frozenset(working | {(day, self.handover) for day in weekend})


RULES = ShiftRules()


@dataclass(frozen=True)
class Changeovers:
    """When a schedule changes hands, on its own zone's clock: so it stays right when that clock is changed."""

    clocks: frozenset[Clock]
    zone: tzinfo
    source: Literal["pagerduty", "config"]

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """The moments (UTC) of a change inside a time that has a beginning and an end, neither of these included."""
        first = start.astimezone(self.zone).date()
        days = [first + number * DAY for number in range((end - start).days + 3)]
        local = [datetime.combine(day, at, self.zone) for day in days for on, at in self.clocks if on == day.weekday()]
        return sorted(moment for each in local if start < (moment := each.astimezone(UTC)) < end)

    def at(self, moment: datetime | None) -> bool:
        """Whether hands change at a moment."""
        local = moment.astimezone(self.zone) if moment else None
        return local is not None and (local.weekday(), local.time()) in self.clocks


def learn(held: Sequence[OnCall], rules: ShiftRules = RULES) -> Changeovers:
    """When hands change, from where people's time without a break (`held`) begins and ends.

    A time of day that is met seldom is somebody's errand, not the schedule's own. Where most turns are no longer
    than a day, each time is one of every working day, so that no swap hides it, unless weekends pass over it more often
    than it is met: they begin on Fridays, then. On a weekend a time has always to be met more often than passed over;
    a weekend that is nowhere to be seen begins with Saturday's first time.
    """
    zone = _zone(held) or rules.zone
    met = {moment.astimezone(zone) for one in held for moment in (one.start, one.end) if moment}
    often = Counter(moment.time() for moment in met)
    usual = {at for at, count in often.items() if count > 1 and 2 * count >= max(often.values())}
    if not usual or len(held) < 2:
        return Changeovers(rules.clocks, rules.zone, "config")
    weekly = Counter((moment.weekday(), moment.time()) for moment in met)
    passed = _passed(held, {clock for clock in weekly if clock[0] >= SATURDAY}, zone)
    clocks = {
        clock for clock in weekly if (clock[1] in usual if clock[0] < SATURDAY else weekly[clock] > passed[clock])
    }
    lengths = sorted(one.end - one.start for one in held if one.start and one.end)
    if lengths and lengths[len(lengths) // 2] <= DAY:
        working, first = {(day, at) for day in WORKING_DAYS for at in usual}, (SATURDAY, min(usual))
        weekends = [one for one in held if one.start and one.end and is_weekend(one.start, one.end, zone)]
        passed = _passed(weekends, working | {first}, zone)
        clocks |= {clock for clock in working if passed[clock] <= weekly[clock]}
        if not passed[first] and all(day < SATURDAY for day, _ in clocks):
            clocks.add(first)
    return Changeovers(frozenset(clocks), zone, "pagerduty")


def is_weekend(start: datetime, end: datetime, zone: tzinfo) -> bool:
    """Whether a time is called a weekend, on a zone's clock.

    Up to a day it begins on a Saturday or Sunday and lies there by half; up to three days it lies there by a quarter,
    so that it may begin on a Friday or end on a Tuesday. What is longer is a week's turn.
    """
    first, last = (moment.astimezone(zone).replace(tzinfo=None) for moment in (start, end))
    midnight = datetime.combine(first, time())
    days = [midnight + number * DAY for number in range((last - midnight).days + 1)]
    free = sum((min(last, day + DAY) - max(first, day) for day in days if day.weekday() >= SATURDAY), timedelta())
    if last - first <= DAY:
        return first.weekday() >= SATURDAY and 2 * free >= last - first
    return last - first <= LONGEST_WEEKEND and 4 * free >= last - first


def _passed(held: Iterable[OnCall], clocks: set[Clock], zone: tzinfo) -> Counter[Clock]:
    """How often each of some times lies in the middle of a person's time."""
    there = Changeovers(frozenset(clocks), zone, "pagerduty")
    inside = (moment for one in held if one.start and one.end for moment in there.between(one.start, one.end))
    local = {moment.astimezone(zone) for moment in inside}
    return Counter((moment.weekday(), moment.time()) for moment in local)


def _zone(held: Iterable[OnCall]) -> tzinfo | None:
    """The time zone of the schedule behind entries, where PagerDuty tells it and this machine knows it."""
    names = dict.fromkeys(one.schedule_zone for one in held)
    return next(filter(None, map(zone_of, names)), None)
