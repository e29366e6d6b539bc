"""Open work: the issues and pages that somebody still has to see through, and what is known of each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from secops_oncall.domain.events import Event, Note
from secops_oncall.domain.issues import Issue, IssueNote, LinkedIssue
from secops_oncall.domain.pages import LogEntry, Owner, Page, PageDetail, behind, issue_links, owner_from_log
from secops_oncall.domain.people import Person
from secops_oncall.domain.refs import pages_in
from secops_oncall.domain.traces import NextStep, next_steps, slack_urls, zoom_urls

HANDOVER = "On-Call Handover "  # how the title of a hand-over issue begins: it is never open work
STALE = timedelta(hours=1)
MOST = 100  # pages that one issue may name: its description may quote whatever an attacker wrote

# What no service knows and a person has to say, and what is asked of them.
JUDGEMENT = {
    "state": "what is true now",
    "tried": "what was tried, what is ruled out",
    "confidence": "low, medium or high",
    "posture": "stable, watch or active",
    "next_steps": "action, who, by when",
}
_TOLD = {"trigger", "acknowledge", "unacknowledge", "escalate", "resolve", "snooze", "note"}
_DEEDS = {"acknowledge", "resolve", "annotate"}  # log entries by which a person takes part
_BOT = re.compile(r"(?:^|[._-])bot(?:$|[._-])", re.IGNORECASE)
_POSTURES = {"active": 0, "watch": 1, None: 1, "stable": 2}


@dataclass(frozen=True)
class Problem:
    """What keeps a hand-off from being complete (handoff.md, "When it is complete"), and what mends it."""

    code: str
    severity: Literal["error", "warning"]
    subject: str
    field: str | None
    message: str
    fix: str


@dataclass(frozen=True)
class Incident:
    """One piece of open work: an issue with its pages, or a page without one. `id` is the ref, else the page's id.

    What a person has to say (JUDGEMENT, and `if_then`) is None or empty until somebody says it.
    """

    id: str
    pages: tuple[Page, ...]
    issue: Issue | None
    owner: Owner | None
    acting: Person | None
    engaged: tuple[Person, ...]
    posture: str | None
    summary: str
    state: str | None
    tried: str | None
    confidence: str | None
    related: tuple[LinkedIssue, ...]
    next_steps: tuple[NextStep, ...]
    if_then: tuple[str, ...]
    zoom: str | None
    slack: tuple[str, ...]
    timeline: tuple[LogEntry, ...]
    stale: bool
    uncovered: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What was read about a shift's work: pages by id, issues and what hangs on them by the ref that names them.

    `open_pages` are the open ones of mine and my teams'; `typed` is what `typed_fields` answers; `people` are known
    by their GitLab user name; `covered` says whether somebody takes over when the shift ends.
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
    typed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    covered: bool = True

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


def typed_fields(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """What people typed, by the incident or page that it is about; the last word on a field wins."""
    typed: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda one: one.at):
        if event.kind == "handoff_field":
            typed.setdefault(event.subject, {}).update(event.data)
    return typed


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


def incidents(facts: Facts) -> list[Incident]:
    """Every piece of open work, with all that is known of it; what wants attention most comes first."""
    return sorted((_incident(issue, pages, facts) for issue, pages in open_work(facts)), key=_attention)


def listed(page: PageDetail, issue: Issue | None) -> Page:
    """A page as lists show it, its owner from the log where that names one, with the issue behind it."""
    plain = {each.name: getattr(page, each.name) for each in fields(Page)}
    owner = owner_from_log(page.timeline)
    found = {"owner": owner, "owner_source": "log"} if owner else {}
    return Page(**plain | found | {"issue": behind(issue) if issue else None})


def _incident(issue: Issue | None, pages: Sequence[PageDetail], facts: Facts) -> Incident:
    id = issue.ref if issue else pages[0].id
    comments = [note for note in facts.comments.get(id, ()) if not note.system]
    written = [(note.at, note.text) for note in comments]
    written = [(issue.created_at, issue.description), *written] if issue else written
    texts = [text for _, text in written]
    steps = next_steps(written, {name: person.name for name, person in facts.people.items()})
    said = _said([*(page.id for page in pages), id], facts.typed)
    owner = _owner(pages)
    told = _told(pages, comments, facts)
    return Incident(
        id=id,
        pages=tuple(listed(page, issue) for page in pages),
        issue=issue,
        owner=owner,
        acting=facts.me,
        engaged=_engaged(issue, pages, comments, facts),
        posture=said.get("posture"),
        summary=said.get("summary") or (issue.title if issue else pages[0].title),
        state=said.get("state"),
        tried=said.get("tried"),
        confidence=said.get("confidence"),
        related=tuple(facts.links.get(id, ())),
        next_steps=tuple(steps),
        if_then=_several(said.get("if_then")),
        zoom=_zoom(pages, texts),
        slack=tuple(slack_urls("\n".join([*_links(pages), *texts]))),
        timeline=tuple(each for each in told if each.kind in _TOLD and facts.in_shift(each.at)),
        stale=all(facts.until - each.at > STALE for each in told),
        uncovered=owner is None or not facts.covered,
        problems=tuple(_problems(id, issue, pages, owner, {**said, "next_steps": steps})),
    )


def _owner(pages: Sequence[PageDetail]) -> Owner | None:
    """The first user who acked the earliest page; a later page's acker would be a guess (product.md, S20)."""
    first = min(pages, key=lambda page: (page.created_at, page.number), default=None)
    return owner_from_log(first.timeline) or first.owner if first else None


def _told(pages: Sequence[PageDetail], comments: Iterable[IssueNote], facts: Facts) -> list[LogEntry]:
    """All that happened, from the pages' logs, the issue's comments and the engineer's own notes, oldest first."""
    ids = {page.id for page in pages}
    told = [entry for page in pages for entry in page.timeline]
    told += [LogEntry(note.at, "note", note.who, note.text) for page in pages for note in page.notes]
    names = {name: person.name for name, person in facts.people.items()}
    told += [LogEntry(note.at, "note", names.get(note.author, note.author), note.text) for note in comments]
    told += [LogEntry(note.at, "note", facts.me.name, note.text) for note in facts.journal if note.page in ids]
    return sorted(told, key=lambda entry: entry.at)


def _said(subjects: Iterable[str], typed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What was typed about an incident; words about its page stay true when the page gets an issue."""
    return {name: value for subject in subjects for name, value in typed.get(subject, {}).items()}


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else tuple(value or ())


def _links(pages: Iterable[PageDetail]) -> list[str]:
    """What may hold the URL of a channel or a bridge in pages: PagerDuty's bridge may be a Slack URL, too."""
    return [
        text
        for page in sorted(pages, key=lambda one: one.created_at)
        for text in (page.conference_url or page.bridge or "", *page.links, *(note.text for note in page.notes))
    ]


def _zoom(pages: Sequence[PageDetail], texts: Iterable[str]) -> str | None:
    """The newest page's bridge if it is Zoom's, else the URL that was written last."""
    bridges = sorted(pages, key=lambda page: page.created_at)
    found = zoom_urls("\n".join(page.conference_url or page.bridge or "" for page in bridges))
    found = found or zoom_urls("\n".join(texts))
    return found[-1] if found else None


def _engaged(
    issue: Issue | None, pages: Iterable[PageDetail], comments: Iterable[IssueNote], facts: Facts
) -> tuple[Person, ...]:
    """Ackers, assignees, and who wrote or resolved something in the shift; GitLab's record and bots are nobody."""
    entries = (entry for page in pages for entry in page.timeline if entry.kind in _DEEDS)
    taking_part = (entry for entry in entries if entry.kind == "acknowledge" or facts.in_shift(entry.at))
    people = [entry.person for entry in taking_part if entry.person]
    names = [*(issue.assignees if issue else ()), *(note.author for note in comments if facts.in_shift(note.at))]
    people += [facts.people.get(name, Person("", name)) for name in names if not _BOT.search(name)]
    return tuple({person.id or person.name: person for person in people}.values())


def _problems(
    id: str, issue: Issue | None, pages: Sequence[PageDetail], owner: Owner | None, said: Mapping[str, Any]
) -> list[Problem]:
    """What the hand-off lacks about one incident: E1, E3 and W10."""
    found = [
        Problem("E1", "error", id, name, f"nobody has said {ask}", "write it where the notes are empty")
        for name, ask in JUDGEMENT.items()
        if not said.get(name)
    ]
    if owner is None:
        unacked = (f"oncall ack {page.number}" for page in pages if page.status == "triggered")
        fix = next(unacked, "agree on an owner, and say so in the issue")
        found.append(Problem("E3", "error", id, "owner", "nobody owns it: no user acked its first page", fix))
    if issue is None or issue.state == "closed":
        lack = "it has no issue" if issue is None else "its page is open, and its issue is closed"
        fix = "open an issue whose description names the page's URL" if issue is None else f"reopen {issue.ref}"
        found.append(Problem("W10", "warning", id, "issue", lack, fix))
    return found


def _attention(incident: Incident) -> tuple[bool, int, bool, str, str]:
    unacked = any(page.status == "triggered" for page in incident.pages)
    urgent = any(page.urgency == "high" for page in incident.pages)
    highest = min((page.priority or "~" for page in incident.pages), default="~")  # P1 before P2 before none
    return not unacked, _POSTURES.get(incident.posture, 1), not urgent, highest, incident.id
