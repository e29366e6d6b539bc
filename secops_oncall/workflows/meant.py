"""Which incident is meant, and all that its notes tell of who has it: named, in focus, or the one that is mine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.charge import Charge, charge
from secops_oncall.domain.incidents import Incident, owner_of
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote, new_home
from secops_oncall.domain.notices import About
from secops_oncall.domain.open_work import named_pages
from secops_oncall.domain.pages import Owner, Page, issue_links, naming, owner_from_log
from secops_oncall.domain.people import Me, OnCall, Person, by_user
from secops_oncall.domain.shifts import this_shift
from secops_oncall.domain.slack import Message
from secops_oncall.domain.slack_threads import threads as threads_in
from secops_oncall.domain.whole import whole
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.workflows.focus import focused
from secops_oncall.workflows.incidents import Desk, Work, list_work
from secops_oncall.workflows.pages import page_issues
from secops_oncall.workflows.people import AROUND
from secops_oncall.workflows.refs import page_ref, same_account
from secops_oncall.workflows.writing import writer

Choose = Callable[[Sequence[Incident]], Incident]


@dataclass(frozen=True)
class Named:
    """What was named: a PAGE as it was typed, an issue as `group/project#12`, or nothing at all."""

    page: str | None = None
    issue: str | None = None


@dataclass(frozen=True)
class Meant:
    """An incident's issue with its notes, who has it by these, and who I am.

    `people` are known by their GitLab user name, `entries` say who is on call around now; `pages` are the ids of its
    pages, `echo` what to say of how it was found where nobody named it.
    """

    issue: Issue
    pages: tuple[str, ...]
    notes: Sequence[IssueNote]
    charge: Charge
    people: Mapping[str, Person]
    entries: Sequence[OnCall]
    me: Me
    user: GitLabUser
    about: About
    echo: str = ""

    @property
    def threads(self) -> list[Message]:
        """The Slack threads that people of ours linked in its notes, the last one first."""
        known = {user.casefold() for user in self.people}
        ours = [note.text for note in self.notes if note.author.casefold() in known and not note.system]
        return threads_in(reversed(ours))


@dataclass(frozen=True)
class _Found:
    issue: Issue
    pages: tuple[str, ...] = field(default=())
    echo: str = ""


@dataclass(frozen=True)
class Wish:
    """Which of the open work may be meant where nothing is named, and what to say where that is none."""

    pick: Callable[[Work], Sequence[Incident]]
    none: str


MINE = Wish(lambda work: work.mine, "no open incident is yours")
AWAY = Wish(
    lambda work: [each for each in work.incidents if each.charge.is_on_break(work.user)],
    "you are on a break from no open incident",
)
HELD = Wish(
    lambda work: [each for each in work.incidents if any(page.acked_by(work.me.id) for page in each.pages)],
    "no open page is acked by you",
)


def meant(
    desk: Desk, named: Named, wish: Wish, choose: Choose, now: datetime, *, follow: bool = False, whose: bool = False
) -> Meant:
    """The incident that is named, else (to `follow` it) in focus, else the one that is wished for: of several, chosen.

    Two waves to all that its notes tell, two more where nothing is named, and one where `whose` it is matters. Raises
    UsageError for a page behind several issues, for an issue that was moved, and where nothing fits the wish;
    NotFoundError for what isn't there and for a page without an issue; AuthError for a token that may not write in my
    own name.
    """
    user = threads.start(lambda: writer(desk.gitlab, "note"))
    found = _found(desk, named, wish, choose, now, follow=follow)
    turns = threads.start(lambda: desk.pagerduty.on_call(desk.settings.roles.values(), now - AROUND, now + AROUND))
    noted = threads.start(lambda: desk.gitlab.notes(found.issue.ref))
    pages = tuple(dict.fromkeys([*found.pages, *named_pages(found.issue)]))
    owner = _owner(desk, pages) if whose else None
    entries, notes, writes_as, me = turns.result(), noted.result(), user.result(), desk.pagerduty.me()
    if found.issue.moved:
        raise _moved(found.issue, notes)
    people = by_user(desk.settings.people, entries, writes_as.username, me)
    charged = charge(notes, owner_of(owner, people.values()), people, desk.settings.bot)
    shift = this_shift(entries, desk.settings.roles, me.id, now, desk.settings.rules)
    about = About(found.issue, me.person, charged.owner, desk.settings.destinations.handles, shift.id if shift else "")
    return Meant(found.issue, pages, notes, charged, people, entries, me, writes_as, about, found.echo)


def _found(desk: Desk, named: Named, wish: Wish, choose: Choose, now: datetime, *, follow: bool) -> _Found:
    if named.page and named.issue:
        raise UsageError("--page and --issue contradict each other", "give one of them")
    if named.issue:
        return _Found(desk.gitlab.issue(named.issue))
    if named.page:
        return _behind(desk, named.page)
    seen = focused(desk.journal, now) if follow else None
    if seen:
        found = _behind(desk, seen.id)
        return _Found(found.issue, found.pages, f"in focus: {seen.number} {seen.title}")
    return _chosen(desk, wish, choose, now)


def _behind(desk: Desk, text: str) -> _Found:
    """The issue of a PAGE: the open one that names it, else one that the page links, which takes two more waves.

    Else the newest of those that are closed by now, or were moved to where nobody looks for the issues of pages.
    """
    listed = threads.start(lambda: page_issues(desk.gitlab, desk.settings.sources))
    page = same_account(text, desk.pagerduty.page(page_ref(text)))
    issues, problems = listed.result()
    found = naming(issues, page.id) or _linked(desk, page)
    if len(found) > 1:
        refs = ", ".join(issue.ref for issue in found)
        raise UsageError(f"several issues name page {page.number}: {refs}", "name one of them with --issue")
    if not found:
        if problems:
            raise problems[0]
        found = _past(desk, page)
    if not found:
        raise NotFoundError(f"page {page.number} has no issue yet", f"oncall incident file {page.number}")
    return _Found(found[0], (page.id,))


def _past(desk: Desk, page: Page) -> list[Issue]:
    """The newest closed issue that names a page, none where there is none."""
    queries = [replace(each, state="closed", search=page.id) for each in desk.settings.sources]
    closed = [issue for some in threads.each(desk.gitlab.issues, queries) for issue in naming(some, page.id)]
    return sorted(closed, key=lambda issue: issue.created_at)[-1:]


def _moved(issue: Issue, notes: Sequence[IssueNote]) -> UsageError:
    """That an issue lives elsewhere now: nobody reads what is said on the one that it left behind."""
    there = new_home(notes, issue.ref)
    if there is None:
        return UsageError(f"{issue.ref} was moved to another project", f"oncall open {issue.ref}, which leads there")
    return UsageError(f"{issue.ref} was moved: it is {there} now", f"the same command with --issue {there}")


def _linked(desk: Desk, page: Page) -> list[Issue]:
    """The issues that a page's alerts, notes and custom fields link."""
    alerts = threads.start(lambda: desk.pagerduty.alerts(page.id))
    kin = threads.start(lambda: desk.pagerduty.kin(page.id))
    notes = desk.pagerduty.notes(page.id)
    detail = whole(page, (), alerts.result(), notes).with_kin(kin.result())
    return threads.each(desk.gitlab.issue, issue_links(detail, desk.settings.gitlab_url))


def _chosen(desk: Desk, wish: Wish, choose: Choose, now: datetime) -> _Found:
    work = list_work(desk.pagerduty, desk.gitlab, desk.journal, desk.settings, now, notes=True)
    fitting = list(wish.pick(work))
    if not fitting:
        if work.problems:
            raise work.problems[0]
        raise UsageError(wish.none, "name one, --issue group/project#12 or --page; all of them: oncall incident")
    one = fitting[0] if len(fitting) == 1 else choose(fitting)
    if one.issue is None:
        number = one.pages[0].number
        raise NotFoundError(f"page {number} has no issue yet", f"oncall incident file {number}")
    pages = tuple(page.id for page in one.pages)
    return _Found(one.issue, pages, f"incident: {one.issue.ref} {one.issue.title}" if len(fitting) == 1 else "")


def _owner(desk: Desk, pages: Sequence[str]) -> Owner | None:
    """Who first acked the earliest of the pages that are there."""

    def read(id: str) -> Page | None:
        try:
            return desk.pagerduty.page(id)
        except NotFoundError:
            return None  # an issue may quote what only looks like an id

    found = [page for page in threads.each(read, pages) if page]
    if not found:
        return None
    first = min(found, key=lambda page: (page.created_at, page.number))
    return owner_from_log(desk.pagerduty.log(first.id)) or first.owner
