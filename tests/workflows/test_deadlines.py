"""Deadlines of many pages: what is asked, of which policies, and what a failure leaves."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.pages import Page, PageDetail, PendingAction
from secops_oncall.domain.people import OnCall, Person
from secops_oncall.errors import RemoteError
from secops_oncall.workflows.deadlines import with_deadlines
from tests.fakes import MANAGER, ME, NOW, FakePagerDuty, a_page

MINUTE = timedelta(minutes=1)
DANA = Person("PDANA04", "Dana Cohen")
TURNS = (OnCall(ME.person, None, None, level=1), OnCall(DANA, None, None, level=2))
ONE, TWO, THREE = "Q1ONE00001", "Q1TWO00002", "Q1THREE003"


class Asked(FakePagerDuty):
    """PagerDuty that remembers which levels it was asked for."""

    def levels(self, policy: str, since: datetime, until: datetime) -> Levels:
        self.asked = [*getattr(self, "asked", []), (policy, since, until)]
        return super().levels(policy, since, until)


def silent(id: str, minutes: int, policy: str = "PSECRSP", **more: object) -> PageDetail:
    """A page without a pending action, that was assigned a minute after it was created."""
    assigned = NOW - (minutes - 1) * MINUTE
    known: dict[str, Any] = {"assigned_to": (ME.person,), "policy_id": policy, "assigned_at": assigned, **more}
    return a_page(id, minutes=minutes, **known)


def timed(*pages: Page, fails: bool = False) -> tuple[list[Page], list[tuple[str, datetime, datetime]]]:
    pagerduty = Asked()
    pagerduty.policies = {"PSECRSP": Levels((22 * MINUTE, 30 * MINUTE), 0, TURNS)}
    if fails:
        pagerduty.failing = {"levels": RemoteError("PagerDuty does not answer", "try again")}
    found = with_deadlines(pagerduty, pages, 15, MANAGER)
    assert [page.id for page in found] == [page.id for page in pages]
    return found, getattr(pagerduty, "asked", [])


def asked(*pages: Page, fails: bool = False) -> tuple[list[datetime | None], list[tuple[str, datetime, datetime]]]:
    found, questions = timed(*pages, fails=fails)
    return [page.ack_deadline for page in found], questions


PENDING = (PendingAction("escalate", NOW + MINUTE),)


def test_nothing_is_asked_where_every_page_says_it_and_is_where_it_began_or_escalates_no_more() -> None:
    by_hand = silent(THREE, 3, assigned_directly=True)
    began = silent(ONE, 4, pending=PENDING, assigned_at=NOW - 4 * MINUTE)
    assert asked(began, silent(TWO, 4, urgency="low"), by_hand) == (
        [NOW + MINUTE, None, None],
        [],
    )


def test_a_policy_is_asked_once_for_all_its_pages() -> None:
    deadlines, questions = asked(silent(ONE, 5), silent(TWO, 9), silent(THREE, 9, assigned_to=(DANA,)))
    assert deadlines == [NOW + 18 * MINUTE, NOW + 14 * MINUTE, None]
    assert questions == [("PSECRSP", NOW - 8 * MINUTE, NOW - 4 * MINUTE)]


def test_a_deadline_that_is_known_is_not_asked_for_again() -> None:
    pages = [silent(ONE, 5, ack_deadline=NOW + MINUTE), silent(TWO, 5, escalated_at=NOW - MINUTE)]
    assert asked(*pages) == ([NOW + MINUTE, None], [])


def test_a_policy_that_cannot_be_read_leaves_the_configured_delay() -> None:
    assert asked(silent(ONE, 5, "PGONE00"), silent(TWO, 5))[0] == [NOW + 10 * MINUTE, NOW + 18 * MINUTE]
    assert asked(silent(ONE, 5), fails=True)[0] == [NOW + 10 * MINUTE]


@pytest.mark.parametrize(
    ("page", "fails", "due_to"),
    [
        (silent(ONE, 4, pending=PENDING, assigned_at=NOW - 4 * MINUTE), True, "manager"),
        (silent(ONE, 4, pending=PENDING), False, "manager"),  # acked, and taken back
        (silent(ONE, 20, pending=PENDING, assigned_to=(DANA,)), False, "next level"),
        (silent(ONE, 20, assigned_to=(DANA,)), False, "manager"),  # the last one: it was theirs
        (silent(ONE, 4, pending=PENDING), True, "next level"),
        (silent(ONE, 4, ack_deadline=NOW, pages_manager=True), True, "manager"),
    ],
)
def test_the_manager_is_named_only_where_the_level_is_known_to_be_theirs(page: Page, fails: bool, due_to: str) -> None:
    (found,) = timed(page, fails=fails)[0]
    assert found.due_to == due_to
