"""The shift's hand-over issue: the same sections as the printed hand-off, every incident by its link and next steps."""

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.markdown import inline
from secops_oncall.domain.open_work import HANDOVER
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.times import stamp
from secops_oncall.views import handoff_sections as sections
from secops_oncall.views.handoff import quiet, reader_of
from secops_oncall.views.incidents import NO_ONE, Reader, headline, note, steps

WARM_CALL = "Warm call: open questions only, at most 15 minutes; what is said there goes into the issues"
ACCEPT = "Accept with `oncall handoff accept`: the read-back is a note below"


def title(shift: Shift) -> str:
    """`On-Call Handover 2026-11-23 02:00/14:00 UTC (Weekday 12 h)`: its beginning tells it from open work."""
    start, end = stamp(shift.start).removesuffix(" UTC"), stamp(shift.end) if shift.end else "open UTC"
    until = end.removeprefix(start[: len("2026-11-23 ")])
    return f"{HANDOVER}{start}/{until} ({shift.kind.title()}{length(shift)})"


def length(shift: Shift) -> str:
    """How long a shift is: ` 12 h`; nothing for one without an end."""
    return f" {(shift.end - shift.start).total_seconds() / 3600:g} h" if shift.end else ""


def description(handoff: Handoff, destinations: Destinations, why: str = "") -> list[str]:
    """The parts of the issue's description, in order; a quiet shift is two lines.

    `why` is the reason for which it was posted although it is incomplete. Nothing in it depends on when it is made.
    """
    reader = reader_of(handoff, destinations.handles)
    if handoff.is_quiet:
        return [f"{_heading(handoff, reader)}\n{quiet(handoff)}"]
    parts = [
        _heading(handoff, reader),
        anyway(handoff, reader, why),
        sections.people(handoff, reader),
        sections.start_here(handoff, reader),
        _open(handoff),
        *(_incident(incident, reader) for incident in handoff.incidents),
        *(part(handoff, reader) for part in _REST),
        _sign_off(handoff, reader),
    ]
    return [part for part in parts if part]


def anyway(handoff: Handoff, reader: Reader, why: str) -> str:
    """That a hand-off was posted although it has errors, which, and why."""
    if not why:
        return ""
    codes = sorted({problem.code for problem in handoff.problems if problem.severity == "error"})
    return f"**Posted although it is incomplete** ({', '.join(codes) or 'no errors'}): {reader.words(why)}"


def between(handoff: Handoff, reader: Reader) -> str:
    """Who hands off to whom, to stand in bold: `@outgoing → @incoming`."""
    mention = reader.handles.mention
    return f"{mention(handoff.outgoing)} → {mention(handoff.incoming) or NO_ONE}"


def _heading(handoff: Handoff, reader: Reader) -> str:
    shift = handoff.shift
    end = reader.when(shift.end) if shift.end else "an open end"
    return f"**{between(handoff, reader)}**: {shift.kind} shift as {shift.role}, {stamp(shift.start)} to {end}"


def _open(handoff: Handoff) -> str:
    return f"## Open incidents ({len(handoff.incidents)})" if handoff.incidents else ""


def _incident(incident: Incident, reader: Reader) -> str:
    """Its link and its next steps; the whole note of one that has no issue to put it on."""
    posture = f" | **Posture:** {inline(incident.posture)}" if incident.posture else ""
    if incident.issue is None:
        return f"### {headline(incident)}\n{note(incident, reader)}"
    return "\n".join([f"### {headline(incident)}{posture}", "", *steps(incident, reader)])


def _sign_off(handoff: Handoff, reader: Reader) -> str:
    written = f"Written by {reader.handles.mention(handoff.outgoing)}"
    return sections.section("Sign-off", [written, WARM_CALL, ACCEPT])


_REST = (
    sections.changed,
    sections.resolved,
    sections.reviews,
    sections.pages,
    sections.watch_list,
    sections.noted,
    sections.backlog,
    sections.improvements,
    sections.coverage,
)
