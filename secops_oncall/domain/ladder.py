"""The escalation ladder: whom to call for a page at a time, in the guide's order, and why each stands where they do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Contact, OnCall, OnDuty, Role, RoleName, local, on_duty_as
from secops_oncall.domain.shifts import holders
from secops_oncall.domain.times import clock, span

DAY = timedelta(days=1)
RUNGS: tuple[Role, ...] = ("manager", "engineer", "backup")  # line 0 is whom PagerDuty engages by itself
DIALLED = ("phone", "sms", "whatsapp")


@dataclass(frozen=True)
class Step:
    """One step. `automatic_at` is when PagerDuty takes it by itself, `problem` why it leads nowhere."""

    n: int
    role: Literal["manager", "engineer", "backup", "other"]
    person: OnDuty | None
    why: str
    automatic_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Alarm:
    """When PagerDuty engages the manager by itself (None: it doesn't, or not before something else), and why."""

    at: datetime | None
    why: str


def alarm_of(page: Page, managers: Iterable[OnDuty], now: datetime) -> Alarm:
    """What PagerDuty does by itself for a page as it is; `page` has its deadline (`with_deadlines`)."""
    assigned = {person.id for person in page.assigned_to}
    if page.status != "triggered":
        by = f" by {page.owner.name}" if page.owner else ""
        return Alarm(None, f"{page.status}{by}: {taken_back(page, now) or 'PagerDuty pages nobody by itself'}")
    if any(one.id in assigned for one in managers):
        return Alarm(page.escalated_at or page.ack_deadline, "paged by PagerDuty already: the page is theirs")
    if page.ack_deadline is None:
        by_hand = "assigned by hand" if page.assigned_directly else "on its policy's last level"
        why = "low urgency" if page.urgency == "low" else by_hand
        return Alarm(None, f"{why}: PagerDuty pages nobody else by itself")
    when = clock(page.ack_deadline, now)
    if page.ack_deadline <= now:
        return Alarm(page.ack_deadline, f"paged by PagerDuty at {when}, {span(now - page.ack_deadline)} ago")
    return Alarm(page.ack_deadline, f"PagerDuty pages them at {when}, in {span(page.ack_deadline - now)}, unless acked")


def taken_back(page: Page, now: datetime) -> str:
    """That PagerDuty takes a page's ack back by itself, and when: a snooze ends, or a time-out; nothing for none."""
    if page.ack_ends is None:
        return ""
    left = span(page.ack_ends - now)
    return f"PagerDuty takes the ack back at {clock(page.ack_ends, now)}, in {left}, and pages again"


def alarm_at(moment: datetime, now: datetime, minutes: int) -> Alarm:
    """The same for a page that would come at a moment and stay unacked for so many minutes."""
    due = moment + timedelta(minutes=minutes)
    return Alarm(due, f"PagerDuty pages them at {clock(due, now)}, {minutes} min after a page that nobody acks")


def ladder(roles: Mapping[Role, RoleName], entries: Iterable[OnCall], moment: datetime, zone: str | None) -> list[Step]:
    """The steps at a moment, without knowing yet how to reach anybody, nor when PagerDuty does.

    The other engineers are those of the engineers' entries who hold no role then: awake ones first, nearer time
    zones before farther ones, counted from the engineer on call (`zone` where there is none).
    """
    every, steps = list(entries), list[Step]()
    for number, role in enumerate(RUNGS):
        held = [on_duty_as(role, roles[role], one, moment) for one in holders(roles[role], every, moment)]
        steps += [_step(number, role, one, steps) for one in held] or [_nobody(number, role, roles[role])]
    engineer = next((step.person for step in steps if step.role == "engineer" and step.person), None)
    taken = {step.person.id for step in steps if step.person}
    others = _others(roles["engineer"], every, moment, engineer, zone)
    free = [each for each in others if each[0].id not in taken]
    steps += [Step(number, "other", one, why) for number, (one, why) in enumerate(free, start=len(RUNGS))]
    if not free:
        steps.append(Step(len(RUNGS), "other", None, "other engineers", problem="nobody else is on the schedule"))
    return steps


def alarmed(steps: Iterable[Step], alarm: Alarm) -> list[Step]:
    """The steps with when and why PagerDuty engages the manager by itself."""
    return [_alarmed(step, alarm) if step.role == "manager" else step for step in steps]


def reachable(steps: Iterable[Step], contacts: Mapping[str, tuple[Contact, ...] | None]) -> list[Step]:
    """The steps with how to reach everybody, and a problem where that is not by a telephone."""
    return [_reachable(step, contacts) for step in steps]


def _step(number: int, role: Role, one: OnDuty, before: Sequence[Step]) -> Step:
    why = {"manager": "", "engineer": "on call: call them", "backup": "the backup, per the schedule"}[role]
    same = next((step.n for step in before if step.person and step.person.id == one.id), None)
    return Step(number, role, one, why, problem=None if same is None else f"the same person as step {same}")


def _nobody(number: int, role: Role, name: RoleName) -> Step:
    return Step(number, role, None, str(name), problem=f"nobody is on call as {role}")


def _alarmed(step: Step, alarm: Alarm) -> Step:
    return replace(step, automatic_at=alarm.at, why=alarm.why if step.person else step.why)


def _others(
    name: RoleName, entries: Iterable[OnCall], moment: datetime, engineer: OnDuty | None, zone: str | None
) -> Iterator[tuple[OnDuty, str]]:
    """Everybody on the engineers' schedule and why they stand where they do: who sleeps comes last."""
    people = {one.person.id: on_duty_as("engineer", name, one, moment) for one in entries if name.matches(one)}
    whose = f"from {engineer.name}" if engineer else "from you"
    here = engineer.time_zone if engineer else zone
    found = [(replace(one, start=None, end=None), _apart(one.time_zone, here, moment)) for one in people.values()]
    order = {True: 0, None: 1, False: 2}
    far = DAY
    for one, apart in sorted(found, key=lambda each: (order[each[0].awake], each[1] or far, each[0].name or "")):
        state = {True: "awake", None: "time there unknown", False: "asleep"}[one.awake]
        distance = "" if apart is None else f", {f'{span(apart)} {whose}' if apart else 'the same time zone'}"
        yield one, f"{state}{distance}"


def _apart(one: str | None, other: str | None, moment: datetime) -> timedelta | None:
    """How far apart two time zones' clocks are at a moment, the shorter way round; None where one is unknown."""
    clocks = [there.utcoffset() for zone in (one, other) if (there := local(moment, zone))]
    offsets = [offset for offset in clocks if offset is not None]
    if len(offsets) < 2:
        return None
    apart = abs(offsets[0] - offsets[1])
    return min(apart, DAY - apart)


def _reachable(step: Step, contacts: Mapping[str, tuple[Contact, ...] | None]) -> Step:
    if step.person is None:
        return step
    ways = contacts.get(step.person.id or "")
    problem = None
    if ways is None:
        problem = "how to reach them is not known"
    elif not any(way.kind in DIALLED for way in ways):
        problem = "no number to call in PagerDuty" if ways else "no way to reach them in PagerDuty"
    person = replace(step.person, contacts=ways)
    return replace(step, person=person, problem=", and ".join(filter(None, (step.problem, problem))) or None)
