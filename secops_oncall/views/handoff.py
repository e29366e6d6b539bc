"""The whole hand-off as it is printed: what to do first, every open incident, then the rest of the shift."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.lint_incidents import UNSAID
from secops_oncall.domain.markdown import inline
from secops_oncall.domain.text import plural
from secops_oncall.domain.times import stamp
from secops_oncall.views import handoff_sections as sections
from secops_oncall.views.incidents import NOBODY, Reader, section


def markdown(handoff: Handoff, now: datetime, handles: Handles | None = None) -> str:
    """The hand-off as things stand now, for a terminal and to be pasted: no text from elsewhere can act in it.

    It is for those who may read what is confidential; of a risk that was filed it says even so where that is, no more.
    Whatever nobody has said yet stands there as `[empty: …]`. A quiet shift is two lines.
    """
    reader = reader_of(handoff, handles or Handles())
    if handoff.is_quiet:
        return f"{_title(handoff, reader)}\n{quiet(handoff)}\n"
    parts = [
        sections.start_here(handoff, reader),
        *(section(incident, reader) for incident in handoff.incidents),
        *(part(handoff, reader) for part in _REST),
        _lacks(handoff),
    ]
    whole = [_title(handoff, reader), _overview(handoff), *filter(None, parts), f"Written {stamp(now)}."]
    return "\n\n".join(whole) + "\n"


def incidents(handoff: Handoff, handles: Handles | None = None) -> str:
    """The incidents of a hand-off alone."""
    reader = reader_of(handoff, handles or Handles())
    return "\n\n".join(section(incident, reader) for incident in handoff.incidents) + "\n"


def reader_of(handoff: Handoff, handles: Handles, *, public: bool = False) -> Reader:
    """For whom a hand-off is written: the incoming engineer, and who may be mentioned in it."""
    known = handles.known(handoff.people)
    return Reader(handoff.time_zone, handoff.unread, known, handoff.gitlab_url, public)


def quiet(handoff: Handoff) -> str:
    """What there is to say of a shift in which nothing happened."""
    kept = ", ".join(sections.kept(issue, handoff) for issue in handoff.backlog)
    backlog = f"; backlog kept by {inline(handoff.outgoing.name)}: {kept}" if kept else ""
    reviewed = sections.reviewed(handoff)
    return f"Quiet: no open incidents, no pages, nothing coming up; reviews {reviewed}{backlog}."


def _title(handoff: Handoff, reader: Reader) -> str:
    shift = handoff.shift
    incoming = inline(handoff.incoming.name) if handoff.incoming else NOBODY
    end = reader.when(shift.end) if shift.end else "an open end"
    return f"# Hand-off: {inline(handoff.outgoing.name)} → {incoming}, {stamp(shift.start)} to {end}"


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


def _lacks(handoff: Handoff) -> str:
    """Every problem; what one incident lacks of the same kind in one line."""
    by_subject = groupby(handoff.problems, key=lambda problem: (problem.code, problem.subject))
    return sections.section("What this hand-off lacks", [_lack(list(problems)) for _, problems in by_subject])


def _lack(problems: Sequence[Problem]) -> str:
    first, told = problems[0], [each.message for each in problems]
    if len(told) > 1 and all(message.startswith(UNSAID) for message in told):
        told = [f"{UNSAID}: {', '.join((each.field or '').replace('_', ' ') for each in problems)}"]
    what = "; ".join(told)
    return f"{first.code} {first.severity}, {inline(first.subject)}: {inline(what)}. Try: {inline(first.fix)}"


_REST = (
    sections.changed,
    sections.resolved,
    sections.pages,
    sections.noted,
    sections.reviews,
    sections.watch_list,
    sections.backlog,
    sections.improvements,
    sections.coverage,
    sections.people,
)
