"""Open work: the issues and pages of a shift that somebody still has to see through, and which page is behind which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from secops_oncall.domain.events import Note
from secops_oncall.domain.issues import Issue, IssueNote, IssueQuery, LinkedIssue
from secops_oncall.domain.pages import PageDetail, issue_links
from secops_oncall.domain.people import Person
from secops_oncall.domain.refs import pages_in
from secops_oncall.domain.said import Said

HANDOVER = "On-Call Handover "  # how the title of a hand-over issue begins: it is never open work
MOST = 100  # pages that one issue may name: its description may quote whatever an attacker wrote


@dataclass(frozen=True)
class Facts:
    """What was read about a shift's work: pages by id, issues and what hangs on them by the ref that names them.

    `open_pages` are the open ones of mine and my teams'; `said` is what was typed, by incident or page, and `noise`
    the pages that were called so; `people` are known by their GitLab user name, and `bot` is the automation's, `zones`
    by their PagerDuty id; `covered` says whether somebody takes over when the shift ends. A mark counts where its
    author, by GitLab user name in lower case, is among the `believed`; `shift` is the id of the shift itself, `channel`
    where hand-offs are told.
    """

    since: datetime
    until: datetime
    me: Person
    gitlab_url: str
    open_pages: frozenset[str] = frozenset()
    pages: Mapping[str, PageDetail] = field(default_factory=dict)
    issues: Mapping[str, Issue] = field(default_factory=dict)
    comments: Mapping[str, Sequence[IssueNote]] = field(default_factory=dict)
    links: Mapping[str, Sequence[LinkedIssue]] = field(default_factory=dict)
    journal: Sequence[Note] = ()
    said: Mapping[str, Said] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    covered: bool = True
    bot: str | None = None
    zones: Mapping[str, str | None] = field(default_factory=dict)
    noise: frozenset[str] = frozenset()
    believed: frozenset[str] = frozenset()
    shift: str = ""
    channel: str | None = None

    @property
    def names(self) -> dict[str, str]:
        """People's own names by their GitLab user names."""
        return {name: person.name for name, person in self.people.items()}

    def in_shift(self, moment: datetime) -> bool:
        """Whether a moment lies in the shift, as far as it has gone."""
        return self.since <= moment <= self.until

    def touched(self, page: PageDetail) -> bool:
        """Whether a page was triggered, acked or resolved in the shift."""
        kinds = ("trigger", "acknowledge", "resolve")
        return any(entry.kind in kinds and self.in_shift(entry.at) for entry in page.timeline)

    def is_open(self, page: PageDetail) -> bool:
        """Whether a page of mine or my teams' is open: it may have been resolved since it was listed."""
        return page.id in self.open_pages and page.status != "resolved"

    def live(self, page: PageDetail) -> bool:
        """Whether a page is this shift's business: open, or touched in the shift."""
        return page.id in self.open_pages or self.touched(page)


def handovers_in(project: str, since: datetime) -> IssueQuery:
    """What lists a project's hand-over issues, open and closed, to which something has happened since a moment."""
    return IssueQuery(project, "project", state="all", search=HANDOVER.strip(), updated_after=since)


def named_pages(issue: Issue) -> list[str]:
    """The ids of the pages that an issue's description names, at most MOST of them."""
    return sorted(pages_in(issue.description))[:MOST]


def is_work(issue: Issue) -> bool:
    """Whether an issue is about a page, by its description; a hand-over issue only tells of work."""
    return not issue.title.startswith(HANDOVER) and bool(named_pages(issue))


def named_issues(facts: Facts) -> set[str]:
    """The refs of the issues that open pages and those of the shift name in their alerts, links and notes."""
    live = (page for page in facts.pages.values() if facts.live(page))
    return {ref for page in live for ref in issue_links(page, facts.gitlab_url)}


def issues_behind(facts: Facts) -> dict[str, list[Issue]]:
    """The issues of every page, by its id: those that it names, and those that name it; no hand-over issues."""
    found: dict[str, dict[str, Issue]] = {page: {} for page in facts.pages}
    work = {ref: issue for ref, issue in facts.issues.items() if not issue.title.startswith(HANDOVER)}
    for issue in work.values():
        for page in found.keys() & named_pages(issue):
            found[page][issue.ref] = issue
    for detail in facts.pages.values():
        for ref in issue_links(detail, facts.gitlab_url):
            if ref in work:
                found[detail.id][work[ref].ref] = work[ref]
    return {page: list(issues.values()) for page, issues in found.items()}


def open_work(facts: Facts) -> list[tuple[Issue | None, list[PageDetail]]]:
    """What product.md calls open work: every open issue with its pages, and the open pages that have none.

    A page may stand under several issues. An open page all of whose issues are closed keeps the newest one.
    """
    found = issues_behind(facts)
    work: dict[str, tuple[Issue | None, list[PageDetail]]] = {
        issue.ref: (issue, []) for issue in facts.issues.values() if issue.state == "opened" and is_work(issue)
    }
    for page in sorted(facts.pages.values(), key=lambda one: (not facts.live(one), one.created_at, one.id)):
        still_open = [issue for issue in found[page.id] if issue.state == "opened"]
        for issue in still_open:
            if issue.ref in work or facts.live(page):
                work.setdefault(issue.ref, (issue, []))[1].append(page)
        if not still_open and facts.is_open(page):
            closed = max(found[page.id], key=lambda one: one.created_at, default=None)
            work.setdefault(closed.ref if closed else page.id, (closed, []))[1].append(page)
    return list(work.values())
