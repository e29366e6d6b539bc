"""A hand-off as it was posted, on the screen of whoever takes over."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.received import Believed, Handed, all_handed
from secops_oncall.domain.shown import shown
from secops_oncall.views.handed import label, print_handed
from secops_oncall.views.jsonable import jsonable
from tests.fakes import NOW
from tests.handed import ANA, CHEN, PROJECT, WORK, a_handover, a_note, accepted, an_incident, posted
from tests.views.samples import BEN, HOSTILE, Consoles

REF, FILED = f"{WORK}#101", f"{PROJECT}#7"
WHOSE = Believed({"ana": ANA, "ben": BEN, "chen": CHEN})
MORE = "**@ana → @chen**: weekday shift\n\n## People\n\n* Backup: @ben\n\n## Start here\n\n* Leaked key: read the logs"
ADDED = a_note("addendum", 2, text="## Addendum: read it again\n\n* **Issue Summary**: it came back", id=77)


def handed(*answers: IssueNote, incident: Sequence[IssueNote] = (), **more: Any) -> Handed:
    issues = [an_incident(title=more.pop("title", "Leaked key")), a_handover(**{"description": MORE, **more})]
    notes = {REF: [posted(), *incident], FILED: list(answers)}
    (found,) = all_handed(issues, notes, WHOSE, [ANA, BEN, CHEN])
    return found


def drawn(one: Handed, width: int = 80, zone: str = "UTC") -> str:
    consoles = Consoles(width=width)
    print_handed(consoles.streams, one, NOW, ZoneInfo(zone))
    assert consoles.err == ""
    return consoles.out


def test_what_to_start_with_comes_first_then_the_rest_then_every_incident() -> None:
    assert (
        drawn(handed())
        == """\
Ana Ferreira hands off, posted 13:50 UTC, 10 min ago, 1 incident
  not accepted yet: Ana Ferreira is still acting

Start here
  - Leaked key: read the logs
  @ana → @chen: weekday shift

People
  - Backup: @ben

acme/operations#101: Leaked key
  Owner (unchanged): @ana (acked 12:05 UTC) | Acting until accepted: @ana |
  Posture: watch
  - Issue Summary: Leaked key
    - State now: the key is dead
    - Tried / ruled out: rotated it
    - Confidence: high
  - Next Steps:
    - [ ] read the CloudTrail logs, @ben, by 2026-11-23 15:00 UTC
    - If a call comes, then page me
"""
    )


def test_who_has_taken_it_over_and_in_which_words() -> None:
    out = drawn(handed(accepted(5), incident=[accepted(5)]), zone="Asia/Singapore")
    assert out.split("\n\n")[0].splitlines()[1:] == [
        "  accepted by Chen Wei, 13:55 UTC (21:55 +08)",
        "  - The state is … dead",
        "  - First I will … read",
        "  - I escalate if … a call comes",
    ]


def test_what_was_added_stands_below_what_it_is_added_to() -> None:
    out = drawn(handed(accepted(5), incident=[accepted(5), ADDED]))
    assert "  a part of it waits for a read-back\n" in out
    assert out.endswith("Added 13:58 UTC by ana:\n\nAddendum: read it again\n  - Issue Summary: it came back\n")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_fits(width: int) -> None:
    assert all(cell_len(line) <= width for line in drawn(handed(), width).splitlines())


def test_what_stands_in_it_of_others_drives_no_terminal() -> None:
    whole = handed(title=HOSTILE, description=f"## Start here\n\n* {HOSTILE}\n{HOSTILE}")
    loud = replace(whole, outgoing=replace(ANA, name=HOSTILE), incidents=(replace(whole.incidents[0], text=HOSTILE),))
    out = drawn(loud, width=200)
    assert all(line.isprintable() for line in out.splitlines())
    assert out.count("[bold]b[/bold] :skull:") >= 4


def test_one_of_several_is_told_by_whose_it_is_since_when_and_of_how_much() -> None:
    assert label(handed(), NOW) == "Ana Ferreira: posted 13:50 UTC, 10 min ago, 1 incident"
    assert label(replace(handed(), incidents=()), NOW).endswith("no open incidents")


def test_the_fields_that_scripts_rely_on() -> None:
    told = jsonable(shown(handed(accepted(5), incident=[accepted(5), ADDED])))
    assert set(told) == set(
        "id role start outgoing incoming at waits accepted issue text incidents addenda".split()  # noqa: SIM905
    )
    assert (told["incoming"], told["waits"], told["accepted"]["by"]["id"]) == ("@chen", True, CHEN.id)
    (incident,) = told["incidents"]
    assert set(incident) == {"id", "issue", "at", "text", "said", "accepted", "addenda"}
    assert incident["said"]["summary"] == "it came back", "an addendum says everything anew"
    assert incident["addenda"] == [{"at": "2026-11-23T13:58:00Z", "by": "ana", "text": ADDED.text, "waits": True}]
