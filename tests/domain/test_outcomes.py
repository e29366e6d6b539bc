"""What scripts rely on in an outcome."""

from dataclasses import FrozenInstanceError, fields

import pytest

from secops_oncall.domain.outcomes import Outcome, Result


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
    assert {each.name for each in fields(Outcome)} == set(named.split())


def test_what_is_not_known_is_empty_and_the_place_is_pagerduty() -> None:
    outcome = Outcome("Q1ONE00001", Result.DONE)
    assert (outcome.number, outcome.ref, outcome.url) == (None, None, None)
    assert (outcome.place, outcome.title, outcome.code, outcome.message) == ("pagerduty", "", "", "")


def test_an_outcome_is_never_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Outcome("Q1ONE00001", Result.FAILED).result = Result.DONE  # type: ignore[misc]
