"""Incidents: every piece of open work with all that is known of it, facts and what was said merged anew each time."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall.domain.charge import Charge, charge
from secops_oncall.domain.issues import Issue, IssueNote, LinkedIssue
from secops_oncall.domain.marks import MarkedNote
from secops_oncall.domain.open_work import Facts, open_work
from secops_oncall.domain.pages import LogEntry, Owner, Page, PageDetail, behind, issue_links, owner_from_log
from secops_oncall.domain.people import INTERNAL, Person, same
from secops_oncall.domain.previous import ADDENDUM, HANDOFF, READ_BACK, Before, before, handed_on, marked
from secops_oncall.domain.refs import issues_in
from secops_oncall.domain.said import NOTHING, Said, joined
from secops_oncall.domain.timeline import KINDS, is_ours, told
from secops_oncall.domain.traces import NextStep, next_steps, slack_urls, ticked, zoom_urls

STALE = timedelta(hours=4)  # without an update
SILENT = timedelta(hours=1)  # what is active or watched is told of at least hourly

# What no service knows and a person has to say, and what is asked of them.
JUDGEMENT = {
    "state": "what is true now",
    "tried": "what was tried, what is ruled out",
    "confidence": "low, medium or high",
    "posture": "stable, watch or active",
    "next_steps": "action, who, by when",
}
_DEEDS = {"acknowledge", "resolve", "annotate"}  # log entries by which a person takes part
MENTIONED = 20  # issues that an incident's texts name: more than anybody reads
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
    as it was typed. `suggested` is what the last hand-off said, which nobody has taken over yet, and `mentioned` the
    refs of issues that its texts name. `confides` says whether its issue has internal comments, `veiled` whether it
    names one that could not be read: that may be confidential; `charge` is what its notes tell of who has it.
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
    charge: Charge = field(default_factory=Charge, metadata=INTERNAL)
    suggested: Said = field(default_factory=Said, metadata=INTERNAL)
    before: Before | None = field(default=None, metadata=INTERNAL)
    mentioned: tuple[str, ...] = field(default=(), metadata=INTERNAL)
    since: datetime | None = field(default=None, metadata=INTERNAL)
    confides: bool = field(default=False, metadata=INTERNAL)
    veiled: bool = field(default=False, metadata=INTERNAL)
    silent: bool = field(default=False, metadata=INTERNAL)

    @property
    def is_confidential(self) -> bool:
        """Whether not everybody who may see its project may see its issue."""
        return self.issue is not None and self.issue.confidential


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
    ours = marked(facts.comments.get(id, ()), facts.believed)
    comments = _comments(id, ours, facts)
    texts = [*([issue.description] if issue else []), *(note.text for note in comments)]
    last = before(handed_on(ours, facts.shift))
    said = joined([*(page.id for page in pages), id], facts.said)
    steps = _steps(said, _written(issue, comments, ours), last, facts)
    happened = [entry for entry in told(pages, comments, ours, facts) if entry.at <= facts.until]
    owner = _owner(pages)
    whose = charge(comments, owner_of(owner, facts.people.values()), facts.people, facts.bot)
    return Incident(
        id=id,
        pages=tuple(listed(page, issue) for page in pages),
        issue=issue,
        owner=owner,
        acting=whose.acting if whose.since else facts.me,
        engaged=engaged(_engaged(issue, pages, comments, ours, facts), whose),
        posture=said.posture or None,
        summary=said.summary or (issue.title if issue else pages[0].title),
        state=said.state or None,
        tried=said.tried or None,
        confidence=said.confidence or None,
        related=tuple(facts.links.get(id, ())),
        next_steps=tuple(steps),
        if_then=said.if_then,
        zoom=said.zoom or _zoom(pages, texts),
        slack=_slack(said, pages, texts, facts),
        timeline=tuple(each for each in happened if each.kind in KINDS and facts.in_shift(each.at)),
        stale=all(facts.until - each.at >= STALE for each in happened),
        uncovered=owner is None or not facts.covered,
        silent=all(facts.until - each.at > SILENT for each in happened),
        said=said,
        charge=whose,
        suggested=last.suggested if last else Said(),
        before=last.since((entry.at for entry in happened if entry.kind in KINDS), steps) if last else None,
        mentioned=_mentioned(texts, {id, *(each.ref for each in facts.links.get(id, ()))}, facts),
        since=min([page.created_at for page in pages] or ([issue.created_at] if issue else []), default=None),
        confides=any(note.internal for note in comments),
        veiled=any(ref not in facts.issues for page in pages for ref in issue_links(page, facts.gitlab_url)),
    )


def owner_of(owner: Owner | None, people: Iterable[Person]) -> Person | None:
    """The owner as a person, with what else is known of them."""
    if owner is None:
        return None
    return next((one for one in people if one.id == owner.id), Person(owner.id, owner.name))


def engaged(found: Iterable[Person], charge: Charge) -> tuple[Person, ...]:
    """Those who take part by what services know, and who was engaged by a note, without those who have left."""
    there = list(found)
    there += [person for person in charge.engaged if not any(same(person, one) for one in there)]
    return tuple(person for person in there if not any(same(person, each.person) for each in charge.left))


def _comments(id: str, ours: Iterable[MarkedNote], facts: Facts) -> list[IssueNote]:
    """What people wrote in an issue, oldest first.

    Without this shift's own hand-off and its read-back: it is made of all this, and posted again it must be the same.
    """
    echo = {note.id for note in ours if note.mark.shift == facts.shift and _hands_off(note)}
    return [note for note in facts.comments.get(id, ()) if not note.system and note.id not in echo]


def _hands_off(note: MarkedNote) -> bool:
    """Whether a note is a hand-off or a part of it, what was added to one, or its read-back."""
    return note.mark.kind.startswith((HANDOFF, ADDENDUM)) or note.mark.kind == READ_BACK


def _steps(said: Said, written: Sequence[tuple[datetime, str]], last: Before | None, facts: Facts) -> list[NextStep]:
    """What was typed, then the issue's own unticked tasks, then what the last hand-off left to do.

    Where something was typed, of the issue's tasks only those with who and when, and nothing of the last hand-off.
    """
    found = next_steps(written, facts.names)
    typed = {step.action.casefold() for step in said.next_steps}
    others = [step for step in found if step.action.casefold() not in typed]
    if typed:
        return [*said.next_steps, *(step for step in others if step.who and step.by)]
    if last is None:
        return others
    done = ticked((text for at, text in written if at > last.at), facts.names)
    known = {step.action.casefold() for step in found}
    return [*found, *(step for step in last.left(done, facts.names) if step.action.casefold() not in known)]


def _written(
    issue: Issue | None, comments: Iterable[IssueNote], ours: Iterable[MarkedNote]
) -> list[tuple[datetime, str]]:
    """What people wrote in the issue, and when, oldest first: no hand-offs, which repeat it."""
    handoffs = {note.id for note in ours if note.mark.kind == HANDOFF}
    written = [(note.at, note.text) for note in comments if note.id not in handoffs]
    return [(issue.created_at, issue.description), *written] if issue else written


def _mentioned(texts: Iterable[str], known: set[str], facts: Facts) -> tuple[str, ...]:
    """The issues that texts name by their URL, each once; at most as many as anybody reads."""
    named = (str(ref) for text in texts for ref in issues_in(text, facts.gitlab_url))
    return tuple(dict.fromkeys(ref for ref in named if ref not in known))[:MENTIONED]


def _owner(pages: Sequence[PageDetail]) -> Owner | None:
    """The first user who acked the earliest page; a later page's acker would be a guess (product.md, S20)."""
    first = min(pages, key=lambda page: (page.created_at, page.number), default=None)
    return owner_from_log(first.timeline) or first.owner if first else None


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


def _slack(said: Said, pages: Sequence[PageDetail], texts: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """What was typed, the channel of the hand-offs, and what the texts link, each once; "None" is an answer."""
    if said.slack == (NOTHING,):
        return said.slack
    found = slack_urls("\n".join([*_links(pages), *texts]))
    return tuple(dict.fromkeys([*said.slack, *([facts.channel] if facts.channel else []), *found]))


def _engaged(
    issue: Issue | None,
    pages: Iterable[PageDetail],
    comments: Iterable[IssueNote],
    ours: Iterable[MarkedNote],
    facts: Facts,
) -> tuple[Person, ...]:
    """Ackers, assignees, and who wrote or resolved something in the shift; GitLab's record and bots are nobody.

    To hand it off or to take it over is not to take part in it.
    """
    handoffs = {note.id for note in ours if _hands_off(note)}
    entries = (entry for page in pages for entry in page.timeline if entry.kind in _DEEDS and not is_ours(entry, page))
    taking_part = (entry for entry in entries if entry.kind == "acknowledge" or facts.in_shift(entry.at))
    people = [entry.person for entry in taking_part if entry.person]
    wrote = [note.author for note in comments if facts.in_shift(note.at) and note.id not in handoffs]
    names = [*(issue.assignees if issue else ()), *wrote]
    people += [facts.people.get(name, Person("", name)) for name in names if not _BOT.search(name)]
    return tuple({person.id or person.name: person for person in people}.values())


def _attention(incident: Incident) -> tuple[bool, int, bool, str, str]:
    unacked = any(page.status == "triggered" for page in incident.pages)
    urgent = any(page.urgency == "high" for page in incident.pages)
    highest = min((page.priority or "~" for page in incident.pages), default="~")  # P1 before P2 before none
    return not unacked, _POSTURES.get(incident.posture, 1), not urgent, highest, incident.id
