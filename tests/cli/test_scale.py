"""More pages than anybody wants: acked in a few requests, one bad page spoiling no other, and listed whole."""

import time
from datetime import timedelta
from threading import Thread

import pytest

from secops_oncall.clients import pagerduty_api
from secops_oncall.sandbox import cast, pagerduty_requests
from secops_oncall.sandbox.log import Seen
from secops_oncall.sandbox.pagerduty_changes import trigger
from secops_oncall.sandbox.pagerduty_records import INCIDENT
from secops_oncall.sandbox.scenario import ensure
from secops_oncall.sandbox.store import Store
from tests.cli.conftest import NOW, Oncall, Ran

MINE = 3  # pages of the scenario that ana has not acked
BAD = "QSTORM000007"


@pytest.fixture
def store(oncall: Oncall) -> Store:
    """The sandbox's memory, as other processes see it."""
    opened = Store(oncall.state / "sandbox" / "sandbox.sqlite3")
    ensure(opened, NOW)
    return opened


def storm(store: Store, count: int) -> list[str]:
    """As many more pages assigned to ana, a second apart, up to now; their ids."""
    page = {"title": "Storm", "service": "PSVCIDN", "urgency": "high", "priority": "", "bridge": None}
    ids = [f"QSTORM{number:06}" for number in range(count)]
    with store.state() as state:
        for number, key in enumerate(ids):
            at = NOW - timedelta(seconds=number % 600)  # none is old enough to be another level's
            trigger(state, at, {**page, "id": key, "number": 9000 + number}, [], [cast.PEOPLE["ana"].pagerduty])
    return ids


def lists(ran: Ran) -> list[Seen]:
    """The requests for lists of pages."""
    assert ran.log
    return [seen for seen in ran.log.seen if (seen.method, seen.path) == ("GET", "/pagerduty/incidents")]


def test_1000_pages_are_acked_with_10_reads_and_4_writes(oncall: Oncall, store: Store) -> None:
    storm(store, 1000 - MINE)
    ran = oncall("ack", "--all", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [one["result"] for one in ran.json] == ["done"] * 1000
    assert ran.writes == ["PUT /pagerduty/incidents"] * 4
    assert len(lists(ran)) == 10
    assert not [asked for asked in ran.asked if asked.startswith("GET /pagerduty/incidents/") or "log_entries" in asked]
    assert oncall("pages", "--mine", "--triggered", "-o", "ids").out == ""


def test_a_page_that_is_gone_before_the_put_is_named_and_spoils_no_other(oncall: Oncall, store: Store) -> None:
    storm(store, 250 - MINE)
    oncall.fail("PUT", "/incidents$", 0, hold=1.0)

    def delete() -> None:
        """While the PUT is held: what was looked at is not there any more."""
        while _faults(store):
            time.sleep(0.01)
        with store.state() as state:
            state.delete(INCIDENT, BAD)

    colleague = Thread(target=delete, daemon=True)
    colleague.start()
    ran = oncall("ack", "--all", "--json")
    colleague.join(5)
    assert ran.code == 7
    bad = [one for one in ran.json if one["result"] != "done"]
    assert [(one["id"], one["result"], one["code"]) for one in bad] == [(BAD, "failed", "not_found")]
    assert len(ran.json) == 250
    assert ran.writes == ["PUT /pagerduty/incidents"] * 2
    assert [asked for asked in ran.asked if asked.startswith("GET /pagerduty/incidents/")] == [
        f"GET /pagerduty/incidents/{BAD}"
    ]
    assert len(lists(ran)) == 2 * 3  # the look, and the one after the refusal
    assert ran.err == "  hint: check the id, and that the token may see it\n"
    assert oncall("pages", "--mine", "--triggered", "-o", "ids").out == ""


def test_more_open_pages_than_one_list_reaches_are_listed_whole(
    oncall: Oncall, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beyond the furthest offset, here 1,000, is asked for by a window of time.

    tests/clients/test_pagerduty_api.py lists beyond PagerDuty's own, 10,000.
    """
    monkeypatch.setattr(pagerduty_api, "FURTHEST", 1000)
    monkeypatch.setattr(pagerduty_requests, "_MAX_RECORDS", 1000)
    before = set(oncall("pages", "--all-teams", "-o", "ids").out.split())
    ids = storm(store, 1_050)
    ran = oncall("pages", "--all-teams", "-o", "ids", "-q")
    listed = ran.out.split()
    assert (ran.code, ran.err, len(listed)) == (0, "", len(before) + 1_050)
    assert set(listed) == before | set(ids)
    assert len(lists(ran)) == 10 + 1


def _faults(store: Store) -> int:
    with store.state() as state:
        return len(state.all("fault"))
