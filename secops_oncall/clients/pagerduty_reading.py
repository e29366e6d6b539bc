"""PagerDuty's JSON as the domain's pages and people: read defensively, every text cleaned.

Every function raises KeyError, TypeError or ValueError for JSON that lacks what PagerDuty always sends.
"""

from datetime import datetime, timedelta
from typing import Any, get_args

from secops_oncall.domain.pages import Owner, Page, PendingAction, Status
from secops_oncall.domain.people import Contact, Me, OnCall, Person
from secops_oncall.domain.text import clean
from secops_oncall.domain.times import moment, parse

Json = dict[str, Any]

_USERS = ("user", "user_reference")
_CONTACTS = {
    "phone_contact_method": "phone",
    "sms_contact_method": "sms",
    "email_contact_method": "email",
    "push_notification_contact_method": "push",
    "whatsapp_contact_method": "whatsapp",
}
_NEAR = timedelta(minutes=2)


def page(json: Json) -> Page:
    """An incident. Its owner is known from acknowledgements only while they last: the log knows better."""
    status: Status = json["status"]
    if status not in get_args(Status):
        raise ValueError(status)
    acks = _acknowledgements(json)
    bridge, changed_by = json.get("conference_bridge") or {}, json.get("last_status_change_by")
    return Page(
        id=clean(json["id"]),
        number=int(json["incident_number"]),
        title=clean(json.get("title") or json.get("summary")),
        status=status,
        urgency=clean(json.get("urgency")),
        priority=named(json.get("priority")),
        service=named(json.get("service")) or "",
        created_at=moment(json["created_at"]),
        url=clean(json.get("html_url")),
        assigned_to=tuple(person(each["assignee"]) for each in json.get("assignments") or []),
        acknowledged_by=tuple(who for _, who in acks),
        owner=Owner(acks[0][1].id, acks[0][1].name, acks[0][0]) if acks else None,
        owner_source="acknowledgement" if acks else None,
        snoozed_until=_snoozed_until(json, [at for at, _ in acks]),
        pending=_pending(json),
        policy=named(json.get("escalation_policy")) or "",
        policy_id=clean((json.get("escalation_policy") or {}).get("id")),
        assigned_at=_assigned_at(json),
        assigned_directly=json.get("assigned_via") == "direct_assignment",
        changed_at=parse(json.get("last_status_change_at")),
        changed_by=person(changed_by) if changed_by else None,
        resolved_at=parse(json.get("resolved_at")),
        bridge=clean(bridge.get("conference_url")) or None,
    )


def person(json: Json) -> Person:
    """A user, or a reference to one, which has no e-mail."""
    return Person(clean(json["id"]), named(json) or clean(json["id"]), clean(json.get("email")) or None)


def is_user(json: Json | None) -> bool:
    """Whether an agent or acknowledger is a person: services and integrations ack, too."""
    return (json or {}).get("type") in _USERS


def me(json: Json) -> Me:
    """The user that a token belongs to, with the ids of their teams."""
    teams = tuple(clean(team["id"]) for team in json.get("teams") or [])
    return Me(
        clean(json["id"]), named(json) or "", clean(json.get("email")), clean(json.get("time_zone")) or "UTC", teams
    )


def on_call(json: Json) -> OnCall:
    """An entry of /oncalls; with `include[]` of users and schedules, e-mail and time zones are there."""
    user, level = json["user"], json.get("escalation_level")
    return OnCall(
        person=person(user),
        start=parse(json.get("start")),
        end=parse(json.get("end")),
        policy=named(json.get("escalation_policy")),
        level=level if isinstance(level, int) else None,
        schedule=named(json.get("schedule")),
        time_zone=clean(user.get("time_zone")) or None,
        schedule_zone=clean((json.get("schedule") or {}).get("time_zone")) or None,
        policy_id=clean((json.get("escalation_policy") or {}).get("id")) or None,
        schedule_id=clean((json.get("schedule") or {}).get("id")) or None,
    )


def contact(json: Json) -> Contact | None:
    """A contact method, a phone's as it is dialled; None for one that is switched off or of a new kind.

    A push device's address is a token of the device, so its label stands there instead.
    """
    kind: Any = _CONTACTS.get(json["type"])
    if kind is None or json.get("blacklisted") or json.get("enabled") is False:
        return None
    label, address = clean(json.get("label")), clean(json.get("address"))
    if kind == "push":
        address = label
    elif json.get("country_code"):
        address = f"+{int(json['country_code'])}{''.join(filter(str.isdigit, address))}"
    return Contact(kind, address, label)


def named(json: Json | None) -> str | None:
    """What a thing or a reference to it is called, None where there is no such thing."""
    return clean((json or {}).get("name") or (json or {}).get("summary")) or None


def _acknowledgements(json: Json) -> list[tuple[datetime, Person]]:
    """Which people acked and when, earliest first; DD's own example has null where the list is empty."""
    acks = [ack for ack in json.get("acknowledgements") or [] if is_user(ack.get("acknowledger"))]
    return sorted(((moment(ack["at"]), person(ack["acknowledger"])) for ack in acks), key=lambda ack: ack[0])


def _assigned_at(json: Json) -> datetime | None:
    """When it came to those who have it now."""
    times = (parse(each.get("at")) for each in json.get("assignments") or [])
    return max((at for at in times if at), default=None)


def _pending(json: Json) -> tuple[PendingAction, ...]:
    actions = json.get("pending_actions") or []
    return tuple(PendingAction(clean(action["type"]), moment(action["at"])) for action in actions)


def _snoozed_until(json: Json, acked: list[datetime]) -> datetime | None:
    """When a snooze ends. A service's own acknowledgement time-out leaves the same pending action behind,
    but at its own distance from the last ack (`include[]=services` tells its length).
    """
    ends = [action.at for action in _pending(json) if action.kind == "unacknowledge"]
    if json["status"] != "acknowledged" or not ends:
        return None
    timeout = (json.get("service") or {}).get("acknowledgement_timeout")
    if timeout and acked and abs(min(ends) - max(acked) - timedelta(seconds=timeout)) < _NEAR:
        return None
    return min(ends)
