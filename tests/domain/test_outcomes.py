"""What scripts rely on in an outcome."""

from dataclasses import FrozenInstanceError, fields

import pytest

from secops_oncall.domain.outcomes import STEPS, Outcome, Result, next_steps


def test_the_results_are_those_of_the_interface_and_a_dry_run() -> None:
    assert [result.value for result in Result] == [
        "done",
        "already",
        "refused",
        "failed",
        "unknown",
        "queued",
        "planned",
    ]
    assert f"{Result.DONE}" == "done"


def test_the_fields_are_those_of_the_interface() -> None:
    named = "id number ref place title url result code message"
    assert {each.name for each in fields(Outcome) if not each.metadata.get("internal")} == set(named.split())


def test_what_is_not_known_is_empty_and_the_place_is_pagerduty() -> None:
    outcome = Outcome("Q1ONE00001", Result.DONE)
    assert (outcome.number, outcome.ref, outcome.url) == (None, None, None)
    assert (outcome.place, outcome.title, outcome.code, outcome.message) == ("pagerduty", "", "", "")


def test_an_outcome_is_never_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Outcome("Q1ONE00001", Result.FAILED).result = Result.DONE  # type: ignore[misc]


@pytest.mark.parametrize("result", [Result.FAILED, Result.UNKNOWN])
def test_what_has_no_hint_of_its_own_is_looked_at(result: Result) -> None:
    look = "oncall {}, to see what became of it".format
    assert Outcome("Q1ONE00001", result, 4117).next_step == look("show 4117")
    assert Outcome("Q1ONE00001", result).next_step == look("show Q1ONE00001")
    assert Outcome("55", result, ref="g/p#5", place="gitlab").next_step == look("open g/p#5")
    assert Outcome("Q1ONE00001", result, 4117, hint="try again").next_step == "try again"


@pytest.mark.parametrize("result", [Result.DONE, Result.ALREADY, Result.REFUSED, Result.QUEUED, Result.PLANNED])
def test_what_needs_nothing_has_no_next_step_but_its_own(result: Result) -> None:
    assert Outcome("Q1ONE00001", result, 4117).next_step == ""
    assert Outcome("Q1ONE00001", result, 4117, hint="oncall ack 4117").next_step == "oncall ack 4117"


def test_next_steps_are_told_once_and_of_very_many_a_few() -> None:
    unknown = [Outcome(f"Q{number}", Result.UNKNOWN, number) for number in range(1, 9)]
    failed = [Outcome(f"F{number}", Result.FAILED, number, hint="try again") for number in range(1, 3)]
    assert next_steps([*unknown[:1], *failed]) == ["try again", "oncall show 1, to see what became of it"]
    assert next_steps([*unknown, *failed])[:2] == ["try again", "oncall show 1, to see what became of it"]
    assert len(next_steps(unknown)) == STEPS
    assert next_steps([Outcome("Q1", Result.DONE)]) == []
