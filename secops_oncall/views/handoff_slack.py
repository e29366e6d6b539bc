"""The hand-off as Slack gets it: a short form of at most twelve lines, and the six headings of each incident below."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from secops_oncall.domain.documents import NAMED, WHERE, Announcement, Destinations
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import JUDGEMENT, Incident
from secops_oncall.domain.issues import Issue, LinkedIssue
from secops_oncall.domain.pages import Page
from secops_oncall.domain.posted import PARTS, POSTURE, STEPS, SUMMARY
from secops_oncall.domain.refs import issue_url
from secops_oncall.domain.said import LABELS
from secops_oncall.domain.slack import BLOCK, inline, link, typed, typed_inline
from secops_oncall.domain.text import shorten
from secops_oncall.domain.times import clock
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.handoff import reader_of
from secops_oncall.views.handoff_sections import COMING, in_numbers, reviewed
from secops_oncall.views.handover import length
from secops_oncall.views.incidents import Reader

LONG, REASON = 120, 500  # characters of a title, a step, a reason in the short form: the thread has all of them
ACCEPT = "Accept with `oncall handoff accept`"
NEUTRAL = "a confidential incident"
NOBODY = "*nobody*"
EMPTY = "*[empty: {}]*"
_FULL = BLOCK - 200  # of a line: then the rest is counted


def announcement(handoff: Handoff, destinations: Destinations, why: str = "") -> Announcement:
    """The short form and its thread, for the channel of the hand-offs; of a quiet shift two lines.

    `why` is the reason for which it is posted although it is incomplete.
    """
    marker = f"oncall:handoff:{handoff.shift.id}"
    form = _Form(handoff, destinations)
    details = [] if handoff.is_quiet else [(f"{marker}:{each.id}", form.detail(each)) for each in handoff.incidents]
    return Announcement(destinations.channel or "", marker, tuple(form.lines(why)), tuple(details))


def printed(handoff: Handoff, destinations: Destinations, *, thread: bool = False) -> str:
    """The short form as it is shown before it is posted, or what is said in its thread."""
    told = announcement(handoff, destinations)
    lines = [text for _, text in told.details] if thread else told.lines
    return "\n".join(line.replace(WHERE, "the hand-over issue") for line in lines) + "\n"


class _Form:
    """One hand-off in mrkdwn, as far as its readers may know it."""

    def __init__(self, handoff: Handoff, destinations: Destinations) -> None:
        self._handoff, self._destinations = handoff, destinations
        self._reader: Reader = reader_of(handoff, destinations.handles)
        self._handles: Handles = self._reader.handles

    def lines(self, why: str) -> list[str]:
        handoff = self._handoff
        if handoff.is_quiet:
            return [self._heading(), f"Quiet: no open incidents, no pages; reviews {reviewed(handoff)}. {ACCEPT}"]
        return [
            self._heading(),
            *([f"*Posted although it is incomplete:* {self._words(shorten(why, REASON))}"] if why else []),
            *(f"*{service} could not be read:* what it knows is missing here" for service in sorted(handoff.unread)),
            f"*Start here:* {self._first()}",
            f"*Open ({len(handoff.incidents)}):* {_listed(map(self._open, handoff.incidents), ' | ')}",
            f"*Closed ({len(handoff.closed)}):* {_listed(map(self._closed, handoff.closed), ' | ')}",
            f"*Pages:* {in_numbers(handoff.metrics)}",
            f"*Reviews of labelled issues:* {self._reviews()}",
            f"*Will bite you:* {_listed(self._coming(), ', ', 'none known')}",
            f"*Backlog kept by {inline(handoff.outgoing.name)}:* {self._backlog()} | {self._improvements()}",
            f"*Full hand-off:* {self._where()}. {ACCEPT}",
        ]

    def detail(self, incident: Incident) -> str:
        """The six headings of an incident; of a confidential one where it is, unless more may be said."""
        if self._is_hidden(incident):
            return f"{NEUTRAL} · {_where(incident)}: its hand-off is there"
        said, typed = incident.said, self._typed
        related = [self._related(each) for each in incident.related]
        related += [link(ref, issue_url(ref, self._handoff.gitlab_url)) for ref in incident.mentioned]
        engaged = [inline(person.name) for person in incident.engaged]
        parts = [(label, getattr(incident, name), JUDGEMENT[name]) for name, label in PARTS.items()]
        steps = [f"☐ {self._step(each, incident)}" for each in incident.next_steps]
        return "\n".join(
            [
                f"*{self._title(incident)}* · {_where(incident)}",
                self._charge(incident),
                f"*{SUMMARY}*: {typed(said.summary) if said.summary else inline(incident.summary)}",
                *(f"• {label}: {typed(told) if told else EMPTY.format(ask)}" for label, told, ask in parts),
                *self._heading_of("related", related, said.related),
                *self._heading_of("engaged", engaged, said.engaged),
                *self._heading_of("zoom", [typed(incident.zoom)] if incident.zoom else [], ()),
                *self._heading_of("slack", list(map(typed, incident.slack)), ()),
                f"*{STEPS}*:",
                *(steps or [EMPTY.format(JUDGEMENT["next_steps"])]),
                *(f"• {typed(each)}" for each in incident.if_then),
            ]
        )

    def _heading(self) -> str:
        handoff, mention = self._handoff, self._handles.slack_mention
        shift, start = handoff.shift, handoff.shift.start.astimezone(UTC)
        end = f"{shift.end.astimezone(UTC):%H:%M} UTC" if shift.end else "open"
        between = f"{mention(handoff.outgoing)} → {mention(handoff.incoming) or NOBODY}"
        return f"*On-call hand-off* {between} | {start:%a}{length(shift)} shift | {start:%H:%M}–{end}"

    def _first(self) -> str:
        """What to take up first, and the first thing to do there."""
        for incident in self._handoff.incidents:
            if self._is_hidden(incident):
                return f"{NEUTRAL} · {_where(incident)}"
            unacked = [f"`oncall ack {page.number}`" for page in incident.pages if page.status == "triggered"]
            steps = [self._step(each, incident, brief=True) for each in incident.next_steps]
            first = [*unacked, *steps, EMPTY.format(JUDGEMENT["next_steps"])][0]
            return f"{self._title(incident)} · {_where(incident)}: {first}"
        return "nothing is open"

    def _open(self, incident: Incident) -> str:
        if self._is_hidden(incident):
            return f"{NEUTRAL} · {_where(incident)}"
        owner = inline(incident.owner.name) if incident.owner else NOBODY
        acting = inline(incident.acting.name) if incident.acting else NOBODY
        due = min((step.by for step in incident.next_steps if step.by), default=None)
        who = f"owner {owner}, acting {acting}{f', due {self._clock(due)}' if due else ''}"
        return " · ".join(
            [inline(incident.posture or "") or "*posture?*", self._title(incident), _where(incident), who]
        )

    def _closed(self, issue: Issue) -> str:
        hidden = issue.confidential and not self._destinations.confides_in_slack
        return f"{NEUTRAL if hidden else inline(shorten(issue.title, LONG))} · {link(issue.ref, issue.url)}"

    def _reviews(self) -> str:
        handoff = self._handoff
        times = ", ".join(f"{review.at:%H:%M}" for review in handoff.reviews)
        told = reviewed(handoff) + (f" ({times})" if times else "")
        refs = _listed((link(ref, issue_url(ref, handoff.gitlab_url)) for ref in handoff.human), ", ")
        return told + (f", {len(handoff.human)} needs a human: {refs}" if handoff.human else "")

    def _coming(self) -> list[str]:
        """What PagerDuty will do, by the page's number: its title may be nothing for everybody's eyes."""
        numbers = {page.id: page.number for page in self._every_page()}
        told = [each for each in self._handoff.coming_up if each.page]
        return [
            f"{COMING[each.kind]} {self._clock(each.at)} (page {numbers.get(each.page or '', '?')})" for each in told
        ]

    def _every_page(self) -> Iterable[Page]:
        return [*self._handoff.pages, *(page for incident in self._handoff.incidents for page in incident.pages)]

    def _backlog(self) -> str:
        return _listed((link(issue.ref, issue.url) for issue in self._handoff.backlog), ", ")

    def _improvements(self) -> str:
        filed = sum(note.filed is not None for note in self._handoff.improvements)
        return f"*Improvements filed:* {filed}, *unfiled:* {len(self._handoff.improvements) - filed}"

    def _where(self) -> str:
        handover = self._handoff.handover
        if handover:
            return link(handover.ref, handover.url)
        return WHERE if self._destinations.project else "in the issues of the incidents"

    def _charge(self, incident: Incident) -> str:
        owner, acting = incident.owner, incident.acting
        whose = f"*Owner:* {NOBODY}"
        if owner:
            whose = f"*Owner (unchanged):* {inline(owner.name)} (acked {self._reader.when(owner.acked_at)})"
        posture = inline(incident.posture) if incident.posture else EMPTY.format(JUDGEMENT["posture"])
        who = f"{whose} | *Acting until accepted:* {inline(acting.name) if acting else NOBODY}"
        return f"{who} | *{POSTURE}:* {posture}"

    def _heading_of(self, name: str, known: Sequence[str], said: Iterable[str]) -> list[str]:
        more = [f"• {self._typed(each)}" for each in said]
        first = ", ".join(known) or ("" if more else self._reader.nothing.replace("**", "*"))
        return [f"*{LABELS[name]}*: {first}".rstrip(), *more]

    def _related(self, issue: LinkedIssue) -> str:
        hidden = issue.confidential and not self._destinations.confides_in_slack
        told = [] if hidden else [inline(issue.title)]
        return (
            f"{link(issue.ref, issue.url)} ({', '.join([*told, inline(issue.state), *map(inline, issue.assignees)])})"
        )

    def _step(self, step: NextStep, incident: Incident, *, brief: bool = False) -> str:
        """A next step; what was found in an issue stays text, and so does whom it names."""
        own = step in incident.said.next_steps
        told = shorten(step.action, LONG) if brief else step.action
        action, when = self._words(told) if own else inline(told), self._clock if brief else self._reader.when
        named = self._handles.slack_named if own and not brief else inline
        by = f"by {when(step.by)}" if step.by else EMPTY.format("by when")
        return f"{action}, {named(step.who) if step.who else EMPTY.format('who')}, {by}"

    def _title(self, incident: Incident) -> str:
        said = incident.said.summary
        return self._words(shorten(said, LONG)) if said else inline(shorten(incident.summary, LONG)) or "(no title)"

    def _typed(self, text: str) -> str:
        return typed(text, self._handles.slack_names)

    def _words(self, text: str) -> str:
        return typed_inline(text, self._handles.slack_names)

    def _clock(self, moment: datetime) -> str:
        return clock(moment, self._handoff.shift.end or self._handoff.shift.start)

    def _is_hidden(self, incident: Incident) -> bool:
        """Whether it may not be named here: also where nobody could read whether its issue is confidential."""
        unknown = incident.issue is None and (incident.veiled or "GitLab" in self._handoff.unread)
        return (incident.is_confidential or unknown) and not self._destinations.confides_in_slack


def _where(incident: Incident) -> str:
    """A link to the issue, else to the page."""
    if incident.issue:
        return link(incident.issue.ref, incident.issue.url)
    return ", ".join(link(f"page {page.number}", page.url) for page in incident.pages[:1])


def _listed(items: Iterable[str], between: str, nothing: str = "none") -> str:
    """As many as anybody reads, and a line has room for; the others are counted."""
    every = list(items)
    named: list[str] = []
    for item in every[:NAMED]:
        if len(between.join([*named, item])) > _FULL:
            break
        named.append(item)
    rest = len(every) - len(named)
    return between.join([*named, *([f"and {rest} more"] if rest else [])]) or nothing
