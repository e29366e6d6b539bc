"""Bringing others in: what is sent, once, and that every outcome is what PagerDuty says."""

from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.people import Person
from secops_oncall.errors import RejectedError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.pagerduty_records import ABILITIES
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, asked, pagerduty_at
from tests.fakes import a_page, plain

CANARY = "Q1CANARYTOKEN01"
DANA, BEN = Person("PDANA04", "Dana Cohen"), Person("PBEN002", "Ben Okafor")
PATHS = {"note": "notes", "request": "responder_requests", "level": CANARY}


def send(client: PagerDutyClient, what: str) -> Any:
    page = client.page(CANARY)
    if what == "note":
        return client.note(page, "called Ben: no answer")
    if what == "request":
        return client.request_responder(page, [DANA, BEN], "Please help")
    return client.escalate_to(page, 2, [DANA])


def test_a_note_is_on_the_page(pagerduty: PagerDutyClient) -> None:
    outcome = send(pagerduty, "note")
    assert (outcome.result, outcome.number) == (Result.DONE, 4117)
    assert [(note.who, note.text) for note in pagerduty.notes(CANARY)] == [("Ana Ferreira", "called Ben: no answer")]


def test_a_responder_request_says_who_asks_whom_and_why(service: Service, network: Network, cache: Cache) -> None:
    me = {"user": {"id": "PANA001", "name": "Ana", "email": "ana@example.com", "teams": []}}
    target = {"responder_request_target": {"id": "PDANA04", "type": "user"}}

    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(body=me)
        return Reply(body={"responder_request": {"responder_request_targets": [target]}})

    service.answering = answer
    outcome = pagerduty_at(service, network, cache).request_responder(plain(a_page("Q1")), [DANA], "Please help")
    assert outcome.result is Result.DONE
    (sent,) = [request for request in service.seen if request.method == "POST"]
    assert sent.path == "/incidents/Q1/responder_requests"
    assert sent.body == {
        "requester_id": "PANA001",
        "message": "Please help",
        "responder_request_targets": [{"responder_request_target": {"id": "PDANA04", "type": "user_reference"}}],
    }


def test_a_request_that_the_answer_does_not_have_has_failed(service: Service, network: Network, cache: Cache) -> None:
    me = {"user": {"id": "PANA001", "name": "Ana", "email": "ana@example.com", "teams": []}}
    service.answering = lambda request: Reply(body=me if request.method == "GET" else {"responder_request": {}})
    outcome = pagerduty_at(service, network, cache).request_responder(plain(a_page("Q1")), [DANA], "Please help")
    assert (outcome.result, outcome.code) == (Result.FAILED, "remote")


def test_those_who_were_asked_are_notified_and_the_page_stays_whose_it_is(
    pagerduty: PagerDutyClient, sandbox: Sandbox
) -> None:
    assert send(pagerduty, "request").result is Result.DONE
    page = pagerduty.page(CANARY)
    assert [person.id for person in page.assigned_to] == ["PANA001"]
    log = [entry.text for entry in pagerduty.log(CANARY) if entry.kind == "notify"]
    assert "Dana Cohen was asked to help by Ana Ferreira" in log
    assert asked(sandbox, "POST") == [f"/pagerduty/incidents/{CANARY}/responder_requests"]


def test_a_level_makes_the_page_theirs(pagerduty: PagerDutyClient) -> None:
    assert send(pagerduty, "level").result is Result.DONE
    assert [person.id for person in pagerduty.page(CANARY).assigned_to] == ["PDANA04"]


@pytest.mark.parametrize("what", PATHS)
@pytest.mark.parametrize("after", [True, False])
def test_what_is_never_answered_is_looked_up_and_never_sent_twice(
    pagerduty: PagerDutyClient, sandbox: Sandbox, what: str, after: bool
) -> None:
    pagerduty.me()
    method = "PUT" if what == "level" else "POST"
    add_fault(sandbox.store, Fault(method, PATHS[what], drop=True, after=after))
    assert send(pagerduty, what).result is (Result.DONE if after else Result.UNKNOWN)
    assert len(asked(sandbox, method)) == 1


@pytest.mark.parametrize("what", ["request", "level"])
def test_what_a_colleague_did_meanwhile_is_told(
    pagerduty: PagerDutyClient, sandbox: Sandbox, network: Network, cache: Cache, what: str
) -> None:
    pagerduty.me()
    token = cast.token("pagerduty", "ben")
    ben = PagerDutyClient(sandbox.addresses.pagerduty, token, network=network, cache=cache)
    add_fault(sandbox.store, Fault("PUT" if what == "level" else "POST", PATHS[what], drop=True))
    ben.resolve([pagerduty.page(CANARY)])
    outcome = send(pagerduty, what)
    assert outcome.result is Result.UNKNOWN
    assert outcome.message.endswith("; Ben Okafor resolved it")


@pytest.mark.parametrize("what", PATHS)
def test_what_is_refused_has_failed_with_its_reason(pagerduty: PagerDutyClient, sandbox: Sandbox, what: str) -> None:
    add_fault(sandbox.store, Fault("PUT" if what == "level" else "POST", PATHS[what], 403))
    outcome = send(pagerduty, what)
    assert (outcome.result, outcome.code) == (Result.FAILED, "auth")


def test_looking_up_may_fail_too(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    page = pagerduty.page(CANARY)
    add_fault(sandbox.store, Fault("*", "notes", 500, times=-1))
    outcome = pagerduty.note(page, "called Ben")
    assert outcome.result is Result.UNKNOWN
    assert "to look it up failed" in outcome.message


def test_an_account_without_the_ability_is_told_by_402(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        state.put(ABILITIES, "current", {"abilities": ["teams"]})
    with pytest.raises(RejectedError) as caught:
        send(pagerduty, "request")
    assert caught.value.answered == 402


def test_a_page_that_was_theirs_before_proves_nothing(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    page = pagerduty.page("Q1MISSEDEDR0004")  # Dana's already
    add_fault(sandbox.store, Fault("PUT", "Q1MISSEDEDR0004", drop=True))
    assert pagerduty.escalate_to(page, 2, [DANA]).result is Result.UNKNOWN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PDANA04", ["PDANA04"]),
        ("pdana04", ["PDANA04"]),
        ("pnobody1", []),
        ("dana@example.com", ["PDANA04"]),
        ("ana", ["PANA001", "PDANA04"]),
        ("PNOBODY1", []),
        ("zzz", []),
    ],
)
def test_users(pagerduty: PagerDutyClient, text: str, found: list[str]) -> None:
    assert sorted(person.id for person in pagerduty.users(text)) == found


def test_the_sandbox_refuses_what_pagerduty_refuses(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    nobody = pagerduty.request_responder(pagerduty.page(CANARY), [Person("PNOBODY", "N")], "Please help")
    assert nobody.result is Result.FAILED
