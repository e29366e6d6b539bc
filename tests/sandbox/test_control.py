"""Faults: a request fails, waits or is never answered, as a test says, in this process and in others."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, Log, Seen, add_fault, clear_faults
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.store import Store

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


def test_waves_are_the_longest_chain_of_requests_that_waited_for_each_other() -> None:
    times = [(0.0, 1.0), (0.1, 2.0), (1.0, 1.5), (2.0, 3.0), (2.5, 4.0)]
    log = Log([Seen("GET", "/", "", 200, start, end) for start, end in times])
    assert log.waves() == 3
    assert Log().waves() == 0
