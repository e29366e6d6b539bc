"""Editing what is said for the hand-off: what stands after an edit, and the gaps that only a person can fill."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Incident, Problem
from secops_oncall.domain.said import NAMES, Said
from secops_oncall.domain.traces import NextStep


@dataclass(frozen=True)
class Edited:
    """What is said of an incident after an edit, the fields that changed, and whether its page was noise, if said.

    `warnings` are what was kept otherwise than it may have been meant.
    """

    id: str
    title: str
    said: Said
    changed: tuple[str, ...] = ()
    noise: bool | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A field of an incident that lint refuses; `step` is the next step that lacks its person or its time."""

    incident: Incident
    field: str
    message: str
    step: NextStep | None = None


def gaps(handoff: Handoff) -> list[Gap]:
    """The gaps of a hand-off, incident after incident in its order: what wants attention most comes first."""
    errors = [problem for problem in handoff.problems if problem.severity == "error" and problem.field in NAMES]
    found = [
        gap
        for incident in handoff.incidents
        for problem in errors
        if problem.subject == incident.id
        for gap in _gaps(incident, problem)
    ]
    return list({(gap.incident.id, gap.field, gap.step): gap for gap in found}.values())


def others(handoff: Handoff) -> list[Problem]:
    """The errors that no words about an incident mend."""
    mended = {(gap.incident.id, gap.field) for gap in gaps(handoff)}
    errors = (problem for problem in handoff.problems if problem.severity == "error")
    return [problem for problem in errors if (problem.subject, problem.field) not in mended]


def _gaps(incident: Incident, problem: Problem) -> Iterable[Gap]:
    whole = Gap(incident, problem.field or "", problem.message)
    lacking = [step for step in incident.next_steps if not (step.who and step.by)]
    return [replace(whole, step=step) for step in lacking] if problem.code == "E4" else [whole]
