"""Snoozing a page: one request, never two, and its end from what PagerDuty says."""

from datetime import datetime, timedelta

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.pages import Page
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import asked
from tests.sandbox.conftest import NOW, SettableClock

LEAKED, CANARY = "Q1LEAKEDKEY0005", "Q1CANARYTOKEN01"
POST = f"/pagerduty/incidents/{LEAKED}/snooze"
HOUR = timedelta(hours=1)


@pytest.fixture
def leaked(pagerduty: PagerDutyClient) -> Page:
    """An acked page."""
    return pagerduty.page(LEAKED)


def end(pagerduty: PagerDutyClient) -> datetime | None:
    return pagerduty.page(LEAKED).snoozed_until


def test_one_request_and_its_end_from_the_answer(pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page) -> None:
    outcome, until = pagerduty.snooze(leaked, 2 * HOUR)
    assert (outcome.result, outcome.number, outcome.message, until) == (Result.DONE, 4112, "", NOW + 2 * HOUR)
    assert asked(sandbox, "POST") == [POST]
    assert end(pagerduty) == NOW + 2 * HOUR


@pytest.mark.parametrize("late", [0.0, 0.4, 0.6, 59.7])
def test_until_a_moment_is_counted_when_it_is_sent_and_never_ends_before_it(
    pagerduty: PagerDutyClient, clock: SettableClock, leaked: Page, late: float
) -> None:
    clock.forward(seconds=late)
    assert pagerduty.snooze(leaked, NOW + HOUR)[1] == NOW + HOUR


def test_a_moment_that_has_passed_meanwhile_ends_at_once(pagerduty: PagerDutyClient, leaked: Page) -> None:
    outcome, until = pagerduty.snooze(leaked, NOW - HOUR)
    assert (outcome.result, until) == (Result.DONE, NOW + timedelta(seconds=1))


@pytest.mark.parametrize(("after", "expected"), [(True, Result.DONE), (False, Result.UNKNOWN)])
def test_one_without_an_answer_is_looked_up_and_never_sent_again(
    pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page, after: bool, expected: Result
) -> None:
    add_fault(sandbox.store, Fault("POST", "/snooze", drop=True, after=after))
    outcome, until = pagerduty.snooze(leaked, HOUR)
    assert (outcome.result, until) == (expected, NOW + HOUR if after else None)
    assert len(asked(sandbox, "POST")) == 1
    assert after or "PagerDuty" in outcome.message


def test_a_5xx_that_changed_nothing_is_a_failure(pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page) -> None:
    add_fault(sandbox.store, Fault("POST", "/snooze", 503, times=-1))
    outcome, until = pagerduty.snooze(leaked, HOUR)
    assert (outcome.result, outcome.code, until) == (Result.FAILED, "remote", None)
    assert len(asked(sandbox, "POST")) == 1


def test_another_end_is_no_proof(pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page) -> None:
    pagerduty.snooze(leaked, 3 * HOUR)
    add_fault(sandbox.store, Fault("POST", "/snooze", drop=True))
    assert pagerduty.snooze(leaked, HOUR)[0].result is Result.UNKNOWN


def test_where_it_can_t_be_looked_up_it_is_unknown(pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page) -> None:
    add_fault(sandbox.store, Fault("POST", "/snooze", 500))
    add_fault(sandbox.store, Fault("GET", f"/incidents/{LEAKED}", 500, times=-1))
    outcome, _ = pagerduty.snooze(leaked, HOUR)
    assert outcome.result is Result.UNKNOWN
    assert "to look it up failed" in outcome.message


def test_a_refusal_names_the_reason(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    outcome, until = pagerduty.snooze(pagerduty.page(CANARY), HOUR)
    assert (outcome.result, outcome.code, until) == (Result.FAILED, "remote", None)
    assert outcome.message.endswith("Incident Not Acknowledged (1012); it is unacked")


@pytest.mark.parametrize("fault", [{}, {"drop": True}])
def test_a_page_that_a_colleague_resolved_meanwhile_says_so(
    pagerduty: PagerDutyClient, sandbox: Sandbox, network: Network, cache: Cache, leaked: Page, fault: dict[str, bool]
) -> None:
    token = cast.token("pagerduty", "ben")
    PagerDutyClient(sandbox.addresses.pagerduty, token, network=network, cache=cache).resolve([leaked])
    if fault:
        add_fault(sandbox.store, Fault("POST", "/snooze", drop=True))
    outcome, until = pagerduty.snooze(leaked, HOUR)
    if fault:
        assert outcome.result is Result.UNKNOWN
        assert outcome.message.endswith("the connection broke; Ben Okafor resolved it")
    else:
        said = "Ben Okafor resolved it, so there is nothing to snooze"
        assert (outcome.result, outcome.code, outcome.message) == (Result.REFUSED, "resolved", said)
    assert until is None


def test_429_is_waited_for_and_sent_again(pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page) -> None:
    add_fault(sandbox.store, Fault("POST", "/snooze", 429, headers={"ratelimit-reset": "1"}))
    assert pagerduty.snooze(leaked, HOUR)[0].result is Result.DONE


@pytest.mark.parametrize(("after", "expected"), [(True, Result.DONE), (False, Result.UNKNOWN)])
def test_a_note_without_an_answer_is_known_again_by_author_text_and_time(
    pagerduty: PagerDutyClient, sandbox: Sandbox, leaked: Page, clock: SettableClock, after: bool, expected: Result
) -> None:
    assert pagerduty.note(leaked, "a scanner of ours").result is Result.DONE
    clock.forward(minutes=10)  # that one is older than the attempt
    add_fault(sandbox.store, Fault("POST", "/notes", drop=True, after=after))
    assert pagerduty.note(leaked, "a scanner of ours").result is expected
    assert len(asked(sandbox, "POST")) == 1 + 1
    texts = [note.text for note in pagerduty.notes(leaked.id)]
    assert texts.count("a scanner of ours") == (2 if after else 1)
