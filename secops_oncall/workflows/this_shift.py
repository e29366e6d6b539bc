"""This shift: mine now or the one that ended just now, and the journal's memory of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from secops_oncall.domain.answered import ACCEPTED, accepted_shifts
from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.events import Event, KnownShift, shifts
from secops_oncall.domain.people import ROLES, Role, RoleName
from secops_oncall.domain.posting import POSTED
from secops_oncall.domain.shifts import LATE, Shift, this_shift
from secops_oncall.errors import RemoteError
from secops_oncall.ports import Journal, PagerDuty
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.people import AROUND

FRESH = timedelta(hours=6)  # what was heard of a shift longer ago may have changed: shifts are swapped


def find(
    pagerduty: PagerDuty, journal: Journal, roles: Mapping[Role, RoleName], now: datetime, rules: ShiftRules = RULES
) -> Shift | None:
    """My shift now, else my last one if it ended under 12 hours ago, as PagerDuty has it; one wave."""
    entries = pagerduty.on_call(roles.values(), now - AROUND, now + AROUND)
    shift = this_shift(entries, roles, pagerduty.me().id, now, rules, _accepted(journal))
    keep(journal, shift, journal.events("shift"), now)
    return shift


def remembered(journal: Journal, ask: Callable[[], Shift], now: datetime) -> KnownShift | Shift:
    """This shift as the journal knows it, without the network; where it knows none, as `ask` answers it, and kept.

    One that has ended is only taken where PagerDuty is down: another may have begun. Raises whatever `ask` raises.
    """
    known = shifts(journal.events("shift"))
    current = [one for role in ROLES for one in known if one.role == role and one.covers(now)]
    if current:
        return current[0]
    try:
        shift = ask()
    except RemoteError:
        accepted = _accepted(journal)
        late = [one for one in known if one.end and now - LATE < one.end <= now and one.id not in accepted]
        if not late:
            raise
        return max(late, key=lambda one: one.end or now)
    keep(journal, shift, journal.events("shift"), now)
    return shift


def _accepted(journal: Journal) -> frozenset[str]:
    """The ids of the shifts that are handed off for good, as far as the journal knows."""
    return accepted_shifts([*journal.events(ACCEPTED), *journal.events(POSTED)])


def keep(journal: Journal, shift: Shift | None, events: Iterable[Event], now: datetime) -> None:
    """Have the journal know a shift, unless it has heard so lately (`events` are its own): notes are found by that.

    A journal that can't be written is no reason for a command that only reads to fail.
    """
    if shift is None:
        return
    known = KnownShift(shift.id, shift.role, shift.start, shift.end)
    if not any(one == known and now - one.learnt < FRESH for one in shifts(events)):
        told = {"role": shift.role, "start": shift.start.isoformat(), "end": shift.end and shift.end.isoformat()}
        remember(journal, [Event(now, "shift", shift.id, data=told)])
