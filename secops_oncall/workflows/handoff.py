"""The hand-off: read everything that a shift's work left behind, put it together, and tell what it lacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from secops_oncall import threads
from secops_oncall.domain import handoff
from secops_oncall.domain.answered import accepted_shifts
from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.events import Event, notes
from secops_oncall.domain.handoff import Background, Handoff, Unread
from secops_oncall.domain.issues import GitLabUser, Issue, IssueQuery
from secops_oncall.domain.lint import Context, linted
from secops_oncall.domain.marks import MarkedNote
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Me, OnCall, Person, Role, RoleName, by_user, local
from secops_oncall.domain.posting import addressed, flags, posted
from secops_oncall.domain.previous import handed_on, handover_before, handover_of, marked, previous, strange_draft
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.said import TYPED, noise, said, typed_late
from secops_oncall.domain.shifts import Shift, this_shift, turns
from secops_oncall.domain.snoozing import Turns, with_shifts
from secops_oncall.domain.text import quoted
from secops_oncall.errors import NotFoundError, OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows.backlog import BoardName
from secops_oncall.workflows.handoff_reading import Reading, Sources
from secops_oncall.workflows.people import user_named
from secops_oncall.workflows.refs import page_ref
from secops_oncall.workflows.returning import AHEAD
from secops_oncall.workflows.shift import NO_SHIFT, named_shift

BEFORE, AFTER = timedelta(days=3), AHEAD  # around now: the longest shift, a weekend, and every snooze lie in it


@dataclass(frozen=True)
class HandoffSettings:
    """What a hand-off needs to know: `sources` say where page-created issues lie, `people` whose GitLab name is whose.

    `people` maps GitLab user names to e-mails in PagerDuty; `bot` is the GitLab user name of the automation, whose
    marks count like theirs. `places` are ours: whatever lies elsewhere is another team's.
    """

    roles: Mapping[Role, RoleName]
    gitlab_url: str = "https://gitlab.com"
    sources: tuple[IssueQuery, ...] = ()
    board: BoardName | None = None
    ack_minutes: int = 15
    reviews_due: int = 2
    people: Mapping[str, str] = field(default_factory=dict)
    rules: ShiftRules = RULES
    destinations: Destinations = field(default_factory=Destinations)
    bot: str | None = None
    places: tuple[IssueQuery, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which hand-off: this shift's, unless `shift` names another (read in `zone`), and to whom but whose turn is next.

    `to` is a USER; without one it is whom an earlier post of that shift named, if it did.
    """

    shift: str | None = None
    zone: tzinfo = UTC
    to: str | None = None


@dataclass(frozen=True)
class Composed:
    """The hand-off, and what could not be asked: each of these is among the hand-off's own problems, too.

    With `context` it is linted again after an edit. `facts` are what it was made of, the notes of its own hand-over
    issue among them; `user` is who I am in GitLab, `lost` the first reason by service for which it told not everything,
    and `named` who was named to take over; `own` is what was typed for it, and when.
    """

    handoff: Handoff
    problems: list[OncallError]
    context: Context
    facts: Facts
    user: GitLabUser | None = None
    lost: Mapping[str, OncallError] = field(default_factory=dict)
    named: Person | None = None
    own: Sequence[Event] = ()

    @property
    def believed(self) -> frozenset[str]:
        """Those whose marks count, as Facts has them."""
        return self.facts.believed


def compose(
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    journal: Journal,
    settings: HandoffSettings,
    now: datetime,
    wanted: Wanted | None = None,
) -> Composed:
    """The hand-off of my shift as things stand now (aware, UTC), in four waves; five where another shift is named.

    Raises UsageError where I have no shift, and what PagerDuty raises where it can't tell that. Whatever else can't be
    read is told in the hand-off (E2): one service's outage must not cost what the other one knows.
    """
    me, asked, project = pagerduty.me(), wanted or Wanted(), settings.destinations.project
    sources = Sources(settings.roles["manager"], settings.sources, settings.board, project, settings.ack_minutes)
    reading, events = Reading(pagerduty, gitlab, sources), journal.events()
    named = _named(pagerduty, settings, asked, events, now)
    until = min(now, (named.end if named else None) or now)
    since, ahead = (named.start if named else now) - BEFORE, until + AFTER
    entries = threads.start(lambda: pagerduty.on_call(settings.roles.values(), since, ahead))
    listed = threads.start(lambda: reading.issues(settings.sources))
    handovers = threads.start(lambda: reading.handovers(until))
    backlog = threads.start(lambda: reading.backlog(events))
    to = threads.start(lambda: user_named(pagerduty, asked.to) if asked.to else None)
    pages = reading.open_pages()
    rota = _rota(entries.result(), named, settings, events, me, now)
    rota = replace(rota, named=to.result() or addressed(events, rota.shift.id))
    picked, user = backlog.result()
    facts = _begun(_facts(rota, settings, me, user, events, now), pages, listed.result(), now)
    before = handover_before(handovers.result(), rota.shift, facts.believed)
    own = handover_of(handovers.result(), rota.shift.id, _writers(user, settings))
    comments, answers = (threads.start(partial(reading.comments, issue)) for issue in (before, own))
    facts = reading.follow(facts, me.teams)
    returning = with_shifts(facts.pages.values(), Turns(settings.roles["engineer"], since, ahead, rota.entries))
    facts = replace(facts, pages={page.id: page for page in returning})
    background = Background(
        picked,
        reading.unread,
        settings.reviews_due,
        me.time_zone,
        (local(now, me.time_zone) or now).date(),
        previous(before, marked(comments.result(), facts.believed), _handoffs(facts)),
        own,
    )
    own_words = _shifts_own(events, rota, now)
    strange = strange_draft(handovers.result(), rota.shift.id, _writers(user, settings))
    context = _context(facts, rota, settings, reading.unread, own_words)
    so = flags(rota.shift.id if asked.shift else None, None)
    context = replace(context, strange=strange, flags=so, astray=reading.astray)
    written = linted(handoff.write(facts, rota, events, background), context)
    facts = replace(facts, comments={**facts.comments, **({own.ref: answers.result()} if own else {})})
    written = handoff.fated(written, facts, own, posted(events, rota.shift.id))
    return Composed(written, reading.problems, context, facts, user, reading.lost, rota.named, own_words)


def of_page(whole: Handoff, named: str) -> Handoff:
    """What a hand-off tells of a PAGE; NotFoundError where that is no open work, UsageError where it is no page."""
    found = handoff.about(whole, page_ref(named))
    if found is None:
        raise NotFoundError(f"page {quoted(named)} is no open work of this shift", "oncall handoff")
    return found


def _named(
    pagerduty: PagerDuty, settings: HandoffSettings, asked: Wanted, events: Sequence[Event], now: datetime
) -> Shift | None:
    """The shift that was asked for, unless it is this one."""
    if not asked.shift:
        return None
    accepted = accepted_shifts(events)
    return named_shift(pagerduty, settings.roles, asked.shift, now, asked.zone, settings.rules, accepted)


def _rota(
    entries: Sequence[OnCall],
    named: Shift | None,
    settings: HandoffSettings,
    events: Sequence[Event],
    me: Me,
    now: datetime,
) -> Rota:
    """The shift among the turns around it; UsageError where I have none."""
    shift = named or this_shift(entries, settings.roles, me.id, now, settings.rules, accepted_shifts(events))
    if shift is None:
        raise UsageError(NO_SHIFT, "name one: --shift -1")
    return Rota(shift, settings.roles, entries)


def _facts(
    rota: Rota, settings: HandoffSettings, me: Me, user: GitLabUser | None, events: Sequence[Event], now: datetime
) -> Facts:
    """What is known before anything of the shift's work is read."""
    shift, own = rota.shift, _shifts_own(events, rota, now)
    authors = {*settings.people, *_writers(user, settings)}
    return Facts(
        since=shift.start,
        until=min(now, shift.end or now),
        me=me.person,
        gitlab_url=settings.gitlab_url,
        journal=[note for note in notes(events, shift.start) if note.at <= now],
        said=said(own),
        people=by_user(settings.people, rota.entries, user.username if user else "", me),
        covered=rota.taking_over is not None,
        zones={**{entry.person.id: entry.time_zone for entry in rota.entries}, me.id: me.time_zone},
        noise=noise(own),
        bot=settings.bot,
        believed=frozenset(author.casefold() for author in authors),
        shift=shift.id,
        channel=settings.destinations.channel,
    )


def _writers(user: GitLabUser | None, settings: HandoffSettings) -> list[str]:
    """Who writes the hand-over issue of my shift, by GitLab user name: I, or the automation."""
    return [*([user.username] if user else []), *([settings.bot] if settings.bot else [])]


def _begun(facts: Facts, pages: Iterable[Page], issues: Iterable[Issue], now: datetime) -> Facts:
    """The facts with the pages and issues that were listed; what began after a shift is the next one's."""
    over = facts.until < now
    return replace(
        facts,
        open_pages=frozenset(page.id for page in pages if not over or page.created_at <= facts.until),
        issues={issue.ref: issue for issue in issues if not over or issue.created_at <= facts.until},
    )


def _shifts_own(events: Sequence[Event], rota: Rota, now: datetime) -> list[Event]:
    """What was typed for a shift: from its start on, as long as my next one has not begun, and what names it."""
    shift = rota.shift
    later = (
        one.start
        for one in (turns(shift.role, rota.entries, rota.roles, shift.start, now) if shift.end else [])
        if one.user and shift.user and one.user.id == shift.user.id and shift.end and one.start >= shift.end
    )
    until = min(later, default=None)
    lies_in_it = [event for event in events if shift.start <= event.at and (until is None or event.at < until)]
    return [*lies_in_it, *typed_late(events, shift.id)]


def _handoffs(facts: Facts) -> list[MarkedNote]:
    """The hand-offs of other shifts that stand in the issues which were read."""
    ours = (marked(comments, facts.believed) for comments in facts.comments.values())
    return [note for some in ours for note in handed_on(some, facts.shift)]


def _context(
    facts: Facts, rota: Rota, settings: HandoffSettings, unread: Sequence[Unread], own: Iterable[Event]
) -> Context:
    """What lint looks at beside the hand-off."""
    mine = (facts.pages[id] for id in facts.open_pages if id in facts.pages)
    return Context(
        facts.until,
        unread,
        [page for page in mine if page.status == "triggered" and page.is_mine(facts.me.id)],
        rota.entries,
        max((event.at for event in own if event.kind == TYPED), default=None),
        settings.places,
        rota.goes_on,
        settings.destinations,
    )
