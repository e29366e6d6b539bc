"""A policy's levels: its own delays, who stood on them, and how often that is asked."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.pages import Page, PageQuery
from secops_oncall.errors import NotFoundError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.pagerduty_records import INCIDENT, POLICY, require, save
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.workflows.deadlines import with_deadlines
from tests.fakes import MANAGER
from tests.sandbox.conftest import NOW, SettableClock

CANARY, LATE = "Q1CANARYTOKEN01", "Q1MISSEDEDR0004"
KEY = cast.POLICY[0]
MINUTE = timedelta(minutes=1)


def silenced(sandbox: Sandbox, delays: tuple[int, ...] = (22, 30), **change: Any) -> None:
    """The canary's page without its pending action, and the policy with delays of its own."""
    with sandbox.store.state() as state:
        save(state, {**require(state, INCIDENT, CANARY), "pending": None})
        policy = require(state, POLICY, KEY)
        rules = [{**rule, "delay": delay} for rule, delay in zip(policy["rules"], delays, strict=True)]
        state.put(POLICY, KEY, {**policy, "rules": rules, **change})


def timed(pagerduty: PagerDutyClient) -> dict[str, Page]:
    return {page.id: page for page in with_deadlines(pagerduty, pagerduty.pages(PageQuery()), 15, MANAGER)}


def test_a_page_says_to_which_policy_and_since_when_it_is_assigned(pagerduty: PagerDutyClient) -> None:
    page = pagerduty.page(CANARY)
    assert (page.policy_id, page.assigned_at, page.assigned_directly) == (KEY, NOW - 4 * MINUTE, False)
    with pytest.raises(NotFoundError):
        pagerduty.levels("PGONE00", NOW, NOW)


def test_a_page_assigned_by_hand_says_so(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        save(state, {**require(state, INCIDENT, CANARY), "via": "direct_assignment", "pending": None})
    assert pagerduty.page(CANARY).assigned_directly
    assert timed(pagerduty)[CANARY].ack_deadline is None


def test_the_policys_own_delay_counts_from_the_assignment(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    silenced(sandbox)
    found = timed(pagerduty)
    assert found[CANARY].ack_deadline == NOW + 18 * MINUTE
    assert (found[LATE].ack_deadline, found[LATE].escalated_at) == (None, NOW - 6 * MINUTE)


def test_a_policy_that_begins_again_pages_after_its_last_level(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    silenced(sandbox, loops=1)
    assert timed(pagerduty)[LATE].ack_deadline == NOW + 24 * MINUTE


def test_levels_are_one_wave_and_kept_for_a_day(
    pagerduty: PagerDutyClient, sandbox: Sandbox, clock: SettableClock
) -> None:
    add_fault(sandbox.store, Fault("GET", "(oncalls|escalation_policies)", times=2, hold=0.1))
    first = pagerduty.levels(KEY, NOW - 9 * MINUTE, NOW)
    assert (len(sandbox.log.seen), sandbox.log.waves()) == (2, 1)
    assert pagerduty.levels(KEY, NOW - 5 * MINUTE, NOW - MINUTE) == first
    assert len(sandbox.log.seen) == 2
    pagerduty.levels(KEY, NOW - 9 * MINUTE, NOW + MINUTE)
    assert [seen.path for seen in sandbox.log.seen[2:]] == ["/pagerduty/oncalls"]
    clock.forward(hours=25)
    pagerduty.levels(KEY, NOW - 9 * MINUTE, NOW)
    assert len(sandbox.log.seen) == 5


@pytest.mark.parametrize("path", ["oncalls", "escalation_policies"])
def test_without_levels_the_configured_delay_stands(pagerduty: PagerDutyClient, sandbox: Sandbox, path: str) -> None:
    silenced(sandbox)
    add_fault(sandbox.store, Fault("GET", path, 403, times=-1))
    assert timed(pagerduty)[CANARY].ack_deadline == NOW + 11 * MINUTE
