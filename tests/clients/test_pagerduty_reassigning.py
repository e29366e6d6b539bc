"""Giving pages to one person: what is sent, and that every outcome is what PagerDuty says of the page."""

from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.pages import PageQuery
from secops_oncall.domain.people import Person
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, asked, pagerduty_at, storm
from tests.fakes import a_page, plain
from tests.sandbox.conftest import NOW

CANARY, TRAVEL, LEAKED, DONE = "Q1CANARYTOKEN01", "Q1IMPOSSIBLE002", "Q1LEAKEDKEY0005", "Q1RESOLVEDOPEN9"
CHEN = Person("PCHEN03", "Chen Wei")


def given(client: PagerDutyClient, *ids: str) -> list[tuple[str, Result, str]]:
    pages = [client.page(id) for id in ids]
    return [(outcome.id, outcome.result, outcome.code) for outcome in client.reassign(pages, CHEN)]


def holders(client: PagerDutyClient, *ids: str) -> list[list[str]]:
    return [[person.id for person in client.page(id).assigned_to] for id in ids]


def test_pages_are_one_persons_by_one_request(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    assert given(pagerduty, CANARY, TRAVEL, LEAKED) == [(id, Result.DONE, "") for id in (CANARY, TRAVEL, LEAKED)]
    assert holders(pagerduty, CANARY, TRAVEL, LEAKED) == [["PCHEN03"]] * 3
    assert asked(sandbox, "PUT") == ["/pagerduty/incidents"]
    assert pagerduty.page(CANARY).pending == ()  # nothing escalates it any more


def test_what_is_sent(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body={"incidents": []})]
    pages = [plain(a_page("Q1")), plain(a_page("Q2"))]
    assert {one.result for one in pagerduty_at(service, network, cache).reassign(pages, CHEN)} == {Result.FAILED}
    (sent,) = service.seen
    assignments = [{"assignee": {"id": "PCHEN03", "type": "user_reference"}}]
    assert (sent.method, sent.path, sent.body) == (
        "PUT",
        "/incidents",
        {"incidents": [{"id": id, "type": "incident_reference", "assignments": assignments} for id in ("Q1", "Q2")]},
    )


def test_an_answer_that_has_it_elsewhere_is_no_success(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        body: dict[str, Any] = {
            "id": "Q1",
            "incident_number": 1,
            "title": "x",
            "status": "triggered",
            "urgency": "high",
            "created_at": "2026-11-23T13:00:00Z",
            "html_url": "https://acme.pagerduty.com/incidents/Q1",
            "service": {"summary": "EDR"},
            "assignments": [{"assignee": {"id": "PBEN002", "summary": "Ben Okafor"}}],
        }
        return Reply(body={"incident": body})

    service.answering = answer
    (outcome,) = pagerduty_at(service, network, cache).reassign([plain(a_page("Q1"))], CHEN)
    assert (outcome.result, outcome.code) == (Result.FAILED, "remote")


def test_a_page_that_was_resolved_spoils_no_other(pagerduty: PagerDutyClient) -> None:
    assert given(pagerduty, CANARY, DONE, TRAVEL) == [
        (CANARY, Result.DONE, ""),
        (DONE, Result.REFUSED, "resolved"),
        (TRAVEL, Result.DONE, ""),
    ]


def test_a_storm_goes_in_requests_of_250(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    storm(sandbox, 300, NOW)
    pages = pagerduty.pages(PageQuery(("triggered",)))
    assert {one.result for one in pagerduty.reassign(pages, CHEN)} == {Result.DONE}
    assert asked(sandbox, "PUT") == ["/pagerduty/incidents"] * 2


@pytest.mark.parametrize("ids", [(CANARY,), (CANARY, TRAVEL)])
@pytest.mark.parametrize("after", [True, False])
def test_what_is_never_answered_is_looked_up_and_never_sent_twice(
    pagerduty: PagerDutyClient, sandbox: Sandbox, ids: tuple[str, ...], after: bool
) -> None:
    add_fault(sandbox.store, Fault("PUT", "incidents", drop=True, after=after))
    assert {result for _, result, _ in given(pagerduty, *ids)} == {Result.DONE if after else Result.UNKNOWN}
    assert len(asked(sandbox, "PUT")) == 1


def test_looking_up_may_fail_too(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    page = pagerduty.page(CANARY)
    add_fault(sandbox.store, Fault("*", CANARY, 500, times=-1))
    (outcome,) = pagerduty.reassign([page], CHEN)
    assert outcome.result is Result.UNKNOWN
    assert "to look it up failed" in outcome.message


def test_a_token_that_may_not_is_told_once_for_all(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("PUT", "incidents", 403, times=-1))
    assert given(pagerduty, CANARY, TRAVEL) == [(CANARY, Result.FAILED, "auth"), (TRAVEL, Result.FAILED, "auth")]
    assert len(asked(sandbox, "PUT")) == 1


def test_a_refusal_that_every_page_would_get_is_told_once_for_all(
    service: Service, network: Network, cache: Cache
) -> None:
    service.replies = [Reply(400, {"error": {"message": "You must specify a user's email address", "code": 2016}})]
    pages = [plain(a_page(id)) for id in ("Q1", "Q2", "Q3")]
    outcomes = pagerduty_at(service, network, cache).reassign(pages, CHEN)
    assert [(each.id, each.result) for each in outcomes] == [(id, Result.FAILED) for id in ("Q1", "Q2", "Q3")]
    assert len(service.seen) == 1
