"""Two engineers who take the same hand-off over: whoever has read it back last acts, and both sides' status says so."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Oncall, Served
from tests.cli.posting_world import CONFIDENTIAL, OPEN, World, set_up
from tests.cli.test_accepting import Desk

BOTH = {CONFIDENTIAL, OPEN}


@pytest.fixture
def world(oncall: Oncall, served: Served, tmp_path: Path) -> World:
    found = set_up(oncall, served, tmp_path)
    assert found.post().code == 0
    return found


def acts_on(desk: Desk) -> set[str]:
    """The incidents that a status lists as theirs, whose pages somebody else has acked."""
    desk.world.oncall.now += timedelta(minutes=1)
    return BOTH & {one["id"] for one in desk("status", "--json").json["incidents"]}


def test_who_was_overtaken_acts_no_longer_whatever_they_run(world: World, tmp_path: Path) -> None:
    chen, farid = Desk(world, tmp_path / "chen"), Desk(world, tmp_path / "farid", "farid")
    assert chen.accept("-q").code == 0
    assert (acts_on(chen), acts_on(farid)) == (BOTH, set())
    assert farid.accept("--from", "ana", "-q", "--yes").code == 0
    assert (acts_on(chen), acts_on(farid)) == (set(), BOTH)
    assert (acts_on(chen), "/notes" in str(chen.last.asked)) == (set(), False), "it is known, and not asked again"
    again = chen("handoff", "accept", "-q")
    assert (again.code, "Farid Haddad has read it back, too, and is acting now" in again.err) == (0, True)
    assert (acts_on(chen), acts_on(farid)) == (set(), BOTH)
