"""The shift on one screen, from what one wave of requests can tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.handoff import coming_up
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts, named_pages, open_work
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.pages import Page, PageDetail, PageQuery, urgent_first, with_issues
from secops_oncall.domain.people import Me
from secops_oncall.domain.reviews import counting, needing, reviews
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.shifts import Shift, this_shift
from secops_oncall.domain.snoozing import Turns, with_shifts
from secops_oncall.domain.status import MyRole, ReviewCount, Stale, Status, outline
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows.backlog import mine
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.focus import focus_on_none, is_over
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.pages import outage, page_issues
from secops_oncall.workflows.people import AROUND
from secops_oncall.workflows.returning import AHEAD
from secops_oncall.workflows.this_shift import keep


@dataclass(frozen=True)
class Seen:
    """The status, and what could not be asked."""

    status: Status
    problems: list[OncallError]


@dataclass(frozen=True)
class _Work:
    """What GitLab tells in one wave: page-created issues, the Backlog items that I hold, and my user name."""

    issues: Sequence[Issue] = ()
    picked: Sequence[Issue] = ()
    user: str = ""


def status(
    pagerduty: PagerDuty, gitlab: GitLab | None, journal: Journal, settings: HandoffSettings, now: datetime
) -> Seen:
    """My shift as things stand now (aware, UTC): pages, open work that I own, Backlog, what is coming; one wave.

    The journal knows the shift then, and that the page in focus is in it no longer where its work is closed.
    Raises what PagerDuty raises; where GitLab can't be asked its part is missing, and said so.
    """
    me = pagerduty.me()
    events = journal.events()
    lab = threads.start(lambda: _work(gitlab, settings, events))
    since, until = now - AROUND, now + AHEAD
    turns = threads.start(lambda: pagerduty.on_call(settings.roles.values(), since, until))
    queries = [PageQuery(users=(me.id,)), *([PageQuery(teams=me.teams)] if me.teams else [])]
    listed = [page for some in threads.each(pagerduty.pages, queries) for page in some]
    pages = urgent_first(with_deadlines(pagerduty, listed, settings.ack_minutes, settings.roles["manager"]))
    entries = turns.result()
    pages = with_shifts(pages, Turns(settings.roles["engineer"], since, until, entries))
    shift = this_shift(entries, settings.roles, me.id, now, settings.rules)
    keep(journal, shift, events, now)
    work, problems = lab.result()
    if gitlab and not problems and is_over(events, now, pages, work.issues):
        remember(journal, [focus_on_none(now)])
    facts = _facts(me, shift, pages, work, settings, now)
    told = Status(
        me=MyRole(me.id, me.name, shift.role if shift and (shift.end is None or shift.end > now) else "none"),
        shift=shift,
        pages=tuple(with_issues(pages, work.issues)),
        reviews=_reviews(events, shift, settings.reviews_due),
        incidents=tuple(_mine(facts, me, work, events, now)),
        backlog=tuple(work.picked),
        coming_up=tuple(coming_up(facts, [], Rota(shift, settings.roles, entries))) if shift else (),
        stale=(Stale("GitLab", None),) if outage(problems) else (),
    )
    return Seen(told, problems)


def _work(gitlab: GitLab | None, settings: HandoffSettings, events: Iterable[Event]) -> tuple[_Work, list[OncallError]]:
    if gitlab is None:
        return _Work(), []
    listed = threads.start(lambda: page_issues(gitlab, settings.sources))
    work, lost = _Work(), []
    try:
        work = _Work(user=gitlab.me().username)
        work = replace(work, picked=mine(gitlab, events, settings.board) if settings.board else ())
    except OncallError as error:
        lost = [error]
    issues, problems = listed.result()
    told = {each.message: each for each in (*problems, *lost)}
    return replace(work, issues=issues), list(told.values())


def _facts(
    me: Me, shift: Shift | None, pages: Iterable[Page], work: _Work, settings: HandoffSettings, now: datetime
) -> Facts:
    """What is known of open work without a request for each page: no logs, alerts or comments."""
    known = {page.id: PageDetail(**{each.name: getattr(page, each.name) for each in fields(Page)}) for page in pages}
    return Facts(
        since=shift.start if shift else now,
        until=now,
        me=me.person,
        gitlab_url=settings.gitlab_url,
        open_pages=frozenset(known),
        pages=known,
        issues={issue.ref: issue for issue in work.issues},
    )


def _mine(facts: Facts, me: Me, work: _Work, events: Iterable[Event], now: datetime) -> list[Incident]:
    """The open work that I own or act on: I acked its page first, or its issue is assigned to me."""
    acks = (event for event in events if event.kind == "ack" and event.data.get("result") == Result.DONE)
    acked = {event.subject for event in acks if event.data.get("code") != "joined"}
    found = []
    for issue, pages in open_work(facts):
        incident = outline(issue, pages, facts.me, now)
        by_page = incident.owner and incident.owner.id == me.id
        by_journal = incident.owner is None and issue is not None and not acked.isdisjoint(named_pages(issue))
        by_issue = issue is not None and work.user in issue.assignees
        if by_page or by_journal or by_issue:
            found.append(incident)
    return found


def _reviews(events: Iterable[Event], shift: Shift | None, due: int) -> ReviewCount:
    """The reviews of a shift that count, and what all of its verdicts found."""
    inside = [one for one in events if shift and shift.start <= one.at and (shift.end is None or one.at <= shift.end)]
    at = tuple(review.at for review in counting(reviews(inside)))
    return ReviewCount(len(at), due, at, tuple(needing(inside)))
