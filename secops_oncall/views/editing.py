"""What is said of incidents: the text that is edited, with what is known beside it, and what stands after an edit."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, tzinfo

from secops_oncall.domain.draft import Item, step_line
from secops_oncall.domain.editing import Edited, Gap
from secops_oncall.domain.incidents import Incident, Problem
from secops_oncall.domain.issues import Issue, LinkedIssue
from secops_oncall.domain.lint_incidents import UNSAID
from secops_oncall.domain.pages import LogEntry, Page
from secops_oncall.domain.said import LABELS
from secops_oncall.domain.text import clean, plural, shorten
from secops_oncall.domain.times import both
from secops_oncall.domain.traces import NextStep
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import jsonable, print_json
from secops_oncall.views.screen import Screen

_MOST = 20  # pages, or entries of the time line, that stand beside a text
_LONG = 160  # characters of an entry
_WORDS = {"noise": "noise or real"}


def item(incident: Incident, now: datetime, zone: tzinfo = UTC, unread: Collection[str] = ()) -> Item:
    """One incident as it is edited, each heading with what is known; `unread` are services that told nothing."""
    said, found = incident.said, [step for step in incident.next_steps if step not in incident.said.next_steps]
    facts = {
        "summary": _summary(incident, now, zone, unread),
        "related": [_related(each) for each in incident.related],
        "engaged": [person.name for person in incident.engaged],
        "zoom": [incident.zoom] if incident.zoom and not said.zoom else [],
        "slack": [each for each in incident.slack if each not in said.slack],
        "next_steps": [*(["unticked in the issue:"] if found else []), *(f"- [ ] {step_line(each)}" for each in found)],
    }
    known = {LABELS[name]: [*map(clean, some)] for name, some in facts.items()}
    return Item(incident.id, title(incident), said, known, incident.suggested)


def title(incident: Incident) -> str:
    """What an incident is called where it came from."""
    return clean(incident.issue.title if incident.issue else incident.pages[0].title)


def print_edited(
    streams: Streams, edited: Sequence[Edited], output: str, now: datetime, zone: tzinfo = UTC, *, single: bool = False
) -> None:
    """What is said after an edit: of one incident, or of each that was changed."""
    if output == "json":
        told = [_plain(each) for each in edited]
        print_json(streams, told[0] if single else told)
        return
    screen = Screen(streams)
    for each in edited:
        if single or each.changed:
            _whole(screen, each, now, zone)
    if single or any(each.changed for each in edited):
        screen.show()


def say_edited(streams: Streams, edited: Sequence[Edited], *, dry_run: bool) -> None:
    """What became of an edit, and what was kept otherwise than it may have been meant, on standard error."""
    for each in edited:
        names = ", ".join(_WORDS.get(name) or LABELS[name] for name in each.changed)
        for warning in each.warnings:
            streams.warn(f"{each.id}: {warning}")
        if names and dry_run:
            streams.say(f"{each.id}: would change: {names}; not kept: this is a dry run")
        elif names:
            streams.done(f"kept for {each.id}: {names}")
    if not any(each.changed for each in edited):
        streams.say("Nothing changed.")


def print_gaps(streams: Streams, gaps: Sequence[Gap], output: str) -> None:
    """What would be asked for, a line each."""
    if output == "json":
        print_json(streams, [{"id": gap.incident.id, "field": gap.field, "message": lack(gap)} for gap in gaps])
        return
    screen = Screen(streams)
    for gap in gaps:
        screen.line(f"{LABELS[gap.field]}: {lack(gap)}", lead=f"{gap.incident.id}  ")
    if gaps:
        screen.show()


def say_incident(streams: Streams, incident: Incident, place: int, of: int) -> None:
    """Which incident is asked about."""
    count = f"{place} of {of}: " if of > 1 else ""
    streams.say(shorten(f"{count}{incident.id} {title(incident)}", streams.width))


def say_gap(streams: Streams, gap: Gap, suggested: Iterable[str]) -> None:
    """What is wrong with what is there, and what the last hand-off said where nothing is."""
    if not gap.message.startswith(UNSAID) and gap.step is None:
        streams.say(f"  {LABELS[gap.field]}: {gap.message}")
    for line in suggested:
        streams.say(shorten(f"  suggested: {clean(line)}", streams.width))


def choices_line(label: str, choices: Iterable[str], width: int) -> str:
    """What can be pressed, on one line of the terminal."""
    keys = [*(f"[{choice[0]}]{choice[1:]}" for choice in choices), "[e]ditor"]
    for line in (f"{label}: {' '.join(keys)}, Enter leaves it", f"{label}: {' '.join(keys)}"):
        if len(line) < width:
            return line
    return shorten(" ".join(keys), width - 1)


def say_answer(
    streams: Streams, steps: Iterable[NextStep], warnings: Iterable[str], now: datetime, zone: tzinfo
) -> None:
    """How an answer was understood: a step's person and time, and what is not as it should be."""
    for step in steps:
        streams.say(f"  {_step(step, now, zone)}")
    for warning in warnings:
        streams.warn(warning)


def say_filled(streams: Streams, kept: int, asked: int, left: Sequence[Problem]) -> None:
    """That everything was asked, and what no answer mends."""
    if kept:
        streams.done(f"kept {plural(kept, 'answer')}")
    elif not asked:
        streams.say("Nothing is missing that only you know.")
    if left:
        streams.say(f"{plural(len(left), 'error')} left that no words mend")
        streams.next_step("oncall handoff lint")


def lack(gap: Gap) -> str:
    """What a gap lacks, in words."""
    if gap.step is None:
        return gap.message
    lacks = " and ".join(what for what, known in (("who", gap.step.who), ("by when", gap.step.by)) if not known)
    return f"{gap.step.action}: {lacks}?"


def _summary(incident: Incident, now: datetime, zone: tzinfo, unread: Collection[str]) -> list[str]:
    owner, acting = incident.owner, incident.acting
    acked = f"{owner.name} (acked {both(owner.acked_at, now, zone)})" if owner else "nobody"
    happened = [f"{both(each.at, now, zone)} {_deed(each)}" for each in incident.timeline]
    return [
        *(f"{service} could not be read: what it knows is missing here" for service in sorted(unread)),
        *([_issue(incident.issue)] if incident.issue else ["no issue"]),
        *_few([_page(page) for page in incident.pages]),
        f"owner: {acked}; acting: {acting.name if acting else 'nobody'}",
        *_few(happened),
    ]


def _issue(issue: Issue) -> str:
    state = issue.state.replace("opened", "open")
    return ", ".join([issue.ref, state, *(["confidential"] if issue.confidential else []), *issue.labels, issue.url])


def _page(page: Page) -> str:
    known = [page.status, page.urgency, *([page.priority] if page.priority else []), page.service]
    return f"page {page.number} ({', '.join(known)}): {page.title}"


def _deed(entry: LogEntry) -> str:
    words = entry.text if entry.kind != "note" else f"{entry.who}: {entry.text}"
    return shorten(clean(words or f"{entry.kind} by {entry.who}"), _LONG)


def _few(lines: Sequence[str]) -> list[str]:
    """The last lines, and how many there are before them."""
    hidden = len(lines) - _MOST
    return [*([f"{plural(hidden, 'line')} more"] if hidden > 0 else []), *lines[-_MOST:]]


def _related(issue: LinkedIssue) -> str:
    return ", ".join([issue.ref, issue.state.replace("opened", "open"), *issue.assignees]) + f": {issue.title}"


def _whole(screen: Screen, each: Edited, now: datetime, zone: tzinfo) -> None:
    said = each.said
    screen.heading(f"{each.id} {each.title}")
    for name in LABELS:
        value = getattr(said, name)
        if name == "next_steps":
            steps = [f"{place} {_step(step, now, zone)}" for place, step in enumerate(said.next_steps, 1)]
            screen.fact(_SHORT[name], *steps)
        elif isinstance(value, tuple):
            screen.fact(_SHORT[name], *value)
        else:
            screen.fact(_SHORT[name], *value.split("\n"))
    if each.noise is not None:
        screen.fact("Page", "noise" if each.noise else "real")


# What a label is called where there is room for one word.
_SHORT = {
    "summary": "Summary",
    "state": "State",
    "tried": "Tried",
    "confidence": "Confidence",
    "posture": "Posture",
    "related": "Related",
    "engaged": "Engaged",
    "zoom": "Zoom",
    "slack": "Slack",
    "next_steps": "Next steps",
    "if_then": "If/Then",
}


def _step(step: NextStep, now: datetime, zone: tzinfo) -> str:
    by = f"by {both(step.by, now, zone)}" if step.by else ""
    return ", ".join(filter(None, [step.action, step.who, by]))


def _plain(each: Edited) -> dict[str, object]:
    return {"id": each.id, **jsonable(each.said), "noise": each.noise, "changed": list(each.changed)}
