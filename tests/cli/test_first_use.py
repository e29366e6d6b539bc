"""A hand-off on a machine that has never been used, while PagerDuty is down: it says what it lacks."""

from pathlib import Path

import pytest

from tests.cli.conftest import Oncall, Served
from tests.cli.posting_world import World, set_up
from tests.cli.test_accepting import Desk

COMMANDS = (["show"], ["show", "--json"], ["diff"], ["accept"])
HINT = "\n  hint: the same once it answers: this machine has yet to learn from PagerDuty who you are\n"


@pytest.fixture
def world(oncall: Oncall, served: Served, tmp_path: Path) -> World:
    return set_up(oncall, served, tmp_path)


@pytest.mark.parametrize("screen", [False, True])
@pytest.mark.parametrize("status", [503, 0])
def test_it_is_said_that_pagerduty_has_to_tell_who_i_am(
    world: World, tmp_path: Path, screen: bool, status: int
) -> None:
    assert world.post().code == 0
    world.served.fail("*", "/pagerduty/", status, times=-1, drop=not status)
    for command in COMMANDS:
        ran = world.oncall("handoff", *command, screen=screen, **Desk(world, tmp_path / "new", "chen").environ)
        assert (ran.code, ran.out, ran.err.startswith("oncall: PagerDuty ")) == (6, "", True), ran.err
        assert ran.err.endswith(HINT)
    world.heal()
    chen = Desk(world, tmp_path / "new", "chen")
    assert chen("handoff", "show").code == 0
    world.served.fail("*", "/pagerduty/", 503, times=-1)
    ran = chen("handoff", "show")
    assert (ran.code, "Start here" in ran.out, HINT in ran.err) == (7, True, False), "who I am is known for a week"
