"""Faults: a request fails, waits or is never answered, as a test says, in this process and in others."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from slack_sdk.errors import SlackApiError

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault, clear_faults
from secops_oncall.sandbox.gate import Rule
from secops_oncall.sandbox.log import Log, Seen
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.store import Store
from tests.sandbox.conftest import SettableClock
from tests.sandbox.sessions import ask as ask_gitlab
from tests.sandbox.sessions import slack_as

HEADERS = {"Authorization": f"Token token={cast.token('pagerduty')}"}
NOTES = "/incidents/Q1CANARYTOKEN01/notes"

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """A request to PagerDuty, without any repeating."""

    def send(method: str, path: str, **more: Any) -> requests.Response:
        url = sandbox.addresses.pagerduty + path
        return requests.request(method, url, headers=HEADERS, timeout=10, **more)

    return send


def write_note(ask: Ask) -> requests.Response:
    return ask("POST", NOTES, json={"note": {"content": "Looking."}})


def test_a_fault_is_met_as_often_as_it_says_and_only_where_it_says(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(sandbox.store, Fault("GET", r"/incidents\?", status=503, times=2))
    assert ask("GET", "/users/me").status_code == 200
    assert [ask("GET", "/incidents?limit=1").status_code for _ in range(3)] == [503, 503, 200]


def test_a_clock_that_is_wrong_shows_in_the_date_and_else_nowhere(
    sandbox: Sandbox, ask: Ask, clock: SettableClock
) -> None:
    add_fault(sandbox.store, Fault("GET", "/users/me", skew=-400))
    skewed, right = ask("GET", "/users/me"), ask("GET", "/users/me")
    assert skewed.json() == right.json()
    assert [parsedate_to_datetime(answer.headers["Date"]) - clock.now for answer in (skewed, right)] == [
        timedelta(seconds=-400),
        timedelta(),
    ]


def test_a_rate_limit_comes_with_its_headers_in_the_services_own_shape(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(sandbox.store, Fault("*", "/users/me", status=429, headers={"ratelimit-reset": "7"}))
    answer = ask("GET", "/users/me")
    assert answer.status_code == 429
    assert answer.headers["ratelimit-reset"] == "7"
    assert answer.json()["error"]["code"] == 2020


@pytest.mark.parametrize(
    ("service", "path", "expected"),
    [
        ("gitlab", "/user", {"message": "502 Bad Gateway"}),
        ("slack", "auth.test", {"ok": False, "error": "internal_error"}),
    ],
)
def test_the_other_services_fail_in_their_own_shapes(
    sandbox: Sandbox, service: str, path: str, expected: dict[str, Any]
) -> None:
    add_fault(sandbox.store, Fault("*", ".", status=502))
    answer = requests.get(getattr(sandbox.addresses, service) + path, timeout=10)
    assert (answer.status_code, answer.json()) == (502, expected)


def test_a_fault_without_end_ends_when_it_is_cleared(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(sandbox.store, Fault("*", ".", status=500, times=-1))
    assert [ask("GET", "/users/me").status_code for _ in range(3)] == [500, 500, 500]
    clear_faults(sandbox.store)
    assert ask("GET", "/users/me").status_code == 200


def test_a_held_request_waits_and_others_do_not(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(sandbox.store, Fault("GET", "/users/me", hold=0.4))
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        held = pool.submit(ask, "GET", "/users/me")
        assert [ask("GET", "/abilities").status_code for _ in range(5)] == [200] * 5
        assert not held.done()
        assert held.result().status_code == 200
    assert time.monotonic() - began >= 0.4


def test_dropped_before_it_is_carried_out_nothing_has_happened(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(sandbox.store, Fault("POST", "/notes", drop=True))
    with pytest.raises(requests.ConnectionError):
        write_note(ask)
    assert ask("GET", NOTES).json()["notes"] == []


def test_dropped_after_it_was_carried_out_it_has_happened_once(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(sandbox.store, Fault("POST", "/notes", drop=True, after=True))
    with pytest.raises(requests.ConnectionError):
        write_note(ask)
    assert [note["content"] for note in ask("GET", NOTES).json()["notes"]] == ["Looking."]


def test_another_process_may_tell_a_server_to_fail(sandbox: Sandbox, ask: Ask) -> None:
    add_fault(Store(sandbox.store.path), Fault("GET", "/users/me", status=500))
    assert ask("GET", "/users/me").status_code == 500


def test_the_same_over_http_neither_authenticated_nor_logged(sandbox: Sandbox, ask: Ask) -> None:
    base = sandbox.addresses.pagerduty.replace("/pagerduty", "/sandbox")
    added = requests.post(
        f"{base}/faults", json={"method": "GET", "path": "/me", "status": 500, "times": -1}, timeout=10
    )
    assert added.status_code == 201
    assert ask("GET", "/users/me").status_code == 500
    assert requests.delete(f"{base}/faults", timeout=10).status_code == 204
    assert ask("GET", "/users/me?include[]=contact_methods").status_code == 200
    log = requests.get(f"{base}/requests", timeout=10).json()
    assert [(seen["method"], seen["path"], seen["status"]) for seen in log] == [
        ("GET", "/pagerduty/users/me", 500),
        ("GET", "/pagerduty/users/me", 200),
    ]
    assert log[1]["query"] == "include[]=contact_methods"


@pytest.mark.parametrize("body", [{"method": "GET"}, {"method": "GET", "path": "("}, {"verb": "GET", "path": "."}])
def test_a_fault_that_is_none_is_refused(sandbox: Sandbox, body: dict[str, str]) -> None:
    base = sandbox.addresses.pagerduty.replace("/pagerduty", "/sandbox")
    assert requests.post(f"{base}/faults", json=body, timeout=10).status_code == 400


@pytest.mark.parametrize(
    ("user", "failed"),
    [("ana", ["ana", "ana-readonly"]), ("bot", ["bot"]), ("", ["ana", "ana-readonly", "ben", "bot"]), ("eva", [])],
)
def test_a_fault_may_be_for_one_user(sandbox: Sandbox, user: str, failed: list[str]) -> None:
    add_fault(sandbox.store, Fault("GET", "/user", status=500, times=-1, user=user))
    logins = ["ana", "ana-readonly", "ben", "bot"]
    assert [login for login in logins if ask_gitlab(sandbox, "/user", login=login).status_code == 500] == failed


def test_a_user_is_known_by_the_token_of_any_service_and_an_account_s_key_by_whom_it_speaks_for(
    sandbox: Sandbox, ask: Ask
) -> None:
    add_fault(sandbox.store, Fault("*", ".", status=500, times=-1, user="ana"))
    assert ask("GET", "/users/me").status_code == 500
    key = {"Authorization": "Token token=sandbox-pagerduty-account"}
    statuses = [
        requests.get(f"{sandbox.addresses.pagerduty}/abilities", headers={**key, **more}, timeout=10).status_code
        for more in ({}, {"From": "ana@example.com"}, {"From": "ben@example.com"})
    ]
    assert statuses == [200, 500, 200]
    assert slack_as(sandbox, "ben").auth_test()["ok"]
    with pytest.raises(SlackApiError):
        slack_as(sandbox, "ana").auth_test()


@pytest.fixture
def pool(sandbox: Sandbox) -> Iterator[ThreadPoolExecutor]:
    """Threads for requests that wait; a test that fails doesn't leave them waiting."""
    with ThreadPoolExecutor(4) as threads:
        yield threads
        sandbox.gate.open()


def control(sandbox: Sandbox, method: str, path: str, **more: Any) -> requests.Response:
    base = sandbox.addresses.pagerduty.replace("/pagerduty", "/sandbox")
    return requests.request(method, base + path, timeout=10, **more)


def waiting(sandbox: Sandbox, count: int) -> list[dict[str, Any]]:
    """What waits at the gate, once so many do."""
    until = time.monotonic() + 5
    while len(found := control(sandbox, "GET", "/waiting").json()) < count and time.monotonic() < until:
        time.sleep(0.01)
    return list(found)


def pick(sandbox: Sandbox, login: str) -> requests.Response:
    number = cast.PEOPLE[login].number
    return ask_gitlab(sandbox, "/projects/72/issues/102", method="PUT", login=login, json={"assignee_ids": [number]})


@pytest.mark.parametrize("order", [("ana", "ben"), ("ben", "ana")])
def test_requests_at_a_gate_go_on_one_by_one_in_the_order_that_a_test_says(
    sandbox: Sandbox, pool: ThreadPoolExecutor, order: tuple[str, str]
) -> None:
    assert control(sandbox, "POST", "/gate", json={"method": "PUT", "path": "/issues/"}).status_code == 201
    picks = {login: pool.submit(pick, sandbox, login) for login in order}
    parked = {each["user"]: each for each in waiting(sandbox, 2)}
    assert {(each["method"], each["path"]) for each in parked.values()} == {
        ("PUT", "/gitlab/api/v4/projects/72/issues/102")
    }
    for login in order:
        assert not picks[login].done()
        let = control(sandbox, "POST", f"/waiting/{parked[login]['id']}")
        assert (let.status_code, let.json()) == (200, parked[login])
        assert picks[login].result(5).json()["assignee"]["username"] == login
        assert ask_gitlab(sandbox, "/projects/72/issues/102").json()["assignee"]["username"] == login
    assert control(sandbox, "GET", "/waiting").json() == []


def test_what_waits_at_the_gate_keeps_nobody_from_the_store(
    sandbox: Sandbox, pool: ThreadPoolExecutor, ask: Ask
) -> None:
    sandbox.gate.hold(Rule("*", "/issues/102$", "ben"))
    held = pool.submit(pick, sandbox, "ben")
    waiting(sandbox, 1)
    assert write_note(ask).status_code == 200
    assert pick(sandbox, "ana").json()["assignee"]["username"] == "ana"
    sandbox.gate.open()
    assert held.result(5).json()["assignee"]["username"] == "ben"
    assert pick(sandbox, "ben").status_code == 200


def test_a_gate_holds_what_matches_until_it_is_opened(sandbox: Sandbox, pool: ThreadPoolExecutor, ask: Ask) -> None:
    control(sandbox, "POST", "/gate", json={"method": "GET", "path": r"/abilities\?a=", "user": "ana"})
    control(sandbox, "POST", "/gate", json={"method": "*", "path": "/users/me"})
    assert ask("GET", "/abilities").status_code == 200
    held = [pool.submit(ask, "GET", path) for path in ("/abilities?a=1", "/users/me")]
    assert sorted(each["path"] for each in waiting(sandbox, 2)) == ["/pagerduty/abilities", "/pagerduty/users/me"]
    assert control(sandbox, "DELETE", "/gate").status_code == 204
    assert [one.result(5).status_code for one in held] == [200, 200]
    assert ask("GET", "/users/me").status_code == 200


def test_a_parked_request_meets_its_fault_when_it_goes_on(sandbox: Sandbox, pool: ThreadPoolExecutor, ask: Ask) -> None:
    sandbox.gate.hold(Rule("POST", "/notes"))
    held = pool.submit(write_note, ask)
    (parked,) = waiting(sandbox, 1)
    add_fault(sandbox.store, Fault("POST", "/notes", drop=True, after=True))
    assert control(sandbox, "POST", f"/waiting/{parked['id']}").status_code == 200
    with pytest.raises(requests.ConnectionError):
        held.result(5)
    assert len(ask("GET", NOTES).json()["notes"]) == 1


def test_nobody_is_let_through_who_does_not_wait_and_a_rule_that_is_none_is_refused(sandbox: Sandbox) -> None:
    assert control(sandbox, "POST", "/waiting/7").status_code == 404
    for body in ({"method": "GET"}, {"method": "GET", "path": "("}, {"method": "GET", "path": ".", "who": "ana"}):
        assert control(sandbox, "POST", "/gate", json=body).status_code == 400
    with pytest.raises(re.error):
        Rule("GET", "(")


def test_a_sandbox_that_stops_keeps_nobody_waiting(sandbox: Sandbox, pool: ThreadPoolExecutor, ask: Ask) -> None:
    sandbox.gate.hold(Rule("GET", "/users/me"))
    held = pool.submit(ask, "GET", "/users/me")
    waiting(sandbox, 1)
    sandbox.stop()
    with suppress(requests.ConnectionError):
        held.result(5)


def test_waves_are_the_longest_chain_of_requests_that_waited_for_each_other() -> None:
    times = [(0.0, 1.0), (0.1, 2.0), (1.0, 1.5), (2.0, 3.0), (2.5, 4.0)]
    log = Log([Seen("GET", "/", "", 200, start, end) for start, end in times])
    assert log.waves() == 3
    assert Log().waves() == 0
