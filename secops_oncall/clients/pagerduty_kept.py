"""The roster as it lies in the cache: kept once a day, for the time when PagerDuty can't be asked."""

from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from secops_oncall.cache import DAY, Cache
from secops_oncall.domain.people import Contact, OnCall, Person
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.domain.times import iso, moment, parse

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)

Json = dict[str, Any]


class KeptRosters:
    """The one roster of a token; `key` tells it from another token's."""

    def __init__(self, cache: Cache, key: str) -> None:
        self._cache = cache
        self._key = f"{key}/roster"
        self._tried = f"{key}/roster tried"

    def is_due(self) -> bool:
        """Whether it is time to keep one; asking counts as a try. Never, where nothing can be kept."""
        if self._cache.get(self._key, DAY) is not None or self._cache.get(self._tried, HOUR):
            return False
        self._cache.put(self._tried, True)
        return self._cache.get(self._tried, HOUR) is not None

    def keep(self, kept: KeptRoster | None) -> None:
        """Keep a roster in place of the one before, or none."""
        if kept is None:
            self._cache.drop(self._key)
        else:
            self._cache.put(self._key, _written(kept))

    def kept(self) -> KeptRoster | None:
        """The roster, unless it is older than a week or can't be read."""
        found: KeptRoster | None = self._cache.get(self._key, WEEK, read=_read)
        return found


def _written(kept: KeptRoster) -> Json:
    entries = [{**asdict(one), "start": _text(one.start), "end": _text(one.end)} for one in kept.entries]
    contacts = {user: None if ways is None else [asdict(way) for way in ways] for user, ways in kept.contacts.items()}
    return {"at": iso(kept.at), "until": iso(kept.until), "entries": entries, "contacts": contacts}


def _read(json: Json) -> KeptRoster:
    contacts = {
        user: None if ways is None else tuple(Contact(**way) for way in ways) for user, ways in json["contacts"].items()
    }
    return KeptRoster(
        moment(json["at"]), moment(json["until"]), tuple(_entry(each) for each in json["entries"]), contacts
    )


def _entry(json: Json) -> OnCall:
    known: Json = {each.name: json.get(each.name) for each in fields(OnCall)}
    times = {"start": parse(json["start"]), "end": parse(json["end"])}
    return OnCall(**{**known, **times, "person": Person(**json["person"])})


def _text(moment: Any) -> str | None:
    return iso(moment) if moment else None
