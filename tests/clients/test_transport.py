"""The transport over real HTTP: repeats, waits, limits, and a token that stays with its host."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import pytest
import requests

from secops_oncall import threads
from secops_oncall.clients.causes import NotSentError
from secops_oncall.clients.network import Network, Patience
from secops_oncall.clients.transport import LONGEST_WAIT, Transport, asked_wait, shown
from secops_oncall.domain.setup import Answer
from secops_oncall.errors import RemoteError
from tests.clients.conftest import Reply, Request, Service, Told

HEARD = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
TOKEN = {"Authorization": "Bearer s3cret", "PRIVATE-TOKEN": "s3cret"}


def session(url: str, network: Network, limit: int = 4) -> requests.Session:
    return Transport("gitlab", url, network, limit=limit).mounted(requests.Session())


def ask(url: str, network: Network, method: str = "GET", **kwargs: Any) -> requests.Response:
    return session(url, network).request(method, f"{url}/it", headers=TOKEN, **kwargs)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_answer_is_told_with_user_agent_and_without_secrets(service: Service, network: Network, told: Told) -> None:
    response = ask(service.address, network, params={"statuses[]": "triggered", "private_token": "s3cret"})
    assert response.json() == {}
    assert service.seen[0].headers["user-agent"] == "secops-oncall"
    assert told.requests == [("GET", f"{service.address}/it?statuses[]=triggered&private_token=…", 200)]


def test_every_answer_is_told_with_its_own_time_and_no_failure_is(service: Service, network: Network) -> None:
    answers: list[Answer] = []
    telling = replace(network, on_answer=answers.append, clock=lambda: HEARD)
    service.replies = [Reply(drop=True), Reply(503), Reply(401)]
    assert ask(service.address, telling).status_code == 401
    assert [(one.service, one.heard) for one in answers] == [("gitlab", HEARD)] * 2
    assert all(one.said and one.said.tzinfo and one.milliseconds > 0 for one in answers)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_read_is_repeated(service: Service, network: Network, told: Told, status: int) -> None:
    service.replies = [Reply(status), Reply(status), Reply()]
    assert ask(service.address, network).ok
    assert [request[2] for request in told.requests] == [status, status, 200]
    assert len(told.slept) == 2


def test_read_whose_connection_breaks_is_repeated(service: Service, network: Network) -> None:
    service.replies = [Reply(drop=True), Reply()]
    assert ask(service.address, network).ok


@pytest.mark.parametrize("status", [429, 500])
def test_spent_tries_end_in_an_error_and_no_answer(service: Service, network: Network, status: int) -> None:
    service.replies = [Reply(status)]
    with pytest.raises(RemoteError, match=rf"GitLab \(127\.0\.0\.1:\d+\): .*{status}") as caught:
        ask(service.address, network)
    assert caught.value.answered == status
    assert len(service.seen) == network.attempts


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_refusal_is_answered_at_once(service: Service, network: Network, status: int) -> None:
    service.replies = [Reply(status)]
    assert ask(service.address, network).status_code == status
    assert len(service.seen) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_write_is_not_repeated_after_5xx(service: Service, network: Network, status: int) -> None:
    service.replies = [Reply(status)]
    with pytest.raises(RemoteError) as caught:
        ask(service.address, network, "POST", json={})
    assert caught.value.answered == status
    assert len(service.seen) == 1


def test_write_is_repeated_after_429(service: Service, network: Network) -> None:
    service.replies = [Reply(429), Reply()]
    assert ask(service.address, network, "PUT", json={"status": "resolved"}).ok
    assert [request.body for request in service.seen] == [{"status": "resolved"}] * 2


def test_write_whose_connection_breaks_is_not_repeated(service: Service, network: Network) -> None:
    service.replies = [Reply(drop=True)]
    with pytest.raises(RemoteError, match="the connection broke") as caught:
        ask(service.address, network, "POST", json={})
    assert caught.value.answered is None
    assert not isinstance(caught.value, NotSentError)
    assert len(service.seen) == 1


def test_write_that_times_out_is_not_repeated(service: Service, network: Network) -> None:
    service.replies = [Reply(hold=0.5)]
    with pytest.raises(RemoteError, match=r"no answer within 0\.1 s") as caught:
        ask(service.address, replace(network, write=0.1), "POST", json={})
    assert caught.value.answered is None
    assert len(service.seen) == 1


def test_read_that_times_out_is_repeated(service: Service, network: Network) -> None:
    service.replies = [Reply(hold=0.5), Reply()]
    assert ask(service.address, replace(network, timeout=0.1)).ok


def test_refused_connection_never_reached_the_service(network: Network, told: Told) -> None:
    with pytest.raises(NotSentError, match="the connection was refused") as caught:
        ask(f"http://127.0.0.1:{free_port()}", network, "POST", json={})
    assert caught.value.answered == 0
    assert len(told.requests) == network.attempts


def test_unknown_host_is_named(network: Network) -> None:
    with pytest.raises(NotSentError, match=r"gitlab\.invalid\): its name can't be resolved"):
        ask("https://gitlab.invalid", replace(network, attempts=1))


def test_wrong_port_for_tls_is_told(service: Service, network: Network) -> None:
    with pytest.raises(RemoteError, match="TLS failed"):
        ask(service.address.replace("http://", "https://"), replace(network, attempts=1))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"ratelimit-reset": "7"}, 7.0),
        ({"Retry-After": "15"}, LONGEST_WAIT),
        ({"RateLimit-Reset": "1609844400"}, 0.0),
        ({}, 2.0),
        ({"Retry-After": "soon"}, 2.0),
    ],
)
def test_wait_is_as_asked_and_announced(
    service: Service, network: Network, told: Told, headers: dict[str, str], seconds: float
) -> None:
    service.replies = [Reply(429, headers=headers), Reply()]
    assert ask(service.address, network).ok
    assert told.slept == [seconds or 2.0]
    assert told.waits == [("GitLab", seconds or 2.0)]


def test_wait_until_a_date() -> None:
    now = time.time()
    assert asked_wait({"Retry-After": formatdate(now + 90, usegmt=True)}, now) == pytest.approx(90, abs=1)
    assert asked_wait({"Retry-After": formatdate(now - 90, usegmt=True)}, now) == 0
    assert asked_wait({"ratelimit-reset": str(int(now) + 60)}, now) == pytest.approx(60, abs=1)


def test_wait_longer_than_the_command_may_take_is_not_begun(service: Service, network: Network, told: Told) -> None:
    service.replies = [Reply(429, headers={"Retry-After": "60"})]
    with pytest.raises(RemoteError, match="429") as caught:
        ask(service.address, replace(network, patience=Patience(5)))
    assert told.slept == []
    assert caught.value.hint == "try again in 60 s"


@pytest.mark.parametrize("status", [429, 503])
def test_wait_longer_than_anybody_will_wait_fails_at_once_with_the_time_asked(
    service: Service, network: Network, told: Told, status: int
) -> None:
    service.replies = [Reply(status, headers={"Retry-After": "57.2"}), Reply()]
    with pytest.raises(RemoteError) as caught:
        ask(service.address, network)
    assert (told.slept, told.waits, len(service.seen)) == ([], [], 1)
    assert caught.value.hint == "try again in 58 s"


def test_what_is_asked_aside_waits_for_no_service_and_tells_of_nothing(
    service: Service, network: Network, told: Told
) -> None:
    service.replies = [Reply(429, headers={"Retry-After": "3"}), Reply()]
    with pytest.raises(RemoteError, match="429"):
        threads.start(lambda: ask(service.address, network), aside=True).result()
    assert (told.slept, told.waits, len(service.seen)) == ([], [], 1)


def test_what_is_asked_aside_is_repeated_as_anything_else(service: Service, network: Network) -> None:
    service.replies = [Reply(500), Reply(drop=True), Reply()]
    assert threads.start(lambda: ask(service.address, network), aside=True).result().ok


def test_what_is_asked_aside_takes_none_of_the_command_s_time(service: Service, network: Network) -> None:
    patience = Patience(10)
    service.replies = [Reply(hold=0.3)]
    threads.start(lambda: ask(service.address, replace(network, patience=patience)), aside=True).result()
    assert patience.left() == 10


def test_what_is_asked_aside_keeps_no_request_waiting_that_comes_right_behind_it(
    service: Service, network: Network
) -> None:
    transport = Transport("gitlab", service.address, network, limit=2)
    service.replies = [Reply(hold=0.1)]

    def get(path: str) -> Callable[[], object]:
        return lambda: transport.mounted(requests.Session()).get(f"{service.address}/{path}")

    aside = threads.start(get("aside"), aside=True)
    for own in [threads.start(get(f"own/{number}")) for number in range(4)]:
        own.result()
    aside.result()
    assert [one.path for one in service.seen][-1] == "/aside"


def test_command_without_patience_left_asks_nothing(service: Service, network: Network) -> None:
    with pytest.raises(NotSentError, match="in all"):
        ask(service.address, replace(network, patience=Patience(0)))
    assert service.seen == []


def test_patience_is_shared_by_the_tries(service: Service, network: Network) -> None:
    service.replies = [Reply(hold=0.3)]
    began = time.monotonic()
    with pytest.raises(RemoteError):
        ask(service.address, replace(network, timeout=0.2, attempts=100, patience=Patience(0.5)))
    assert time.monotonic() - began < 1.5


def test_patience_ends_a_request_that_is_on_its_way(service: Service, network: Network) -> None:
    service.replies = [Reply(hold=0.5)]
    with pytest.raises(RemoteError, match=r"more than 0\.1 s in all") as caught:
        ask(service.address, replace(network, patience=Patience(0.1)), "PUT", json={})
    assert caught.value.answered is None


def test_no_more_requests_than_the_limit_are_on_their_way(service: Service, network: Network) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def answer(_: Request) -> Reply:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.05)
        with lock:
            running[0] -= 1
        return Reply()

    service.answering = answer
    transport = Transport("gitlab", service.address, network, limit=2)
    every = [
        threading.Thread(target=lambda: transport.mounted(requests.Session()).get(f"{service.address}/it"))
        for _ in range(8)
    ]
    for thread in every:
        thread.start()
    for thread in every:
        thread.join()
    assert most[0] == 2


def test_redirect_within_the_service_is_followed(service: Service, network: Network) -> None:
    service.replies = [Reply(301, headers={"Location": "/moved"}), Reply(body={"here": 1})]
    assert ask(service.address, network).json() == {"here": 1}
    assert service.seen[1].headers["private-token"] == "s3cret"


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirect_elsewhere_gets_nothing(service: Service, elsewhere: Service, network: Network, status: int) -> None:
    service.replies = [Reply(status, headers={"Location": f"{elsewhere.address}/it"})]
    with pytest.raises(RemoteError, match="the token stays here"):
        ask(service.address, network)
    assert elsewhere.seen == []


def test_host_that_begins_alike_gets_nothing(service: Service, network: Network) -> None:
    sending = session(service.address, network)
    for url in (f"{service.address}0/it", f"{service.address}@evil.example/it", f"{service.address}.evil.example/it"):
        with pytest.raises((RemoteError, requests.exceptions.InvalidURL)):
            sending.get(url, headers=TOKEN)
    assert service.seen == []


def test_path_of_the_base_is_part_of_it(service: Service, network: Network) -> None:
    sending = session(f"{service.address}/gitlab", network)
    assert sending.get(f"{service.address}/gitlab/it").ok
    with pytest.raises(RemoteError):
        sending.get(f"{service.address}/gitlabber/it")


def test_write_is_never_redirected(service: Service, network: Network) -> None:
    service.replies = [Reply(307, headers={"Location": "/moved"}), Reply()]
    with pytest.raises(RemoteError, match="moved to /moved") as caught:
        ask(service.address, network, "PUT", json={})
    assert caught.value.answered == 307
    assert len(service.seen) == 1


def test_login_page_is_no_answer(service: Service, network: Network) -> None:
    service.replies = [Reply(body="<html>Sign in</html>", kind="text/html; charset=utf-8")]
    with pytest.raises(RemoteError, match="not what its API sends") as caught:
        ask(service.address, network)
    assert caught.value.answered is None


def test_netrc_does_not_replace_the_token(
    service: Service, network: Network, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ana password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    service.replies = [Reply(301, headers={"Location": "/moved"}), Reply()]
    ask(service.address, network)
    assert [request.headers["authorization"] for request in service.seen] == ["Bearer s3cret"] * 2


def test_url_is_shown_without_user_and_secrets() -> None:
    url = "https://ana:hunter2@gitlab.com/a?labels=a%2Cb&private_token=x%1b]0;y&access_token=z&page=2"
    assert shown(url) == "https://gitlab.com/a?labels=a,b&private_token=…&access_token=…&page=2"
