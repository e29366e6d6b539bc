"""The hand-off of a shift: everything that the next engineer has to know, as one value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from secops_oncall.domain.events import Event, Note, notes
from secops_oncall.domain.improvements import carried
from secops_oncall.domain.incidents import Incident, Problem, incidents
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts, is_work, issues_behind
from secops_oncall.domain.outcomes import THERE, Outcome
from secops_oncall.domain.pages import PageDetail
from secops_oncall.domain.people import INTERNAL, Person
from secops_oncall.domain.previous import Previous
from secops_oncall.domain.received import Acceptance, Believed, all_handed
from secops_oncall.domain.reviews import Review, counting, needing, reviews
from secops_oncall.domain.rota import Rota, Turn
from secops_oncall.domain.shift_pages import Metrics, ShiftPage, metrics, shift_pages
from secops_oncall.domain.shifts import Shift

ComingKind = Literal["escalates", "unacks", "resolves", "snooze_ends", "next_step", "shift_ends"]
# What PagerDuty will do to a page by itself, in our words; a change of urgency wakes nobody.
_PENDING: dict[str, ComingKind] = {"escalate": "escalates", "unacknowledge": "unacks", "resolve": "resolves"}


@dataclass(frozen=True)
class ComingUp:
    """What will happen by itself or falls due, and in whose shift; `page` is a page's id."""

    at: datetime
    kind: ComingKind
    page: str | None
    text: str
    whose_shift: str | None


@dataclass(frozen=True)
class Unread:
    """What a service did not tell, and what mends it; `whole` where it told nothing at all from then on."""

    service: str
    message: str
    hint: str
    whole: bool = True


@dataclass(frozen=True)
class Handoff:
    """A shift's hand-off (interface.md, "JSON fields").

    It is `complete` once it has no errors, every place has it, and somebody has read back all of it.
    """

    shift: Shift
    outgoing: Person
    incoming: Person | None
    pages: tuple[ShiftPage, ...]
    incidents: tuple[Incident, ...]
    reviews: tuple[Review, ...]
    backlog: tuple[Issue, ...]
    improvements: tuple[Note, ...]
    notes: tuple[Note, ...]
    coming_up: tuple[ComingUp, ...]
    problems: tuple[Problem, ...]
    places: tuple[Outcome, ...] = ()
    complete: bool = False
    accepted: Acceptance | None = None
    metrics: Metrics = field(default_factory=Metrics)
    backup: Person | None = None
    manager: Person | None = None
    previous: Previous | None = None
    closed: tuple[Issue, ...] = field(default=(), metadata=INTERNAL)
    coverage: tuple[Turn, ...] = field(default=(), metadata=INTERNAL)
    unread: frozenset[str] = field(default=frozenset(), metadata=INTERNAL)  # services that could not be asked
    reviews_due: int = field(default=2, metadata=INTERNAL)
    today: date | None = field(default=None, metadata=INTERNAL)  # on the outgoing engineer's calendar
    time_zone: str | None = field(default=None, metadata=INTERNAL)  # of whoever reads it: the incoming engineer
    human: tuple[str, ...] = field(default=(), metadata=INTERNAL)  # issues that a review found to need a human
    gitlab_url: str = field(default="", metadata=INTERNAL)
    people: tuple[Person, ...] = field(default=(), metadata=INTERNAL)  # whose e-mail is known
    handover: Issue | None = field(
        default=None, metadata=INTERNAL
    )  # this shift's own hand-over issue, where there is one
    gap: Turn | None = field(default=None, metadata=INTERNAL)  # between this shift and the next

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell but that: what only the engineer of the shift can mend is no news."""
        work = (self.incidents, self.pages, self.closed, self.human, self.notes, self.improvements)
        lacks = [problem for problem in self.problems if problem.severity == "error"]
        return not any((*work, lacks, self.gap)) and all(each.kind == "shift_ends" for each in self.coming_up)


@dataclass(frozen=True)
class Background:
    """What a hand-off tells beside the shift's work: my backlog, what was not read, reviews due, my zone and day.

    `previous` and `handover` are the hand-over before this one and this shift's own issue, where there are any.
    """

    backlog: Sequence[Issue] = ()
    unread: Sequence[Unread] = ()
    reviews_due: int = 2
    time_zone: str | None = None
    today: date | None = None
    previous: Previous | None = None
    handover: Issue | None = None


def write(facts: Facts, rota: Rota, events: Sequence[Event], background: Background) -> Handoff:
    """The hand-off of a shift, from what was read about its work and what the journal holds.

    What it lacks is for `domain.lint` to find.
    """
    work, pages = incidents(facts), shift_pages(facts)
    taking_over, handed = rota.taking_over, rota.shift.end or facts.until
    backup, manager = rota.holder(handed, "backup"), rota.holder(handed, "manager")
    zones = {entry.person.id: entry.time_zone for entry in rota.entries}
    return Handoff(
        shift=rota.shift,
        outgoing=facts.me,
        incoming=taking_over,
        pages=tuple(pages),
        incidents=tuple(work),
        reviews=tuple(counting(review for review in reviews(events) if facts.in_shift(review.at))),
        backlog=tuple(background.backlog),
        improvements=tuple(carried(events, facts.in_shift)),
        notes=tuple(replace(note, shift=rota.shift.id) for note in notes(events) if facts.in_shift(note.at)),
        coming_up=tuple(coming_up(facts, work, rota)),
        problems=(),
        metrics=metrics(pages),
        backup=backup.person if backup else None,
        manager=manager.person if manager else None,
        previous=background.previous,
        closed=tuple(_closed(facts)),
        coverage=tuple(rota.coverage(handed)),
        unread=frozenset(each.service for each in background.unread if each.whole),
        reviews_due=background.reviews_due,
        today=background.today,
        time_zone=(zones.get(taking_over.id) if taking_over else None) or background.time_zone,
        human=tuple(needing(event for event in events if facts.in_shift(event.at))),
        gitlab_url=facts.gitlab_url,
        people=tuple(dict.fromkeys([facts.me, *rota.people, *facts.people.values()])),
        handover=background.handover,
        gap=rota.gap,
    )


def fated(handoff: Handoff, facts: Facts, own: Issue | None, places: Sequence[Outcome]) -> Handoff:
    """A hand-off with what has become of it: in which places it is, and who has read it back by the notes there.

    `own` is its hand-over issue, whose notes are among the facts' comments.
    """
    issues, whose = [*facts.issues.values(), *([own] if own else [])], Believed(facts.people, facts.bot)
    every = all_handed(issues, facts.comments, whose, [*facts.people.values(), facts.me])
    handed = next((each for each in every if each.shift == handoff.shift.id), None)
    by = handed.accepted if handed else None
    there = bool(places) and all(told.result in THERE for told in places)
    lacks = any(problem.severity == "error" for problem in handoff.problems)
    over = by is not None and handed is not None and not handed.waits
    return replace(handoff, places=tuple(places), complete=over and there and not lacks, accepted=by)


def about(handoff: Handoff, page: str) -> Handoff | None:
    """What a hand-off tells of the incidents behind a page (an id or a number); None where it tells nothing of it."""
    work = [each for each in handoff.incidents if any(page in (one.id, str(one.number)) for one in each.pages)]
    ids = {one.id for each in work for one in each.pages}
    subjects = ids | {each.id for each in work}
    if not work:
        return None
    return replace(
        handoff,
        incidents=tuple(work),
        pages=tuple(each for each in handoff.pages if each.id in ids),
        notes=tuple(each for each in handoff.notes if each.page in ids),
        coming_up=tuple(each for each in handoff.coming_up if each.page in ids),
        problems=tuple(each for each in handoff.problems if each.subject in subjects),
    )


def coming_up(facts: Facts, work: Iterable[Incident], rota: Rota) -> list[ComingUp]:
    """What will bite whoever is on call then, soonest first: snoozes, time-outs, escalations, steps that fall due."""
    still_open = (page for page in facts.pages.values() if facts.is_open(page))
    found = [each for page in still_open for each in _pending(page, rota, facts.until)]
    for incident in work:
        for step in incident.next_steps:
            if step.by:
                found.append(ComingUp(step.by, "next_step", None, step.action, rota.whose(step.by)))
    if rota.shift.end and rota.shift.end >= facts.until and rota.shift.user:
        end, text = rota.shift.end, f"the shift of {rota.shift.user.name} ends"
        found.append(ComingUp(end, "shift_ends", None, text, rota.whose(end)))
    return sorted(found, key=lambda each: each.at)


def _pending(page: PageDetail, rota: Rota, now: datetime) -> list[ComingUp]:
    """What PagerDuty will do to an open page: a snoozed one's time-out is the end of its snooze.

    It happens in the shift of an engineer, whoever hands off: pages are theirs.
    """
    times = {_PENDING[action.kind]: action.at for action in page.pending if action.kind in _PENDING}
    if page.ack_deadline:
        times["escalates"] = page.ack_deadline
    if page.snoozed_until:
        times.pop("unacks", None)
        times["snooze_ends"] = page.snoozed_until
    return [
        ComingUp(at, kind, page.id, page.title, rota.whose(at, "engineer")) for kind, at in times.items() if at >= now
    ]


def _closed(facts: Facts) -> list[Issue]:
    """The work that is done: issues of pages that are closed, and that something happened to in the shift."""
    behind = {issue.ref for issues in issues_behind(facts).values() for issue in issues}
    found = {issue.ref: issue for issue in facts.issues.values() if issue.state == "closed"}
    return [
        issue
        for issue in found.values()
        if facts.in_shift(issue.updated_at) and (issue.ref in behind or is_work(issue))
    ]
