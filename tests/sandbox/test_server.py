"""The server: kept connections, stopping, unknown paths, and requests that change everything or nothing."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from secops_oncall.errors import UsageError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import SERVICE
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock

HEADERS = {"Authorization": f"Token token={cast.token('pagerduty')}"}
SERVE = """
import sys
from datetime import datetime
from pathlib import Path
from secops_oncall.sandbox.server import Sandbox
now = datetime.fromisoformat(sys.argv[2])
with Sandbox(Path(sys.argv[1]), clock=lambda: now) as sandbox:
    print(sandbox.addresses.pagerduty, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[HTTPConnection]:
    address = urlsplit(sandbox.addresses.pagerduty)
    opened = HTTPConnection(address.hostname or "", address.port, timeout=20)
    yield opened
    opened.close()


def ask(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> int:
    connection.request(method, path, body, {**HEADERS, "Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_one_connection_serves_many_requests_bodies_and_refusals_included(connection: HTTPConnection) -> None:
    assert ask(connection, "GET", "/pagerduty/users/me") == 200
    first = connection.sock
    assert ask(connection, "POST", "/pagerduty/incidents/NONE/notes", b'{"note": {"content": "unread"}}') == 404
    assert ask(connection, "GET", "/pagerduty/users/me") == 200
    assert connection.sock is first


def test_kept_connections_answer_without_the_delay_of_a_held_back_packet(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        session.headers.update(HEADERS)
        for _ in range(20):
            assert session.get(f"{sandbox.addresses.pagerduty}/abilities", timeout=20).ok
    spans = [later.start - before.end for before, later in pairwise(sandbox.log.seen)]
    assert sorted(spans)[len(spans) // 2] < 0.03


def test_stopped_it_answers_nobody_not_even_on_a_kept_connection(sandbox: Sandbox) -> None:
    url = f"{sandbox.addresses.pagerduty}/users/me"
    with requests.Session() as session:
        assert session.get(url, headers=HEADERS, timeout=20).status_code == 200
        sandbox.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(url, headers=HEADERS, timeout=20)


def test_a_taken_port_is_the_users_to_change(sandbox: Sandbox, tmp_path: Path) -> None:
    port = urlsplit(sandbox.addresses.pagerduty).port or 0
    with pytest.raises(UsageError, match=str(port)):
        Sandbox(tmp_path / "other", port=port)


def test_a_sandbox_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    Sandbox(tmp_path).stop()


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/pagerduty/nowhere", 404, {"error": {"message": "Not Found", "code": 2100, "errors": ["Not Found"]}}),
        ("/gitlab/api/v4/nowhere", 404, {"error": "404 Not Found"}),
        ("/slack/api/no.where", 200, {"ok": False, "error": "unknown_method"}),
        ("/", 404, {"message": "Not Found"}),
    ],
)
def test_an_unknown_path_is_unknown_in_each_services_words(
    sandbox: Sandbox, path: str, status: int, expected: dict[str, Any]
) -> None:
    base = sandbox.addresses.pagerduty.removesuffix("/pagerduty")
    answer = requests.get(base + path, timeout=20)
    assert (answer.status_code, answer.json()) == (status, expected)


def test_stored_addresses_of_gitlab_are_this_servers(sandbox: Sandbox, pagerduty: Any) -> None:
    alert = pagerduty.rget("/incidents/Q1CANARYTOKEN01/alerts")[0]
    assert alert["body"]["details"]["ticket"] == f"{sandbox.addresses.gitlab}/acme-security/operations/-/issues/103"
    url = f"{sandbox.addresses.gitlab}/acme-security/operations/-/issues/103"
    pagerduty.rpost("/incidents/Q1CANARYTOKEN01/notes", json={"content": f"See {url}"})
    with sandbox.store.state() as state:
        stored = state.all("pagerduty_note", "Q1CANARYTOKEN01")[0]["content"]
    assert stored == f"See {cast.issue_url(103)}"


def test_a_request_that_breaks_has_changed_nothing(sandbox: Sandbox, pagerduty: Any) -> None:
    with sandbox.store.state() as state:
        state.delete(SERVICE, "PSVCIDN")  # the second incident's: acking it breaks
    ids = ("Q1CANARYTOKEN01", "Q1IMPOSSIBLE002")
    changes = [{"id": each, "type": "incident_reference", "status": "acknowledged"} for each in ids]
    assert pagerduty.put("/incidents", json={"incidents": changes}).status_code == 500
    assert pagerduty.rget("/incidents/Q1CANARYTOKEN01")["status"] == "triggered"


def test_two_processes_on_one_folder_lose_nothing(sandbox: Sandbox) -> None:
    command = [sys.executable, "-c", SERVE, str(sandbox.store.path.parent), NOW.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        places = [sandbox.addresses.pagerduty, other.stdout.readline().strip()]

        def write(number: int) -> int:
            url = f"{places[number % 2]}/incidents/Q1CANARYTOKEN01/notes"
            body = {"note": {"content": f"note {number}"}}
            return requests.post(url, headers=HEADERS, json=body, timeout=20).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(write, range(40))) == {200}
        other.communicate("")
    notes = requests.get(f"{places[0]}/incidents/Q1CANARYTOKEN01/notes", headers=HEADERS, timeout=20).json()["notes"]
    assert {note["content"] for note in notes} == {f"note {number}" for number in range(40)}
    assert len({note["id"] for note in notes}) == 40


def test_a_shift_goes_on_from_run_to_run_and_a_new_one_begins_when_it_is_over(tmp_path: Path) -> None:
    clock = SettableClock()
    with Sandbox(tmp_path, clock=clock) as first:
        assert not first.reseeded
        body = {"note": {"content": "Still here."}}
        url = f"{first.addresses.pagerduty}/incidents/Q1CANARYTOKEN01/notes"
        assert requests.post(url, headers=HEADERS, json=body, timeout=20).ok
    clock.forward(hours=2)
    with Sandbox(tmp_path, clock=clock) as second:
        assert not second.reseeded
        assert len(notes_of(second)) == 1
    clock.forward(hours=12)
    with Sandbox(tmp_path, clock=clock) as third:
        assert third.reseeded
        assert notes_of(third) == []


def notes_of(sandbox: Sandbox) -> list[dict[str, Any]]:
    url = f"{sandbox.addresses.pagerduty}/incidents/Q1CANARYTOKEN01/notes"
    notes: list[dict[str, Any]] = requests.get(url, headers=HEADERS, timeout=20).json()["notes"]
    return notes


@pytest.mark.parametrize(("day", "hours"), [(23, 12), (28, 48)])  # a Monday, a Saturday
def test_the_shift_is_as_long_as_the_day_says_and_now_lies_in_it(tmp_path: Path, day: int, hours: int) -> None:
    now = datetime(2026, 11, day, 14, 30, tzinfo=UTC)
    with Sandbox(tmp_path, clock=lambda: now).store.state() as state:
        shift = state.get("shift", "current")
    assert shift
    start, end = datetime.fromisoformat(shift["start"]), datetime.fromisoformat(shift["end"])
    assert end - start == timedelta(hours=hours)
    assert start < now - timedelta(minutes=281)  # the oldest page of the shift
    assert now < end
