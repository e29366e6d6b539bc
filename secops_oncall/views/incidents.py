"""One open incident as Markdown: who has it, and the six headings of the on-call guide, verbatim and in its order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from secops_oncall.domain.incidents import JUDGEMENT, Incident
from secops_oncall.domain.issues import Issue, LinkedIssue
from secops_oncall.domain.markdown import inline, link
from secops_oncall.domain.pages import LogEntry
from secops_oncall.domain.text import shorten
from secops_oncall.domain.traces import NextStep

NOBODY = "**[nobody]**"
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
    """For whom it is written: their time zone, and the services whose half is missing from what they get."""

    time_zone: str | None = None
    unread: frozenset[str] = frozenset()

    @property
    def nothing(self) -> str:
        """What stands where there is nothing: "None" only where that is known."""
        missing = " and ".join(sorted(self.unread))
        return f"**[unknown: {missing} could not be read]**" if missing else "None"

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


def note(incident: Incident, reader: Reader) -> str:
    """The incident's own hand-off note: no text in it that came from elsewhere can act, wherever it is posted.

    Whatever nobody has said yet stands there as `[empty: …]`.
    """
    steps = [f"  - [ ] {step(each, reader)}" for each in incident.next_steps] or [f"  - {empty('next_steps')}"]
    headings = {
        "Issue Summary": _summary(incident),
        "Related Issues": _joined((_related(each) for each in incident.related), reader),
        "Who's Engaged": _joined((inline(person.name) for person in incident.engaged), reader),
        "Active Zoom Bridge": _joined([_address("Zoom", incident.zoom)] if incident.zoom else (), reader),
        "Slack Channel(s)/Thread(s)": _joined((_address("Slack", each) for each in incident.slack), reader),
    }
    return "\n".join(
        [
            f"## {headline(incident)}",
            _charge(incident, reader),
            "",
            *(f"* **{name}**: {value}" for name, value in headings.items()),
            "* **Next Steps**:",
            *steps,
            *(f"  - {inline(each)}" for each in incident.if_then),
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


def step(each: NextStep, reader: Reader) -> str:
    """A next step with who and by when, each visibly missing where it is."""
    who = inline(each.who) if each.who else "**[empty: who]**"
    by = f"by {reader.when(each.by)}" if each.by else "**[empty: by when]**"
    return f"{inline(each.action)}, {who}, {by}"


def empty(name: str) -> str:
    """The gap that a person has to fill."""
    return f"**[empty: {JUDGEMENT[name]}]**"


def issue_link(issue: Issue | LinkedIssue) -> str:
    """An issue's ref as a link, marked where not everybody may see it."""
    return link(issue.ref, issue.url) + (" (confidential)" if issue.confidential else "")


def title(text: str) -> str:
    """A title from elsewhere, as text; there is always something to see."""
    return inline(text) or "(no title)"


def utc(moment: datetime) -> str:
    """A moment as it is written everywhere: `2026-11-23 14:00 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _joined(values: Iterable[str], reader: Reader) -> str:
    return ", ".join(values) or reader.nothing


def _charge(incident: Incident, reader: Reader) -> str:
    owner = incident.owner
    told = [
        f"**Owner:** {inline(owner.name)} (acked {reader.when(owner.acked_at)})" if owner else f"**Owner:** {NOBODY}",
        f"**Acting until accepted:** {inline(incident.acting.name) if incident.acting else NOBODY}",
        f"**Posture:** {_said(incident.posture, 'posture')}",
        *(["**Stale:** nothing new for an hour"] if incident.stale else []),
    ]
    return " | ".join(told)


def _summary(incident: Incident) -> str:
    asked = {"State now": "state", "Tried / ruled out": "tried", "Confidence": "confidence"}
    said = (f"{label}: {_said(getattr(incident, name), name)}" for label, name in asked.items())
    return ". ".join([title(incident.summary), *said])


def _said(words: str | None, name: str) -> str:
    return inline(words or "") or empty(name)


def _related(issue: LinkedIssue) -> str:
    who = "".join(f", {inline(each)}" for each in issue.assignees)
    return f"{issue_link(issue)} ({title(issue.title)}, {inline(issue.state)}{who})"


def _address(label: str, url: str) -> str:
    """A link where the URL can be one, else the URL as text: it must not be lost."""
    made = link(label, url)
    return made if made != inline(label) else inline(url)


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
