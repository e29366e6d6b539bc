"""One open incident as Markdown: who has it, and the six headings of the on-call guide, verbatim and in its order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.incidents import JUDGEMENT, Incident
from secops_oncall.domain.issues import Issue, LinkedIssue
from secops_oncall.domain.markdown import inline, link, typed, typed_inline
from secops_oncall.domain.pages import LogEntry
from secops_oncall.domain.people import Person, local, same
from secops_oncall.domain.posted import EMPTY, PARTS, POSTURE, STEPS, SUMMARY, contingency, put
from secops_oncall.domain.refs import issue_url
from secops_oncall.domain.said import LABELS
from secops_oncall.domain.text import plural, shorten, some
from secops_oncall.domain.times import span, stamp
from secops_oncall.domain.traces import NextStep

NO_ONE = "[nobody]"  # inside what is bold already
NOBODY = f"**{NO_ONE}**"
LISTED = 5  # pages of an incident that are linked one by one
_URL = re.compile(r"https?://[A-Za-z0-9][^\s<>()\[\]\"'`\\!*_~|]*")
_CHANNEL = re.compile(r"#[a-z][a-z0-9_-]*")
LONG = 160  # characters of a note in a time line
_VERBS: Mapping[str, str] = {
    "trigger": "paged",
    "acknowledge": "acked",
    "unacknowledge": "ack timed out",
    "escalate": "escalated",
    "resolve": "alarm resolved",
    "snooze": "snoozed",
    "note": "noted",
    "update": "update",
    "engage": "engaged",
    "release": "released",
    "break": "break",
    "back": "back from a break",
    "high-impact": "called high impact",
}


@dataclass(frozen=True)
class Reader:
    """For whom it is written: their time zone, what is missing from what they get, and who may be mentioned in it.

    `public` says that more people may read it than may read what it is made of: then nobody's words stand in it but
    those that were typed for it.
    """

    time_zone: str | None = None
    unread: frozenset[str] = frozenset()
    handles: Handles = field(default_factory=Handles)
    gitlab_url: str = ""
    public: bool = False

    @property
    def nothing(self) -> str:
        """What stands where there is nothing: "None" only where that is known."""
        missing = " and ".join(sorted(self.unread))
        return f"**[unknown: {missing} could not be read]**" if missing else "None"

    def typed(self, text: str) -> str:
        """What somebody typed, in which nobody is mentioned but the people of the table."""
        return typed(text, self.handles.gitlab.values())

    def words(self, text: str) -> str:
        """The same on one line, beside text from elsewhere."""
        return typed_inline(text, self.handles.gitlab.values())

    def when(self, moment: datetime) -> str:
        """A moment in UTC, and in the reader's own time where that is another one."""
        there = local(moment, self.time_zone)
        if not there or not there.utcoffset():
            return stamp(moment)
        same_day = there.date() == moment.astimezone(UTC).date()
        return f"{stamp(moment)} ({there:{'%H:%M %Z' if same_day else '%Y-%m-%d %H:%M %Z'}})"


def section(incident: Incident, reader: Reader) -> str:
    """The incident as a part of the whole hand-off, as things stand now: no text in it from elsewhere can act.

    Whatever nobody has said yet stands there as `[empty: …]`.
    """
    silent = " | **Nothing new for an hour**" if incident.silent else ""
    first, _, rest = note(incident, reader).partition("\n")
    return f"## {headline(incident)}\n{first}{silent}\n{rest}"


def brief(incident: Incident, reader: Reader, called: Iterable[Person]) -> str:
    """The same note for people who are called now, and engaged by that: nobody acts only until they accept."""
    others = [person for person in called if not any(same(person, each) for each in incident.engaged)]
    return note(replace(incident, engaged=(*incident.engaged, *others)), reader, acting="Acting")


def note(incident: Incident, reader: Reader, *, acting: str = "Acting until accepted") -> str:
    """Who has it, and the six headings of the guide, verbatim and in its order; `domain.posted` reads it back."""
    said, typed = incident.said, reader.typed
    related = [_related(each, incident, reader) for each in incident.related]
    related += [f"mentioned: {link(ref, issue_url(ref, reader.gitlab_url))}" for ref in incident.mentioned]
    engaged = [reader.handles.mention(person) for person in incident.engaged]
    zoom = [_address(incident.zoom)] if incident.zoom else []
    slack = [_address(each) for each in incident.slack]
    return "\n".join(
        [
            _charge(incident, reader, acting),
            _facts(incident, reader),
            "",
            f"* **{SUMMARY}**: {typed(said.summary) if said.summary else title(incident.summary)}",
            *(line for name, label in PARTS.items() for line in _part(label, getattr(incident, name), name, reader)),
            *_listed("related", related, map(typed, said.related), reader),
            *_listed("engaged", engaged, map(typed, said.engaged), reader),
            *_listed("zoom", zoom, (), reader),
            *_listed("slack", slack, (), reader),
            *steps(incident, reader),
            "",
            f"Time line of this shift (UTC): {_timeline(incident.timeline, reader)}",
        ]
    )


def steps(incident: Incident, reader: Reader) -> list[str]:
    """The heading of the next steps, and these, what to do if something happens among them."""
    tasks = [f"  - [ ] {step(each, incident, reader)}" for each in incident.next_steps]
    return [
        f"* **{STEPS}**:",
        *(tasks or [f"  - {empty('next_steps')}"]),
        *(f"  - {contingency(reader.typed(each))}" for each in incident.if_then),
    ]


def headline(incident: Incident) -> str:
    """What it is about, and where it is kept."""
    issue = incident.issue
    where = issue_link(issue) if issue else "page " + ", ".join(str(page.number) for page in incident.pages)
    closed = ", closed, but a page of it is open" if issue and issue.state == "closed" else ""
    return f"{title(incident.summary.rstrip('.'))}, {where}{closed}"


def step(each: NextStep, incident: Incident, reader: Reader) -> str:
    """A next step with who and by when, each visibly missing where it is.

    What was found in an issue stays text, and so does whom it names: anybody may have written it.
    """
    own = each in incident.said.next_steps
    action = reader.words(each.action) if own else inline(each.action)
    who = reader.handles.named(each.who) if own and each.who else inline(each.who or "")
    by = f"by {reader.when(each.by)}" if each.by else EMPTY.format("by when")
    return f"{action}, {who or EMPTY.format('who')}, {by}"


def empty(name: str) -> str:
    """The gap that a person has to fill."""
    return EMPTY.format(JUDGEMENT[name])


def issue_link(issue: Issue | LinkedIssue) -> str:
    """An issue's ref as a link, marked where not everybody may see it."""
    return link(issue.ref, issue.url) + (" (confidential)" if issue.confidential else "")


def title(text: str) -> str:
    """A title from elsewhere, as text; there is always something to see."""
    return inline(text) or "(no title)"


def _listed(name: str, found: Sequence[str], said: Iterable[str], reader: Reader) -> list[str]:
    """A field's heading with what is known, and below it what somebody said, a line each."""
    more = [f"  - {each}" for each in said]
    known = ", ".join(found) or ("" if more else reader.nothing)
    return [f"* **{LABELS[name]}**: {known}".rstrip(), *more]


def _charge(incident: Incident, reader: Reader, acting: str) -> str:
    owner, handles, last = incident.owner, reader.handles, incident.before
    since = f"+{plural(last.facts, 'fact')}, {plural(last.closed, 'step')} closed" if last else ""
    told = [
        f"**Owner (unchanged):** {handles.named(owner.name)} (acked {reader.when(owner.acked_at)})"
        if owner
        else f"**Owner:** {NOBODY}",
        f"**{acting}:** {handles.mention(incident.acting) or NOBODY}",
        f"**{POSTURE}:** {inline(incident.posture or '') or empty('posture')}",
        *([f"**Since last hand-off:** {since}"] if since else []),
    ]
    return " | ".join(told)


def _facts(incident: Incident, reader: Reader) -> str:
    """How bad it is and since when, its pages, and when its issue is due."""
    priorities = sorted({page.priority for page in incident.pages if page.priority})[:1]
    labels = [label for label in incident.issue.labels if label.startswith("severity")] if incident.issue else []
    severity = ", ".join(inline(each) for each in (*priorities, *labels)) or "not set"
    pages = [f"{link(str(page.number), page.url)} {inline(page.status)}" for page in incident.pages]

    due = incident.issue.due_date if incident.issue else None
    told = [
        f"**Severity:** {severity}",
        *([f"**Open since:** {stamp(incident.since)}"] if incident.since else []),
        f"**Pages:** {some(pages, LISTED) or 'none known'}",
        *([f"**Due:** {inline(due)}"] if due else []),
    ]
    return " | ".join(told)


def _part(label: str, typed: str | None, name: str, reader: Reader) -> list[str]:
    return put(label, reader.typed(typed) if typed else empty(name))


def _related(issue: LinkedIssue, incident: Incident, reader: Reader) -> str:
    """A related issue; a confidential one in a less private place is a reference and no more."""
    hidden = reader.public or (issue.confidential and not incident.is_confidential)
    told = [] if hidden else [title(issue.title)]
    return f"{issue_link(issue)} ({', '.join([*told, inline(issue.state), *map(inline, issue.assignees)])})"


def _address(text: str) -> str:
    """A URL or a channel as it is, where it is one and nothing else; other words as text."""
    return text if _URL.fullmatch(text) or _CHANNEL.fullmatch(text) else inline(text)


def _timeline(entries: Sequence[LogEntry], reader: Reader) -> str:
    """What happened, in words; the same thing in the same minute, as in a storm of pages, once."""
    told: list[str] = []
    day = ""
    deeds = zip(entries, _delays(entries), strict=True)
    minutes = ((stamp(entry.at).removesuffix(" UTC"), _deed(entry, delay, reader)) for entry, delay in deeds)
    for (at, deed), alike in groupby(minutes):
        times = len(list(alike))
        told.append(f"{at.removeprefix(day)} {deed}{f' (×{times})' if times > 1 else ''}")
        day = at[: len("2026-11-23 ")]
    return ", ".join(told) or "nothing happened"


def _delays(entries: Iterable[LogEntry]) -> list[str]:
    """How long each page waited for its ack: an empty text for every entry that is none, or not the first."""
    paged: dict[str, datetime] = {}
    delays = []
    for entry in entries:
        waited = paged.pop(entry.page, None) if entry.kind == "acknowledge" else None
        delays.append(f" ({span(entry.at - waited)})" if waited else "")
        if entry.kind == "trigger":
            paged[entry.page] = entry.at
    return delays


def _deed(entry: LogEntry, delay: str, reader: Reader) -> str:
    who = f" by {inline(entry.who)}" if entry.who and entry.kind != "trigger" else ""
    words = entry.text if entry.kind in ("note", "update") and not reader.public else ""
    return f"{_VERBS[entry.kind]}{who}{delay}{f': {inline(shorten(words, LONG))}' if words else ''}"
