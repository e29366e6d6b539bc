"""Snoozing a page: acked first where it has to be, and told when it comes back and whom it wakes then."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from secops_oncall import threads
from secops_oncall.domain import when
from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import DRY_RUN, THERE, Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Me, OnCall, Role, RoleName
from secops_oncall.domain.shifts import on_duty, this_shift
from secops_oncall.domain.snoozing import LONGEST
from secops_oncall.domain.text import quoted
from secops_oncall.domain.times import both, clock, span
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import Journal, PagerDuty
from secops_oncall.workflows.acting import Asked, Choose, acked_by_me, look, sent
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.people import AROUND
from secops_oncall.workflows.refs import page_ref
from secops_oncall.workflows.reopening import reopened, unknown

_FORMS = "oncall snooze PAGE --for 2h, or --until 07:00"


@dataclass(frozen=True)
class Rest:
    """How long a page is to rest, or `until` when (aware); `of_two` says which one where the clock shows that twice."""

    length: timedelta
    until: datetime | None = None
    of_two: Literal["first", "second"] | None = None


@dataclass(frozen=True)
class Watch:
    """Whose page it is to be then: the roles as they are configured, and the time zone of who asks."""

    roles: Mapping[Role, RoleName]
    zone: tzinfo
    rules: ShiftRules = RULES


@dataclass(frozen=True)
class Snoozed(Acted):
    """What became of it, and what nobody should miss: that it ends in somebody else's shift, or in nobody's."""

    warnings: list[str] = field(default_factory=list)


def rest(length: str | None, until: str | None, now: datetime, zone: Callable[[], tzinfo]) -> Rest:
    """The time between now (aware) and what was typed, 1 second to 7 days; `zone` is asked only for a time.

    Raises UsageError for what is no time, for one that the clock skips, and for one out of these bounds.
    """
    typed = length if length is not None else until
    if typed is None or (length is not None and until is not None):
        raise UsageError("say either how long it is to rest, or until when", _FORMS)
    try:
        found = _duration(typed) if length is not None else _moment(typed, now, zone())
    except ValueError as error:
        raise UsageError(f"{quoted(typed)}: {error}", "name a time before or after it") from None
    except OverflowError:
        raise UsageError(f"{quoted(typed)} is out of all bounds", _FORMS) from None
    if found is None:
        raise UsageError(f"{quoted(typed)} is no {'time' if length is None else 'duration'}", _FORMS)
    if not timedelta(seconds=1) <= found.length <= LONGEST:
        long, past = found.length > LONGEST, found.length < timedelta(0)
        why = "longer than the week that PagerDuty allows" if long else "past" if past else "no time at all"
        raise UsageError(f"{quoted(typed)} is {why}", _FORMS)
    return found


def _duration(typed: str) -> Rest | None:
    length = when.duration(typed)
    return None if length is None else Rest(length)


def _moment(typed: str, now: datetime, zone: tzinfo) -> Rest | None:
    found = when.moment(typed, now, zone)
    return Rest(found.moment - now, found.moment, found.of_two) if found else None


def snooze(
    pagerduty: PagerDuty,
    journal: Journal,
    asked: Asked,
    wanted: Rest,
    choose: Choose,
    watch: Watch,
    now: datetime,
) -> Snoozed:
    """Snooze one page; one that nobody has acked is acked first: PagerDuty snoozes no other (pagerduty.md, 1.3).

    With no page named: the one open page that I acked, never the focus; `choose` is asked where it isn't one. A
    colleague's is refused unless forced. Two waves, three where it has to be acked.
    """
    for text in asked.refs:
        page_ref(text)  # what is no page is told before anything is asked
    me, until = pagerduty.me(), wanted.until or now + wanted.length
    turns = threads.start(
        lambda: pagerduty.on_call(watch.roles.values(), now - AROUND, max(now + AROUND, until + timedelta(days=1)))
    )
    (page,) = look(pagerduty, asked, choose, lambda: acked_by_me(pagerduty, me, "snooze")).found
    if isinstance(page, Outcome):
        return Snoozed([page])
    refused = _why_not(page, me, asked, now)
    if refused or asked.dry_run:
        planned = of_page(page, Result.PLANNED, "dry_run", DRY_RUN)
        return _told(refused or planned, until, turns, watch, me, now)
    written = _write(pagerduty, page, wanted, asked, now)
    told = _told(written.outcome, written.back, turns, watch, me, now)
    return replace(told, problems=remember(journal, written.events), warnings=[*written.warnings, *told.warnings])


@dataclass(frozen=True)
class _Written:
    """What became of a snooze with its ack, when it ends, what to remember, and what nobody should miss."""

    outcome: Outcome
    back: datetime | None = None
    events: list[Event] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _write(pagerduty: PagerDuty, page: Page, wanted: Rest, asked: Asked, now: datetime) -> _Written:
    """The ack, where it needs one to be somebody's, and the snooze."""
    if not page.is_free:
        return _rested(pagerduty, page, wanted, now)
    (ack,) = pagerduty.acknowledge([page])
    events = sent("ack", [ack], now)
    if ack.result not in THERE:
        return _Written(replace(ack, message=f"{ack.message}; so it was not snoozed"), events=events)
    if ack.code == "joined" and not asked.force:
        why = f"not snoozed: {ack.message}; --force snoozes it"
        return _Written(replace(ack, result=Result.REFUSED, code="owned", message=why), events=events)
    opened = threads.start(lambda: reopened(pagerduty, [ack], {page.id: page}, now))
    rested = _rested(pagerduty, page, wanted, now)
    if ack.result is Result.DONE:
        rested = replace(rested, outcome=_after_ack(rested.outcome), events=[*events, *rested.events])
    try:
        undone = opened.result()
    except OncallError as error:
        return replace(rested, warnings=[unknown(error)])
    return replace(rested, outcome=_opened(rested.outcome, undone[0])) if undone else rested


def _rested(pagerduty: PagerDuty, page: Page, wanted: Rest, now: datetime) -> _Written:
    outcome, back = pagerduty.snooze(page, wanted.until or wanted.length)
    until = {"until": back.isoformat()} if back else {}
    kept = [replace(event, data={**event.data, **until}) for event in sent("snooze", [outcome], now)]
    return _Written(outcome, back, kept)


def _after_ack(outcome: Outcome) -> Outcome:
    """The outcome of a snooze whose ack is done."""
    said = {Result.DONE: "acked, and yours now; ", Result.UNKNOWN: "acked, and the snooze: "}
    acked = said.get(outcome.result, "acked, but not snoozed: ")
    return replace(outcome, message=f"{acked}{outcome.message}".removesuffix("; "))


def _opened(outcome: Outcome, ack: Outcome) -> Outcome:
    """The outcome of a snooze whose ack opened the page again."""
    message = "; ".join(filter(None, (outcome.message, ack.message)))
    code = ack.code if outcome.result is Result.DONE else outcome.code
    return replace(outcome, code=code, message=message, hint=ack.hint)


def _why_not(page: Page, me: Me, asked: Asked, now: datetime) -> Outcome | None:
    """The outcome of a page that is not to be snoozed, None for one that is: the rules of an ack."""
    if page.status == "resolved":
        return of_page(page, Result.REFUSED, "resolved", "it is resolved, so there is nothing to snooze")
    if page.acknowledged_by and not page.acked_by(me.id) and not asked.force:
        owner = page.owner
        whose = f"owned by {owner.name} since {clock(owner.acked_at, now)}" if owner else "acked already"
        return of_page(page, Result.REFUSED, "owned", f"{whose}; --force snoozes it all the same")
    return None


def _told(
    outcome: Outcome, back: datetime | None, turns: "Future[list[OnCall]]", watch: Watch, me: Me, now: datetime
) -> Snoozed:
    """The outcome with when it comes back and in whose shift, and the warnings that this asks for."""
    if outcome.result not in (Result.DONE, Result.PLANNED) or back is None:
        return Snoozed([outcome])
    words = [f"back at {both(back, now, watch.zone)}"]
    try:
        whose, warnings = _whose(turns.result(), back, watch, me, now)
    except OncallError as error:
        whose, warnings = "", [f"in whose shift it comes back is not known: {error.message}"]
    said = ", ".join(filter(None, [*words, whose]))
    message = f"{said}; {outcome.message}" if outcome.message else said
    return Snoozed([replace(outcome, message=message)], warnings=warnings)


def _whose(entries: list[OnCall], back: datetime, watch: Watch, me: Me, now: datetime) -> tuple[str, list[str]]:
    """In whose shift a page comes back, in words, and a warning where that is not mine, though I am on call."""
    then = on_duty(watch.roles["engineer"], entries, back)
    if then is None:
        return "when nobody is on call", ["nobody is on call when it comes back"]
    if then.person.id == me.id:
        return "in your shift", []
    shift = this_shift(entries, watch.roles, me.id, now, watch.rules)
    warnings = []
    if shift and shift.end and now < shift.end <= back:
        late = f"{span(back - shift.end)} after" if shift.end < back else "when"
        warnings = [f"that is {late} your shift ends: it will wake {then.person.name}"]
    return f"in {then.person.name}'s shift", warnings
