"""One open incident as Markdown: who has it, and the six headings of the on-call guide, verbatim and in its order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.incidents import JUDGEMENT, Incident
from secops_oncall.domain.issues import Issue, LinkedIssue
from secops_oncall.domain.markdown import inline, link, typed, typed_inline
from secops_oncall.domain.pages import LogEntry
from secops_oncall.domain.posted import EMPTY, PARTS, POSTURE, STEPS, SUMMARY, put
from secops_oncall.domain.text import shorten
from secops_oncall.domain.traces import NextStep

NOBODY = "**[nobody]**"
_URL = re.compile(r"https?://[A-Za-z0-9][^\s<>()\[\]\"'`\\!*_~|]*")
LONG = 160  # characters of a note in a time line
_VERBS: Mapping[str, str] = {
    "trigger": "paged",
    "acknowledge": "acked",
    "unacknowledge": "ack timed out",
    "escalate": "escalated",
    "resolve": "alarm resolved",
    "snooze": "snoozed",
    "note": "noted",
}


@dataclass(frozen=True)
class Reader:
    """For whom it is written: their time zone, what is missing from what they get, and who may be mentioned in it."""

    time_zone: str | None = None
    unread: frozenset[str] = frozenset()
    handles: Handles = field(default_factory=Handles)

    @property
    def nothing(self) -> str:
        """What stands where there is nothing: "None" only where that is known."""
        missing = " and ".join(sorted(self.unread))
        return f"**[unknown: {missing} could not be read]**" if missing else "None"

    def typed(self, text: str) -> str:
        """What somebody typed, in which nobody is mentioned but the people of the table."""
        return typed(text, self.handles.gitlab.values())

    def when(self, moment: datetime) -> str:
        """A moment in UTC, and in the reader's own time where that is another one."""
        try:
            local = moment.astimezone(ZoneInfo(self.time_zone or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return utc(moment)
        if not local.utcoffset():
            return utc(moment)
        same_day = local.date() == moment.astimezone(UTC).date()
        return f"{utc(moment)} ({local:{'%H:%M %Z' if same_day else '%Y-%m-%d %H:%M %Z'}})"


def section(incident: Incident, reader: Reader) -> str:
    """The incident as a part of the whole hand-off: no text in it that came from elsewhere can act.

    Whatever nobody has said yet stands there as `[empty: …]`.
    """
    return f"## {headline(incident)}\n{note(incident, reader)}"


def note(incident: Incident, reader: Reader) -> str:
    """Who has it, and the six headings of the guide, verbatim and in its order; `domain.posted` reads it back."""
    said, typed = incident.said, reader.typed
    related = [_related(each) for each in incident.related]
    engaged = [reader.handles.mention(person) for person in incident.engaged]
    zoom = [_address(incident.zoom)] if incident.zoom else []
    slack = [_address(each) for each in incident.slack]
    return "\n".join(
        [
            _charge(incident, reader),
            "",
            f"* **{SUMMARY}**: {typed(said.summary) if said.summary else title(incident.summary)}",
            *(line for name, label in PARTS.items() for line in _part(label, getattr(incident, name), name, reader)),
            *_listed("Related Issues", related, map(typed, said.related), reader),
            *_listed("Who's Engaged", engaged, map(typed, said.engaged), reader),
            *_listed("Active Zoom Bridge", zoom, (), reader),
            *_listed("Slack Channel(s)/Thread(s)", slack, (), reader),
            f"* **{STEPS}**:",
            *(
                [f"  - [ ] {step(each, incident, reader)}" for each in incident.next_steps]
                or [f"  - {empty('next_steps')}"]
            ),
            *(f"  - {typed(each)}" for each in incident.if_then),
            "",
            f"Time line of this shift (UTC): {_timeline(incident.timeline)}",
        ]
    )


def headline(incident: Incident) -> str:
    """What it is about, and where it is kept."""
    issue = incident.issue
    where = issue_link(issue) if issue else "page " + ", ".join(str(page.number) for page in incident.pages)
    closed = ", closed, but a page of it is open" if issue and issue.state == "closed" else ""
    return f"{title(incident.summary)}, {where}{closed}"


def step(each: NextStep, incident: Incident, reader: Reader) -> str:
    """A next step with who and by when, each visibly missing where it is; what was found in an issue stays text."""
    who = reader.handles.named(each.who) if each.who else EMPTY.format("who")
    by = f"by {reader.when(each.by)}" if each.by else EMPTY.format("by when")
    own = each in incident.said.next_steps
    action = typed_inline(each.action, reader.handles.gitlab.values()) if own else inline(each.action)
    return f"{action}, {who}, {by}"


def empty(name: str) -> str:
    """The gap that a person has to fill."""
    return EMPTY.format(JUDGEMENT[name])


def issue_link(issue: Issue | LinkedIssue) -> str:
    """An issue's ref as a link, marked where not everybody may see it."""
    return link(issue.ref, issue.url) + (" (confidential)" if issue.confidential else "")


def title(text: str) -> str:
    """A title from elsewhere, as text; there is always something to see."""
    return inline(text) or "(no title)"


def utc(moment: datetime) -> str:
    """A moment as it is written everywhere: `2026-11-23 14:00 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _listed(heading: str, found: Sequence[str], said: Iterable[str], reader: Reader) -> list[str]:
    """A heading with what is known, and below it what somebody said, a line each."""
    more = [f"  - {each}" for each in said]
    known = ", ".join(found) or ("" if more else reader.nothing)
    return [f"* **{heading}**: {known}".rstrip(), *more]


def _charge(incident: Incident, reader: Reader) -> str:
    owner, handles = incident.owner, reader.handles
    told = [
        f"**Owner:** {handles.named(owner.name)} (acked {reader.when(owner.acked_at)})"
        if owner
        else f"**Owner:** {NOBODY}",
        f"**Acting until accepted:** {handles.mention(incident.acting) or NOBODY}",
        f"**{POSTURE}:** {inline(incident.posture or '') or empty('posture')}",
        *(["**Stale:** nothing new for an hour"] if incident.stale else []),
    ]
    return " | ".join(told)


def _part(label: str, typed: str | None, name: str, reader: Reader) -> list[str]:
    return put(label, reader.typed(typed) if typed else empty(name))


def _related(issue: LinkedIssue) -> str:
    who = "".join(f", {inline(each)}" for each in issue.assignees)
    return f"{issue_link(issue)} ({title(issue.title)}, {inline(issue.state)}{who})"


def _address(text: str) -> str:
    """A URL as it is, which GitLab links by itself, where it is one and nothing else; other words as text."""
    return text if _URL.fullmatch(text) else inline(text)


def _timeline(entries: Iterable[LogEntry]) -> str:
    """What happened, in words; the same thing in the same minute, as in a storm of pages, once."""
    told: list[str] = []
    day = ""
    for (at, deed), same in groupby(entries, key=lambda entry: (utc(entry.at).removesuffix(" UTC"), _deed(entry))):
        times = len(list(same))
        told.append(f"{at.removeprefix(day)} {deed}{f' (×{times})' if times > 1 else ''}")
        day = at[: len("2026-11-23 ")]
    return ", ".join(told) or "nothing happened"


def _deed(entry: LogEntry) -> str:
    who = f" by {inline(entry.who)}" if entry.who and entry.kind != "trigger" else ""
    said = f": {inline(shorten(entry.text, LONG))}" if entry.kind == "note" and entry.text else ""
    return f"{_VERBS[entry.kind]}{who}{said}"
