"""Whether somebody holds each role, now and in the coming week, how soon a page escalates, and who can be called."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from secops_oncall.domain.doctor import NOT_FOUND, Checks, some
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.people import Contact, OnCall, Role, RoleName
from secops_oncall.domain.setup import Policy
from secops_oncall.domain.shifts import holders, stretches
from secops_oncall.domain.text import quoted
from secops_oncall.domain.times import both

AHEAD = timedelta(days=7)
PROMISED = 15  # minutes in which a page is to be acked (the guide)
_GAPS = 2  # as many are named


def staffing(
    checks: Checks, role: Role, name: RoleName, entries: Sequence[OnCall], now: datetime, zone: tzinfo
) -> Finding:
    """Who holds a role now, and when in the coming week nobody does: an error where it is now, and the engineer's."""
    held, gaps = holders(name, entries, now), uncovered(name, entries, now, now + AHEAD)
    fix = f"put somebody on {quoted(name)} in PagerDuty, or have them take an override"
    missing = some([f"{both(start, now, zone)} to {both(end, now, zone)}" for start, end in gaps], _GAPS)
    if not held and role == "engineer":
        return checks.error(
            role, f"nobody is on call in {name}: no page reaches anybody; nobody from {missing}", fix, NOT_FOUND
        )
    if gaps:
        now_there = f"{_names(held)} now; " if held else ""
        return checks.warning(role, f"{name}: {now_there}nobody from {missing}", fix)
    until = f" until {both(held[0].end, now, zone)}" if held[0].end else ""
    return checks.fine(role, f"{name}: {_names(held)}{until}; staffed for 7 days")


def uncovered(
    name: RoleName, entries: Iterable[OnCall], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """From when to when nobody holds a role, from `since` to `until` (aware), earliest first."""
    held = [(one.start or since, one.end or until) for one in stretches(name, entries)]
    covered, found = since, []
    for start, end in [*held, (until, until)]:
        if covered < min(start, until):
            found.append((covered, min(start, until)))
        covered = max(covered, end)
    return found


def escalation(
    checks: Checks, engineer: RoleName, entries: Sequence[OnCall], policies: Iterable[Policy], ack_minutes: int
) -> Finding:
    """How long a page stays with the engineer before the next is paged, against the settings and the guide."""
    delay = _delay(engineer, entries, policies)
    if delay is None:
        what = f"the policy's delay is not to be seen: pages.ack_minutes counts, {ack_minutes}"
        return checks.warning("escalation", what, "check that the token may see the policy")
    name, minutes = delay
    if minutes > PROMISED:
        what = f"{name} escalates after {minutes} min, and a page is to be acked in {PROMISED}"
        return checks.warning("escalation", what, f"set the delay of its level to {PROMISED} in PagerDuty")
    if minutes != ack_minutes:
        what = f"{name} escalates after {minutes} min, and pages.ack_minutes is {ack_minutes}"
        return checks.warning("escalation", what, f"oncall config set pages.ack_minutes {minutes}")
    return checks.fine("escalation", f"{name} escalates after {minutes} min")


def phones(checks: Checks, manager: OnCall, contacts: Sequence[Contact] | None) -> Finding:
    """Whether the manager can be called."""
    who = manager.person.name
    if contacts is None:
        what = f"this token may not see how to reach {who}"
        return checks.warning("phone", what, "use a token of a user who may, or keep the number at hand")
    if not any(one.kind == "phone" for one in contacts):
        what = f"{who}, manager now, has no telephone number in PagerDuty"
        return checks.warning("phone", what, "have them add one there, under My Profile, Contact Information")
    return checks.fine("phone", f"{who}, manager now, can be called")


def _delay(engineer: RoleName, entries: Iterable[OnCall], policies: Iterable[Policy]) -> tuple[str, int] | None:
    """What the engineer's level is called, and its minutes; None where the policy is not to be seen.

    A schedule is one of the levels that its entries name.
    """
    known = list(policies)
    named = [one for one in known if engineer.level and one.name.casefold() == engineer.name.casefold()]
    found = [(one, engineer.level or 0) for one in named]
    mine = [entry for entry in entries if engineer.matches(entry)]
    found += [(one, entry.level or 0) for entry in mine for one in known if one.id == entry.policy_id]
    for policy, level in found:
        if 1 <= level <= len(policy.levels):
            return f"level {level} of {policy.name}", policy.levels[level - 1].delay
    return None


def _names(held: Sequence[OnCall]) -> str:
    return some([one.person.name for one in held])
