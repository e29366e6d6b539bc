"""The hand-off as one Markdown document: what to do first, every open incident, then the rest of the shift."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from secops_oncall.domain.backlog import is_overdue
from secops_oncall.domain.events import Note
from secops_oncall.domain.handoff import ComingUp, Handoff, ShiftPage, Turn
from secops_oncall.domain.improvements import quotable
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import inline, link
from secops_oncall.domain.refs import issue_url
from secops_oncall.domain.reviews import Review
from secops_oncall.domain.text import plural
from secops_oncall.domain.times import span
from secops_oncall.views.incidents import NOBODY, Reader, empty, headline, issue_link, section, step, title, utc
from secops_oncall.views.reviews import needing, summary

_COMING = {
    "escalates": "escalates",
    "unacks": "ack times out",
    "resolves": "alarm resolves itself",
    "snooze_ends": "snooze ends",
    "next_step": "due",
    "shift_ends": "hand-over",
}


def markdown(handoff: Handoff, now: datetime) -> str:
    """The hand-off as things stand now, for a terminal and to be pasted: no text from elsewhere can act in it.

    It is for those who may read what is confidential; of a risk that was filed it says even so where that is, no more.
    Whatever nobody has said yet stands there as `[empty: …]`. A quiet shift is two lines.
    """
    if _is_quiet(handoff):
        return f"{_title(handoff)}\n{_quiet(handoff)}\n"
    sections = filter(None, (part(handoff) for part in _SECTIONS))
    return "\n\n".join([_title(handoff), _overview(handoff), *sections, f"Written {utc(now)}."]) + "\n"


def _is_quiet(handoff: Handoff) -> bool:
    lacks = [problem for problem in handoff.problems if problem.code != "W1"]  # the line itself tells how many reviews
    work = (handoff.incidents, handoff.pages, handoff.closed, handoff.human)
    told = (*work, handoff.notes, handoff.improvements, lacks)
    return not any(told) and all(each.kind == "shift_ends" for each in handoff.coming_up)


def _quiet(handoff: Handoff) -> str:
    kept = ", ".join(_kept(issue, handoff) for issue in handoff.backlog)
    backlog = f"; backlog kept by {inline(handoff.outgoing.name)}: {kept}" if kept else ""
    return f"Quiet: no open incidents, no pages, nothing coming up; reviews {_reviewed(handoff)}{backlog}."


def _title(handoff: Handoff) -> str:
    shift = handoff.shift
    incoming = inline(handoff.incoming.name) if handoff.incoming else NOBODY
    end = _reader(handoff).when(shift.end) if shift.end else "an open end"
    return f"# Hand-off: {inline(handoff.outgoing.name)} → {incoming}, {utc(shift.start)} to {end}"


def _overview(handoff: Handoff) -> str:
    errors = sum(problem.severity == "error" for problem in handoff.problems)
    told = [
        f"**Shift:** {f'{handoff.shift.kind}, ' if handoff.shift.usual else ''}{handoff.shift.role}",
        f"**Outgoing:** {inline(handoff.outgoing.name)}",
        f"**Incoming:** {inline(handoff.incoming.name) if handoff.incoming else NOBODY}",
        f"**Pages:** {len(handoff.pages)}",
        f"**Open incidents:** {len(handoff.incidents)}",
        f"**Lacks:** {plural(errors, 'error')}, {plural(len(handoff.problems) - errors, 'warning')}",
    ]
    return " | ".join(told)


def _start_here(handoff: Handoff) -> str:
    """One line for everything that is open, in the order in which it is best taken up."""
    lines = [f"**{service} could not be read: what it knows is missing here**" for service in sorted(handoff.unread)]
    for incident in handoff.incidents:
        unacked = [f"`oncall ack {page.number}`" for page in incident.pages if page.status == "triggered"]
        steps = [step(each, incident, _reader(handoff)) for each in incident.next_steps]
        lines.append(f"{headline(incident)}: {[*unacked, *steps, empty('next_steps')][0]}")
    return _section("Start here", lines or ["Nothing is open."])


def _incidents(handoff: Handoff) -> str:
    return "\n\n".join(section(incident, _reader(handoff)) for incident in handoff.incidents)


def _changed(handoff: Handoff) -> str:
    moved = [incident for incident in handoff.incidents if incident.timeline]
    lines = [f"{headline(incident)}: {plural(len(incident.timeline), 'new fact')}" for incident in moved]
    return _section("Changed this shift", lines)


def _resolved(handoff: Handoff) -> str:
    """Issues that were closed, and pages that were resolved and have no open work behind them."""
    open_still = {page.id for incident in handoff.incidents for page in incident.pages}
    closed = {issue.ref for issue in handoff.closed}
    over = (page for page in handoff.pages if page.status == "resolved" and page.id not in open_still)
    lines = [f"{_work(issue)}: closed" for issue in handoff.closed]
    lines += [f"{_page(page)}: resolved" for page in over if not page.issue or page.issue.ref not in closed]
    return _section("Resolved this shift", lines)


def _pages(handoff: Handoff) -> str:
    lines = [f"{utc(page.created_at)} {_page(page)}: {_acked(page)}" for page in handoff.pages]
    return _section(f"Pages ({len(lines)})", lines)


def _page(page: ShiftPage) -> str:
    return f"{title(page.title)} (page {page.number})"


def _acked(page: ShiftPage) -> str:
    after = f" after {span(timedelta(seconds=page.ack_seconds))}" if page.ack_seconds is not None else ""
    acked = f"acked by {inline(page.owner.name)}{after}" if page.owner else "**not acked**"
    return ", ".join([acked, *(["escalated"] if page.escalated else []), page.status])


def _notes(handoff: Handoff) -> str:
    return _section("Notes", [f"{utc(each.at)} {each.kind}: {_noted(each, handoff)}" for each in handoff.notes])


def _noted(note: Note, handoff: Handoff) -> str:
    words = quotable(note, confidential=True)
    return f"filed as {_filed(note, handoff.gitlab_url)}" if words is None else inline(words)


def _reviews(handoff: Handoff) -> str:
    lines = [_review(each) for each in handoff.reviews] or ["None is recorded on this machine."]
    if handoff.human:
        lines.append(needing(handoff.human, handoff.gitlab_url))
    return _section(f"Reviews of labelled issues: {_reviewed(handoff)}", lines)


def _review(review: Review) -> str:
    return f"{utc(review.at)} by {inline(review.by)}: {inline(summary(review))}"


def _reviewed(handoff: Handoff) -> str:
    return f"{len(handoff.reviews)}/{handoff.reviews_due}"


def _backlog(handoff: Handoff) -> str:
    lines = [_kept(issue, handoff) for issue in handoff.backlog] or [_reader(handoff).nothing]
    return _section(f"Backlog (stays with {inline(handoff.outgoing.name)})", lines)


def _work(issue: Issue) -> str:
    return f"{title(issue.title)}, {issue_link(issue)}"


def _kept(issue: Issue, handoff: Handoff) -> str:
    due = f", due {inline(issue.due_date)}" if issue.due_date else ""
    late = ", **overdue**" if handoff.today and is_overdue(issue, handoff.today) else ""
    return f"{_work(issue)}{due}{late}"


def _improvements(handoff: Handoff) -> str:
    """Those that were filed in the shift, by their link, and those that still have to be."""
    return _section("Improvements", [_improvement(each, handoff.gitlab_url) for each in handoff.improvements])


def _improvement(note: Note, gitlab_url: str) -> str:
    words = quotable(note, confidential=True)
    return f"{_filed(note, gitlab_url)} {note.kind}{'' if words is None else f': {inline(words)}'}"


def _filed(note: Note, gitlab_url: str) -> str:
    return link(note.filed, issue_url(note.filed, gitlab_url)) if note.filed else "UNFILED"


def _coming_up(handoff: Handoff) -> str:
    return _section("What will bite you", [_coming(each, handoff) for each in handoff.coming_up] or ["None known."])


def _coming(each: ComingUp, handoff: Handoff) -> str:
    whose = f"in the shift of {inline(each.whose_shift)}" if each.whose_shift else "nobody is known to be on call then"
    return f"{_reader(handoff).when(each.at)}: {_COMING[each.kind]}: {title(each.text)} ({whose})"


def _coverage(handoff: Handoff) -> str:
    by_role = groupby(handoff.coverage, key=lambda turn: turn.role)
    return _section("Coverage", [f"{role}: {', '.join(_turn(turn) for turn in turns)}" for role, turns in by_role])


def _turn(turn: Turn) -> str:
    return f"{inline(turn.name) if turn.name else '**GAP: nobody**'} until {utc(turn.end)}"


def _lacks(handoff: Handoff) -> str:
    """Every problem; what one incident lacks of the same kind in one line."""
    by_subject = groupby(handoff.problems, key=lambda problem: (problem.code, problem.subject))
    return _section("What this hand-off lacks", [_lack(list(problems)) for _, problems in by_subject])


def _lack(problems: Sequence[Problem]) -> str:
    first = problems[0]
    several = f"nobody has said: {', '.join((each.field or '').replace('_', ' ') for each in problems)}"
    what = first.message if len(problems) == 1 else several
    return f"{first.code} {first.severity}, {inline(first.subject)}: {inline(what)}. Try: {inline(first.fix)}"


_SECTIONS: tuple[Callable[[Handoff], str], ...] = (
    _start_here,
    _incidents,
    _changed,
    _resolved,
    _pages,
    _notes,
    _reviews,
    _backlog,
    _improvements,
    _coming_up,
    _coverage,
    _lacks,
)


def _reader(handoff: Handoff) -> Reader:
    return Reader(handoff.time_zone, handoff.unread)


def _section(name: str, lines: Iterable[str]) -> str:
    items = [f"* {line}" for line in lines]
    return "\n".join([f"## {name}", "", *items]) if items else ""
