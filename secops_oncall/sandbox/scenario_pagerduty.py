"""What the practice shift begins with in PagerDuty: people, schedules, and pages that have happened as they would."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_alerts import ALERTS
from secops_oncall.sandbox.pagerduty_changes import acknowledge, annotate, assign, elapse, resolve, snooze, trigger
from secops_oncall.sandbox.pagerduty_records import (
    INCIDENT,
    POLICY,
    SCHEDULE,
    SERVICE,
    USER,
    require,
    service_agent,
    user_agent,
)
from secops_oncall.sandbox.store import Document, State

_BEFORE, _AFTER = timedelta(days=14), timedelta(days=21)  # how far the schedules reach from the shift
_WEEKDAY, _WEEKEND, _WEEK = timedelta(hours=12), timedelta(hours=48), timedelta(days=7)
_ENGINEERS = (cast.ME, cast.INCOMING, "farid", "grace", cast.BACKUP, cast.PREVIOUS)  # the last one is before the first
_MANAGERS = (cast.MANAGER, "hugo")
_BACKUPS = (cast.BACKUP, "farid", "grace")
_ACKNOWLEDGEMENT_TIMEOUTS = {"PSVCEDR": 4 * 3600}  # seconds; the other services have none
_BRIDGES = ("Q1CANARYTOKEN01", "Q1LEAKEDKEY0005")
_NOTES = {  # page: (login, minutes ago, text)
    "Q1LEAKEDKEY0005": (
        ("ana", 118, "Key disabled in IAM. CloudTrail shows three calls from outside, all denied; still checking S3."),
        ("ben", 94, f"Joined for the S3 access logs. We talk in {cast.THREAD_URL}"),
    ),
    "Q1PHISHING00006": (("ana", 171, "Sender blocked. Three people clicked; their sessions are revoked."),),
    "Q1RESOLVEDOPEN9": (("ana", 203, "Runner drained and rebuilt; the image is pinned. The issue stays open."),),
}

Step = tuple[datetime, Callable[[State, Document, datetime], object]]


def seed(state: State, now: datetime, start: datetime, end: datetime) -> None:
    """Write the account, and let every page of the cast happen up to `now`; `start` and `end` are the shift's."""
    now = now.replace(microsecond=0)
    for person in cast.PEOPLE.values():
        state.put(USER, person.pagerduty, _user(person))
    for service in cast.SERVICES.values():
        timeout = _ACKNOWLEDGEMENT_TIMEOUTS.get(service.id)
        body = {"id": service.id, "name": service.name, "integration": service.integration, "policy": cast.POLICY[0]}
        state.put(SERVICE, service.id, {**body, "acknowledgement_timeout": timeout})
    state.put(POLICY, cast.POLICY[0], _policy())
    turns = _turns(start, end, _ENGINEERS, _shift_length(_weekend(start, end)))
    _put_schedule(state, "engineer", turns, [_swap(turns, end)])
    week = start - timedelta(days=3)  # the weekly turns are in their middle, and don't change during the shift
    _put_schedule(state, "manager", _turns(week, week + _WEEK, _MANAGERS, lambda _: _WEEK))
    _put_schedule(state, "backup", _turns(week, week + _WEEK, _BACKUPS, lambda _: _WEEK))
    for page in cast.PAGES:
        _replay(state, page, now, end)


def _user(person: cast.Person) -> Document:
    country, digits = person.phone
    key = person.pagerduty
    phone = {"label": "Mobile", "address": digits, "country_code": country, "enabled": True, "blacklisted": False}
    return {
        "id": key,
        "name": person.name,
        "email": person.email,
        "time_zone": person.time_zone,
        "job_title": person.title,
        "contact_methods": [
            {"id": f"{key}E", "type": "email_contact_method", "label": "Default", "address": person.email},
            {"id": f"{key}T", "type": "phone_contact_method", **phone},
            {"id": f"{key}S", "type": "sms_contact_method", **phone},
        ],
    }


def _policy() -> Document:
    """Engineer, then manager; the backup schedule stands in no policy, so that `/oncalls` doesn't have it."""
    key, name = cast.POLICY
    rules = [
        {
            "delay": cast.ESCALATION_MINUTES,
            "targets": [{"type": "schedule_reference", "id": cast.SCHEDULES[role][0]}],
        }
        for role in ("engineer", "manager")
    ]
    return {"id": key, "name": name, "loops": 0, "rules": rules, "services": list(cast.SERVICES)}


def _put_schedule(state: State, role: str, turns: list[Document], overrides: Sequence[Document] = ()) -> None:
    key, name = cast.SCHEDULES[role]
    policies = [] if role == "backup" else [cast.POLICY[0]]
    body = {"id": key, "name": name, "time_zone": "UTC", "policies": policies, "turns": turns}
    state.put(SCHEDULE, key, {**body, "overrides": list(overrides)})


def _swap(turns: list[Document], end: datetime) -> Document:
    """The override that gives me my next turn after the shift: the turns are as they are with it."""
    mine = next(turn for turn in turns if turn["start"] >= iso(end) and turn["user"] == _id(cast.ME))
    return {"id": "PQSWAP1", **mine}


def _weekend(start: datetime, end: datetime) -> datetime:
    """When a weekend begins: the one from `start` to `end`, where that is no shift of a working day, or the next."""
    if end - start > _WEEKDAY:
        return start
    while end.weekday() < 5:
        end += _WEEKDAY
    return end


def _shift_length(weekend: datetime) -> Callable[[datetime], timedelta]:
    """12 hours, and 48 from the same time of every week on, so that all weekends of the rota are alike."""
    return lambda moment: _WEEKEND if (moment - weekend) % _WEEK < _WEEKEND else _WEEKDAY


def _turns(
    start: datetime, end: datetime, people: tuple[str, ...], length: Callable[[datetime], timedelta]
) -> list[Document]:
    """Turns without a gap around the one from `start` to `end`, which is the first person's."""
    bounds = [start, end]
    while bounds[-1] < end + _AFTER:
        bounds.append(bounds[-1] + length(bounds[-1]))
    while bounds[0] > start - _BEFORE:
        bounds.insert(0, bounds[0] - length(bounds[0] - timedelta(hours=12)))
    first = bounds.index(start)
    return [
        {"user": cast.PEOPLE[people[(index - first) % len(people)]].pagerduty, "start": iso(one), "end": iso(next_one)}
        for index, (one, next_one) in enumerate(pairwise(bounds))
    ]


def _replay(state: State, page: cast.Page, now: datetime, end: datetime) -> None:
    """Let a page happen: triggered, then each step at its time, and between them what happens by itself."""
    incident = {
        "id": page.id,
        "number": page.number,
        "title": page.title,
        "service": page.service,
        "urgency": page.urgency,
        "priority": page.priority,
        "bridge": _bridge(page),
    }
    assigned = [cast.PEOPLE[page.assigned].pagerduty]  # for the page that is older than the schedules
    trigger(state, now - timedelta(minutes=page.minutes), incident, ALERTS[page.id], assigned)
    for at, step in sorted(_steps(page, now, end), key=lambda one: one[0]):
        elapse(state, at)
        step(state, require(state, INCIDENT, page.id), at)
    elapse(state, now)


def _bridge(page: cast.Page) -> Document | None:
    if page.id not in _BRIDGES:
        return None
    return {"conference_number": f"+1 415-555-0100,,,,{page.number}#", "conference_url": cast.ZOOM_URL}


def _steps(page: cast.Page, now: datetime, end: datetime) -> Iterator[Step]:
    """What people (or the service) did with a page, as the cast tells it."""
    for login, minutes in page.acked_by:
        yield _ago(now, minutes), _acknowledge(login)
    for login, minutes, text in _NOTES.get(page.id, ()):
        yield _ago(now, minutes), _annotate(login, text)
    if page.snoozed_past_shift is not None:
        at = _ago(now, page.acked_by[0][1] - 5)
        until = end + timedelta(minutes=page.snoozed_past_shift)
        yield at, _snooze(page.acked_by[0][0], int((until - at).total_seconds()))
    if page.resolved_by:
        yield _ago(now, page.resolved_by[1]), _resolve(page.resolved_by[0])
    elif page.acked_by and page.acked_by[-1][0] != page.assigned:  # who joined gives it back
        yield _ago(now, page.acked_by[-1][1] - 1), _assign(page.acked_by[-1][0], page.assigned)


def _ago(now: datetime, minutes: int) -> datetime:
    return now - timedelta(minutes=minutes)


def _id(login: str) -> str:
    return cast.PEOPLE[login].pagerduty


def _acknowledge(login: str) -> Callable[[State, Document, datetime], object]:
    return lambda state, incident, at: acknowledge(state, incident, _id(login), at)


def _annotate(login: str, text: str) -> Callable[[State, Document, datetime], object]:
    return lambda state, incident, at: annotate(state, incident, text, _id(login), at)


def _snooze(login: str, seconds: int) -> Callable[[State, Document, datetime], object]:
    return lambda state, incident, at: snooze(state, incident, seconds, user_agent(_id(login)), at)


def _assign(login: str, to: str) -> Callable[[State, Document, datetime], object]:
    return lambda state, incident, at: assign(state, incident, [_id(to)], user_agent(_id(login)), at)


def _resolve(who: str) -> Callable[[State, Document, datetime], object]:
    """By a person, or by the service itself."""
    return lambda state, incident, at: resolve(
        state, incident, user_agent(_id(who)) if who in cast.PEOPLE else service_agent(incident), at
    )
