"""The roster in the cache: kept whole, once a day, for a week, for this user's eyes only."""

from datetime import timedelta
from pathlib import Path

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.clients.pagerduty_kept import KeptRosters
from secops_oncall.domain.people import Contact, OnCall, Person
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.errors import RemoteError
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock

ANA = Person("PANA001", "Ana Ferreira", "ana@example.com")
TURN = OnCall(ANA, NOW, NOW + timedelta(hours=12), "Responder", 1, "Engineers", "Europe/Lisbon", "UTC")
ALWAYS = OnCall(Person("PDANA04", "Dana"), None, None, "Responder", 2)
PHONE = Contact("phone", "+351912345601", "Mobile")
KEPT = KeptRoster(NOW, NOW + timedelta(days=7), (TURN, ALWAYS), {"PANA001": (PHONE,), "PDANA04": None})


@pytest.fixture
def rosters(cache: Cache) -> KeptRosters:
    """A place to keep one."""
    return KeptRosters(cache, "token")


def test_it_comes_back_as_it_was(rosters: KeptRosters, tmp_path: Path) -> None:
    rosters.keep(KEPT)
    assert rosters.kept() == KEPT
    assert {oct(file.stat().st_mode & 0o777) for file in (tmp_path / "cache").iterdir()} == {"0o600"}


def test_it_lasts_a_week_and_can_be_forgotten(rosters: KeptRosters, clock: SettableClock) -> None:
    rosters.keep(KEPT)
    clock.forward(days=7)
    assert rosters.kept() == KEPT
    clock.forward(seconds=1)
    assert rosters.kept() is None
    rosters.keep(KEPT)
    rosters.keep(None)
    assert rosters.kept() is None


def test_it_is_due_once_a_day_and_tried_once_an_hour(rosters: KeptRosters, clock: SettableClock) -> None:
    assert [rosters.is_due(), rosters.is_due()] == [True, False]
    clock.forward(minutes=61)
    assert rosters.is_due()
    rosters.keep(KEPT)
    clock.forward(hours=23)
    assert not rosters.is_due()
    clock.forward(hours=2)
    assert rosters.is_due()


def test_where_nothing_can_be_kept_it_is_never_due(clock: SettableClock) -> None:
    assert not KeptRosters(Cache(None, clock), "token").is_due()


def test_a_roster_that_cannot_be_read_is_none(rosters: KeptRosters, cache: Cache) -> None:
    cache.put("token/roster", {"at": "2026-11-23T00:00:00Z", "entries": 3})
    assert rosters.kept() is None


def test_a_roster_that_was_kept_before_entries_knew_their_schedule_is_still_read(
    rosters: KeptRosters, cache: Cache
) -> None:
    rosters.keep(KEPT)
    kept = cache.get("token/roster", read=lambda found: found)
    entries = [{name: value for name, value in one.items() if name != "schedule_id"} for one in kept["entries"]]
    cache.put("token/roster", {**kept, "entries": entries})
    assert rosters.kept() == KEPT


def test_another_token_has_another_roster(cache: Cache) -> None:
    KeptRosters(cache, "mine").keep(KEPT)
    assert KeptRosters(cache, "yours").kept() is None


def test_a_client_that_asked_nothing_keeps_nothing(pagerduty: PagerDutyClient) -> None:
    assert not pagerduty.roster_is_due()
    pagerduty.me()
    assert pagerduty.roster_is_due()


def test_who_i_am_outlasts_an_outage(
    pagerduty: PagerDutyClient, sandbox: Sandbox, network: Network, cache: Cache, clock: SettableClock
) -> None:
    known = pagerduty.me()
    clock.forward(days=3)
    add_fault(sandbox.store, Fault("GET", "users/me", 503, times=-1))
    later = PagerDutyClient(sandbox.addresses.pagerduty, "sandbox-pagerduty-ana", network=network, cache=cache)
    assert later.me() == known
    clock.forward(days=5)
    network.patience.renew()
    again = PagerDutyClient(sandbox.addresses.pagerduty, "sandbox-pagerduty-ana", network=network, cache=cache)
    with pytest.raises(RemoteError):
        again.me()
