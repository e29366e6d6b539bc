"""Who is on call: engineer, backup and manager, until when, and how to reach them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from secops_oncall import threads
from secops_oncall.domain.people import AWAKE, ROLES, OnCall, OnDuty, Role, RoleName
from secops_oncall.domain.shifts import on_duty
from secops_oncall.ports import PagerDuty

AROUND = timedelta(days=4)  # longer than a weekend's 48 hours: no turn that matters now is cut by the window


def who(pagerduty: PagerDuty, roles: Mapping[Role, RoleName], now: datetime, *, contacts: bool = False) -> list[OnDuty]:
    """Who holds each role now; a role that nobody holds has no id. One wave, two with `contacts`."""
    entries = pagerduty.on_call(roles.values(), now - AROUND, now + AROUND)
    found = [_on_duty(role, roles[role], on_duty(roles[role], entries, now), now) for role in ROLES]
    if not contacts:
        return found
    reach = dict(threads.each(lambda user: (user, pagerduty.contacts(user)), {one.id for one in found if one.id}))
    return [replace(one, contacts=reach.get(one.id or "")) for one in found]


def _on_duty(role: Role, name: RoleName, entry: OnCall | None, now: datetime) -> OnDuty:
    source = f"{name.name}, level {name.level}" if name.level else name.name
    if entry is None:
        return OnDuty(role, None, None, None, None, None, None, None, None, source=source)
    person, there = entry.person, _local(now, entry.time_zone)
    return OnDuty(
        role,
        person.id,
        person.name,
        person.email,
        entry.start,
        entry.end,
        entry.time_zone,
        there.strftime("%a %H:%M") if there else None,
        there.hour in AWAKE if there else None,
        source=source,
    )


def _local(now: datetime, time_zone: str | None) -> datetime | None:
    try:
        return now.astimezone(ZoneInfo(time_zone)) if time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
