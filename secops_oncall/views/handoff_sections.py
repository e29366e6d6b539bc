"""The sections of a whole hand-off: the printed one and the hand-over issue have the same."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from secops_oncall.domain.backlog import is_overdue
from secops_oncall.domain.events import Note
from secops_oncall.domain.handoff import ComingUp, Handoff
from secops_oncall.domain.improvements import quotable
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import inline, link
from secops_oncall.domain.refs import issue_url
from secops_oncall.domain.reviews import Review
from secops_oncall.domain.rota import Turn
from secops_oncall.domain.shift_pages import Metrics, ShiftPage
from secops_oncall.domain.text import plural
from secops_oncall.domain.times import span, stamp
from secops_oncall.views.incidents import NOBODY, Reader, empty, headline, issue_link, step, title
from secops_oncall.views.reviews import needing, summary

COMING = {
    "escalates": "escalates",
    "unacks": "ack times out",
    "resolves": "alarm resolves itself",
    "snooze_ends": "snooze ends",
    "next_step": "due",
    "shift_ends": "hand-over",
}


def section(name: str, lines: Iterable[str]) -> str:
    """A heading and its list; nothing where there is nothing to list."""
    items = [f"* {line}" for line in lines]
    return "\n".join([f"## {name}", "", *items]) if items else ""


def people(handoff: Handoff, reader: Reader) -> str:
    """Who hands off to whom, who stands behind them, and when it was done the last time."""
    mention = reader.handles.mention
    told = {
        "Outgoing": mention(handoff.outgoing),
        "Incoming": mention(handoff.incoming) or NOBODY,
        "Backup": mention(handoff.backup) or NOBODY,
        "Manager": mention(handoff.manager) or NOBODY,
    }
    lines = [f"{role}: {who}" for role, who in told.items()]
    if handoff.gap:
        until = reader.when(handoff.gap.end)
        lines.append(
            f"**Gap: nobody is on call from {reader.when(handoff.gap.start)} to {until}**, the backup meanwhile"
        )
    return section("People", [*lines, f"Previous hand-over: {_previous(handoff, reader)}"])


def start_here(handoff: Handoff, reader: Reader) -> str:
    """One line for everything that is open, in the order in which it is best taken up."""
    lines = [f"**{service} could not be read: what it knows is missing here**" for service in sorted(handoff.unread)]
    for incident in handoff.incidents:
        unacked = [f"`oncall ack {page.number}`" for page in incident.pages if page.status == "triggered"]
        steps = [step(each, incident, reader) for each in incident.next_steps]
        lines.append(f"{headline(incident)}: {[*unacked, *steps, empty('next_steps')][0]}")
    return section("Start here", lines or ["Nothing is open."])


def changed(handoff: Handoff, reader: Reader) -> str:
    """What has happened to each incident since it was handed over the last time."""
    lines = [f"{headline(incident)}: {news}" for incident in handoff.incidents if (news := _news(incident))]
    return section("Changed since the previous hand-over", lines)


def resolved(handoff: Handoff, reader: Reader) -> str:
    """Issues that were closed, and pages that were resolved and have no open work behind them."""
    open_still = {page.id for incident in handoff.incidents for page in incident.pages}
    closed = {issue.ref for issue in handoff.closed}
    over = (page for page in handoff.pages if page.status == "resolved" and page.id not in open_still)
    lines = [f"{_work(issue)}: closed" for issue in handoff.closed]
    lines += [f"{_page(page)}: resolved{_noise(page)}" for page in over if _ref(page) not in closed]
    return section("Resolved this shift", lines)


def pages(handoff: Handoff, reader: Reader) -> str:
    """The shift's pages, earliest first: how fast each was acked, by whom, whether it was escalated, and if real."""
    lines = [f"{stamp(page.created_at)} {_page(page)}: {_acked(page)}" for page in handoff.pages]
    return section(f"Pages and escalations ({in_numbers(handoff.metrics)})", lines)


def in_numbers(metrics: Metrics) -> str:
    """A shift's pages in a line: `5, median ack 4 min, slowest 16 min (manager alerted), 2 in sleep hours, 1 noise`."""
    slowest, median = metrics.slowest_ack_seconds, metrics.median_ack_seconds
    told = [str(metrics.pages)]
    told += [] if median is None else [f"median ack {span(timedelta(seconds=median))}"]
    told += [] if slowest is None else [f"slowest {span(timedelta(seconds=slowest))}"]
    told[-1] += " (manager alerted)" if metrics.manager_alerted else ""
    return ", ".join([*told, f"{metrics.in_sleep_hours} in sleep hours", f"{metrics.noise} noise"])


def noted(handoff: Handoff, reader: Reader) -> str:
    """The engineer's own notes, as they were typed; of a risk that was filed, where."""
    return section(
        "Notes", [f"{stamp(each.at)} {each.kind}: {_noted(each, handoff, reader)}" for each in handoff.notes]
    )


def reviews(handoff: Handoff, reader: Reader) -> str:
    """The reviews that count, and which issues need a human."""
    lines = [_review(each) for each in handoff.reviews] or ["None is recorded on this machine."]
    if handoff.human:
        lines.append(needing(handoff.human, handoff.gitlab_url))
    return section(f"Reviews of labelled issues: {reviewed(handoff)}", lines)


def reviewed(handoff: Handoff) -> str:
    """How many reviews of how many: `2/2`."""
    return f"{len(handoff.reviews)}/{handoff.reviews_due}"


def watch_list(handoff: Handoff, reader: Reader) -> str:
    """What will happen by itself or falls due, and in whose shift."""
    return section(
        "Watch list: what will bite you", [_coming(each, reader) for each in handoff.coming_up] or ["None known."]
    )


def backlog(handoff: Handoff, reader: Reader) -> str:
    """What stays with its picker."""
    lines = [kept(issue, handoff) for issue in handoff.backlog] or [reader.nothing]
    return section(f"Backlog (stays with {inline(handoff.outgoing.name)})", lines)


def kept(issue: Issue, handoff: Handoff) -> str:
    """An item of the Backlog, when it is due, and whether that is over."""
    due = f", due {inline(issue.due_date)}" if issue.due_date else ""
    late = ", **overdue**" if handoff.today and is_overdue(issue, handoff.today) else ""
    return f"{_work(issue)}{due}{late}"


def improvements(handoff: Handoff, reader: Reader) -> str:
    """Those that were filed in the shift, by their link, and those that still have to be."""
    return section("Improvements", [_improvement(each, handoff, reader) for each in handoff.improvements])


def coverage(handoff: Handoff, reader: Reader) -> str:
    """Who holds which role in the 24 hours after the hand-over."""
    by_role = groupby(handoff.coverage, key=lambda turn: turn.role)
    lines = [f"{role}: {', '.join(_turn(turn) for turn in turns)}" for role, turns in by_role]
    return section("Coverage of the next 24 hours", lines)


def _previous(handoff: Handoff, reader: Reader) -> str:
    before = handoff.previous
    if before is None:
        return "none known"
    where = f", {link('its issue', before.url)}" if before.url else ""
    told = f"{stamp(before.at)} by {reader.handles.named(f'@{before.by}')}{where}"
    if before.accepted is None:
        return f"{told}, no read-back is known"
    return f"{told}, accepted {stamp(before.accepted.at)} by {reader.handles.named(f'@{before.accepted.by}')}"


def _news(incident: Incident) -> str:
    last = incident.before
    if last is None:
        return f"{plural(len(incident.timeline), 'new fact')}" if incident.timeline else ""
    told = [plural(last.facts, "new fact")] if last.facts else []
    told += [f"{plural(last.closed, 'step')} closed"] if last.closed else []
    return ", ".join(told)


def _page(page: ShiftPage) -> str:
    return f"{title(page.title)} (page {link(str(page.number), page.url)})"


def _ref(page: ShiftPage) -> str | None:
    return page.issue.ref if page.issue else None


def _noise(page: ShiftPage) -> str:
    return ", noise" if page.noise else ""


def _acked(page: ShiftPage) -> str:
    after = f" after {span(timedelta(seconds=page.ack_seconds))}" if page.ack_seconds is not None else ""
    acked = f"acked by {inline(page.owner.name)}{after}" if page.owner else "**not acked**"
    told = [acked, *(["escalated"] if page.escalated else []), page.status, *(["noise"] if page.noise else [])]
    told += [link("runbook", page.runbook)] if page.runbook else []
    return ", ".join(told)


def _review(review: Review) -> str:
    return f"{stamp(review.at)} by {inline(review.by)}: {inline(summary(review))}"


def _work(issue: Issue) -> str:
    return f"{title(issue.title)}, {issue_link(issue)}"


def _noted(note: Note, handoff: Handoff, reader: Reader) -> str:
    words = quotable(note, confidential=not reader.public)
    return f"filed as {_filed(note, handoff)}" if words is None else reader.words(words)


def _improvement(note: Note, handoff: Handoff, reader: Reader) -> str:
    words = quotable(note, confidential=not reader.public)
    return f"{_filed(note, handoff)} {note.kind}{'' if words is None else f': {reader.words(words)}'}"


def _filed(note: Note, handoff: Handoff) -> str:
    return link(note.filed, issue_url(note.filed, handoff.gitlab_url)) if note.filed else "UNFILED"


def _coming(each: ComingUp, reader: Reader) -> str:
    whose = f"in the shift of {inline(each.whose_shift)}" if each.whose_shift else "nobody is known to be on call then"
    told = f"{reader.when(each.at)}: {COMING[each.kind]}: {title(each.text)}"
    return told if each.kind == "shift_ends" and each.whose_shift else f"{told} ({whose})"


def _turn(turn: Turn) -> str:
    return f"{inline(turn.name) if turn.name else '**GAP: nobody**'} until {stamp(turn.end)}"
