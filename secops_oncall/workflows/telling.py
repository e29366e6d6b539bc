"""A notice in both places, its issue and Slack, exactly once each: begun in the journal, looked up where in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.markdown import marker
from secops_oncall.domain.notices import Notice
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.errors import OncallError
from secops_oncall.ports import Journal
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.messaging import Draft, post_once
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.writing import of_note, send_note, unsent

BEGUN, ENDED = "notice", "noticed"  # the journal's events of one notice
LASTS = timedelta(hours=12)  # a shift: the same words are another notice then, whatever became of the first one
_ANEW = "the same command again, which reads everything anew"
_THERE = (Result.DONE, Result.ALREADY)


@dataclass(frozen=True)
class Where:
    """Where in Slack a notice goes: a channel, a thread in it where one is known, and whether more than a reference."""

    name: str
    channel: str
    whole: bool
    thread: Message | None = None

    def __str__(self) -> str:
        return f"a thread in {self.name}" if self.thread else self.name


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

    Where an earlier run of the same words was cut off, or failed in a place, only what is missing is written. Raises
    what the journal raises, and GitLab where it can't tell who may read the issue now, before anything is sent.
    """
    if dry_run:
        return Acted(planned(desk, notice, place))
    if why := _not_as_it_was(desk, notice):
        return Acted([_refused(each, why) for each in planned(desk, notice, place)])
    known = unended(desk.journal, notice, now)
    begun = known or _beginning(notice, place, now)
    if known is None:
        desk.journal.append(begun)
    once = _Once(desk, notice, begun, again=known is not None)
    note = threads.start(once.note)
    posted = [once.message(_as_begun(place, begun))] if place else []
    outcomes = [note.result(), *posted]
    ended = Event(now, ENDED, begun.uid, data={"places": {one.place: one.result.value for one in outcomes}})
    return Acted(outcomes, remember(desk.journal, [ended]))


def planned(desk: Desk, notice: Notice, place: Where | None) -> list[Outcome]:
    """The outcomes of a dry run."""
    how = "internal; " if is_internal(desk, notice) else ""
    note = of_note(notice.issue, Result.PLANNED, "dry_run", f"{how}not sent: this is a dry run")
    if place is None:
        return [note]
    return [note, _posted(notice, place, Result.PLANNED, "dry_run", f"in {place}; not sent: this is a dry run")]


def unended(journal: Journal, notice: Notice, now: datetime) -> Event | None:
    """The beginning of the same notice, in this shift's time, that has not come to its end in every place."""
    ended: Mapping[str, Event] = {event.subject: event for event in journal.events(ENDED)}

    def is_over(event: Event) -> bool:
        places = ended[event.uid].data.get("places") if event.uid in ended else None
        return isinstance(places, Mapping) and all(result in _THERE for result in places.values())

    same = [
        event
        for event in journal.events(BEGUN, now - LASTS)
        if (event.subject, event.data.get("kind"), event.text) == (notice.key, notice.kind, notice.said)
    ]
    return same[-1] if same and not is_over(same[-1]) else None


def is_internal(desk: Desk, notice: Notice) -> bool:
    """Whether its note is to be internal: on a confidential issue every note is for its readers only."""
    return desk.settings.destinations.internal and not notice.issue.confidential


def _not_as_it_was(desk: Desk, notice: Notice) -> str:
    """Why a notice can't go where it was said to go: its issue has other readers than when that was worked out."""
    now, before = desk.gitlab.issue(notice.issue.ref), notice.issue
    if now.confidential == before.confidential:
        return ""
    return f"{now.ref} was made {'confidential' if now.confidential else 'readable to more people'} meanwhile"


def _refused(planned: Outcome, why: str) -> Outcome:
    """The outcome of a place that gets nothing, since what was asked about is so no longer."""
    return replace(planned, result=Result.REFUSED, code="changed", message=f"{why}: nothing was sent", hint=_ANEW)


def _beginning(notice: Notice, place: Where | None, now: datetime) -> Event:
    """What is written down before anything is sent; `thread` because the notice itself may link another one."""
    thread = place.thread.ts if place and place.thread else ""
    return Event(now, BEGUN, notice.key, notice.said, {"kind": notice.kind, "thread": thread})


def _as_begun(place: Where, begun: Event) -> Where:
    """The place that a notice was begun for: that it is there already can only be seen in the same thread."""
    ts = str(begun.data.get("thread") or "")
    return replace(place, thread=Message(place.channel, ts) if ts else None)


@dataclass(frozen=True)
class _Once:
    """One notice on its way; `again` says that an earlier run began it, so that it may be there already."""

    desk: Desk
    notice: Notice
    begun: Event
    again: bool

    def note(self) -> Outcome:
        """The note on the issue."""
        gitlab, issue = self.desk.gitlab, self.notice.issue
        once, internal = marker("once", self.begun.uid), is_internal(self.desk, self.notice)
        try:
            if self.again and gitlab.marked(issue.ref, [once]):
                return of_note(issue, Result.ALREADY, "noted", "an earlier run wrote it")
        except OncallError as error:
            return unsent(issue, error)
        return send_note(gitlab, issue, self.notice.text, [once, str(self.notice.mark)], internal=internal)

    def message(self, place: Where) -> Outcome:
        """The message in Slack."""
        done = _posted(self.notice, place, Result.DONE, "", f"in {place}")
        marker = f"oncall:{self.notice.kind}:{self.begun.uid}"
        draft = Draft(place.channel, self.notice.blocks(marker, whole=place.whole), self.begun.at, place.thread)
        return post_once(self.desk.slack, draft, done, again=self.again)


def _posted(notice: Notice, place: Where, result: Result, code: str, message: str) -> Outcome:
    """What became of the message."""
    name, issue = "slack-thread" if place.thread else "slack", notice.issue
    return Outcome(place.name, result, ref=issue.ref, place=name, url=issue.url, code=code, message=message)
