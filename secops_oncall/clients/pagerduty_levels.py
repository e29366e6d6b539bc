"""An escalation policy's levels: how long each waits, and who stood on it when."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from secops_oncall import threads
from secops_oncall.cache import Cache
from secops_oncall.clients.pagerduty_api import Json, PagerDutyApi
from secops_oncall.clients.pagerduty_reading import on_call
from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.people import OnCall
from secops_oncall.domain.times import iso

_SECOND = timedelta(seconds=1)


class PolicyLevels:
    """The levels of policies, kept for a day; `key` tells this token's cache entries from another's."""

    def __init__(self, api: PagerDutyApi, cache: Cache, key: str) -> None:
        self._api = api
        self._cache = cache
        self._key = f"{key}/levels"

    def of(self, policy: str, since: datetime, until: datetime) -> Levels:
        """The levels of a policy id, with who stood on them in a window: one wave, none where both are kept."""
        rules = threads.start(lambda: self._rules(policy))
        entries = self._entries(policy, since, until)
        delays, loops = rules.result()
        return Levels(delays, loops, tuple(entries))

    def _rules(self, policy: str) -> tuple[tuple[timedelta, ...], int]:
        key = f"{self._key}/{policy}/rules"
        kept: tuple[tuple[timedelta, ...], int] | None = self._cache.get(key, read=_read)
        if kept:
            return kept
        json = self._api.get(f"/escalation_policies/{quote(policy, safe='')}", _rules)
        self._cache.put(key, json)
        return _read(json)

    def _entries(self, policy: str, since: datetime, until: datetime) -> list[OnCall]:
        """Who stood on the policy. Who was on call in the past changes no more, so that it may be kept."""
        key = f"{self._key}/{policy}/entries"
        window = {"since": iso(since), "until": iso(max(until, since + _SECOND))}
        kept: list[OnCall] | None = self._cache.get(key, read=lambda json: _within(json, window))
        if kept is not None:
            return kept
        rows: list[Json] = self._api.every("/oncalls", dict, {"escalation_policy_ids[]": [policy], **window})
        with self._api.translated():
            entries = [on_call(row) for row in rows]
        self._cache.put(key, {**window, "rows": rows})
        return entries


def _rules(json: Json) -> Json:
    """What is kept of a policy: each rule's delay in minutes, and how often the rules are gone through again."""
    delays = [int(rule["escalation_delay_in_minutes"]) for rule in json["escalation_rules"]]
    return {"delays": delays, "loops": int(json.get("num_loops") or 0)}


def _read(kept: Json) -> tuple[tuple[timedelta, ...], int]:
    return tuple(timedelta(minutes=minutes) for minutes in kept["delays"]), int(kept["loops"])


def _within(kept: Any, window: dict[str, str]) -> list[OnCall] | None:
    """The kept entries, where they were asked for a window that this one lies in."""
    if not kept["since"] <= window["since"] <= window["until"] <= kept["until"]:
        return None
    return [on_call(row) for row in kept["rows"]]
