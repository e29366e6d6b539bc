"""Posting a hand-off to every place exactly once: its intent in the journal before each wave, its outcomes after it."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from secops_oncall import threads
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import THERE, THREAD, Outcome, Result
from secops_oncall.domain.posting import AGAIN, Spot, begin, begun_runs, end, in_flight, typed
from secops_oncall.domain.slack import Message
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.ports import Journal
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.places import SLACK, Held, Place, Sent, sent
from secops_oncall.workflows.places_gitlab import LINE
from secops_oncall.workflows.placing import Plan
from secops_oncall.workflows.standing import afresh

_IN_SLACK = (SLACK, THREAD)
ANEW = "oncall handoff post, which reads everything anew"
Tell = Callable[[Sequence[Outcome]], None]


@dataclass(frozen=True)
class Desk:
    """What a run of posts needs beside the services: the journal, the time (aware), and to be alone at it.

    `pause` is told the seconds in which a request that was cut off may still arrive, and waits for them; `alone` lets
    one process in at a time.
    """

    journal: Journal
    clock: Callable[[], datetime]
    pause: Callable[[float], None] = time.sleep
    alone: Callable[[], AbstractContextManager[None]] = nullcontext


def post(desk: Desk, plan: Plan, tell: Tell) -> Acted:
    """Post what a plan lacks, in three waves; `tell` gets the outcomes of each as soon as they are known.

    Places that have it already are left alone. Raises what the journal raises before anything is sent.
    """
    with desk.alone():
        return _Run(desk, _settled(desk, plan), tell).whole()


def rehearsed(plan: Plan) -> list[Outcome]:
    """The outcomes of a plan that is not carried out."""
    return [
        replace(place.planned, result=Result.PLANNED, code="dry_run", hint="")
        if place.step.sends
        else typed(place.planned, plan.flags)
        for place in plan.every
    ]


def _settled(desk: Desk, plan: Plan) -> Plan:
    """The plan as things stand when nobody else is at it, and whatever was cut off has arrived or never will.

    Where no other run has begun since the places were looked at, they need not be looked at again.
    """
    events, shift = desk.journal.events(), plan.documents.shift
    if not begun_runs(events, shift) <= plan.known:
        plan = _afresh(plan)
    flying, sends = in_flight(events, shift, desk.clock()), {place.spot for place in plan.every if place.step.sends}
    until = max((at for spot, at in flying.items() if spot in sends), default=None)
    if until:
        desk.pause((until - desk.clock()).total_seconds())
        plan = _afresh(plan)
    return plan


def _afresh(plan: Plan) -> Plan:
    return replace(plan, standing=afresh(plan.gitlab, plan.pagerduty, plan.slack, plan.documents, plan.standing))


@dataclass
class _Run:
    """One run: `id` tells its events from those of others; `later` are the places whose wave has not begun."""

    desk: Desk
    plan: Plan
    tell: Tell
    id: str = field(default_factory=lambda: uuid4().hex)
    later: dict[Spot, Place] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[OncallError] = field(default_factory=list)

    def whole(self) -> Acted:
        """All three waves: what a later one needs of an earlier one is handed on."""
        plan = self.plan
        self.later = {place.spot: place for place in plan.every}
        looking = threads.start(self._meanwhile)
        handover = _issue(self._wave(plan.first())) or plan.standing.handover
        now, tells = looking.result(), {issue.ref for issue in plan.tells}
        hidden = [issue for issue in now if issue.confidential and issue.ref in tells]
        self.problems += [_left_behind(issue) for issue in now if issue.moved]
        message = _message(self._wave(_withheld(plan.second(handover), hidden))) or plan.message
        self._wave(_withheld(plan.third(handover, message), hidden), last=True)
        return Acted(self.outcomes, self.problems)

    def _wave(self, places: Sequence[Place], *, last: bool = False) -> list[Sent]:
        """The places of one wave, side by side, begun in the journal before and ended there after."""
        shift = self.plan.documents.shift
        for place in places:
            self.later.pop(place.spot, None)
        begun = {place.spot: _waiting(place) for place in places if place.step.sends}
        later = {spot: _waiting(place) for spot, place in self.later.items() if place.step.sends}
        if begun:
            self.desk.journal.append(begin(self.id, shift, begun, later, self.desk.clock()))
        ended = [one for some in threads.each(_in_turn, _chains(places)) for one in some]
        told = {place.spot: typed(one.outcome, self.plan.flags) for place, one in zip(places, ended, strict=True)}
        over = end(self.id, shift, told, self.desk.clock(), over=last, read=self.plan.read)
        self.problems += remember(self.desk.journal, [over])
        fresh = [one for spot, one in told.items() if not (spot.key == LINE and one.result is Result.DONE)]
        self.outcomes += fresh
        self.tell(fresh)
        return ended

    def _meanwhile(self) -> list[Issue]:
        """As they are now: issues that Slack is to tell of by name, and those that get a comment."""
        every, comments = self.plan.every, self.plan.documents.comments
        in_slack = any(place.step.sends and place.spot.place in _IN_SLACK for place in every)
        noted = [comment.issue for comment, place in zip(comments, every, strict=False) if place.step.sends]
        asked = {issue.ref: issue for issue in [*(self.plan.tells if in_slack else ()), *noted]}
        return threads.each(self._as_it_is, asked.values())

    def _as_it_is(self, issue: Issue) -> Issue:
        """An issue as it is now, as far as GitLab tells."""
        try:
            return self.plan.gitlab().issue(issue.ref)
        except OncallError:
            return issue


def _left_behind(issue: Issue) -> NotFoundError:
    """That the comment stands on what an issue left behind when it was moved."""
    what = f"{issue.ref} was moved to another project meanwhile: nobody reads the comment there"
    return NotFoundError(what, f"oncall open {issue.ref}, which leads there, and say it there")


def _withheld(places: Iterable[Place], hidden: Sequence[Issue]) -> list[Place]:
    """The places, with nothing sent to Slack where it would tell of what is confidential now."""
    why = f"made confidential meanwhile: {', '.join(issue.ref for issue in hidden)}"

    def held(place: Place) -> Place:
        told = replace(place.planned, result=Result.REFUSED, code="confidential", message=why, hint=ANEW)
        waits = place.step.sends or place.planned.result is Result.QUEUED
        return Held(place.spot, told) if waits and place.spot.place in _IN_SLACK else place

    return [held(place) if hidden else place for place in places]


def _chains(places: Iterable[Place]) -> list[list[Place]]:
    """The places by those that are sent one after the other: the parts of what is too long for one message."""
    found: list[list[Place]] = []
    for place in places:
        goes_on = place.spot.place == THREAD and found and found[-1][-1].planned.ref == place.planned.ref
        if goes_on and found[-1][-1].spot.place == THREAD:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _in_turn(chain: Iterable[Place]) -> list[Sent]:
    """Each place after the one before it; nothing more is sent where one of them has not got there."""
    found: list[Sent] = []
    for place in chain:
        if all(one.outcome.result in THERE for one in found):
            found.append(sent(place))
        else:
            why = "it waits for the part before it"
            told = replace(_waiting(place), code="remote", message=why) if place.step.sends else place.planned
            found.append(Sent(told))
    return found


def _waiting(place: Place) -> Outcome:
    return replace(place.planned, result=Result.QUEUED, hint=AGAIN)


def _issue(wave: Iterable[Sent]) -> Issue | None:
    """The hand-over issue that a wave has made or changed."""
    return next((one.thing for one in wave if isinstance(one.thing, Issue)), None)


def _message(wave: Iterable[Sent]) -> Message | None:
    """The message that a wave has posted or changed."""
    return next((one.thing for one in wave if isinstance(one.thing, Message)), None)
