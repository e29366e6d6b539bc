"""The gaps that only a person can fill, in the order in which they are asked for."""

from typing import Any

from secops_oncall.domain.editing import Gap, gaps, others
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Incident, Problem
from secops_oncall.domain.traces import NextStep
from tests.domain.test_handoff import ANA, ONE, SHIFT, TWO
from tests.fakes import NOW, a_page


def incident(id: str, **more: Any) -> Incident:
    nothing: dict[str, Any] = dict.fromkeys(
        ("issue", "owner", "acting", "posture", "state", "tried", "confidence", "zoom")
    )
    nothing |= dict.fromkeys(("engaged", "related", "next_steps", "if_then", "slack", "timeline"), ())
    known = {"pages": (a_page(id),), "summary": "x", "stale": False, "uncovered": False}
    return Incident(**{**nothing, **known, **more}, id=id)


def problem(subject: str, field: str | None, code: str = "E1", severity: Any = "error") -> Problem:
    return Problem(code, severity, subject, field, f"{code} {field}", "do it")


def handoff(*problems: Problem, work: tuple[Incident, ...] = (incident(TWO), incident(ONE))) -> Handoff:
    return Handoff(SHIFT, ANA, None, (), work, (), (), (), (), (), problems)


def test_errors_about_fields_are_gaps_incident_after_incident_each_once() -> None:
    found = handoff(
        problem(ONE, "state"),
        problem(TWO, "posture"),
        problem(TWO, "state"),
        problem(TWO, "state", "E8"),
        problem(ONE, "if_then", "W6", "warning"),
    )
    assert [(gap.incident.id, gap.field, gap.message) for gap in gaps(found)] == [
        (TWO, "posture", "E1 posture"),
        (TWO, "state", "E8 state"),
        (ONE, "state", "E1 state"),
    ]
    assert others(found) == []


def test_what_no_words_mend_is_no_gap() -> None:
    rest = [problem(ONE, "owner", "E3"), problem("PagerDuty", "incidents", "E2"), problem("Q1GONE00009", "state")]
    found = handoff(*rest, problem(ONE, "issue", "W10", "warning"), problem(ONE, "zoom", "E9"))
    assert [gap.field for gap in gaps(found)] == ["zoom"]
    assert others(found) == rest


def test_each_step_that_lacks_something_is_a_gap_of_its_own() -> None:
    steps = (NextStep("a", "Ben", NOW), NextStep("b", "Ben"), NextStep("c"))
    work = (incident(ONE, next_steps=steps),)
    found = handoff(*[problem(ONE, "next_steps", "E4")] * 2, problem(ONE, "next_steps", "E5"), work=work)
    assert gaps(found) == [
        Gap(work[0], "next_steps", "E4 next_steps", steps[1]),
        Gap(work[0], "next_steps", "E4 next_steps", steps[2]),
        Gap(work[0], "next_steps", "E5 next_steps"),
    ]
