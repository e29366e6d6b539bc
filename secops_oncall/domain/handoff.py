"""The hand-off of a shift: everything that the next engineer has to know, as one value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from secops_oncall.domain.events import Event, Note, notes
from secops_oncall.domain.improvements import carried
from secops_oncall.domain.incidents import Incident, Problem, incidents, listed
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts, is_work, issues_behind
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import Page, PageDetail
from secops_oncall.domain.people import INTERNAL, ROLES, OnCall, Person, Role, RoleName
from secops_oncall.domain.reviews import Review, counting, needing, reviews
from secops_oncall.domain.shifts import Shift, incoming, on_duty
from secops_oncall.domain.times import span

COVERAGE = timedelta(hours=24)
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
class ShiftPage(Page):
    """A page of the shift: seconds until its owner acked it, and whether it was escalated in the shift."""

    ack_seconds: int | None = None
    escalated: bool = False


@dataclass(frozen=True)
class Turn:
    """Who holds a role for how long; `name` None is a gap."""

    role: Role
    start: datetime
    end: datetime
    name: str | None


@dataclass(frozen=True)
class Unread:
    """What a service did not tell, and what mends it; `whole` where it told nothing at all from then on."""

    service: str
    message: str
    hint: str
    whole: bool = True


@dataclass(frozen=True)
class Handoff:
    """A shift's hand-off (interface.md, "JSON fields"). It is complete only once somebody has read it back."""

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
    accepted: None = None
    closed: tuple[Issue, ...] = field(default=(), metadata=INTERNAL)
    coverage: tuple[Turn, ...] = field(default=(), metadata=INTERNAL)
    unread: frozenset[str] = field(default=frozenset(), metadata=INTERNAL)  # services that could not be asked
    reviews_due: int = field(default=2, metadata=INTERNAL)
    today: date | None = field(default=None, metadata=INTERNAL)  # on the outgoing engineer's calendar
    time_zone: str | None = field(default=None, metadata=INTERNAL)  # of whoever reads it: the incoming engineer
    human: tuple[str, ...] = field(default=(), metadata=INTERNAL)  # issues that a review found to need a human
    gitlab_url: str = field(default="", metadata=INTERNAL)


@dataclass(frozen=True)
class Rota:
    """A shift among the turns around it."""

    shift: Shift
    roles: Mapping[Role, RoleName]
    entries: Sequence[OnCall]

    @property
    def incoming(self) -> OnCall | None:
        """Who takes over from the shift."""
        return incoming(self.shift, self.roles[self.shift.role], self.entries)

    def whose(self, moment: datetime, role: Role | None = None) -> str | None:
        """The name of whoever holds a role (the shift's own, unless one is given) at a moment."""
        entry = on_duty(self.roles[role or self.shift.role], self.entries, moment)
        return entry.person.name if entry else None

    def coverage(self, since: datetime) -> list[Turn]:
        """Who holds which role in the next 24 hours, gaps included."""
        return [turn for role in ROLES for turn in self._turns(role, since, since + COVERAGE)]

    def _turns(self, role: Role, since: datetime, until: datetime) -> list[Turn]:
        edges = {edge for entry in self.entries if self.roles[role].matches(entry) for edge in (entry.start, entry.end)}
        cuts = [since, *sorted(edge for edge in edges if edge and since < edge < until), until]
        turns: list[Turn] = []
        for start, end in pairwise(cuts):
            name = self.whose(start, role)
            if turns and turns[-1].name == name:
                start = turns.pop().start
            turns.append(Turn(role, start, end, name))
        return turns


@dataclass(frozen=True)
class Background:
    """What a hand-off tells beside the shift's work: my backlog, what was not read, reviews due, my zone and day."""

    backlog: Sequence[Issue] = ()
    unread: Sequence[Unread] = ()
    reviews_due: int = 2
    time_zone: str | None = None
    today: date | None = None


def write(facts: Facts, rota: Rota, events: Sequence[Event], background: Background) -> Handoff:
    """The hand-off of a shift, from what was read about its work and what the journal holds."""
    work = incidents(facts)
    pages = _pages(facts)
    following = rota.incoming
    every = notes(events)
    counted = counting(review for review in reviews(events) if facts.in_shift(review.at))
    improvements = carried(events, facts.in_shift)
    problems = [
        *_problems(facts, pages, work, following, background.unread),
        *_unreviewed(facts.me, len(counted), background.reviews_due),
        *_overdue(improvements, rota.shift, facts),
    ]
    return Handoff(
        shift=rota.shift,
        outgoing=facts.me,
        incoming=following.person if following else None,
        pages=tuple(pages),
        incidents=tuple(work),
        reviews=tuple(counted),
        backlog=tuple(background.backlog),
        improvements=tuple(improvements),
        notes=tuple(replace(note, shift=rota.shift.id) for note in every if facts.in_shift(note.at)),
        coming_up=tuple(coming_up(facts, work, rota)),
        problems=tuple(sorted(problems, key=lambda problem: problem.severity)),
        closed=tuple(_closed(facts)),
        coverage=tuple(rota.coverage(facts.until)),
        unread=frozenset(each.service for each in background.unread if each.whole),
        reviews_due=background.reviews_due,
        today=background.today,
        time_zone=(following.time_zone if following else None) or background.time_zone,
        human=tuple(needing(event for event in events if facts.in_shift(event.at))),
        gitlab_url=facts.gitlab_url,
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


def _pages(facts: Facts) -> list[ShiftPage]:
    """The pages that were triggered, acked or resolved in the shift, earliest first."""
    found = issues_behind(facts)
    touched = sorted(
        (page for page in facts.pages.values() if facts.touched(page)), key=lambda page: (page.created_at, page.id)
    )
    return [_shift_page(page, found[page.id], facts) for page in touched]


def _shift_page(detail: PageDetail, issues: Sequence[Issue], facts: Facts) -> ShiftPage:
    page = listed(detail, min(issues, key=lambda issue: (issue.state == "closed", issue.iid), default=None))
    triggers = [entry.at for entry in detail.timeline if entry.kind == "trigger"]
    seconds = None
    if page.owner:
        paged = max((at for at in triggers if at <= page.owner.acked_at), default=page.created_at)
        seconds = int((page.owner.acked_at - paged).total_seconds())
    escalated = any(entry.kind == "escalate" and facts.in_shift(entry.at) for entry in detail.timeline)
    return ShiftPage(**vars(page), ack_seconds=seconds, escalated=escalated)


def _closed(facts: Facts) -> list[Issue]:
    """The work that is done: issues of pages that are closed, and that something happened to in the shift."""
    behind = {issue.ref for issues in issues_behind(facts).values() for issue in issues}
    found = {issue.ref: issue for issue in facts.issues.values() if issue.state == "closed"}
    return [
        issue
        for issue in found.values()
        if facts.in_shift(issue.updated_at) and (issue.ref in behind or is_work(issue))
    ]


def _problems(
    facts: Facts,
    pages: Iterable[ShiftPage],
    work: Iterable[Incident],
    following: OnCall | None,
    unread: Iterable[Unread],
) -> list[Problem]:
    """Everything that the work of the shift lacks."""
    found = [Problem("E2", "error", each.service, "incidents", each.message, each.hint) for each in unread]
    if following is None:
        lack = "nobody is on call after this shift"
        found.append(
            Problem("E6", "error", facts.me.name, "incoming", lack, "agree who takes over, and tell the manager")
        )
    mine = (facts.pages[page] for page in facts.open_pages if page in facts.pages)
    found += [
        Problem("E7", "error", page.id, "pages", f"{page.title}: not acked yet", f"oncall ack {page.number}")
        for page in sorted(mine, key=lambda page: (page.created_at, page.id))
        if page.status == "triggered" and page.is_mine(facts.me.id)
    ]
    found += [problem for incident in work for problem in incident.problems]
    found += [
        Problem(
            "W14", "warning", page.id, "pages", f"{page.title}: resolved, and nobody acked it", "say who looked at it"
        )
        for page in pages
        if page.status == "resolved" and page.owner is None
    ]
    return found


def _unreviewed(me: Person, done: int, due: int) -> list[Problem]:
    """That the labelled issues were reviewed less often than is due (W1)."""
    if done >= due:
        return []
    what = f"the labelled issues were reviewed {done} of {due} times"
    return [Problem("W1", "warning", me.name, "reviews", what, "oncall review, or oncall review --done --why TEXT")]


def _overdue(improvements: Iterable[Note], shift: Shift, facts: Facts) -> list[Problem]:
    """The improvements that have been unfiled for longer than a shift (W9)."""
    longest = shift.end - shift.start if shift.end else timedelta(hours=12)
    late = (note for note in improvements if note.filed is None and facts.until - note.at > longest)
    return [
        Problem(
            "W9",
            "warning",
            note.short,
            "improvements",
            f"{note.kind}, unfiled for {span(facts.until - note.at)}: {note.text}",
            f"oncall improve --note {note.short}",
        )
        for note in late
    ]
