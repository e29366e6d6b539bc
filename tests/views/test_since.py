"""What has changed about each incident since it was last mine, on a screen and for programs."""

import json
from dataclasses import replace
from typing import Any

from secops_oncall.domain.since import Changed, Fact, Since
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.since import print_since
from tests.fakes import NOW
from tests.handed import ANA, an_incident, at
from tests.views.samples import HOSTILE, Consoles

NEWS = Since(
    "acme/operations#101",
    an_incident(title="Leaked key"),
    "open",
    at(720),
    ANA,
    (Changed("state", "the key\nis dead", "it came back"), Changed("tried", "rotated it", "")),
    (NextStep("read the logs", "Ben Okafor", at(-60)),),
    (NextStep("rotate it again", None, None),),
    (Fact(at(30), "Ben Okafor", "comment", "3 calls"), Fact(at(20), "Ana Ferreira", "update", "one\ntwo")),
)
SAME = Since("acme/operations#102", an_incident(102), "open", at(720), ANA)
GONE = replace(SAME, id="acme/operations#103", state="closed", acting=None)
NEW = replace(SAME, id="acme/operations#104", held_at=None)


def drawn(*found: Since, width: int = 80) -> str:
    consoles = Consoles(width=width)
    print_since(consoles.streams, found, "text", NOW)
    return consoles.out


def test_what_was_said_then_and_now_what_is_to_do_and_what_happened() -> None:
    assert (
        drawn(NEWS, SAME)
        == """\
acme/operations#101: Leaked key
  held until 02:00 UTC, acting: Ana Ferreira
  State now: it came back
    was: the key / is dead
  Tried / ruled out: (nothing any more)
    was: rotated it
  closed: read the logs, Ben Okafor, by 2026-11-23 15:00 UTC
  new:    rotate it again
  2 new facts:
    13:30 UTC Ben Okafor
      3 calls
    13:40 UTC Ana Ferreira, update
      one
      two

Nothing new: acme/operations#102
"""
    )


def test_what_is_closed_and_what_was_never_mine_is_news() -> None:
    out = drawn(GONE, NEW)
    assert "  held until 02:00 UTC, closed since\n" in out
    assert "  new to you, acting: Ana Ferreira\n" in out
    assert "Nothing new" not in out


def test_of_many_facts_the_latest_are_shown_and_of_each_the_first_lines() -> None:
    facts = tuple(Fact(at(60 - n), "Ben Okafor", "comment", f"fact {n}" + "\nmore" * 9) for n in range(12))
    out = drawn(replace(NEWS, facts=facts))
    assert "  12 new facts, the latest:\n" in out
    assert ("fact 6\n" in out, "fact 7\n" in out, "fact 11\n" in out, out.count("more\n")) == (False, True, True, 15)


def test_where_there_is_nothing_that_is_said() -> None:
    assert drawn() == "No open incidents, and none that you have held.\n"


def test_hostile_text_stays_text() -> None:
    hostile: Any = replace(
        NEWS,
        issue=an_incident(title=HOSTILE),
        changes=(Changed("state", HOSTILE, HOSTILE),),
        new_steps=(NextStep(HOSTILE, HOSTILE, None),),
        facts=(Fact(at(1), HOSTILE, "comment", HOSTILE),),
    )
    out = drawn(hostile, width=200)
    assert all(line.isprintable() for line in out.splitlines())
    assert out.count("[bold]b[/bold] :skull:") >= 6


def test_for_programs() -> None:
    consoles = Consoles(terminal=False)
    print_since(consoles.streams, [NEWS], "json", NOW)
    (told,) = json.loads(consoles.out)
    assert set(told) == {
        *("id", "issue", "state", "held_at", "acting", "changes", "closed_steps", "new_steps", "facts"),
    }
    assert told["changes"][0] == {"field": "state", "before": "the key\nis dead", "now": "it came back"}
    assert told["facts"][0] == {"at": "2026-11-23T13:30:00Z", "who": "Ben Okafor", "kind": "comment", "text": "3 calls"}


def test_that_there_is_nothing_is_not_said_where_it_is_not_known() -> None:
    consoles = Consoles()
    print_since(consoles.streams, [], "text", NOW, whole=False)
    assert consoles.out == "Nothing is known of incidents.\n"
