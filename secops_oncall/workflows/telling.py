"""A notice in both places, its issue and Slack, exactly once each: begun in the journal, looked up where in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import failed, flying, sent
from secops_oncall.domain.markdown import marker
from secops_oncall.domain.notices import Notice
from secops_oncall.domain.outcomes import DRY_RUN, NOTE, THERE, THREAD, Outcome, Result
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.domain.telling import BEGUN, LASTS, SENDING, begin, in_doubt, joined, same, sending
from secops_oncall.domain.telling import name as name_of
from secops_oncall.domain.times import span
from secops_oncall.errors import OncallError
from secops_oncall.ports import Journal
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.messaging import Draft, post_once, there
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.writing import later, of_note, send_note, unsent

_ANEW = "the same command again, which reads everything anew"
_MISSING = "the same command again, which sends only what is missing"


@dataclass(frozen=True)
class Where:
    """Where in Slack a notice goes: a channel, a thread in it where one is known, and whether more than a reference."""

    name: str
    channel: str
    whole: bool
    thread: Message | None = None

    def __str__(self) -> str:
        where = f"a thread in {self.name}" if self.thread else self.name
        return where if self.whole else f"{where} (the reference alone)"


def where(desk: Desk, issue_is_confidential: bool, linked: list[Message]) -> Where | None:
    """Where in Slack an incident is told of, None where no channel is set.

    `linked` are threads that people linked, the last one first; only one in that very channel is answered in: any other
    may be read by others. Slack is asked (two requests) where it matters which channel it is; what it doesn't tell is
    never guessed: a confidential issue is its reference alone then.
    """
    known = desk.settings.destinations
    name, matters = known.channel, issue_is_confidential and known.in_slack == "six-fields"
    if name is None:
        return None
    if not linked and not matters:
        return Where(name, name, whole=not issue_is_confidential)
    try:
        channel: Channel = desk.slack().channel(name)
    except OncallError:
        return Where(name, name, whole=not issue_is_confidential)
    whole = not issue_is_confidential or replace(known, private=channel.is_private).confides_in_slack
    thread = next((each for each in linked if each.channel == channel.id), None)
    return Where(name, channel.id, whole, thread)


def tell(desk: Desk, notice: Notice, place: Where | None, now: datetime, *, dry_run: bool = False) -> Acted:
    """Write a notice to its issue and to Slack, side by side; one outcome for each place, and nothing is resent.

    Where an earlier run of the same words was cut off, or failed in a place, only what is missing is written: once it
    can't arrive any more by itself. Raises what the journal raises, and GitLab where it can't tell who may read the
    issue now, before anything is sent.
    """
    if dry_run:
        return Acted(planned(desk, notice, place))
    if why := _not_as_it_was(desk, notice):
        return Acted([_refused(each, why) for each in planned(desk, notice, place)])
    known = begun(desk.journal, notice, now)
    first = known[-1] if known else begin(notice, place.thread.ts if place and place.thread else "", now)
    places: list[_Place] = [_Note(desk, notice, first)]
    places += [_Message(desk, notice, first, _as_begun(place, first))] if place else []
    trips = [_Trip(each, in_doubt(desk.journal.events(SENDING), notice, each.name)) for each in places]
    if known:
        threads.each(_Trip.look, trips)
    for trip in trips:
        trip.wait_for(flying(trip.doubts, now), now)
    _begin(desk.journal, notice, trips, first, known, now)
    threads.each(_Trip.send, [trip for trip in trips if trip.outcome is None])
    outcomes = [trip.outcome for trip in trips if trip.outcome]
    ends = [end for trip in trips for end in trip.ends(now)]
    if all(one.result in THERE for one in outcomes):
        ends += [sent(each, now) for each in known or [first]]
    return Acted([_with_way_on(one) for one in outcomes], remember(desk.journal, ends))


def planned(desk: Desk, notice: Notice, place: Where | None) -> list[Outcome]:
    """The outcomes of a dry run."""
    how = "internal; " if is_internal(desk, notice) else ""
    note = of_note(notice.issue, Result.PLANNED, "dry_run", f"{how}{DRY_RUN}")
    if place is None:
        return [note]
    return [note, _posted(notice, place, Result.PLANNED, "dry_run", f"in {place}; {DRY_RUN}")]


def begun(journal: Journal, notice: Notice, now: datetime) -> list[Event]:
    """The beginnings of the same notice, in this shift's time, that has not come to its end in every place."""
    return same(journal.events(BEGUN, now - LASTS), notice)


def is_internal(desk: Desk, notice: Notice) -> bool:
    """Whether its note is to be internal: on a confidential issue every note is for its readers only."""
    return desk.settings.destinations.internal and not notice.issue.confidential


def _not_as_it_was(desk: Desk, notice: Notice) -> str:
    """Why a notice can't go where it was said to go: its issue was moved, or has other readers than at that time."""
    now, before = desk.gitlab.issue(notice.issue.ref), notice.issue
    if now.moved:
        return "it was moved to another project meanwhile"
    if now.confidential == before.confidential:
        return ""
    return f"it was made {'confidential' if now.confidential else 'readable to more people'} meanwhile"


def _refused(planned: Outcome, why: str) -> Outcome:
    """The outcome of a place that gets nothing, since what was asked about is so no longer."""
    return replace(planned, result=Result.REFUSED, code="changed", message=f"{why}: nothing was sent", hint=_ANEW)


def _as_begun(place: Where, begun: Event) -> Where:
    """The place that a notice was begun for: that it is there already can only be seen in the same thread."""
    ts = str(begun.data.get("thread") or "")
    return replace(place, thread=Message(place.channel, ts) if ts else None)


class _Place(Protocol):
    """One place of a notice: what the journal calls it, and what becomes of it there."""

    @property
    def name(self) -> str: ...

    def look(self) -> Outcome | None:
        """That an earlier run has been there, or why nobody can tell; None where it hasn't."""
        ...

    def send(self) -> Outcome:
        """The request, which is sent once."""
        ...

    def told(self, result: Result, code: str, message: str) -> Outcome: ...


@dataclass(frozen=True)
class _Note:
    """The note on the issue, found by what was `begun`."""

    desk: Desk
    notice: Notice
    begun: Event
    name: str = NOTE

    def look(self) -> Outcome | None:
        issue = self.notice.issue
        try:
            found = self.desk.gitlab.marked(issue.ref, [self._once])
        except OncallError as error:
            return unsent(issue, error)
        return self.told(Result.ALREADY, "noted", "an earlier run wrote it") if found else None

    def send(self) -> Outcome:
        marks, internal = [self._once, str(self.notice.mark)], is_internal(self.desk, self.notice)
        return send_note(self.desk.gitlab, self.notice.issue, self.notice.text, marks, internal=internal)

    def told(self, result: Result, code: str, message: str) -> Outcome:
        return of_note(self.notice.issue, result, code, message)

    @property
    def _once(self) -> str:
        return marker("once", name_of(self.begun))


@dataclass(frozen=True)
class _Message:
    """The message in Slack, found by what was `begun`."""

    desk: Desk
    notice: Notice
    begun: Event
    place: Where
    name: str = "slack"

    def look(self) -> Outcome | None:
        return there(self.desk.slack, self._draft, self._done)

    def send(self) -> Outcome:
        return post_once(self.desk.slack, self._draft, self._done, again=False)

    def told(self, result: Result, code: str, message: str) -> Outcome:
        return _posted(self.notice, self.place, result, code, message)

    @property
    def _done(self) -> Outcome:
        return self.told(Result.DONE, "", f"in {self.place}")

    @property
    def _draft(self) -> Draft:
        blocks = self.notice.blocks(f"oncall:{self.notice.kind}:{name_of(self.begun)}", whole=self.place.whole)
        return Draft(self.place.channel, blocks, self.begun.at, self.place.thread)


@dataclass
class _Trip:
    """A notice on its way to one place; `doubts` are the requests of earlier runs of which nobody knows the fate.

    `intent` is its own request in the journal, `ahead` that of another run, which may still arrive.
    """

    place: _Place
    doubts: list[Event]
    intent: Event | None = None
    ahead: Event | None = None
    outcome: Outcome | None = None

    def look(self) -> None:
        self.outcome = self.place.look()

    def wait_for(self, others: Sequence[Event], now: datetime) -> None:
        """Leave the place to another run whose request may still arrive."""
        if others and self.outcome is None:
            self.ahead = others[-1]
            why = f"a run began to send it {span(now - self.ahead.at)} ago, and it may still arrive"
            self.outcome = replace(self.place.told(Result.UNKNOWN, "in_flight", why), hint=later())

    def send(self) -> None:
        self.outcome = self.place.send()

    def ends(self, now: datetime) -> list[Event]:
        """What is known in the end of its own request, and of those of earlier runs."""
        result = self.outcome.result if self.outcome else Result.UNKNOWN
        if result in THERE:
            return [sent(each, now) for each in (*self.doubts, *filter(None, [self.intent]))]
        never = result is Result.FAILED or self.ahead
        return [failed(self.intent, now)] if self.intent and never else []


def _begin(
    journal: Journal, notice: Notice, trips: Sequence[_Trip], first: Event, known: Sequence[Event], now: datetime
) -> None:
    """Write down what is about to be sent; of two runs at once the one that wrote first sends.

    Who is told to come again means this very notice then, though the other run brings it to its end.
    """
    ready = [trip for trip in trips if trip.outcome is None]
    for trip in ready:
        trip.intent = sending(first, trip.place.name, now)
    journal.append(*(trip.intent for trip in ready if trip.intent))
    for trip in ready:
        unheard = [one for one in in_doubt(journal.events(SENDING), notice, trip.place.name) if one not in trip.doubts]
        trip.wait_for([one for one in unheard[:1] if one != trip.intent], now)
    waits = [trip.ahead for trip in trips if trip.ahead]
    own = [first] if not known and any(trip.outcome is None for trip in ready) else []
    journal.append(*own, *(joined(first, str(each.data.get("of"))) for each in waits[:1]))


def _with_way_on(outcome: Outcome) -> Outcome:
    """An outcome that also says how the place gets what it lacks."""
    if outcome.result not in (Result.FAILED, Result.UNKNOWN) or outcome.code == "in_flight":
        return outcome
    if outcome.result is Result.UNKNOWN:
        return replace(outcome, hint=later())
    return replace(outcome, hint=f"{outcome.hint}; then {_MISSING}" if outcome.hint else _MISSING)


def _posted(notice: Notice, place: Where, result: Result, code: str, message: str) -> Outcome:
    """What became of the message."""
    name, issue = THREAD if place.thread else "slack", notice.issue
    return Outcome(place.name, result, ref=issue.ref, place=name, url=issue.url, code=code, message=message)
