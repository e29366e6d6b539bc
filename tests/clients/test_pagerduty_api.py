"""PagerDuty's lists to their end, and what becomes of every failure."""

import subprocess
import sys
import time
from datetime import timedelta
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.clients.pagerduty_api import AT_ONCE
from secops_oncall.domain.pages import PageQuery
from secops_oncall.domain.times import iso
from secops_oncall.errors import AuthError, NotFoundError, RejectedError, RemoteError
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, pagerduty_at, storm
from tests.sandbox.conftest import NOW


@pytest.mark.parametrize(
    ("auth", "header"), [("token", "Token token=pd-s3cret-token"), ("bearer", "Bearer pd-s3cret-token")]
)
def test_token_is_sent_as_it_is_configured(
    service: Service, network: Network, cache: Cache, auth: str, header: str
) -> None:
    service.replies = [Reply(body={"user": {"id": "P1", "name": "Ana"}})]
    pagerduty_at(service, network, cache, auth=auth).me()
    assert service.seen[0].headers["authorization"] == header


def test_list_longer_than_a_page(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    storm(sandbox, 205, NOW)
    found = pagerduty.pages(PageQuery(("triggered",)))
    assert len({page.id for page in found}) == len(found) == 205 + 4
    assert len(sandbox.log.seen) == 3


class Listing:
    """A service whose list has so many pages, `short` of them at an offset where one part ends too early, once."""

    def __init__(self, service: Service, count: int, *, hold: float = 0.0, short: int | None = None) -> None:
        self.rows = [an_incident(f"Q{number}", iso(NOW)) for number in range(count)]
        self.asked: list[tuple[int, bool]] = []
        self._hold, self._short, self._counts = hold, short, True
        self._running, self.most, self._lock = 0, 0, Lock()
        service.answering = self._answer

    def without_length(self) -> "Listing":
        """As some services are: nothing says how long the list is."""
        self._counts = False
        return self

    def _answer(self, request: Request) -> Reply:
        asked = parse_qs(urlsplit(request.path).query)
        offset, counted = int(asked["offset"][0]), "total" in asked
        with self._lock:
            self.asked.append((offset, counted))
            self._running += 1
            self.most = max(self.most, self._running)
            length = 60 if offset == self._short else 100
            self._short = None if offset == self._short else self._short
        time.sleep(self._hold)
        with self._lock:
            self._running -= 1
        total = len(self.rows) if counted and self._counts else None
        rows, more = self.rows[offset : offset + length], offset + length < len(self.rows)
        return Reply(body={"incidents": rows, "more": more, "total": total})


def test_a_long_list_is_asked_for_side_by_side_in_no_more_requests(
    service: Service, network: Network, cache: Cache
) -> None:
    listing = Listing(service, 1050, hold=0.1)
    found = pagerduty_at(service, network, cache).pages(PageQuery())
    assert [page.number for page in found] == list(range(1050))
    assert listing.asked[:2] == [(0, False), (100, True)]
    assert sorted(listing.asked[2:]) == [(offset, False) for offset in range(200, 1050, 100)]
    assert listing.most == AT_ONCE


@pytest.mark.parametrize("count", [1, 100, 101, 200, 201, 1000])
def test_no_more_is_asked_for_than_there_is(service: Service, network: Network, cache: Cache, count: int) -> None:
    listing = Listing(service, count)
    assert len(pagerduty_at(service, network, cache).pages(PageQuery())) == count
    assert len(listing.asked) == -(-count // 100)


@pytest.mark.parametrize("short", [0, 100, 300])
def test_a_part_that_ends_too_early_loses_nothing(service: Service, network: Network, cache: Cache, short: int) -> None:
    Listing(service, 620, short=short)
    found = pagerduty_at(service, network, cache).pages(PageQuery())
    assert [page.number for page in found] == list(range(620))


def test_a_list_of_unknown_length_is_listed_part_by_part(service: Service, network: Network, cache: Cache) -> None:
    listing = Listing(service, 450).without_length()
    assert len(pagerduty_at(service, network, cache).pages(PageQuery())) == 450
    assert [offset for offset, _ in listing.asked] == [0, 100, 200, 300, 400]


def newest_resolved(number: int) -> dict[str, Any]:
    return {"status": "resolved", "resolved_at": iso(NOW - timedelta(minutes=number))}


@pytest.mark.parametrize(("minutes", "parts"), [(0, 1), (50, 1), (99, 2), (249, 3), (5000, 4)])
def test_of_a_sorted_list_no_more_parts_are_asked_for_than_are_wanted(
    service: Service, network: Network, cache: Cache, minutes: int, parts: int
) -> None:
    listing = Listing(service, 310)
    listing.rows = [row | newest_resolved(number) for number, row in enumerate(listing.rows)]
    query = PageQuery(("resolved",), resolved_since=NOW - timedelta(minutes=minutes))
    found = pagerduty_at(service, network, cache).pages(query)
    assert [page.number for page in found] == list(range(min(minutes + 1, 310)))
    assert [offset for offset, _ in listing.asked] == [100 * number for number in range(parts)]


def test_a_sorted_list_that_goes_further_than_pagerduty_lists_is_an_error(
    service: Service, network: Network, cache: Cache
) -> None:
    listing = Listing(service, 10_050)
    listing.rows = [row | newest_resolved(number) for number, row in enumerate(listing.rows)]
    with pytest.raises(RemoteError, match="incomplete"):
        pagerduty_at(service, network, cache).pages(
            PageQuery(("resolved",), resolved_since=NOW - timedelta(minutes=10_010))
        )


def test_a_part_that_fails_fails_the_list(service: Service, network: Network, cache: Cache) -> None:
    listing = Listing(service, 1050)
    whole = service.answering
    assert whole
    service.answering = lambda request: Reply(403) if "offset=700" in request.path else whole(request)
    with pytest.raises(AuthError):
        pagerduty_at(service, network, cache).pages(PageQuery())
    assert listing.asked


@pytest.mark.parametrize("rows", [[], [{"id": "Q1", "incident": {"id": "Q1"}, "created_at": "2026-11-23T10:00:00Z"}]])
def test_endless_list_is_an_error(service: Service, network: Network, cache: Cache, rows: list[Any]) -> None:
    service.replies = [Reply(body={"log_entries": rows, "more": True})]
    with pytest.raises(RemoteError, match="incomplete"):
        pagerduty_at(service, network, cache).touched(NOW, NOW, ())
    assert len(service.seen) <= 2


def test_list_longer_than_pagerduty_lists_is_an_error(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        offset = int(request.path.split("offset=")[1].split("&")[0])
        ids = [f"Q{number}" for number in range(offset, offset + 100)]
        rows = [{"id": id, "created_at": "2026-11-23T10:00:00Z"} for id in ids]
        return Reply(body={"log_entries": rows, "more": True})

    service.answering = answer
    with pytest.raises(RemoteError, match="ends after 10000, incomplete"):
        pagerduty_at(service, network, cache).touched(NOW, NOW, ())
    assert len(service.seen) == 100


def test_open_pages_beyond_the_furthest_offset_are_listed_by_windows_of_time(
    service: Service, network: Network, cache: Cache
) -> None:
    """A page a minute: 10,000 within one list, the rest within windows of six months at most."""
    began = NOW - timedelta(minutes=10_250)
    created = [iso(began + timedelta(minutes=minute)) for minute in range(10_250)]

    def answer(request: Request) -> Reply:
        asked = parse_qs(urlsplit(request.path).query)
        offset, limit = int(asked["offset"][0]), int(asked["limit"][0])
        if offset + limit > 10_000:
            return Reply(400, {"error": {"message": "Offset+limit exceeds maximum", "code": 2002}})
        since, until = asked.get("since", [""])[0], asked.get("until", ["9999"])[0]
        assert ("date_range" in asked) != bool(since)
        listed = [number for number, at in enumerate(created) if since <= at < until]
        rows = [an_incident(f"Q{number}", created[number]) for number in listed[offset : offset + limit]]
        return Reply(body={"incidents": rows, "more": len(listed) > offset + limit})

    service.answering = answer
    found = pagerduty_at(service, network, cache).pages(PageQuery())
    assert [page.id for page in found] == [f"Q{number}" for number in range(10_250)]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            Reply(401, {"error": {"message": "Authentication failed"}}),
            AuthError,
            "rejects the token from ONCALL_PAGERDUTY_TOKEN",
        ),
        (
            Reply(403, {"error": {"message": "Access Denied", "code": 2010}}),
            AuthError,
            "may not do this: Access Denied",
        ),
        (Reply(404, {"error": {"message": "Not Found", "code": 2100}}), NotFoundError, "Not Found"),
        (
            Reply(400, {"error": {"message": "Invalid", "errors": ["A\x1b[2J", "B"], "code": 2001}}),
            RejectedError,
            r"Invalid: A: B \(2001\)",
        ),
        (Reply(402, {"error": {"code": 2014, "message": "Account lacks it"}}), RejectedError, "Account lacks it"),
        (Reply(400, {"error": "plain words"}), RejectedError, "plain words"),
        (Reply(400, "<html>proxy</html>", kind="text/html"), RejectedError, "status 400"),
        (Reply(400, [1]), RejectedError, "status 400"),
        (Reply(200, "{nonsense"), RemoteError, "not what its API sends"),
        (Reply(200, {"incidents": [{"id": "Q1"}], "more": False}), RemoteError, "not what its API sends"),
        (Reply(200, {"incidents": {"id": "Q1"}}), RemoteError, "not what its API sends"),
        (Reply(200, []), RemoteError, "not what its API sends"),
        (Reply(200, ""), RemoteError, "not what its API sends"),
    ],
)
def test_every_failure_is_one_of_ours_without_the_token(
    service: Service, network: Network, cache: Cache, reply: Reply, kind: type[Exception], words: str
) -> None:
    service.replies = [reply]
    with pytest.raises(kind, match=words) as caught:
        pagerduty_at(service, network, cache).pages(PageQuery())
    assert isinstance(caught.value, AuthError | NotFoundError | RemoteError)
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert "oken" not in str(caught.value.__cause__)  # pdpyras has the token's last four letters in its message


def test_rejection_has_its_code(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(400, {"error": {"message": "Bad", "code": 2001}})]
    with pytest.raises(RejectedError) as caught:
        pagerduty_at(service, network, cache).pages(PageQuery())
    assert (caught.value.answered, caught.value.code) == (400, "2001")


def test_library_says_nothing_on_standard_error(service: Service) -> None:
    """In a process of its own: pdpyras warns at its first import, and logs where nobody listens."""
    service.replies = [Reply(500)]
    program = f"""
import logging
from datetime import UTC, datetime
from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.clients.pagerduty_api import AT_ONCE
from secops_oncall.errors import RemoteError

network = Network(attempts=1)
client = PagerDutyClient({service.address!r}, "token", network=network, cache=Cache(None, lambda: datetime.now(UTC)))
try:
    client.me()
except RemoteError as error:
    print(error.answered)
logging.getLogger("pdpyras").error("a server error")
"""
    ran = subprocess.run([sys.executable, "-W", "default", "-c", program], capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("500\n", "")


def an_incident(id: str, created_at: str) -> dict[str, Any]:
    """As little of an incident as the client needs."""
    number = int(id.removeprefix("Q"))
    return {"id": id, "incident_number": number, "title": id, "status": "triggered", "created_at": created_at}
