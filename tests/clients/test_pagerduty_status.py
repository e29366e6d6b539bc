"""Acking and resolving: what is sent, and that every outcome is what PagerDuty says of the page."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, PageQuery
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, asked, storm
from tests.sandbox.conftest import NOW

CANARY, TRAVEL, HOSTILE, MISSED = "Q1CANARYTOKEN01", "Q1IMPOSSIBLE002", "Q1HOSTILEMAIL03", "Q1MISSEDEDR0004"
LEAKED, PHISHING = "Q1LEAKEDKEY0005", "Q1PHISHING00006"
BULK = "/pagerduty/incidents$"

Reading = Callable[..., list[Page]]


@pytest.fixture
def pages(pagerduty: PagerDutyClient, sandbox: Sandbox) -> Reading:
    """Pages by their ids, read before the requests that a test counts; who I am is known then."""

    def read(*ids: str) -> list[Page]:
        pagerduty.me()
        found = [pagerduty.page(id) for id in ids] if ids else pagerduty.pages(PageQuery(("triggered",)))
        sandbox.log.seen.clear()
        return found

    return read


def by_result(outcomes: list[Outcome]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.result.value, []).append(outcome.id)
    return found


def test_ack_is_one_request_and_its_outcome_the_answer(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading
) -> None:
    one, two = pages(CANARY, TRAVEL)
    assert pagerduty.acknowledge([one, two]) == [
        Outcome(CANARY, Result.DONE, 4117, title=one.title, url=one.url),
        Outcome(TRAVEL, Result.DONE, 4116, title=two.title, url=two.url),
    ]
    assert [(seen.method, seen.path) for seen in sandbox.log.seen] == [("PUT", "/pagerduty/incidents")]
    assert pagerduty.page(CANARY).acked_by("PANA001")


def test_resolve(pagerduty: PagerDutyClient, pages: Reading) -> None:
    outcomes = pagerduty.resolve(pages(LEAKED))
    assert [(one.result, one.message) for one in outcomes] == [(Result.DONE, "")]
    assert pagerduty.page(LEAKED).status == "resolved"


def test_body_is_a_reference_and_a_status(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body={"incidents": [answer("Q1", "resolved")]})]
    one = PagerDutyClient(service.address, "token", network=network, cache=cache, email="ana@example.com")
    assert by_result(one.resolve([page("Q1")])) == {"done": ["Q1"]}
    assert service.seen[0].body == {"incidents": [{"id": "Q1", "type": "incident_reference", "status": "resolved"}]}
    assert service.seen[0].headers["from"] == "ana@example.com"
    assert service.seen[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(("count", "requests"), [(250, 1), (251, 2)])
def test_250_go_in_one_request(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading, count: int, requests: int
) -> None:
    storm(sandbox, count, NOW)
    many = [page for page in pages() if page.title == "Storm"]
    assert len(many) == count
    assert by_result(pagerduty.acknowledge(many)) == {"done": [page.id for page in many]}
    assert asked(sandbox, "PUT") == ["/pagerduty/incidents"] * requests
    assert asked(sandbox, "GET") == []


def test_one_bad_page_spoils_no_other(pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading) -> None:
    one, two = pages(CANARY, TRAVEL)
    gone = replace(one, id="QGONE0000000001", number=1)
    outcomes = pagerduty.acknowledge([one, gone, two])
    assert by_result(outcomes) == {"done": [CANARY, TRAVEL], "failed": [gone.id]}
    assert outcomes[1].code == "not_found"
    assert asked(sandbox, "PUT") == ["/pagerduty/incidents"] * 2  # the rest goes together, again


def test_a_page_that_is_refused_for_no_reason_to_be_seen_is_found_by_halves(
    service: Service, network: Network, cache: Cache
) -> None:
    """Of 250 one that looks like all the others is refused: its neighbours are acked in few requests."""
    ids, bad = [f"Q{number}" for number in range(250)], "Q77"

    def reply(request: Request) -> Reply:
        if request.path.startswith("/users/me"):
            return Reply(body={"user": {"id": "PANA001", "name": "Ana"}})
        if request.method == "GET" and "offset" in request.path:
            offset = int(request.path.split("offset=")[1].split("&")[0])
            rows = [answer(id, "triggered") for id in ids[offset : offset + 100]]
            return Reply(body={"incidents": rows, "more": offset < 200})
        if request.method == "GET":
            return Reply(body={"incident": answer(request.path.rpartition("/")[2], "triggered")})
        wanted = request.body.get("incidents") or [request.body["incident"]]
        if bad in {one["id"] for one in wanted}:
            return Reply(400, {"error": {"message": "Data Updated Since Last Request", "code": 1005}})
        acked = [answer(one["id"], "acknowledged") for one in wanted]
        return Reply(body={"incidents": acked} if "incidents" in request.body else {"incident": acked[0]})

    service.answering = reply
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    outcomes = one.acknowledge([page(id) for id in ids])
    assert by_result(outcomes) == {"done": [id for id in ids if id != bad], "failed": [bad]}
    assert "Data Updated" in outcomes[77].message
    assert len([seen for seen in service.seen if seen.method == "PUT"]) <= 18


def test_page_resolved_in_the_meantime_is_not_reopened(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading
) -> None:
    one, two = pages(CANARY, TRAVEL)
    gone = replace(one, id="QGONE0000000001")
    pagerduty.resolve([one])
    outcomes = pagerduty.acknowledge([one, two, gone])
    assert by_result(outcomes) == {"refused": [CANARY], "done": [TRAVEL], "failed": [gone.id]}
    assert (outcomes[0].code, pagerduty.page(CANARY).status) == ("resolved", "resolved")
    assert outcomes[0].message == "Ana Ferreira resolved it in the meantime; an ack would reopen it"


def test_page_that_is_so_already(pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading) -> None:
    one, two = pages(LEAKED, PHISHING)
    pagerduty.resolve([one])
    outcomes = pagerduty.resolve([one, two])
    assert by_result(outcomes) == {"already": [LEAKED], "done": [PHISHING]}
    assert outcomes[0].code == "resolved"


@pytest.mark.parametrize(
    ("act", "status", "code", "result", "why"),
    [
        ("acknowledge", "triggered", 1002, "already", "acknowledged"),
        ("acknowledge", "triggered", 1001, "refused", "resolved"),
        ("resolve", "acknowledged", 1001, "already", "resolved"),
        ("acknowledge", "triggered", 1003, "failed", "remote"),
    ],
)
def test_pagerdutys_own_word_for_already(
    service: Service, network: Network, cache: Cache, act: str, status: str, code: int, result: str, why: str
) -> None:
    def reply(request: Request) -> Reply:
        if request.path.startswith("/users/me"):
            return Reply(body={"user": {"id": "PANA001", "name": "Ana"}})
        if request.method == "GET":
            return Reply(body={"incident": answer("Q1", status)})
        return Reply(400, {"error": {"message": "No", "code": code}})

    service.answering = reply
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    outcomes = getattr(one, act)([page("Q1")])
    assert [(each.result, each.code) for each in outcomes] == [(result, why)]


def test_500_is_a_failure_and_nothing_said_done(pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading) -> None:
    one, two = pages(CANARY, TRAVEL)
    add_fault(sandbox.store, Fault("PUT", BULK, status=500))
    outcomes = pagerduty.acknowledge([one, two])
    assert by_result(outcomes) == {"failed": [CANARY, TRAVEL]}
    assert {(each.code, each.hint) for each in outcomes} == {("remote", "try again in a minute")}
    assert "500" in outcomes[0].message
    assert len(asked(sandbox, "PUT")) == 1


def test_change_that_was_carried_out_is_found_though_never_answered(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading
) -> None:
    one, two = pages(CANARY, TRAVEL)
    add_fault(sandbox.store, Fault("PUT", BULK, drop=True, after=True))
    assert by_result(pagerduty.acknowledge([one, two])) == {"done": [CANARY, TRAVEL]}
    assert len(asked(sandbox, "PUT")) == 1
    assert len(asked(sandbox, "GET")) == 2


def test_change_that_was_not_carried_out_and_never_answered_is_unknown(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading
) -> None:
    add_fault(sandbox.store, Fault("PUT", BULK, drop=True))
    outcomes = pagerduty.resolve(pages(LEAKED))
    assert by_result(outcomes) == {"unknown": [LEAKED]}
    assert outcomes[0].next_step == "oncall show 4112, to see what became of it"


@pytest.mark.parametrize(("fault", "result"), [({"drop": True}, Result.UNKNOWN), ({"status": 500}, Result.FAILED)])
@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("acknowledge", "; it is acked, and Ben Okafor owns it"),
        ("resolve", "; Ben Okafor resolved it"),
        ("", "; it is unacked"),
    ],
)
def test_what_a_colleague_did_meanwhile_is_told_and_makes_mine_no_more_done(
    sandbox: Sandbox,
    network: Network,
    cache: Cache,
    pages: Reading,
    pagerduty: PagerDutyClient,
    fault: dict[str, Any],
    result: Result,
    deed: str,
    said: str,
) -> None:
    one = pages(CANARY)
    if deed:
        getattr(as_ben(sandbox, network, cache), deed)(one)
    add_fault(sandbox.store, Fault("PUT", BULK, **fault))
    (outcome,) = pagerduty.acknowledge(one)
    assert (outcome.result, outcome.code) == (result, "remote")
    assert outcome.message.endswith(said)


def test_a_resolve_without_an_answer_that_a_colleague_s_came_before_is_theirs(
    sandbox: Sandbox, network: Network, cache: Cache, pages: Reading, pagerduty: PagerDutyClient
) -> None:
    one = pages(LEAKED)
    as_ben(sandbox, network, cache).resolve(one)
    add_fault(sandbox.store, Fault("PUT", BULK, drop=True))
    (outcome,) = pagerduty.resolve(one)
    assert (outcome.result, outcome.code, outcome.message) == (Result.ALREADY, "resolved", "Ben Okafor resolved it")


def test_change_that_can_not_be_looked_up_is_unknown(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading
) -> None:
    one = pages(CANARY)
    add_fault(sandbox.store, Fault("PUT", BULK, status=503))
    add_fault(sandbox.store, Fault("GET", CANARY, status=503, times=-1))
    outcomes = pagerduty.acknowledge(one)
    assert by_result(outcomes) == {"unknown": [CANARY]}
    assert "to look it up failed" in outcomes[0].message


def test_many_are_looked_up_by_one_list(pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading) -> None:
    storm(sandbox, 20, NOW)
    many = pages()
    add_fault(sandbox.store, Fault("PUT", BULK, drop=True, after=True))
    assert by_result(pagerduty.acknowledge(many)) == {"done": [page.id for page in many]}
    assert asked(sandbox, "GET") == ["/pagerduty/incidents"]


def test_what_the_list_lacks_is_looked_up_singly(pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading) -> None:
    storm(sandbox, 5, NOW)
    many = pages()
    add_fault(sandbox.store, Fault("PUT", BULK, drop=True, after=True))
    add_fault(sandbox.store, Fault("GET", BULK.rstrip("$"), status=400))
    outcomes = pagerduty.acknowledge(many)
    assert by_result(outcomes) == {"done": [page.id for page in many]}
    assert len(asked(sandbox, "GET")) == 1 + len(many)


def test_request_that_never_arrived_is_a_failure(sandbox: Sandbox, cache: Cache, pages: Reading) -> None:
    """Where no connection is kept from before: on one of those a request may have arrived."""
    one, network = pages(CANARY), Network(sleep=lambda _: None)
    fresh = PagerDutyClient(sandbox.addresses.pagerduty, cast.token("pagerduty"), network=network, cache=cache)
    sandbox.stop()
    outcomes = fresh.acknowledge(one)
    assert [(each.result, each.code) for each in outcomes] == [(Result.FAILED, "remote")]
    assert "refused" in outcomes[0].message


@pytest.mark.parametrize("status", [401, 403])
def test_token_that_may_not_is_told_for_every_page(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading, status: int
) -> None:
    add_fault(sandbox.store, Fault("PUT", BULK, status=status, times=-1))
    outcomes = pagerduty.acknowledge(pages(CANARY, TRAVEL))
    assert [(each.result, each.code) for each in outcomes] == [(Result.FAILED, "auth")] * 2
    assert all("token" in each.hint for each in outcomes)


def test_limit_that_stays_is_a_failure_without_look_up(
    pagerduty: PagerDutyClient, sandbox: Sandbox, pages: Reading
) -> None:
    add_fault(sandbox.store, Fault("PUT", BULK, status=429, times=-1))
    outcomes = pagerduty.acknowledge(pages(CANARY))
    assert [(each.result, each.code) for each in outcomes] == [(Result.FAILED, "remote")]
    assert asked(sandbox, "GET") == []


def test_colleague_who_acked_first_stays_owner(
    sandbox: Sandbox, network: Network, cache: Cache, pagerduty: PagerDutyClient, pages: Reading
) -> None:
    one = pages(CANARY)
    as_ben(sandbox, network, cache).acknowledge(one)
    outcomes = pagerduty.acknowledge(one)
    assert [(each.result, each.code) for each in outcomes] == [(Result.DONE, "joined")]
    assert "Ben Okafor" in outcomes[0].message


def test_page_that_the_answer_leaves_out_is_looked_up(service: Service, network: Network, cache: Cache) -> None:
    state = {"Q1": "resolved", "Q2": "acknowledged", "Q3": "resolved"}

    def reply(request: Request) -> Reply:
        if request.method == "PUT":
            return Reply(body={"incidents": [answer("Q3", "resolved")]})
        if request.path.startswith("/users/me"):
            return Reply(body={"user": {"id": "PANA001", "name": "Ana"}})
        id = request.path.rpartition("/")[2]
        return Reply(body={"incident": answer(id, state[id])})

    service.answering = reply
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    outcomes = one.resolve([page("Q1"), page("Q2"), page("Q3")])
    assert [(each.id, each.result) for each in outcomes] == [
        ("Q1", Result.DONE),
        ("Q2", Result.FAILED),
        ("Q3", Result.DONE),
    ]


def test_answer_of_another_state_is_a_failure(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body={"incidents": [answer("Q1", "triggered")]})]
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    outcomes = one.acknowledge([page("Q1")])
    assert [(each.result, each.message) for each in outcomes] == [
        (Result.FAILED, "PagerDuty answers that it is triggered")
    ]


def test_refusal_of_the_whole_request_is_not_taken_apart(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(400, {"error": {"message": "You must specify a user's email address", "code": 2016}})]
    one = PagerDutyClient(service.address, "token", network=network, cache=cache)
    assert by_result(one.resolve([page("Q1"), page("Q2")])) == {"failed": ["Q1", "Q2"]}
    assert len(service.seen) == 1


def test_nothing_to_change_asks_nothing(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    assert pagerduty.acknowledge([]) == []
    assert sandbox.log.seen == []


def as_ben(sandbox: Sandbox, network: Network, cache: Cache) -> PagerDutyClient:
    """A colleague's client."""
    return PagerDutyClient(sandbox.addresses.pagerduty, cast.token("pagerduty", "ben"), network=network, cache=cache)


def answer(id: str, status: str) -> dict[str, Any]:
    return {"id": id, "incident_number": 1, "status": status, "created_at": "2026-11-23T10:00:00Z", "title": "T"}


def page(id: str) -> Page:
    return Page(id, 1, "T", "triggered", "high", None, "S", NOW, "")
