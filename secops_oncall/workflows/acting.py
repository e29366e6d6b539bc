"""Acking and resolving: look first, change what may be changed, and tell every outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import DRY_RUN, THERE, Outcome, Result, of_page
from secops_oncall.domain.pages import Page, PageQuery, urgent_first
from secops_oncall.domain.people import Me
from secops_oncall.domain.times import clock
from secops_oncall.errors import NotFoundError, OncallError, UsageError
from secops_oncall.ports import Journal, PagerDuty
from secops_oncall.workflows.focus import focus_on
from secops_oncall.workflows.outcomes import Acted, failed, remember
from secops_oncall.workflows.pages import ours
from secops_oncall.workflows.refs import page_ref, same_account

FEW = 4  # pages that are read one by one; of more, one list and the rest singly (interface.md, "Round trips")

Choose = Callable[[Sequence[Page]], Sequence[Page]]
Judge = Callable[[Page], Outcome | None]


@dataclass(frozen=True)
class Asked:
    """What the engineer asked for: pages by name, or `every` one that is theirs; `piped` names came from a pipe."""

    refs: tuple[str, ...] = ()
    every: bool = False
    piped: bool = False
    force: bool = False
    dry_run: bool = False

    @property
    def names(self) -> dict[str, str]:
        """The id or number that each of the names means; UsageError for a name that means none."""
        return {text: page_ref(text) for text in self.refs}

    @property
    def few(self) -> bool:
        """Whether pages are named, and so few that each is read by itself: no list of pages is asked for."""
        return 0 < len(set(self.names.values())) <= FEW


@dataclass(frozen=True)
class Looked:
    """What was asked for as it is now; `listed` are the open pages that it took to list, None where it took none."""

    found: list[Page | Outcome]
    listed: list[Page] | None = None


@dataclass(frozen=True)
class Changed(Acted):
    """What became of pages, and the pages themselves by id, as they were looked at, or acked now as PagerDuty says.

    `waiting` are those of mine that were seen and are unacked still, None where no list of them was asked for.
    """

    pages: Mapping[str, Page] = field(default_factory=dict)
    waiting: list[Page] | None = None

    def those(self, *results: Result) -> list[Page]:
        """The pages that ended in one of these ways, as they were asked for."""
        return [self.pages[one.id] for one in self.outcomes if one.result in results and one.id in self.pages]


def acknowledge(pagerduty: PagerDuty, journal: Journal, asked: Asked, choose: Choose, now: datetime) -> Changed:
    """Ack what was asked for, and put it in focus. Never re-acks, takes over or reopens; two waves.

    With no page named: the one triggered page that is mine; `choose` is asked where there are several.
    """
    me = pagerduty.me()

    def judge(page: Page) -> Outcome | None:
        return _why_no_ack(page, me, asked, now)

    looked = look(pagerduty, asked, choose, lambda: pagerduty.pages(PageQuery(("triggered",), users=(me.id,))))
    outcomes = _act(looked.found, judge, pagerduty.acknowledge, dry_run=asked.dry_run)
    events = sent("ack", outcomes, now)
    changed = Changed(outcomes, pages=_pages(looked.found))
    held = urgent_first(changed.those(*THERE))
    if held and not asked.dry_run:
        events.append(focus_on(held[0], now))
    pages = {one.id: _acked(page, one) for one in outcomes if (page := changed.pages.get(one.id))}
    return Changed(outcomes, remember(journal, events), pages, _waiting(looked, held, me))


def resolve(pagerduty: PagerDuty, journal: Journal, asked: Asked, choose: Choose, now: datetime) -> Changed:
    """Resolve the alarm of what was asked for; a page that nobody acked is refused unless forced. Two waves.

    With no page named: the one open page that I acked, never the focus; `choose` is asked where it isn't one.
    """
    me = pagerduty.me()

    looked = look(pagerduty, asked, choose, lambda: acked_by_me(pagerduty, me, "resolve"))
    outcomes = _act(looked.found, lambda page: _why_no_resolve(page, asked), pagerduty.resolve, dry_run=asked.dry_run)
    problems = remember(journal, sent("resolve", outcomes, now))
    pages = _pages(looked.found)
    return Changed([_goes_on(one, pages.get(one.id), me) for one in outcomes], problems, pages)


def acked_by_me(pagerduty: PagerDuty, me: Me, verb: str) -> list[Page]:
    """The open pages that I have acked; UsageError, naming the command, where there is none."""
    acked = [page for page in ours(pagerduty, PageQuery(("acknowledged",))) if page.acked_by(me.id)]
    if not acked:
        raise UsageError(f"no open page is acked by you, so there is none to {verb}", f"oncall {verb} PAGE")
    return acked


def look(pagerduty: PagerDuty, asked: Asked, choose: Choose, mine: Callable[[], list[Page]]) -> Looked:
    """Every page that was asked for as it is now, each once; one that can't be read is an outcome already."""
    if asked.piped and not asked.refs:
        return Looked([])
    if asked.refs:
        return _named(pagerduty, asked.names)
    pages = urgent_first(mine())
    if asked.every or len(pages) < 2:
        return Looked(list(pages), pages)
    # Choosing takes a while, in which a colleague may have acked or resolved what is on the screen.
    chosen = _named(pagerduty, {page.id: page.id for page in choose(pages)})
    return replace(chosen, listed=pages) if chosen.listed is None else chosen


def _named(pagerduty: PagerDuty, names: Mapping[str, str]) -> Looked:
    """The pages of the ids and numbers that were typed in some form, each once; a single one that fails raises."""
    refs = list(dict.fromkeys(names.values()))
    if len(refs) == 1:
        page = pagerduty.page(refs[0])
        for typed in names:
            same_account(typed, page)
        return Looked([page])
    listed = pagerduty.pages(PageQuery()) if len(refs) > FEW else None
    known = {key: page for page in listed or () for key in (page.id, str(page.number))}
    read = threads.each(lambda ref: known.get(ref) or _read(pagerduty, ref), refs)
    found = dict(zip(refs, read, strict=True))
    looked = [_ours(typed, found[ref]) for typed, ref in names.items()]
    return Looked(list({each.id: each for each in looked}.values()), listed)


def _read(pagerduty: PagerDuty, ref: str) -> Page | Outcome:
    try:
        return pagerduty.page(ref)
    except OncallError as error:
        return _unread(ref, error)


def _ours(typed: str, found: Page | Outcome) -> Page | Outcome:
    try:
        return same_account(typed, found) if isinstance(found, Page) else found
    except NotFoundError as error:
        return _unread(typed, error)


def _unread(name: str, error: OncallError) -> Outcome:
    return failed(Outcome(name, Result.FAILED), error)


def _act(
    looked: Sequence[Page | Outcome],
    judge: Judge,
    write: Callable[[Sequence[Page]], list[Outcome]],
    *,
    dry_run: bool,
) -> list[Outcome]:
    """Write what may be written; the outcomes in the order in which the pages were asked for."""
    judged = {each.id: each if isinstance(each, Outcome) else judge(each) for each in looked}
    wanted = [page for page in looked if isinstance(page, Page) and judged[page.id] is None]
    if dry_run:
        written = [of_page(page, Result.PLANNED, "dry_run", DRY_RUN) for page in wanted]
    else:
        written = write(wanted) if wanted else []
    answered = {one.id: one for one in written}
    return [judged[each.id] or answered[each.id] for each in looked]


def _waiting(looked: Looked, held: Sequence[Page], me: Me) -> list[Page] | None:
    """The triggered pages of mine among those that were listed, but for those that I hold now."""
    if looked.listed is None:
        return None
    done, fresh = {page.id for page in held}, _pages(looked.found)
    now = (fresh.get(page.id, page) for page in looked.listed if page.id not in done)
    return [page for page in now if page.status == "triggered" and page.is_mine(me.id)]


def _acked(page: Page, outcome: Outcome) -> Page:
    """A page with what its ack changed, where PagerDuty's answer tells it; the rest that answer may leave out."""
    now = outcome.page
    if now is None:
        return page
    return replace(page, status=now.status, acknowledged_by=now.acknowledged_by, owner=now.owner, pending=now.pending)


def _pages(looked: Sequence[Page | Outcome]) -> dict[str, Page]:
    return {page.id: page for page in looked if isinstance(page, Page)}


def _why_no_ack(page: Page, me: Me, asked: Asked, now: datetime) -> Outcome | None:
    """The outcome of a page that is not to be acked, None for one that is."""
    owner = f"owned by {page.owner.name} since {clock(page.owner.acked_at, now)}" if page.owner else "acked already"
    if page.status == "resolved":
        return of_page(page, Result.REFUSED, "resolved", "it is resolved, and an ack would reopen it")
    if page.acked_by(me.id):
        yours = page.owner is None or page.owner.id == me.id
        return of_page(page, Result.ALREADY, "mine" if yours else "joined", "yours already" if yours else owner)
    if page.acknowledged_by and not asked.force:
        return of_page(page, Result.REFUSED, "owned", f"{owner}; --force joins, and ownership stays")
    if asked.piped and not asked.force and not page.is_mine(me.id):
        who = ", ".join(person.name for person in page.assigned_to) or "nobody"
        return of_page(page, Result.REFUSED, "not_mine", f"assigned to {who}, not to you; --force acks it")
    return None


def _why_no_resolve(page: Page, asked: Asked) -> Outcome | None:
    """The outcome of a page that is not to be resolved, None for one that is."""
    if page.status == "resolved":
        return of_page(page, Result.ALREADY, "resolved", "resolved already")
    if page.is_free and not asked.force:
        nobody = "nobody" if page.status == "triggered" else "only an integration"
        refused = of_page(page, Result.REFUSED, "unacked", f"{nobody} has acked it, so nobody would own the work")
        return replace(refused, hint=f"oncall ack {page.number}")
    return None


def _goes_on(outcome: Outcome, page: Page | None, me: Me) -> Outcome:
    """What a resolve means: whose work it is, where it isn't mine, and that it goes on."""
    if outcome.result is not Result.DONE or outcome.message:
        return outcome
    owner = page.owner if page and page.owner and page.owner.id != me.id else None
    whose = f" and is still {owner.name}'s" if owner else ""
    return replace(outcome, message=f"the alarm is off; the work goes on in its issue{whose}")


def sent(kind: str, outcomes: Sequence[Outcome], now: datetime) -> list[Event]:
    """What was sent, with what became of it, for the journal."""
    tried = [one for one in outcomes if one.result in (Result.DONE, Result.FAILED, Result.UNKNOWN) and one.number]
    return [Event(now, kind, one.id, one.title, {"result": one.result, "code": one.code}) for one in tried]
