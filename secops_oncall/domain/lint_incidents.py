"""What the hand-off of one incident lacks: headings, steps, an owner, and what it says that it must not say there."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import JUDGEMENT, Incident, Problem
from secops_oncall.domain.issues import IssueQuery, LinkedIssue
from secops_oncall.domain.people import OnCall
from secops_oncall.domain.refs import parts, urls
from secops_oncall.domain.said import CHOICES, LINES, NOTHING, TEXTS
from secops_oncall.domain.text import clean, shorten
from secops_oncall.domain.traces import NextStep, slack_urls, zoom_urls
from secops_oncall.domain.wording import endless_silence, phone_in, says_nothing, token_in

UNSAID = "nobody has said"  # how every gap begins
LONGEST_SUMMARY = 120  # words
RESTLESS = ("watch", "active")
_SHOWN = 60  # characters of a text that a message repeats
_TELLING = 12  # characters of a title that is known again by its words

_OPTIONS = {
    "summary": '--summary "…"',
    "state": '--state "…"',
    "tried": '--tried "…"',
    "confidence": '--confidence "low|medium|high"',
    "posture": '--posture "stable|watch|active"',
    "next_steps": '--next "action | who | when"',
    "if_then": '--if "signal => action"',
    "related": '--related "issue: who does what"',
    "engaged": '--engaged "who, as what"',
    "zoom": "--zoom URL",
    "slack": "--slack-thread URL",
}
_ISSUES = re.compile(r"/(?:-/)?(?:issues|work_items|merge_requests|incidents|epics)/")


@dataclass(frozen=True)
class Look:
    """What is known around an incident: the moment, who is on call how long, which places are ours, where it goes."""

    until: datetime
    turns: Sequence[OnCall]
    ours: Sequence[IssueQuery]
    destinations: Destinations
    handoff: Handoff

    @cached_property
    def secrets(self) -> frozenset[str]:
        """What confidential issues are about, folded: it may not stand in the hand-off of one that isn't."""
        handoff = self.handoff
        secret = [each for each in handoff.incidents if each.is_confidential]
        found = [text for each in secret for text in (each.summary, each.issue.title if each.issue else "")]
        found += [issue.title for issue in handoff.closed if issue.confidential]
        found += [issue.title for each in handoff.incidents for issue in each.related if issue.confidential]
        return frozenset(folded for text in found if len(folded := clean(text).casefold()) >= _TELLING)

    def names_secret(self, text: str, but: str = "") -> bool:
        """Whether a text names what a confidential issue is about; `but` is a title that it may have."""
        return any(title in clean(text).casefold() for title in self.secrets - {clean(but).casefold()})

    @cached_property
    def handles(self) -> Handles:
        """Who is who in GitLab."""
        return self.destinations.handles.known(self.handoff.people)

    def off_at(self, person: str) -> datetime | None:
        """When somebody who is on call now goes off; None where they aren't, or nobody knows."""
        ends = [turn.end for turn in self.turns if turn.person.id == person and turn.covers(self.until)]
        return max(end for end in ends if end) if ends and all(ends) else None

    def is_ours(self, ref: str) -> bool:
        """Whether an issue lies in one of our places; where none is configured they are all ours."""
        project = re.split("[#!]", ref)[0]
        found = (query.place == project or project.startswith(f"{query.place}/") for query in self.ours)
        return not self.ours or any(found)


def incident_problems(incident: Incident, look: Look) -> Iterator[Problem]:
    """Everything that one incident lacks."""
    for rule in _RULES:
        yield from rule(incident, look)


def words_problems(text: str, subject: str, name: str, fix: str) -> Iterator[Problem]:
    """E8 and W7: a secret or a telephone number in a text, and a silence without an end."""
    if token_in(text):
        yield Problem("E8", "error", subject, name, "something in it looks like a token or a password", fix)
    if phone_in(text):
        yield Problem("E8", "error", subject, name, "it has a telephone number: PagerDuty has them", fix)
    if line := endless_silence(text):
        yield Problem("W7", "warning", subject, name, f"it has no end: {shorten(line, _SHOWN)}", fix)


def edit(incident: Incident, name: str, *, odd: bool = False) -> str:
    """The command that says something about an incident; an odd line among others only the editor takes out."""
    option = "" if odd and name not in TEXTS else f" {_OPTIONS[name]}"
    return f"oncall handoff edit {_named(incident)}{option}"


def _update(incident: Incident) -> str:
    where = f"--page {_named(incident)}" if incident.pages else f"--issue {incident.id}"
    return f'oncall incident update "…" {where}'


def _named(incident: Incident) -> str:
    """Its page's number, an open one's before others', else its issue."""
    pages = sorted(incident.pages, key=lambda page: page.status == "resolved")
    return str(pages[0].number) if pages else incident.id


def _headings(incident: Incident, look: Look) -> Iterator[Problem]:
    """E1: a heading is empty, or only says that somebody will say something."""
    for name, ask in JUDGEMENT.items():
        if not getattr(incident, name):
            yield Problem("E1", "error", incident.id, name, f"{UNSAID} {ask}", edit(incident, name))
    for name, allowed in CHOICES.items():
        if (told := getattr(incident, name)) and told not in allowed:
            what = f"{shorten(told, _SHOWN)} is none of {', '.join(allowed)}"
            yield Problem("E1", "error", incident.id, name, what, edit(incident, name))
    for name, text in _typed(incident):
        if line := says_nothing(text):
            what = f"it only says {shorten(line, _SHOWN)}"
            yield Problem("E1", "error", incident.id, name, what, edit(incident, name, odd=True))


def _owner(incident: Incident, look: Look) -> Iterator[Problem]:
    """E3: nobody owns it, or somebody else than before although nothing was acked anew."""
    owner, last = incident.owner, incident.before
    agree = f'oncall incident update "owner: …", then oncall handoff post --anyway --why "…" ({_named(incident)})'
    if owner is None:
        unacked = (f"oncall ack {page.number}" for page in incident.pages if page.status == "triggered")
        what = "nobody owns it: no user acked its first page"
        yield Problem("E3", "error", incident.id, "owner", what, next(unacked, agree))
    elif last and last.owner and owner.acked_at <= last.at and not _is_called(owner.name, last.owner, look):
        what = f"it was {last.owner}'s at the last hand-off, and is {owner.name}'s now without a new ack"
        yield Problem("E3", "error", incident.id, "owner", what, agree)


def _is_called(name: str, known_as: str, look: Look) -> bool:
    """Whether somebody's name is what a note calls them: by their GitLab user name, or as it is."""
    if known_as.startswith("@"):
        return (look.handles.user(name) or name).casefold() == known_as.removeprefix("@").casefold()
    return clean(name).casefold() == known_as.casefold()


def _steps(incident: Incident, look: Look) -> Iterator[Problem]:
    """E4 and E5: a next step without a person or a time, or of a team of which nobody is named."""
    for step in incident.next_steps:
        lacks = [what for what, there in (("no person", step.who), ("no time", step.by)) if not there]
        told, fix = shorten(step.action, _SHOWN), edit(incident, "next_steps")
        if lacks:
            yield Problem("E4", "error", incident.id, "next_steps", f"{' and '.join(lacks)}: {told}", fix)
        if step.who and _is_team(step, incident, look):
            what = f"{shorten(step.who, _SHOWN)} is a team, and nobody in it is named: {told}"
            yield Problem("E5", "error", incident.id, "next_steps", what, fix)
    said = " ".join(text for _, text in _typed(incident)).casefold()
    for issue in incident.related:
        if _is_anothers(issue, look) and not issue.assignees and not _is_named(issue, said):
            what = f"{issue.ref} is another team's, and nobody has it"
            yield Problem("E5", "error", incident.id, "related", what, edit(incident, "related"))


def _is_team(step: NextStep, incident: Incident, look: Look) -> bool:
    """Whether a step is for a team: by its name, or as it is called in a related issue of another place."""
    who = (step.who or "").strip().casefold()
    if who in {person.name.casefold() for person in look.handoff.people}:
        return False
    foreign = (re.split("[#!]", issue.ref)[0] for issue in incident.related if not look.is_ours(issue.ref))
    teams = {part.casefold() for project in foreign for part in project.split("/")}
    return who.startswith("(") or "team" in who.split() or who.removeprefix("@") in teams


def _is_anothers(issue: LinkedIssue, look: Look) -> bool:
    return issue.state == "opened" and not look.is_ours(issue.ref)


def _is_named(issue: LinkedIssue, text: str) -> bool:
    return issue.ref.casefold() in text or bool(issue.url and issue.url.casefold() in text)


def _secrets(incident: Incident, look: Look) -> Iterator[Problem]:
    """E8 and W7: what must not be written, or not there."""
    typed = dict.fromkeys([*_typed(incident), ("summary", incident.summary)])
    own = incident.issue.title if incident.issue else incident.pages[0].title
    for name, text in typed:
        yield from words_problems(text, incident.id, name, edit(incident, name, odd=True))
        if not incident.is_confidential and look.names_secret(text, own):
            what = "it names what a confidential issue is about, and more people may read this one"
            yield Problem("E8", "error", incident.id, name, what, edit(incident, name, odd=True))
    if incident.issue and not (incident.is_confidential or look.destinations.internal) and incident.confides:
        what = "its internal comments would be told in one that everybody may read"
        yield Problem("E8", "error", incident.id, "issue", what, "export ONCALL_HANDOFF_INTERNAL=true")


def _links(incident: Incident, look: Look) -> Iterator[Problem]:
    """E9 and W3: a bridge that is none, and links of another form than their field."""
    said = incident.said
    if said.zoom and said.zoom != NOTHING and not urls(said.zoom):
        what = f"neither a URL nor {NOTHING}: {shorten(said.zoom, _SHOWN)}"
        yield Problem("E9", "error", incident.id, "zoom", what, edit(incident, "zoom"))
    slack = "\n".join(said.slack)
    odd = {
        "zoom": set(urls(said.zoom)) - set(zoom_urls(said.zoom)),
        "slack": set(urls(slack)) - set(slack_urls(slack)),
        "related": {url for line in said.related for url in urls(line) if not _leads_to_issue(url)},
    }
    for name, found in odd.items():
        for url in sorted(found):
            what = f"a link of another kind: {shorten(url, _SHOWN)}"
            yield Problem("W3", "warning", incident.id, name, what, edit(incident, name, odd=True))


def _leads_to_issue(url: str) -> bool:
    found = parts(url)
    return found is not None and _ISSUES.search(f"{found.path}/") is not None


def _watched(incident: Incident, look: Look) -> Iterator[Problem]:
    """W2 and W6: an incident that may move has no news, or no word on what to do then."""
    if incident.posture in RESTLESS:
        if incident.silent:
            what = f"{incident.posture}, and nothing new for an hour"
            yield Problem("W2", "warning", incident.id, "timeline", what, _update(incident))
        if not incident.if_then:
            what = f"{incident.posture}, and nobody has said what to do if something happens"
            yield Problem("W6", "warning", incident.id, "if_then", what, edit(incident, "if_then"))


def _long(incident: Incident, look: Look) -> Iterator[Problem]:
    """W4: a summary that nobody reads."""
    words = len(incident.summary.split())
    if words > LONGEST_SUMMARY:
        what = f"{words} words, and {LONGEST_SUMMARY} are the most that anybody reads"
        yield Problem("W4", "warning", incident.id, "summary", what, edit(incident, "summary"))


def _unchanged(incident: Incident, look: Look) -> Iterator[Problem]:
    """W5: the third hand-off that says the same."""
    last = incident.before
    every = [incident.said, last.said, last.earlier] if last and last.earlier else []
    if incident.state and len({(each.state, each.tried) for each in every}) == 1:
        what = "the same for three hand-offs"
        yield Problem("W5", "warning", incident.id, "state", what, edit(incident, "state"))


def _tracked(incident: Incident, look: Look) -> Iterator[Problem]:
    """W10 and W12: a page that no open issue is about, and an issue that nobody touched since its alarm is off."""
    issue = incident.issue
    if issue is None:
        fix = f"oncall incident file {_named(incident)}"
        yield Problem("W10", "warning", incident.id, "issue", "it has no issue", fix)
    elif issue.state == "closed":
        what = "its page is open, and its issue is closed"
        yield Problem("W10", "warning", incident.id, "issue", what, f"reopen it: oncall open {issue.ref}")
    elif incident.pages and all(page.resolved_at for page in incident.pages):
        resolved = max(page.resolved_at for page in incident.pages if page.resolved_at)
        if issue.updated_at <= resolved:
            what = "its alarm is resolved, and nobody has touched the issue since"
            yield Problem("W12", "warning", incident.id, "issue", what, _update(incident))


def _leaving(incident: Incident, look: Look) -> Iterator[Problem]:
    """W11: somebody engaged goes off before the next thing is due."""
    due = min((step.by for step in incident.next_steps if step.by and step.by > look.until), default=None)
    for person in incident.engaged:
        off = look.off_at(person.id) if person.id and person.id != look.handoff.outgoing.id else None
        if due and off and off < due:
            what = f"{person.name} goes off before the next step is due"
            yield Problem("W11", "warning", incident.id, "engaged", what, edit(incident, "engaged"))


def _typed(incident: Incident) -> Iterator[tuple[str, str]]:
    """Everything that was typed about an incident, by its field."""
    said = incident.said
    yield from ((name, text) for name in TEXTS if (text := getattr(said, name)))
    yield from ((name, line) for name in LINES for line in getattr(said, name))
    yield from (("next_steps", text) for step in said.next_steps for text in (step.action, step.who or "") if text)


_RULES: tuple[Callable[[Incident, Look], Iterable[Problem]], ...] = (
    _headings,
    _owner,
    _steps,
    _secrets,
    _links,
    _watched,
    _long,
    _unchanged,
    _tracked,
    _leaving,
)
