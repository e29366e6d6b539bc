"""Who is on call: engineer, backup and manager, until when, and how to reach them; and whom a USER means."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.people import ROLES, OnCall, OnDuty, Person, Role, RoleName, fitting, on_duty_as
from secops_oncall.domain.shifts import holders
from secops_oncall.domain.text import quoted
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.ports import OnCalls, PagerDuty

AROUND = timedelta(days=4)  # longer than a weekend's 48 hours: no turn that matters now is cut by the window
LONG_AGO = timedelta(days=3653)
MANY = 5  # as many names stand in an error
FURTHEST = timedelta(days=90)  # how far ahead /oncalls looks (pagerduty.md, 1.5)


def who(source: OnCalls, roles: Mapping[Role, RoleName], moment: datetime, *, contacts: bool = False) -> list[OnDuty]:
    """Everybody who holds a role at a moment, each once; a role that nobody holds has one without an id.

    One wave, two with `contacts`.
    """
    entries = source.on_call(roles.values(), moment - AROUND, moment + AROUND)
    found = on_duty(entries, roles, moment)
    return with_contacts(source, found) if contacts else found


def on_duty(entries: Iterable[OnCall], roles: Mapping[Role, RoleName], moment: datetime) -> list[OnDuty]:
    """Everybody who holds a role by these entries, engineer before backup before manager."""
    every, found = list(entries), []
    for role in ROLES:
        held: list[OnCall | None] = [*holders(roles[role], every, moment)]
        found += [on_duty_as(role, roles[role], entry, moment) for entry in held or [None]]
    return found


def with_contacts(source: OnCalls, people: Iterable[OnDuty]) -> list[OnDuty]:
    """The same people with how to reach them, each asked for once; None where the token may not see it."""
    found = list(people)
    reach = dict(threads.each(lambda user: (user, source.contacts(user)), {one.id for one in found if one.id}))
    return [replace(one, contacts=reach.get(one.id or "")) for one in found]


def checked(moment: datetime, now: datetime) -> datetime:
    """A moment that PagerDuty can tell who is on call at; UsageError for one too far away."""
    if moment > now + FURTHEST - AROUND:
        most = (FURTHEST - AROUND).days
        raise UsageError(f"{moment:%Y-%m-%d} is further ahead than PagerDuty looks", f"a time within {most} days")
    if moment < now - LONG_AGO:
        raise UsageError(f"{moment:%Y-%m-%d} is too long ago", "a time within the last ten years")
    return moment


def user_named(pagerduty: PagerDuty, text: str, near: Iterable[str] = ()) -> Person:
    """The one user that a USER names: an e-mail, an id, or a name that fits one person.

    Raises UsageError where it fits several, NotFoundError where nobody; `near` are names that may have been meant.
    """
    found = fitting(text, pagerduty.users(text.strip())) if text.strip() else []
    if len(found) > 1:
        listed = ", ".join(f"{one.name} <{one.email or one.id}>" for one in found[:MANY])
        raise UsageError(f"{quoted(text)} fits {len(found)} people: {listed}", "give the e-mail of one of them")
    if not found:
        meant = nearest(text, near, 0.4)
        hint = f"did you mean {quoted(meant)}?" if meant else "oncall who"
        raise NotFoundError(f"PagerDuty has no user {quoted(text)}", hint)
    return found[0]
