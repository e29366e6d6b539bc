"""Who is on call: from the names in `roles.*` to ids, and from ids to entries, in one wave once the ids are known."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from urllib.parse import quote

from secops_oncall import threads
from secops_oncall.cache import Cache
from secops_oncall.clients.pagerduty_api import ForbiddenError, Json, PagerDutyApi
from secops_oncall.clients.pagerduty_reading import named, on_call, person
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.people import OnCall, RoleName
from secops_oncall.domain.text import clean, quoted
from secops_oncall.domain.times import iso, parse
from secops_oncall.errors import AuthError, NotFoundError, RejectedError, UsageError

Kind = Literal["escalation_policies", "schedules"]
Window = dict[str, str]

_NOUNS: dict[Kind, str] = {"escalation_policies": "escalation policy", "schedules": "schedule"}
# How /oncalls is asked for each, and where its entries name it.
_FILTERS: dict[Kind, tuple[str, str]] = {
    "escalation_policies": ("escalation_policy_ids[]", "escalation_policy"),
    "schedules": ("schedule_ids[]", "schedule"),
}
_OF_USER = ("id", "type", "summary", "name", "email", "time_zone")  # what is kept of a user


@dataclass(frozen=True)
class _Source:
    """A policy or schedule: `name` as the role has it, `alone` for a schedule that no policy uses.

    `levels` is how many a policy has; None for a schedule, and where PagerDuty doesn't tell.
    """

    kind: Kind
    name: str
    id: str
    alone: bool
    levels: int | None
    cached: bool


class Roster:
    """The on-call entries of roles; `key` tells this token's cache entries from another's."""

    def __init__(self, api: PagerDutyApi, cache: Cache, key: str) -> None:
        self._api = api
        self._cache = cache
        self._key = key

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        """The entries of the roles in a window, named as the roles name them.

        Raises NotFoundError for a policy, a level of it or a schedule that isn't there, UsageError for a name that
        several have.
        """
        # A schedule renders nothing for a window without a length.
        window = {"since": iso(since), "until": iso(max(until, since + timedelta(seconds=1)))}
        wanted = list(dict.fromkeys(roles))
        names = list(dict.fromkeys((_kind(role), role.name) for role in wanted))
        sources = threads.each(self._known, names)
        try:
            found = self._entries(sources, window)
        except NotFoundError:
            sources = threads.each(self._look_up, names)
            found = self._entries(sources, window)
        silent = [one for one in sources if _levels_without(one, wanted, found) or not found.get(one)]
        fresh = {one: self._look_up((one.kind, one.name)) if one.cached else one for one in silent}
        found |= self._entries(_moved(fresh), window)
        for old, new in fresh.items():
            _check(new, _levels_without(old, wanted, found))
        return list(dict.fromkeys(entry for entries in found.values() for entry in entries))

    def overrides(self, schedule: str, since: datetime, until: datetime) -> list[OnCall]:
        """The overrides of a schedule id in a window, each as the entry that it makes and at its whole length.

        GET /schedules/{id}/overrides is not paged. None where there are none to tell: a flexible schedule (v3) answers
        400 or 404, and a token may be kept from schedules (403).
        """
        window = {"since": iso(since), "until": iso(until), "overflow": "true"}
        path = f"/schedules/{quote(schedule, safe='')}/overrides"
        with suppress(ForbiddenError, NotFoundError, RejectedError):
            listed = self._api.list_of(path, partial(_override, schedule=schedule), window)
            return [override for override in listed if override]
        return []

    def _known(self, wanted: tuple[Kind, str]) -> _Source:
        """A policy or schedule by its name, its id from the cache for a day."""
        known: _Source | None = self._cache.get(
            self._cache_key(wanted), read=lambda kept: _Source(*wanted, **kept, cached=True)
        )
        return known or self._look_up(wanted)

    def _look_up(self, wanted: tuple[Kind, str]) -> _Source:
        kind, name = wanted
        found = self._called(kind, name, {"query": name}) or self._called(kind, name, {})
        if len(found) > 1:
            raise UsageError(
                f"several {kind.replace('_', ' ')} are called {quoted(name)}: {', '.join(found)}", "rename one"
            )
        ((key, levels),) = found.items()
        alone = kind == "schedules" and self._api.get(f"/schedules/{key}", _is_alone)
        self._cache.put(self._cache_key(wanted), {"id": key, "alone": alone, "levels": levels})
        return _Source(kind, name, key, alone, levels, cached=False)

    def _called(self, kind: Kind, name: str, params: Window) -> dict[str, int | None]:
        """The ids, with how many levels each has, of those of exactly that name, else of one that differs in case.

        Nothing for a search (`params`) that finds none; without one it raises NotFoundError with the nearest name.
        """
        listed = self._api.every(f"/{kind}", lambda json: (named(json) or "", clean(json["id"]), _levels(json)), params)
        exact = {key: levels for each, key, levels in listed if each == name}
        alike = exact or {key: levels for each, key, levels in listed if each.casefold() == name.casefold()}
        if alike or params:
            return alike
        near = nearest(name, (each for each, _, _ in listed), 0.4)
        hint = f"did you mean {quoted(near)}? Set it in `roles`" if near else "check `roles` in the settings"
        raise NotFoundError(f"PagerDuty has no {_NOUNS[kind]} {quoted(name)}", hint)

    def _entries(self, sources: Sequence[_Source], window: Window) -> dict[_Source, list[OnCall]]:
        """The entries of each source, side by side: all policies in one request, a lone schedule in its own."""
        groups = [[one for one in sources if one.kind == kind and not one.alone] for kind in _NOUNS]
        asked = [threads.start(partial(self._of_policies, group, window)) for group in groups if group]
        asked += [threads.start(partial(self._of_schedule, one, window)) for one in sources if one.alone]
        return {one: entries for answer in asked for one, entries in answer.result().items()}

    def _of_policies(self, group: Sequence[_Source], window: Window) -> dict[_Source, list[OnCall]]:
        """What /oncalls has of policies, or of schedules that policies use; it knows no others."""
        parameter, reference = _FILTERS[group[0].kind]
        listed = self._api.every(
            "/oncalls",
            lambda json: (clean((json.get(reference) or {}).get("id")), on_call(json)),
            {parameter: sorted({one.id for one in group}), "include[]": ["users", "schedules"], **window},
        )
        return {one: [_as_named(entry, one) for key, entry in listed if key == one.id] for one in group}

    def _of_schedule(self, one: _Source, window: Window) -> dict[_Source, list[OnCall]]:
        """A lone schedule's rendered entries; what is known of its users is kept for a day, else asked beside."""
        path, key = f"/schedules/{one.id}", f"{self._key}/schedules/{one.id}/users"
        kept: dict[str, Json] | None = self._cache.get(key)
        people = None if kept else threads.start(lambda: self._users(path, key, window))
        entries = self._api.get(path, partial(_rendered, one=one), {**window, "overflow": "true"})
        users = people.result() if people else kept or {}
        if not {entry.person.id for entry in entries} <= users.keys() and kept:
            users = self._users(path, key, window)  # somebody is new on it
        return {one: [_with_user(entry, users.get(entry.person.id)) for entry in entries]}

    def _users(self, path: str, key: str, window: Window) -> dict[str, Json]:
        """A schedule's users by id; none where the token may not see them."""
        with suppress(AuthError, NotFoundError):
            listed = self._api.list_of(f"{path}/users", dict, window)
            known = {clean(user.get("id")): {name: user.get(name) for name in _OF_USER} for user in listed}
            self._cache.put(key, known)
            return known
        return {}

    def _cache_key(self, wanted: tuple[Kind, str]) -> str:
        return f"{self._key}/{wanted[0]}/{wanted[1]}"


def _kind(role: RoleName) -> Kind:
    return "schedules" if role.level is None else "escalation_policies"


def _moved(fresh: Mapping[_Source, _Source]) -> list[_Source]:
    """Those that were looked for under an id that is no longer theirs."""
    return [new for old, new in fresh.items() if (new.id, new.alone) != (old.id, old.alone)]


def _levels(policy: Json) -> int | None:
    """How many levels a policy has; None where it doesn't tell."""
    return len(policy["escalation_rules"]) if policy.get("escalation_rules") else None


def _levels_without(one: _Source, roles: Iterable[RoleName], found: Mapping[_Source, Sequence[OnCall]]) -> list[int]:
    """The levels of a policy that roles name and nobody is on in the window."""
    entries = [entry for source, some in found.items() if source.name == one.name for entry in some]
    named = [role for role in roles if role.level is not None and (_kind(role), role.name) == (one.kind, one.name)]
    return [role.level for role in named if role.level is not None and not any(map(role.matches, entries))]


def _check(policy: _Source, levels: Iterable[int]) -> None:
    """Raises NotFoundError for a level that a policy hasn't got: there nobody can ever be on call."""
    for level in levels:
        if policy.levels is not None and not 1 <= level <= policy.levels:
            what = (
                f"the escalation policy {quoted(policy.name)} has no level {level}: it has {policy.levels}, from 1 on"
            )
            raise NotFoundError(what, "check `roles` in the settings")


def _as_named(entry: OnCall, one: _Source) -> OnCall:
    """An entry with its policy or schedule called as the role calls it, whatever its letters' case."""
    return replace(entry, policy=one.name) if one.kind == "escalation_policies" else replace(entry, schedule=one.name)


def _is_alone(schedule: Json) -> bool:
    return not schedule.get("escalation_policies")


def _rendered(schedule: Json, one: _Source) -> list[OnCall]:
    entries = (schedule.get("final_schedule") or {}).get("rendered_schedule_entries") or []
    zone = clean(schedule.get("time_zone")) or None
    return [
        OnCall(
            person=person(entry["user"]),
            start=parse(entry["start"]),
            end=parse(entry["end"]),
            schedule=one.name,
            schedule_zone=zone,
            schedule_id=one.id,
        )
        for entry in entries
        if entry.get("user")
    ]


def _override(json: Json, schedule: str) -> OnCall | None:
    """An override; None for one that doesn't say whose it is, or when."""
    user, start, end = json.get("user"), parse(json.get("start")), parse(json.get("end"))
    return OnCall(person(user), start, end, schedule_id=schedule) if user and start and end else None


def _with_user(entry: OnCall, user: Json | None) -> OnCall:
    if user is None:
        return entry
    return replace(entry, person=person(user), time_zone=clean(user.get("time_zone")) or None)
