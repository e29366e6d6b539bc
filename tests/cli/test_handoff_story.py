"""One hand-off from the first draft on, by two engineers on one sandbox: it is Ana's shift, and Ben takes over."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, NOTE, add_note, key
from secops_oncall.sandbox.pagerduty_records import NOTE as PAGE_NOTE
from secops_oncall.sandbox.slack_records import MESSAGE
from secops_oncall.streams import Streams
from tests.cli.conftest import Oncall, Pipe, Ran, Screen, Served
from tests.cli.posting_world import CONFIDENTIAL, OPEN, World, set_up
from tests.cli.test_accepting import Desk
from tests.cli.test_editing_text import editor, put

HANDOVER = "acme-security/engineering#224"
STEPS = {"4112": "read eu-south-1 | ben | 16:30", "4111": "reset the third password | grace | 18:00"}
SAID = ("--state", "contained", "--tried", "the mailbox", "--confidence", "high", "--posture", "watch")
READ_BACK = ("--state", "contained, 100 and 101", "--first", "read eu-south-1 by 16:30, Grace resets at 18:00")


class Ana(Desk):
    """Ana at her own terminal."""

    def edit(self, folder: Path, *does: str, page: str) -> int:
        """Write in the editor what `does` says, in Python, about the draft of a page."""
        world = {**os.environ, **self.environ, "TERM": "xterm", "EDITOR": editor(folder, "\n".join(does))}
        app = App(world, Streams(Screen(), Pipe(), Screen(), environ=world), lambda: self.world.oncall.now)
        try:
            return run(["handoff", "edit", page], app)
        finally:
            app.close()


class Places:
    """What stands in the three services beyond what was there before: by kind and author, each with its number."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before = {kind: {self._id(one) for one in world.kept(kind)} for kind in (NOTE, ISSUE, MESSAGE, PAGE_NOTE)}
        self._names = {person.number: person.login for person in cast.PEOPLE.values()}

    @staticmethod
    def _id(one: dict[str, Any]) -> str:
        return str(one.get("id") or one["ts"])

    def new(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self._world.kept(kind) if self._id(one) not in self._before[kind]]

    def counts(self) -> dict[str, int]:
        marks = Counter(
            f"{self._names[note['author']]}: {note['body'].split('<!-- oncall:')[1].split()[0]}"
            for note in self.new(NOTE)
            if "<!-- oncall:" in note["body"]
        )
        threads = sum("thread_ts" in one for one in self.new(MESSAGE))
        system = sum(bool(note.get("system")) for note in self.new(NOTE))
        return {
            **marks,
            "other comments": len(self.new(NOTE)) - sum(marks.values()) - system,
            "issues": len(self.new(ISSUE)),
            "messages": len(self.new(MESSAGE)) - threads,
            "in threads": threads,
            "notes on pages": len(self.new(PAGE_NOTE)),
        }


NOTHING = {"other comments": 0, "issues": 0, "messages": 0, "in threads": 0, "notes on pages": 0}
POSTED = {"ana: handoff": 2, "other comments": 0, "issues": 1, "messages": 1, "in threads": 2, "notes on pages": 2}
ACCEPTED = {**POSTED, "ben: readback": 3, "in threads": 3}


@pytest.fixture
def world(oncall: Oncall, served: Served, tmp_path: Path) -> World:
    return set_up(oncall, served, tmp_path, typed=False)


def rows(ran: Ran) -> list[list[str]]:
    return [line.split("\t") for line in ran.out.splitlines()]


def results(ran: Ran) -> Counter[str]:
    return Counter(one["result"] for one in ran.json)


def test_the_whole_story(world: World, tmp_path: Path) -> None:
    ana, ben, places = Ana(world, world.oncall.state, "ana"), Desk(world, tmp_path / "ben", "ben"), Places(world)

    draft = ana("handoff").out
    assert draft.count("State now: **[empty: what is true now]**") == 2
    lint = ana("handoff", "lint")
    assert (lint.code, {code for _, code, severity, *_ in rows(lint) if severity == "error"}) == (8, {"E1", "E4"})
    refused = ana("handoff", "post", "--yes", "--to", "ben")
    assert (refused.code, ana.sent, places.counts()) == (8, [], NOTHING)

    assert ana.edit(tmp_path, *LEAK, page="4112") == 0
    assert ana("handoff", "lint", "-q").code == 8, "the other one lacks everything still"
    more = ("--next", STEPS["4111"], "--if", "one more clicks => reset it")
    assert ana("handoff", "edit", "4111", *SAID, *more).code == 0
    assert ana("handoff", "lint").code == 0
    assert "contained" in ana("handoff").out

    assert ana("handoff", "post", "--yes", "--to", "ben").code == 0
    assert places.counts() == POSTED
    again = ana("handoff", "post", "--yes", "--to", "ben", "--json")
    assert (results(again), ana.sent, places.counts()) == ({"already": 8}, [], POSTED)

    assert "not accepted yet: you are still acting" in ana("status").out
    assert [ana("handoff", "--json").json[name] for name in ("complete", "accepted")] == [False, None]
    assert "Ana Ferreira's hand-off waits for you" in ben("status").out
    assert charge(ben) == ("Ana Ferreira", "Ana Ferreira")

    world.oncall.now += timedelta(minutes=5)
    short = ben("handoff", "accept", *READ_BACK[:-1], "read eu-south-1 by 16:30", "--escalate-if", "a call comes")
    assert (short.code, ben.sent) == (2, [])
    assert short.err.startswith("! left out, people: Grace Mbeki\n! left out, times: 18:00 UTC\n")
    assert ben("handoff", "accept", *READ_BACK, "--escalate-if", "a call comes").code == 0
    assert places.counts() == ACCEPTED
    again = ben("handoff", "accept", "--json")
    assert (results(again), ben.sent, places.counts()) == ({"already": 4}, [], ACCEPTED)
    assert "accepted by Ben Okafor" in ana("status").out
    assert charge(ben) == charge(ana) == ("Ana Ferreira", "Ben Okafor")

    world.oncall.now += timedelta(minutes=5)
    assert "Nothing new: " in ben("handoff", "diff").out
    with world.served.services.store.state() as state:
        leak = state.get(ISSUE, key(cast.PROJECTS["operations"], 101)) or {}
        add_note(state, leak, cast.PEOPLE["chen"].number, "eu-south-1 is clean", world.oncall.now)
    for desk in (ana, ben):
        (news,) = [one for one in desk("handoff", "diff", "--json").json if one["facts"]]
        assert (news["id"], [fact["text"] for fact in news["facts"]]) == (CONFIDENTIAL, ["eu-south-1 is clean"])
        assert news["acting"]["name"] == "Ben Okafor"

    shown = ben("handoff", "show", "--json").json
    assert shown == ana("handoff", "show", "--json").json
    assert [one["id"] for one in shown["incidents"]] == [CONFIDENTIAL, OPEN]
    assert (shown["waits"], shown["accepted"]["read_back"]["state"]) == (False, "contained, 100 and 101")
    (handover,) = places.new(ISSUE)
    assert (handover["state"], handover["confidential"]) == ("closed", True)
    assert results(ana("handoff", "post", "--yes", "--to", "ben", "--json")) == {"already": 8}
    whole = ana("handoff", "--json").json
    assert (whole["complete"], whole["accepted"]["by"]["name"], len(whole["places"])) == (True, "Ben Okafor", 8)
    assert places.counts() == {**ACCEPTED, "other comments": 1}


LEAK = (
    put("### State now", "the key is dead"),
    put("### Tried / ruled out", "rotated it\n/close\n@all"),
    put("### Confidence: low, medium or high", "medium"),
    put("### Posture: stable, watch or active", "watch"),
    put("## Next Steps", f"- [ ] {STEPS['4112']}\n- If a call comes from outside => page me"),
)


def charge(desk: Desk) -> tuple[str, str]:
    """Who owns the leak and who acts on it, as `show` has it."""
    page = desk("show", "4112", "--json").json
    return page["owner"]["name"], page["acting"]["name"]
