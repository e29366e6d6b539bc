"""The places that a hand-off goes to: what each needs, the one request that does it, and how it is looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import PAGE_NOTE, THREAD, Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.posting import AGAIN, LOOKS_FIRST, Spot, Step
from secops_oncall.domain.slack import Message
from secops_oncall.errors import OncallError, RejectedError, RemoteError
from secops_oncall.ports import PagerDuty, Slack
from secops_oncall.workflows.once import Found, once
from secops_oncall.workflows.outcomes import failed

SLACK = "slack"


@dataclass(frozen=True)
class Sent:
    """How a place ended, and what stands there now, where a later place needs it."""

    outcome: Outcome
    thing: Issue | Message | None = None


class Place(Protocol):
    """One place of a hand-off."""

    @property
    def spot(self) -> Spot:
        """What tells it apart from every other."""
        ...

    @property
    def step(self) -> Step:
        """What is to be done about it."""
        ...

    @property
    def planned(self) -> Outcome:
        """Its outcome as far as it is known before anything is sent."""
        ...

    def send(self) -> Sent:
        """The one request that makes it right; raises what the service raises."""
        ...

    def look(self) -> Sent | None:
        """What stands there, after a request that got no answer: None where it is not what was sent."""
        ...


def sent(place: Place) -> Sent:
    """Send what a place needs, once. Nothing is raised; what a service that is down did not get is `queued`."""
    if not place.step.sends:
        return Sent(place.planned)
    found = once(place.send, place.look)
    if isinstance(found, Found):
        return found.value
    if found.result is Result.FAILED:
        return Sent(unsent(place.planned, found.error))
    return Sent(replace(place.planned, result=Result.UNKNOWN, code="remote", message=found.why, hint=LOOKS_FIRST))


def unsent(planned: Outcome, error: OncallError) -> Outcome:
    """The outcome of what was not sent: a service that is down gets it from the next run, the rest is to be mended."""
    if isinstance(error, RemoteError) and not isinstance(error, RejectedError):
        return replace(planned, result=Result.QUEUED, code="remote", message=error.message, hint=AGAIN)
    return failed(planned, error)


@dataclass(frozen=True)
class Held:
    """A place where nothing is sent, and why."""

    spot: Spot
    planned: Outcome
    step: Step = Step.HOLD

    def send(self) -> Sent:
        return Sent(self.planned)

    def look(self) -> Sent | None:
        return None


@dataclass(frozen=True)
class MessageInSlack:
    """A message in a channel, or in a `thread`: blocks by their ids, the first of which no other message has.

    `about` is the ref of the issue that it tells of, `since` a moment before which it can't have been posted.
    """

    slack: Callable[[], Slack]
    name: str
    channel: str
    blocks: Mapping[str, str]
    since: datetime
    step: Step = Step.NEW
    there: Message | None = None
    thread: Message | None = None
    about: str | None = None
    why: str = ""

    @property
    def spot(self) -> Spot:
        return Spot(self._place, next(iter(self.blocks)))

    @property
    def planned(self) -> Outcome:
        result = Result.ALREADY if self.step is Step.KEEP else Result.QUEUED
        where = f"in the thread in {self.name}" if self.about else ""
        told = ", ".join(filter(None, (where, self.why)))
        return Outcome(self.name, result, ref=self.about, place=self._place, message=told)

    @property
    def _place(self) -> str:
        return THREAD if self.about else SLACK

    def send(self) -> Sent:
        if self.there and self.step is Step.CHANGE:
            return self._done(self.slack().update(self.there, self.blocks))
        return self._done(self.slack().post(self.channel, self.blocks, self.thread))

    def look(self) -> Sent | None:
        """A new one is known by its mark alone: Slack has its own way to write an emoji."""
        found = self.slack().find(self.channel, [self.spot.key], self.since, self.thread)
        return self._done(found) if found and (self.step is Step.NEW or found.lines == self.blocks) else None

    def _done(self, message: Message) -> Sent:
        changed = "changed in its place" if self.step is Step.CHANGE else ""
        told = ", ".join(filter(None, (self.planned.message, changed)))
        return Sent(replace(self.planned, result=Result.DONE, message=told), message)


@dataclass(frozen=True)
class NoteOnPage:
    """A note on a page in PagerDuty, which can't be changed once it is there."""

    pagerduty: PagerDuty
    page: Page
    text: str
    step: Step = Step.NEW
    why: str = ""

    @property
    def spot(self) -> Spot:
        return Spot(PAGE_NOTE, self.page.id)

    @property
    def planned(self) -> Outcome:
        page, result = self.page, Result.ALREADY if self.step is Step.KEEP else Result.QUEUED
        told = self.why or "a note on the page"
        return Outcome(page.id, result, page.number, place=PAGE_NOTE, url=page.url, message=told)

    def send(self) -> Sent:
        """PagerDuty's client looks it up by itself, and raises nothing."""
        told = self.pagerduty.note(self.page, self.text)
        if told.result is Result.FAILED and told.code == "remote":
            told = replace(told, result=Result.QUEUED, hint=AGAIN)
        elif told.result is Result.UNKNOWN:
            told = replace(told, hint=LOOKS_FIRST)
        return Sent(replace(told, place=PAGE_NOTE, title="", message=told.message or self.planned.message))

    def look(self) -> Sent | None:
        return None
