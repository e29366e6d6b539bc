"""Who is who: the engineer at the keyboard, and who is on call for which role until when."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

INTERNAL = {"internal": True}  # a field that is ours, and no part of the JSON that others rely on

Role = Literal["engineer", "backup", "manager"]
ROLES: tuple[Role, ...] = ("engineer", "backup", "manager")
AWAKE = range(8, 22)  # local hours; 22-08 are sleep hours (handoff.md)


def is_email(text: str) -> bool:
    """Whether a text looks like an e-mail address."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None


@dataclass(frozen=True)
class Person:
    """An owner, somebody acting or engaged: with what is known of them."""

    id: str
    name: str
    email: str | None = None


@dataclass(frozen=True)
class Me:
    """The engineer that a PagerDuty token belongs to; `teams` are PagerDuty team ids."""

    id: str
    name: str
    email: str
    time_zone: str = "UTC"
    teams: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        return Person(self.id, self.name, self.email)


@dataclass(frozen=True)
class OnCall:
    """One on-call entry: `start` None means always, `end` None for ever (PagerDuty's Oncall)."""

    person: Person
    start: datetime | None
    end: datetime | None
    policy: str | None = None
    level: int | None = None
    schedule: str | None = None
    time_zone: str | None = None
    schedule_zone: str | None = None  # the schedule's own, by which it changes hands
    policy_id: str | None = None  # `policy` is called as a role's setting calls it
    schedule_id: str | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether this entry is in force at a moment (aware)."""
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)


@dataclass(frozen=True)
class RoleName:
    """What `roles.*` names: a policy's level, or a schedule (`level` None)."""

    name: str
    level: int | None

    def __str__(self) -> str:
        return f"{self.name}, level {self.level}" if self.level else self.name

    def matches(self, entry: OnCall) -> bool:
        """Whether an on-call entry is one of this role."""
        if self.level is None:
            return entry.schedule == self.name
        return entry.policy == self.name and entry.level == self.level


@dataclass(frozen=True)
class Contact:
    """One way to reach somebody; a phone's `address` can be dialled: `+CC…`."""

    kind: Literal["phone", "sms", "email", "push", "whatsapp"]
    address: str
    label: str


@dataclass(frozen=True)
class OnDuty:
    """Who holds a role; `id` None: nobody does. `local_time` is theirs, `contacts` None: not asked or not allowed."""

    role: Role
    id: str | None
    name: str | None
    email: str | None
    start: datetime | None
    end: datetime | None
    time_zone: str | None
    local_time: str | None
    awake: bool | None
    contacts: tuple[Contact, ...] | None = None
    source: str = field(default="", metadata=INTERNAL)  # the policy's level or the schedule that was asked


def role_name(text: str) -> RoleName:
    """`Security Responder:2` is level 2 of a policy, any other text a schedule's name."""
    name, colon, level = text.rpartition(":")
    if colon and level.strip().isdecimal():
        return RoleName(name.strip(), int(level))
    return RoleName(text.strip(), None)


def on_duty_as(role: Role, name: RoleName, entry: OnCall | None, moment: datetime) -> OnDuty:
    """Who holds a role by an on-call entry (None: nobody does), in their own time at a moment (aware)."""
    if entry is None:
        return OnDuty(role, None, None, None, None, None, None, None, None, source=str(name))
    person, there = entry.person, local(moment, entry.time_zone)
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
        source=str(name),
    )


def local(moment: datetime, time_zone: str | None) -> datetime | None:
    """A moment on the clock of a time zone; None for one that this machine doesn't know."""
    zone = zone_of(time_zone)
    return moment.astimezone(zone) if zone else None


def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of a name (`Europe/Berlin`); None for one that this machine doesn't know."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def by_user(
    emails: Mapping[str, str], entries: Iterable[OnCall], user: str = "", me: Me | None = None
) -> dict[str, Person]:
    """Who is who in GitLab: by the `people` table (user names to e-mails), with the id and name of whoever is on call.

    Me by my own token's user name, where that is known.
    """
    on_call = {entry.person.email: entry.person for entry in entries if entry.person.email}
    known = {name: on_call.get(email, Person("", name, email)) for name, email in emails.items()}
    return known | ({user: me.person} if user and me else {})


def same(one: Person, other: Person) -> bool:
    """Whether two services mean the same person: by id or by e-mail where both have one, else by name."""
    if one.id and other.id:
        return one.id == other.id
    if one.email and other.email:
        return one.email.casefold() == other.email.casefold()
    return one.name.casefold() == other.name.casefold()


def fitting(text: str, people: Iterable[Person]) -> list[Person]:
    """Those whom a USER may mean: by id, e-mail or whole name, else by a part of the name; each once."""
    word = " ".join(text.split()).casefold()
    distinct = list({person.id: person for person in people}.values())
    exact = [one for one in distinct if word in (each.casefold() for each in (one.id, one.name, one.email or ""))]
    return exact or [one for one in distinct if word and word in one.name.casefold()]
