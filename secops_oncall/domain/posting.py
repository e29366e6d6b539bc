"""What has become of a hand-off's posts, as the journal tells it: begun before each request, and how each one ended."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.outcomes import THERE, Outcome, Result, read, row
from secops_oncall.domain.people import Person
from secops_oncall.domain.said import TYPED
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.domain.times import parse

POSTING, POSTED, OVERRULED, ADDRESSED = "posting", "posted", "overruled", "addressed"  # events; of a shift's id
COUNTED = timedelta(days=30)
POST = "oncall handoff post"
AGAIN = f"{POST}, which repeats only what is missing"
LOOKS_FIRST = f"{POST}, which looks first"
_LEFT = (Result.QUEUED, Result.UNKNOWN)
_COMMANDS = re.compile(r"\boncall handoff (?:edit|lint|post)\b")
_SPACES = re.compile(r"[ \t]+$", re.MULTILINE)


class Step(StrEnum):
    """What is to be done about a place: nothing where it has the text already, or where it can't be reached."""

    NEW = "new"
    CHANGE = "change"
    ADD = "add"  # an addendum: what was read back is not changed any more
    KEEP = "keep"
    HOLD = "hold"

    @property
    def sends(self) -> bool:
        """Whether it takes a request."""
        return self in (Step.NEW, Step.CHANGE, Step.ADD)


@dataclass(frozen=True)
class Spot:
    """One place of a hand-off: `key` tells it apart from the others of its kind."""

    place: str
    key: str


@dataclass(frozen=True)
class Run:
    """A run of `handoff post`: when each place was begun, and how each ended; `later` are those it had still to begin.

    Every outcome has what is known of its place. `read` is when the words that it posted were read from the journal.
    """

    shift: str
    at: datetime
    later: Mapping[Spot, Outcome] = field(default_factory=dict)
    begun: Mapping[Spot, tuple[datetime, Outcome]] = field(default_factory=dict)
    ended: Mapping[Spot, Outcome] = field(default_factory=dict)
    read: datetime | None = None

    @property
    def arrived(self) -> bool:
        """Whether any place has it."""
        return any(told.result in THERE for told in self.ended.values())

    @property
    def every(self) -> list[Outcome]:
        """Each place with what has become of it; a run that was cut off has not ended anything."""
        begun = {spot: told for spot, (_, told) in self.begun.items()}
        return list({**self.ended, **begun, **self.later, **self.ended}.values())

    @property
    def left(self) -> list[Outcome]:
        """What still has to go out, as far as this machine knows: what failed has to, too, once that is mended."""
        return [told for told in self.every if told.result in _LEFT or told.result is Result.FAILED]


def same(one: str, other: str) -> bool:
    """Whether two texts are the same to a reader, as a service keeps them and as they were written."""
    return _kept(one) == _kept(other)


def begin(run: str, shift: str, places: Mapping[Spot, Outcome], later: Mapping[Spot, Outcome], at: datetime) -> Event:
    """That requests for some places are about to be sent by a run, and others after them."""
    told = {"run": run, "places": _rows(places), "later": _rows(later)}
    return Event(at, POSTING, shift, data=told)


def end(
    run: str, shift: str, places: Mapping[Spot, Outcome], at: datetime, *, over: bool, read: datetime | None = None
) -> Event:
    """How the posts to some places have ended, and whether the run is `over` with them; `read` is the run's."""
    told = {"run": run, "places": _rows(places), "over": over}
    return Event(at, POSTED, shift, data=told | ({"read": read.isoformat()} if read else {}))


def runs(events: Iterable[Event]) -> dict[str, Run]:
    """Every run by its id, in the order in which they began."""
    found: dict[str, Run] = {}
    for event in events:
        if event.kind not in (POSTING, POSTED) or not event.data.get("run"):
            continue
        id, places = str(event.data["run"]), _read(event.data.get("places"))
        run = found.get(id) or Run(event.subject, event.at)
        if event.kind == POSTED:
            later = {} if event.data.get("over") else run.later
            read = parse(event.data.get("read")) or run.read
            found[id] = replace(run, later=later, ended={**run.ended, **places}, read=read)
        else:
            begun = {spot: (event.at, told) for spot, told in places.items()}
            later = {**run.later, **_read(event.data.get("later"))}
            found[id] = replace(run, later=later, begun={**run.begun, **begun})
    return found


def queued(events: Sequence[Event], since: datetime, this: str | None = None) -> list[Outcome]:
    """The posts that still have to go out, of every hand-off that was last posted since a moment.

    The hint of each is the command that sends it; `this` is the id of the shift that needs no `--shift`.
    """
    last = {run.shift: run for run in runs(events).values() if run.at >= since}
    commands = {shift: POST + flags(shift if shift != this else None, addressed(events, shift)) for shift in last}
    return [replace(told, hint=commands[shift]) for shift, run in last.items() for told in run.left]


def flags(shift: str | None, to: Person | None) -> str:
    """What `oncall handoff post` needs to mean the same: a shift by its id, unless it is this one, and to whom."""
    told = {"--shift": shift and shift.rsplit("/", 1)[-1], "--to": to and (to.email or to.id)}
    return "".join(f" {flag} {value}" for flag, value in told.items() if value)


def meant(hint: str, more: str) -> str:
    """What is to be typed, with the flags without which it would mean another hand-off."""
    return _COMMANDS.sub(lambda found: found[0] + more, hint) if more else hint


def typed(told: Outcome, more: str) -> Outcome:
    """An outcome whose hint has the flags without which it would mean another hand-off."""
    return replace(told, hint=meant(told.hint, more))


def addresses(shift: str, to: Person, at: datetime) -> Event:
    """That a shift's hand-off is to go to somebody who was named."""
    return Event(at, ADDRESSED, shift, to.name, {"id": to.id, "email": to.email})


def addressed(events: Iterable[Event], shift: str) -> Person | None:
    """Whom a shift's hand-off was last posted to by name: the next run goes on with them."""
    found = [event for event in events if event.kind == ADDRESSED and event.subject == shift and event.data.get("id")]
    to = found[-1] if found else None
    return Person(clean(to.data["id"]), clean(to.text), clean(to.data.get("email")) or None) if to else None


def reason(events: Iterable[Event], shift: str, codes: Collection[str]) -> str:
    """Why a shift's hand-off went out in spite of errors of such codes, by the last word on it; empty without one."""
    told = [event for event in events if event.kind == OVERRULED and event.subject == shift]
    kept = told[-1].data.get("codes") if told else None
    return clean(told[-1].text) if isinstance(kept, list) and all(code in kept for code in codes) else ""


def is_unfinished(events: Iterable[Event], shift: str) -> bool:
    """Whether a run of a shift's hand-off has left something: another one goes on with it."""
    return any(told.result not in THERE for told in posted(events, shift))


def posted(events: Iterable[Event], shift: str) -> list[Outcome]:
    """What has become of a shift's hand-off in every place, by the last run that this machine knows."""
    found = [run for run in runs(events).values() if run.shift == shift]
    return found[-1].every if found else []


def is_posted(events: Iterable[Event], shift: str) -> bool:
    """Whether a shift's hand-off has been posted, as far as this machine knows, and nothing of it is left to go out."""
    results = {told.result for told in posted(events, shift)}
    return bool(results & set(THERE)) and not results & set(_LEFT)


def typed_since(events: Iterable[Event], shift: str, posted_at: datetime | None = None) -> bool:
    """Whether words were typed since a shift's hand-off was posted, which are posted nowhere yet.

    `posted_at` is when it was, where this machine has not posted it; the events are those of the shift.
    """
    known = list(events)
    mine = [run for run in runs(known).values() if run.shift == shift and run.arrived]
    read = (mine[-1].read or mine[-1].at) if mine else posted_at
    return read is not None and any(event.kind == TYPED and event.at > read for event in known)


def begun_runs(events: Iterable[Event], shift: str) -> set[str]:
    """The ids of the runs that have begun to post a shift's hand-off."""
    return {id for id, run in runs(events).items() if run.shift == shift}


def in_flight(events: Iterable[Event], shift: str, now: datetime) -> dict[Spot, datetime]:
    """Until when requests of runs that are over may still be carried out, whose answer nobody has seen."""
    found: dict[Spot, datetime] = {}
    for run in runs(events).values():
        if run.shift != shift:
            continue
        for spot, (at, _) in run.begun.items():
            unanswered = spot not in run.ended or run.ended[spot].result is Result.UNKNOWN
            if unanswered and now < at + FLIGHT:
                found[spot] = at + FLIGHT
    return found


def overruled(events: Iterable[Event], now: datetime) -> int:
    """How many shifts of the last 30 days were handed off although something was missing."""
    return len({event.subject for event in events if event.kind == OVERRULED and now - event.at < COUNTED})


def mentioned(texts: Iterable[str], names: Collection[str]) -> list[str]:
    """Whom texts in GitLab mention: nobody but those of some user names can be."""
    known = {name.casefold(): name for name in names}
    found = {name.casefold() for text in texts for name in re.findall(r"(?<![\w@`])@([\w.-]*\w)", text)}
    return sorted(known[name] for name in found & known.keys())


def mentioned_in_slack(texts: Iterable[str]) -> list[str]:
    """The ids of the people whom texts in Slack mention."""
    return sorted({id for text in texts for id in re.findall(r"<@([A-Z0-9]+)>", text)})


def _kept(text: str) -> str:
    return _SPACES.sub("", clean_lines(text)).strip()


def _rows(places: Mapping[Spot, Outcome]) -> list[dict[str, Any]]:
    """Places for the journal."""
    return [{**row(told), "place": spot.place, "key": spot.key} for spot, told in places.items()]


def _read(rows: object) -> dict[Spot, Outcome]:
    """What the journal kept of places."""
    kept = rows if isinstance(rows, list) else ()
    told = [(each, one) for each in kept if (one := read(each, AGAIN)) and one.place]
    return {Spot(one.place, clean(each.get("key"))): one for each, one in told}
