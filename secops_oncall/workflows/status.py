"""The shift on one screen, from what one wave of requests can tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.answered import accepted_shifts, acted_on, left
from secops_oncall.domain.attention import acked
from secops_oncall.domain.events import Event
from secops_oncall.domain.handoff import coming_up
from secops_oncall.domain.incidents import JUDGEMENT, Incident
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts, named_pages, open_work
from secops_oncall.domain.pages import Page, urgent_first, with_issues
from secops_oncall.domain.people import Me, by_user
from secops_oncall.domain.posting import queued
from secops_oncall.domain.received import Believed
from secops_oncall.domain.reviews import counting, needing, reviews
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.said import joined, said
from secops_oncall.domain.shifts import Shift, this_shift
from secops_oncall.domain.snoozing import Turns, with_shifts
from secops_oncall.domain.status import MyRole, ReviewCount, Stale, Status, outline
from secops_oncall.domain.traces import next_steps
from secops_oncall.domain.whole import bare
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows import handing
from secops_oncall.workflows.backlog import mine
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.focus import focus_on_none, is_over
from secops_oncall.workflows.handing import hands
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.outcomes import distinct, remember
from secops_oncall.workflows.pages import ours, outage, page_issues
from secops_oncall.workflows.people import AROUND
from secops_oncall.workflows.receiving import Known, filed
from secops_oncall.workflows.returning import AHEAD
from secops_oncall.workflows.this_shift import keep

KEPT = timedelta(days=3)  # how long a post that did not go out is told of: the longest shift, and a day


@dataclass(frozen=True)
class Seen:
    """The status, and what could not be asked."""

    status: Status
    problems: list[OncallError]


@dataclass(frozen=True)
class _Work:
    """What GitLab tells in one wave: page-created issues, the Backlog items that I hold, who I am, and hand-overs."""

    issues: Sequence[Issue] = ()
    picked: Sequence[Issue] = ()
    user: str = ""
    filed: Sequence[Issue] = ()


def status(
    pagerduty: PagerDuty, gitlab: GitLab | None, journal: Journal, settings: HandoffSettings, now: datetime
) -> Seen:
    """My shift as things stand now (aware, UTC): pages, open work that I own, Backlog, what is coming; one wave.

    The journal knows the shift then, and that the page in focus is in it no longer where its work is closed. A second
    wave reads a hand-over issue's notes, while mine waits or another may wait for me.
    Raises what PagerDuty raises; where GitLab can't be asked its part is missing, and said so.
    """
    me = pagerduty.me()
    events = journal.events()
    lab = threads.start(lambda: _work(gitlab, settings, events, now))
    since, until = now - AROUND, now + AHEAD
    turns = threads.start(lambda: pagerduty.on_call(settings.roles.values(), since, until))
    manager = settings.roles["manager"]
    pages = urgent_first(with_deadlines(pagerduty, ours(pagerduty), settings.ack_minutes, manager))
    entries = turns.result()
    pages = with_shifts(pages, Turns(settings.roles["engineer"], since, until, entries))
    shift = this_shift(entries, settings.roles, me.id, now, settings.rules, accepted_shifts(events))
    keep(journal, shift, events, now)
    work, problems = lab.result()
    if gitlab and not problems and is_over(events, now, pages, work.issues):
        remember(journal, [focus_on_none(now)])
    facts = _facts(me, shift, pages, work, settings, now)
    whose = Believed(by_user(settings.people, entries, work.user, me), settings.bot)
    seen = handing.Seen(Known(me, work.user, whose, entries, []), shift, work.filed, events)
    both = hands(gitlab, journal, settings, seen, _lacks(facts, events, pages, me), now)
    told = Status(
        me=MyRole(me.id, me.name, shift.role if shift and (shift.end is None or shift.end > now) else "none"),
        shift=shift,
        pages=tuple(with_issues(pages, work.issues)),
        reviews=_reviews(events, shift, settings.reviews_due),
        incidents=tuple(_mine(facts, me, work, [*events, *both.learnt], now)),
        backlog=tuple(work.picked),
        handoff=both.own if shift and shift.role == "engineer" else None,  # nobody else hands off
        coming_up=tuple(coming_up(facts, [], Rota(shift, settings.roles, entries))) if shift else (),
        queued=(*queued(events, now - KEPT, shift.id if shift else None), *left(events, now - KEPT)),
        stale=(Stale("GitLab", None),) if outage(problems) else (),
        takeover=both.takeover,
    )
    return Seen(told, [*problems, *both.problems])


def _work(
    gitlab: GitLab | None, settings: HandoffSettings, events: Iterable[Event], now: datetime
) -> tuple[_Work, list[OncallError]]:
    if gitlab is None:
        return _Work(), []
    listed = threads.start(lambda: page_issues(gitlab, settings.sources))
    handed = threads.start(lambda: filed(gitlab, settings, now - handing.RECENT))
    work, lost = _Work(), []
    try:
        work = _Work(user=gitlab.me().username)
        work = replace(work, picked=mine(gitlab, events, settings.board) if settings.board else ())
        work = replace(work, filed=handed.result())
    except OncallError as error:
        lost = [error]
    issues, problems = listed.result()
    return replace(work, issues=issues), distinct(problems, lost)


def _facts(
    me: Me, shift: Shift | None, pages: Iterable[Page], work: _Work, settings: HandoffSettings, now: datetime
) -> Facts:
    """What is known of open work without a request for each page: no logs, alerts or comments."""
    known = {page.id: bare(page) for page in pages}
    return Facts(
        since=shift.start if shift else now,
        until=now,
        me=me.person,
        gitlab_url=settings.gitlab_url,
        open_pages=frozenset(known),
        pages=known,
        issues={issue.ref: issue for issue in work.issues},
    )


def _lacks(facts: Facts, events: Iterable[Event], pages: Iterable[Page], me: Me) -> int:
    """How many things my hand-off lacks, as far as lists and the journal tell; `handoff lint` finds the rest."""
    every = said(event for event in events if event.at >= facts.since)
    gaps = 0
    for issue, behind in open_work(facts):
        told = joined([*(page.id for page in behind), *([issue.ref] if issue else [])], every)
        tasks = next_steps([(issue.created_at, issue.description)], {}) if issue else []
        gaps += sum(not getattr(told, name) for name in JUDGEMENT if name != "next_steps" or not tasks)
    return gaps + sum(page.status == "triggered" and page.is_mine(me.id) for page in pages)


def _mine(facts: Facts, me: Me, work: _Work, events: Sequence[Event], now: datetime) -> list[Incident]:
    """The open work that I own or act on: I acked its page first, its issue is assigned to me, or I read it back."""
    found, acting, acks = [], acted_on(events, me.id), acked(events).keys()
    for issue, pages in open_work(facts):
        incident = outline(issue, pages, facts.me, now)
        by_page = incident.owner and incident.owner.id == me.id
        by_journal = incident.owner is None and issue is not None and not acks.isdisjoint(named_pages(issue))
        by_issue = issue is not None and (work.user in issue.assignees or str(issue.id) in acting)
        if by_page or by_journal or by_issue:
            found.append(incident)
    return found


def _reviews(events: Iterable[Event], shift: Shift | None, due: int) -> ReviewCount:
    """The reviews of a shift that count, and what all of its verdicts found."""
    inside = [one for one in events if shift and shift.start <= one.at and (shift.end is None or one.at <= shift.end)]
    at = tuple(review.at for review in counting(reviews(inside)))
    return ReviewCount(len(at), due, at, tuple(needing(inside)))
