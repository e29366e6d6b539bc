"""Incidents: every piece of open work with all that is known of it, facts and what was said merged anew each time."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Literal

from secops_oncall.domain.improvements import in_passing
from secops_oncall.domain.issues import Issue, IssueNote, LinkedIssue
from secops_oncall.domain.open_work import Facts, open_work
from secops_oncall.domain.pages import LogEntry, Owner, Page, PageDetail, behind, owner_from_log
from secops_oncall.domain.people import Person
from secops_oncall.domain.said import Said, joined
from secops_oncall.domain.traces import NextStep, next_steps, slack_urls, zoom_urls

STALE = timedelta(hours=1)

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

    What a person has to say (JUDGEMENT, and `if_then`) is None or empty until somebody says it; `said` is all of it
    as it was typed.
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
    said: Said = field(default_factory=Said)


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
    found = next_steps(written, {name: person.name for name, person in facts.people.items()})
    said = joined([*(page.id for page in pages), id], facts.said)
    steps = _steps(said, found)
    owner = _owner(pages)
    told = _told(pages, comments, facts)
    return Incident(
        id=id,
        pages=tuple(listed(page, issue) for page in pages),
        issue=issue,
        owner=owner,
        acting=facts.me,
        engaged=_engaged(issue, pages, comments, facts),
        posture=said.posture or None,
        summary=said.summary or (issue.title if issue else pages[0].title),
        state=said.state or None,
        tried=said.tried or None,
        confidence=said.confidence or None,
        related=tuple(facts.links.get(id, ())),
        next_steps=tuple(steps),
        if_then=said.if_then,
        zoom=said.zoom or _zoom(pages, texts),
        slack=tuple(dict.fromkeys([*said.slack, *slack_urls("\n".join([*_links(pages), *texts]))])),
        timeline=tuple(each for each in told if each.kind in _TOLD and facts.in_shift(each.at)),
        stale=all(facts.until - each.at > STALE for each in told),
        uncovered=owner is None or not facts.covered,
        problems=tuple(_problems(id, issue, pages, owner, replace(said, next_steps=tuple(steps)))),
        said=said,
    )


def _steps(said: Said, found: Sequence[NextStep]) -> list[NextStep]:
    """What was typed, then the issue's own unticked tasks: where something was typed, only those with who and when."""
    typed = {step.action.casefold() for step in said.next_steps}
    others = [step for step in found if step.action.casefold() not in typed]
    return [*said.next_steps, *(step for step in others if not typed or (step.who and step.by))]


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
    told += [LogEntry(note.at, "note", facts.me.name, in_passing(note)) for note in facts.journal if note.page in ids]
    return sorted(told, key=lambda entry: entry.at)


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
    id: str, issue: Issue | None, pages: Sequence[PageDetail], owner: Owner | None, said: Said
) -> list[Problem]:
    """What the hand-off lacks about one incident: E1, E3 and W10."""
    found = [
        Problem("E1", "error", id, name, f"nobody has said {ask}", "write it where the notes are empty")
        for name, ask in JUDGEMENT.items()
        if not getattr(said, name)
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
