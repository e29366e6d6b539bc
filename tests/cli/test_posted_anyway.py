"""`oncall handoff post` without a reason, after one with it: everything is there, or what has changed needs another."""

from pathlib import Path

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.slack_records import MESSAGE
from tests.cli.conftest import Oncall, Served
from tests.cli.posting_world import PAGES, World, places, set_up

LEAK, PHISHING = PAGES
KEPT_BACK = "oncall: the hand-off has {}, and nothing was posted\n"


@pytest.fixture
def world(oncall: Oncall, served: Served, tmp_path: Path) -> World:
    found = set_up(oncall, served, tmp_path)
    found.say(PHISHING, state="")
    assert found.post("--anyway", "--why", "ben knows").code == 0
    return found


def test_what_is_there_needs_no_reason_again(world: World) -> None:
    told = len(world.journal.events("overruled"))
    for more in ([], ["--dry-run"]):
        ran = world.post("--json", *more)
        assert (ran.code, {result for _, result in places(ran)}) == (0, {"already"}), ran.err
        assert "It has errors, and was posted in spite of them: ben knows" in ran.err
        assert "goes out" not in ran.err
    assert len(world.journal.events("overruled")) == told
    code, outcomes = world.asked(lambda: pytest.fail("there is nothing to ask about"))
    assert (code, {one["result"] for one in outcomes}) == (0, {"already"})


def test_a_word_more_or_an_error_of_another_kind_needs_one(world: World) -> None:
    world.say(LEAK, state="it is worse")
    before = world.counts(), [note["body"] for note in world.comments]
    ran = world.post()
    assert (ran.code, ran.out, KEPT_BACK.format("1 error") in ran.err) == (8, "", True), ran.err
    world.say(LEAK, state="contained", next_steps=[{"action": "look", "who": None, "by": None}])
    assert world.post().code == 8
    assert (world.counts(), [note["body"] for note in world.comments]) == before
    assert world.post("--anyway", "--why", "still").code == 0
    assert world.post().code == 0


def test_what_somebody_took_away_is_not_sent_again_without_a_reason(world: World) -> None:
    gone = world.messages
    with world.served.services.store.state() as state:
        for message in gone:
            state.delete(MESSAGE, f"{cast.SECOPS_CHANNEL[0]}/{message['ts']}")
    assert (world.messages, world.post().code, world.messages) == ([], 8, [])
