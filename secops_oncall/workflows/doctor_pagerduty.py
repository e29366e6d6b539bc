"""The doctor at PagerDuty: the roles and who holds them, the policy's delay, the manager's phone, who is mapped."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial

from secops_oncall import threads
from secops_oncall.domain.doctor import Checks, Settings
from secops_oncall.domain.doctor_people import in_pagerduty
from secops_oncall.domain.doctor_roles import AHEAD, escalation, phones, staffing
from secops_oncall.domain.doctor_tokens import Kept, account_key
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.people import ROLES, OnCall, Role, zone_of
from secops_oncall.domain.setup import TokenFacts
from secops_oncall.domain.shifts import on_duty
from secops_oncall.ports import PagerDuty
from secops_oncall.ports_setup import PagerDutySetup
from secops_oncall.workflows.doctor import Connection, asked, examine, looked, side_by_side

_CHECKS = Checks("pagerduty")
_REST = (*ROLES, "escalation", "phone", "people")
_Entries = dict[Role, Future[list[OnCall]]]


@dataclass(frozen=True)
class AtPagerDuty:
    """Whom the doctor asks at PagerDuty, and at which moment (aware)."""

    setup: PagerDutySetup
    pagerduty: PagerDuty
    settings: Settings
    now: datetime

    def entries(self, role: Role) -> list[OnCall]:
        """The on-call entries of a role in the coming week; each role is asked for alone, so that it fails alone."""
        name = self.settings.roles[role]
        return [one for one in self.pagerduty.on_call([name], self.now, self.now + AHEAD) if name.matches(one)]

    def zone(self) -> tzinfo:
        """The engineer's own time zone, UTC where it isn't known."""
        me = asked(self.pagerduty.me)
        return zone_of(me.time_zone if me else None) or UTC


def examine_pagerduty(connection: Connection, desk: Callable[[], AtPagerDuty], now: datetime) -> list[Finding]:
    """Every check of PagerDuty, in four waves: the token, the roles' ids, their entries, the manager's contacts."""

    def rest(facts: TokenFacts, _: Kept) -> list[Finding]:
        at = desk()
        return [*account_key(_CHECKS, facts, at.settings.email), *_roster(at)]

    return examine(connection, now.date(), rest, _REST)


def _roster(at: AtPagerDuty) -> list[Finding]:
    entries: _Entries = {role: threads.start(partial(at.entries, role)) for role in ROLES}  # the longest way first
    policies, zone = threads.start(partial(asked, at.setup.policies)), threads.start(at.zone)
    users = threads.start(partial(asked, at.setup.people))

    def staffed(role: Role) -> list[Finding]:
        found = entries[role].result()
        return [staffing(_CHECKS, role, at.settings.roles[role], found, at.now, zone.result())]

    def escalates() -> list[Finding]:
        found = asked(entries["engineer"].result)
        if found is None:
            return []  # the role itself says why
        engineer, minutes = at.settings.roles["engineer"], at.settings.ack_minutes
        return [escalation(_CHECKS, engineer, found, policies.result() or [], minutes)]

    def mapped() -> list[Finding]:
        turns, known = [asked(entries[role].result) for role in ROLES], users.result()
        people = [entry.person for some in turns for entry in some or []]
        emails = None if known is None else [one.email for one in known if one.email]
        found = in_pagerduty(_CHECKS, at.settings.people, people, emails)
        return [one for one in found if one.level != "ok" or None not in turns]  # a role that failed says so itself

    return side_by_side(
        *(partial(looked, _CHECKS, role, partial(staffed, role)) for role in ROLES),
        escalates,
        partial(looked, _CHECKS, "phone", lambda: _phone(at, asked(entries["manager"].result) or [])),
        mapped,
    )


def _phone(at: AtPagerDuty, entries: Sequence[OnCall]) -> list[Finding]:
    """Whether whoever is manager now can be called; nothing where nobody is, which the role says."""
    manager = on_duty(at.settings.roles["manager"], entries, at.now)
    return [phones(_CHECKS, manager, at.pagerduty.contacts(manager.person.id))] if manager else []
