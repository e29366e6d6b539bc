"""Which level a page is on, and when the next one is paged, where the page itself doesn't say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.deadlines import Levels, addressed, derived, is_unplaced, is_unsure, level_of, with_deadline
from secops_oncall.domain.pages import Page, PendingAction
from secops_oncall.domain.people import OnCall, Person, RoleName

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
    policy="Security Responder",
    policy_id="PSECRSP",
    assigned_at=ASSIGNED,
)
BEGAN = replace(PAGE, assigned_at=PAGE.created_at)
MANAGER, BY_SCHEDULE = RoleName("security responder", 2), RoleName("Managers", None)
ESCALATES: dict[str, Any] = {"pending": (PendingAction("escalate", NOW),)}


def test_the_deadline_is_the_pending_escalation_else_the_delay_and_none_once_acked() -> None:
    at, page = NOW + 3 * MINUTE, replace(PAGE, ack_deadline=None)
    pending = replace(page, pending=(PendingAction("escalate", at), PendingAction("resolve", NOW)))
    assert with_deadline(pending, 15).ack_deadline == at
    assert with_deadline(page, 15).ack_deadline == NOW + 6 * MINUTE
    assert with_deadline(replace(page, status="acknowledged"), 15).ack_deadline is None
    assert with_deadline(replace(page, urgency="low"), 15).ack_deadline is None


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


@pytest.mark.parametrize(
    ("page", "levels", "manager", "theirs"),
    [
        (BEGAN, None, MANAGER, True),
        (replace(BEGAN, assigned_at=BEGAN.created_at + timedelta(seconds=40)), None, MANAGER, False),
        (replace(BEGAN, policy="Another"), None, MANAGER, False),
        (replace(BEGAN, ack_deadline=None), None, MANAGER, False),
        (BEGAN, None, replace(MANAGER, level=3), False),
        (BEGAN, None, BY_SCHEDULE, False),
        (PAGE, LEVELS, MANAGER, True),
        (PAGE, LEVELS, replace(MANAGER, level=1), False),
        (replace(PAGE, assigned_to=(DANA,)), LEVELS, MANAGER, False),  # theirs already: the first level is next
        (replace(PAGE, assigned_to=(DANA,)), LEVELS, replace(MANAGER, level=1), True),
        (replace(PAGE, assigned_to=(DANA,), ack_deadline=None, escalated_at=NOW), LEVELS, MANAGER, True),
        (replace(PAGE, assigned_to=(BEN,)), LEVELS, MANAGER, False),
        (PAGE, replace(LEVELS, entries=(*TURNS[:2], replace(TURNS[2], schedule="managers"))), BY_SCHEDULE, True),
        (PAGE, LEVELS, BY_SCHEDULE, False),
    ],
)
def test_the_level_that_is_due_is_the_managers_only_where_that_is_known(
    page: Page, levels: Levels | None, manager: RoleName, theirs: bool
) -> None:
    assert addressed(page, levels, manager).pages_manager is theirs


def test_what_is_due_is_called_by_the_level() -> None:
    assert replace(PAGE, pages_manager=True).due_to == "manager"
    assert PAGE.due_to == replace(PAGE, escalated_at=NOW).due_to == "next level"
    last = replace(PAGE, ack_deadline=None, escalated_at=NOW)
    assert (last.due, last.due_to, replace(last, pages_manager=True).due_to) == (NOW, "last level", "manager")


@pytest.mark.parametrize(
    ("page", "manager", "unplaced"),
    [
        (replace(PAGE, **ESCALATES), MANAGER, True),
        (replace(BEGAN, **ESCALATES), MANAGER, False),
        (replace(BEGAN, **ESCALATES), BY_SCHEDULE, True),
        (replace(PAGE, **ESCALATES, policy="Another"), MANAGER, False),
        (replace(PAGE, **ESCALATES, status="acknowledged"), MANAGER, False),
        (replace(PAGE, **ESCALATES, policy_id=""), MANAGER, False),
        (PAGE, MANAGER, False),
    ],
)
def test_only_a_page_that_says_when_but_not_from_which_level_has_to_be_placed(
    page: Page, manager: RoleName, unplaced: bool
) -> None:
    assert is_unplaced(page, manager) is unplaced
