"""Escalating: the ladder for a page and a time, bringing somebody in, and keeping a record of who was tried."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.ladder import Alarm, Step, alarm_at, alarm_of, alarmed, ladder, reachable
from secops_oncall.domain.outcomes import DRY_RUN, PAGE_NOTE, Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import ROLES, OnCall, Person, Role, RoleName
from secops_oncall.domain.shifts import holders
from secops_oncall.domain.times import clock
from secops_oncall.errors import NotFoundError, OncallError, RejectedError, RemoteError
from secops_oncall.ports import Journal, OnCalls, PagerDuty
from secops_oncall.workflows import roster
from secops_oncall.workflows.acting import Asked, Choose, acked_by_me, look
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.focus import focused
from secops_oncall.workflows.outcomes import Acted, failed, remember
from secops_oncall.workflows.people import AROUND, on_duty, user_named
from secops_oncall.workflows.refs import page_ref, same_account, words

CREW = timedelta(weeks=2)  # in so much time before and after every engineer of a rota has a turn, and one page of 100
NO_ABILITY = 402

Confirm = Callable[[str], None]  # raises where the answer is no


@dataclass(frozen=True)
class Rungs:
    """The ladder of a page (None: of any), at a moment."""

    page: Page | None
    steps: list[Step]


@dataclass(frozen=True)
class Call:
    """Whom to bring in for which page (None: the one that I have acked): a role, or a USER."""

    page: str | None
    to: str
    dry_run: bool = False


def rungs(
    pagerduty: PagerDuty,
    journal: Journal,
    roles: Mapping[Role, RoleName],
    page: str | None,
    *,
    now: datetime,
    at: datetime | None = None,
    ack_minutes: int = 15,
    kept: bool = True,
) -> roster.Answer[Rungs]:
    """Whom to call for a page (else the one in focus, else any) now, or at a moment that is rehearsed.

    Two waves. With PagerDuty down it answers from the kept roster, where it may: `problem` says so then. For a page
    that is yet to come, `ack_minutes` stands for its policy's delay.
    """
    moment, named = at or now, page_ref(page) if page else None
    here = None if page or at else focused(journal, now)
    ref = named or (here.id if here else None)
    reading = threads.start(lambda: _read(pagerduty, page or "", ref, ack_minutes, roles["manager"]))

    def climb(source: OnCalls) -> Rungs:
        entries = source.on_call(roles.values(), moment - CREW, moment + CREW)
        steps = _reach(source, ladder(roles, entries, moment, pagerduty.me().time_zone))
        found, _ = reading.result()
        managers = [one for one in on_duty(entries, roles, moment) if one.role == "manager"]
        as_it_is = alarm_of(found, managers, now) if found and at is None else None
        unread = ref is not None and at is None and found is None  # when its manager is paged, nobody knows then
        unknown = Alarm(None, "when PagerDuty pages them by itself can't be told now")
        alarm = as_it_is or (unknown if unread else alarm_at(moment, now, ack_minutes))
        return Rungs(found, alarmed(steps, alarm))

    answer = roster.ask(pagerduty, climb, moment, kept=kept)
    _, unread = reading.result()
    lost = [unread] if unread and not answer.kept_at else []  # an outage is told once
    return replace(answer, problems=[*answer.problems, *lost])


def call(
    pagerduty: PagerDuty,
    journal: Journal,
    roles: Mapping[Role, RoleName],
    wanted: Call,
    choose: Choose,
    confirm: Confirm,
    now: datetime,
) -> Acted:
    """Ask somebody to help with a page by a responder request; where the plan has none, offer to page their level.

    `confirm` is asked before either, and raises where the answer is no: nothing is sent then. Raises NotFoundError for
    somebody who isn't there and UsageError for a name that fits several.
    """
    me = pagerduty.me()
    asked = threads.start(lambda: pagerduty.on_call(roles.values(), now - AROUND, now + AROUND))
    page = _page(pagerduty, wanted.page, choose)
    entries = asked.result()
    people = _people(pagerduty, roles, entries, wanted.to, now)
    names = ", ".join(person.name for person in people)
    if page.status == "resolved":
        return Acted([of_page(page, Result.REFUSED, "resolved", "it is resolved: nobody needs to come")])
    if wanted.dry_run:
        return Acted([of_page(page, Result.PLANNED, "dry_run", f"{names}; {DRY_RUN}")])
    confirm(f"Ask {names} to help with page {page.number}, {page.title}?")
    problems = _intend(journal, page, f"asking {names} to help", now)
    message = f"{me.name} asks for help with page {page.number}: {page.title} ({clock(now, now)})"
    try:
        outcome, way = pagerduty.request_responder(page, people, message), f"{names}, by a responder request"
    except RejectedError as error:
        if error.answered != NO_ABILITY:
            raise
        outcome, way = _by_level(pagerduty, page, people, entries, confirm, now, error)
    outcome = replace(outcome, message=": ".join(filter(None, (way, outcome.message))))
    happened = Event(now, "escalation", page.id, way, {"number": page.number, "result": outcome.result})
    return Acted([outcome], [*problems, *remember(journal, [happened])])


def log_attempt(
    pagerduty: PagerDuty, journal: Journal, page: str | None, text: str, choose: Choose, now: datetime, *, dry_run: bool
) -> Acted:
    """Record who was tried and what came of it: in the journal, also with PagerDuty down, and as a note on the page."""
    said = words(text, "the record", 'oncall escalate PAGE --log "called Ben: no answer"')
    found = _page_or_outage(pagerduty, page, choose)
    fine = of_page(found, Result.DONE, "", "") if isinstance(found, Page) else _without_reason(found)
    if dry_run:
        planned = replace(fine, result=Result.PLANNED, code="dry_run", message=DRY_RUN)
        return Acted([replace(planned, place="journal"), replace(planned, place=PAGE_NOTE)])
    unkept = _intend(journal, found, said, now)
    kept = replace(fine, place="journal")
    if unkept:
        kept = failed(kept, unkept[0])
    # The minute makes it another note than the same words an hour ago, so that it can be looked up.
    note = f"Escalation {now:%H:%M} UTC: {said}"
    noted = pagerduty.note(found, note) if isinstance(found, Page) else found
    return Acted([kept, replace(noted, place=PAGE_NOTE)])


def _reach(source: OnCalls, steps: Sequence[Step]) -> list[Step]:
    users = {step.person.id for step in steps if step.person and step.person.id}
    return reachable(steps, dict(threads.each(lambda user: (user, source.contacts(user)), users)))


def _read(
    pagerduty: PagerDuty, typed: str, ref: str | None, ack_minutes: int, manager: RoleName
) -> tuple[Page | None, OncallError | None]:
    """The page with its deadline, and why it can't be read where PagerDuty is down: a ladder is needed all the same."""
    if ref is None:
        return None, None
    try:
        page = same_account(typed, pagerduty.page(ref))
    except RemoteError as error:
        return None, error
    return with_deadlines(pagerduty, [page], ack_minutes, manager)[0], None


def _page(pagerduty: PagerDuty, ref: str | None, choose: Choose) -> Page:
    """The page that is named, else the one open page that I have acked; never the one in focus."""
    asked = Asked((ref,) if ref else ())
    (found,) = look(pagerduty, asked, choose, lambda: acked_by_me(pagerduty, pagerduty.me(), "escalate")).found
    if isinstance(found, Outcome):
        raise NotFoundError(found.message, "oncall pages")
    return found


def _people(
    pagerduty: PagerDuty, roles: Mapping[Role, RoleName], entries: Sequence[OnCall], to: str, now: datetime
) -> list[Person]:
    """Everybody who holds the role that is named, else the one user."""
    role = next((each for each in ROLES if each == to.strip().casefold()), None)
    if role is None:
        known = [*ROLES, *dict.fromkeys(entry.person.name for entry in entries)]
        return [user_named(pagerduty, to, known)]
    people = [entry.person for entry in holders(roles[role], entries, now)]
    if not people:
        raise NotFoundError(f"nobody is on call as {role}", "oncall escalate, for the others")
    return people


def _by_level(
    pagerduty: PagerDuty,
    page: Page,
    people: Sequence[Person],
    entries: Iterable[OnCall],
    confirm: Confirm,
    now: datetime,
    refused: RejectedError,
) -> tuple[Outcome, str]:
    """Page the level of the page's policy that these people are on, as the account has no responder requests."""
    ids = {person.id for person in people}
    there = [entry for entry in entries if entry.policy_id == page.policy_id and entry.level and entry.covers(now)]
    level = min((entry.level for entry in there if entry.person.id in ids and entry.level), default=None)
    names = ", ".join(person.name for person in people)
    if level is None:
        why = f"this account has no responder requests, and {names} is on no level of {page.policy or 'its policy'}"
        raise RejectedError(why, f"call them: oncall escalate {page.number}", answered=NO_ABILITY, code=refused.code)
    whole = list({entry.person.id: entry.person for entry in there if entry.level == level}.values())
    paged = ", ".join(person.name for person in whole)
    confirm(
        f"This account has no responder requests. Page level {level} of {page.policy} instead? It re-assigns page "
        f"{page.number} to that whole level ({paged}) and may undo the ack. (To assign it to a person directly would "
        "end its escalating by itself.)"
    )
    return pagerduty.escalate_to(page, level, whole), f"{paged}, by level {level}: the page is theirs now"


def _page_or_outage(pagerduty: PagerDuty, ref: str | None, choose: Choose) -> Page | Outcome:
    """The page; with PagerDuty down what was typed, as the outcome of a note that can't be sent."""
    try:
        return _page(pagerduty, ref, choose)
    except RemoteError as error:
        if ref is None or isinstance(error, RejectedError):
            raise
        typed = page_ref(ref)
        return failed(Outcome(typed, Result.FAILED, int(typed) if typed.isdecimal() else None), error)


def _without_reason(outcome: Outcome) -> Outcome:
    return replace(outcome, result=Result.DONE, code="", message="", hint="")


def _intend(journal: Journal, page: Page | Outcome, text: str, now: datetime) -> list[OncallError]:
    return remember(journal, [Event(now, "escalation", page.id, text, {"number": page.number})])
