"""Which level a page is on, and when the next one is paged, where the page itself doesn't say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.deadlines import Levels, derived, is_unsure, level_of
from secops_oncall.domain.pages import Page, PendingAction
from secops_oncall.domain.people import OnCall, Person

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ANA, BEN, DANA = (Person(f"P{name.upper()}", name) for name in ("Ana", "Ben", "Dana"))
MINUTE = timedelta(minutes=1)
ASSIGNED = NOW - 5 * MINUTE
TURNS = (
    OnCall(BEN, NOW - timedelta(hours=12), NOW - timedelta(hours=1), level=1),
    OnCall(ANA, NOW - timedelta(hours=1), NOW + timedelta(hours=11), level=1),
    OnCall(DANA, None, None, level=2),
)
LEVELS = Levels((22 * MINUTE, 30 * MINUTE), 0, TURNS)
PAGE = Page(
    *("Q1", 1, "Canary", "triggered", "high", None, "EDR", NOW - 9 * MINUTE, "https://x/Q1"),
    assigned_to=(ANA,),
    ack_deadline=NOW + 6 * MINUTE,
    policy_id="PSECRSP",
    assigned_at=ASSIGNED,
)


def test_the_deadline_is_the_levels_own_delay_after_it_was_assigned() -> None:
    found = derived(PAGE, LEVELS)
    assert (found.ack_deadline, found.escalated_at) == (ASSIGNED + 22 * MINUTE, None)


def test_on_the_last_level_nothing_more_is_paged_unless_the_policy_begins_again() -> None:
    late = replace(PAGE, assigned_to=(DANA,))
    assert (derived(late, LEVELS).ack_deadline, derived(late, LEVELS).escalated_at) == (None, ASSIGNED)
    again = derived(late, replace(LEVELS, loops=2))
    assert (again.ack_deadline, again.escalated_at) == (ASSIGNED + 30 * MINUTE, ASSIGNED)


def test_a_page_that_was_assigned_by_hand_escalates_no_more() -> None:
    assert derived(replace(PAGE, assigned_directly=True), None).ack_deadline is None


@pytest.mark.parametrize("levels", [None, Levels((), 0, TURNS), replace(LEVELS, entries=TURNS[2:])])
def test_where_the_level_is_not_known_the_page_stays_as_it_was(levels: Levels | None) -> None:
    assert derived(PAGE, levels) == PAGE


@pytest.mark.parametrize(
    ("assigned", "level"),
    [
        ((ANA,), 1),
        ((DANA,), 2),
        ((BEN,), None),  # on call before it was assigned, not then
        ((ANA, DANA), 1),
        ((), None),
    ],
)
def test_the_level_is_where_those_stood_who_have_it(assigned: tuple[Person, ...], level: int | None) -> None:
    assert level_of(replace(PAGE, assigned_to=assigned), LEVELS) == level


def test_of_two_levels_with_one_person_on_both_it_is_that_of_more_of_them() -> None:
    both = replace(LEVELS, entries=(*TURNS, OnCall(ANA, None, None, level=2)))
    assert level_of(PAGE, both) == 1
    assert level_of(replace(PAGE, assigned_to=(ANA, DANA)), both) == 2


@pytest.mark.parametrize(
    ("known", "unsure"),
    [
        ({}, True),
        ({"pending": (PendingAction("resolve", NOW),)}, True),
        ({"pending": (PendingAction("escalate", NOW),)}, False),
        ({"status": "acknowledged"}, False),
        ({"urgency": "low"}, False),
        ({"policy_id": ""}, False),
        ({"assigned_at": None}, False),
    ],
)
def test_only_a_page_that_will_escalate_and_does_not_say_when_is_unsure(known: dict[str, Any], unsure: bool) -> None:
    assert is_unsure(replace(PAGE, **known)) is unsure
