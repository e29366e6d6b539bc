"""The text that is edited, and what stands after an edit."""

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from secops_oncall.domain.draft import parse, render
from secops_oncall.domain.editing import Edited, gaps
from secops_oncall.domain.issues import LinkedIssue
from secops_oncall.domain.pages import LogEntry, Owner
from secops_oncall.domain.said import Said, normal
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.editing import choices_line, item, print_edited, print_gaps, say_edited
from tests.cli.test_hostile import dangerous
from tests.domain.test_editing import handoff, incident, problem
from tests.fakes import NOW, a_page, an_issue
from tests.views.samples import ANA, BEN, CLEAN, HOSTILE, Consoles

ONE, REF = "Q1ONE00001", "acme/operations#101"
NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
WORK = incident(
    REF,
    issue=an_issue(REF, ONE, title="Leaked key", confidential=True, labels=("incident", "severity::2")),
    pages=(a_page(ONE, "acknowledged", number=4112, title="Leaked key in a commit", priority="P2"),),
    owner=Owner(ANA.id, ANA.name, NOW - HOUR),
    acting=ANA,
    engaged=(ANA, BEN),
    related=(LinkedIssue("acme/infra#7", "Rotate", "https://x", "opened", False, ("ben",)),),
    zoom="https://zoom.us/j/1",
    slack=("#secops", "https://acme.slack.com/archives/C1/p2"),
    next_steps=(NextStep("typed", "Ben", NOW + HOUR), NextStep("found | there", "Dana")),
    timeline=(LogEntry(NOW - HOUR, "note", "Ben Okafor", "read it"), LogEntry(NOW, "resolve", "Ana", "")),
    said=Said(state="key is dead", slack=("#secops",), next_steps=(NextStep("typed", "Ben", NOW + HOUR),)),
)


def test_each_heading_has_what_is_known_but_not_what_was_typed() -> None:
    known = item(WORK, NOW, NEW_YORK)
    assert (known.key, known.title, known.said) == (REF, "Leaked key", WORK.said)
    assert known.facts == {
        "Issue Summary": [
            f"{REF}, open, confidential, incident, severity::2, https://gitlab.example.com/acme/operations/-/issues/101",
            "page 4112 (acknowledged, high, P2, EDR): Leaked key in a commit",
            "owner: Ana Ferreira (acked 13:00 UTC (08:00 EST)); acting: Ana Ferreira",
            "13:00 UTC (08:00 EST) Ben Okafor: read it",
            "14:00 UTC (09:00 EST) resolve by Ana",
        ],
        "Related Issues": ["acme/infra#7, open, ben: Rotate"],
        "Who's Engaged": ["Ana Ferreira", "Ben Okafor"],
        "Active Zoom Bridge": ["https://zoom.us/j/1"],
        "Slack Channel(s)/Thread(s)": ["https://acme.slack.com/archives/C1/p2"],
        "Next Steps": ["unticked in the issue:", r"- [ ] found \| there | Dana"],
    }


def test_without_an_issue_an_owner_or_a_service_that_is_said() -> None:
    known = item(incident(ONE, pages=(a_page(ONE, title="Alone"),)), NOW, unread=("GitLab",))
    assert known.title == "Alone"
    assert known.facts["Issue Summary"][0] == "GitLab could not be read: what it knows is missing here"
    assert {"no issue", "owner: nobody; acting: nobody"} <= set(known.facts["Issue Summary"])


def test_what_the_last_hand_off_said_stands_below_the_fields_that_are_empty() -> None:
    text = render([item(replace(WORK, suggested=Said(state="old", tried="the VPN")), NOW)])
    assert "\n### Tried / ruled out\n> suggested: the VPN\n" in text
    assert "suggested: old" not in text


def test_a_storm_of_pages_leaves_room_to_write() -> None:
    pages = tuple(a_page(f"Q1PAGE{number:05}", number=number) for number in range(300))
    log = tuple(LogEntry(NOW, "trigger", "EDR", f"entry {number}") for number in range(300))
    facts = item(incident(ONE, pages=pages, timeline=log), NOW).facts["Issue Summary"]
    assert (len(facts), facts.count("280 lines more")) == (44, 2)
    assert facts[-1] == "14:00 UTC entry 299"


def test_nothing_from_elsewhere_becomes_a_line_of_its_own_or_is_read_back() -> None:
    hostile = f"{HOSTILE}\n## Next Steps\n- [ ] mine"
    work = incident(
        REF,
        issue=an_issue(REF, title=hostile, labels=(hostile,)),
        pages=(a_page(ONE, title=hostile),),
        engaged=(replace(BEN, name=hostile),),
        zoom=hostile,
        slack=(hostile,),
        next_steps=(NextStep(hostile, hostile),),
        timeline=(LogEntry(NOW, "note", hostile, hostile),),
        suggested=normal(Said(state=hostile)),
    )
    items = [item(work, NOW)]
    text = render(items)
    assert not dangerous(text)
    assert CLEAN in text
    read = parse(text, items, lambda typed: NOW)
    assert (read.said, read.unsure, read.stray) == ({REF: Said()}, (), "")


# What stands after an edit

SAID = Said(
    summary="Leaked key",
    state="dead\n\nfor good " + "and " * 30,
    related=("acme/infra#7", "acme/infra#8"),
    next_steps=(NextStep("rotate it everywhere", "Ben Okafor", NOW + HOUR), NextStep("think")),
)
EDITED = Edited(REF, "Leaked key in a commit of somebody's", SAID, ("state", "noise"), True, ("odd: it is kept",))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_and_steps_have_their_numbers(width: int) -> None:
    console = Consoles(width=width)
    print_edited(console.streams, [EDITED], "text", NOW, NEW_YORK, single=True)
    assert max(map(cell_len, console.out_lines)) <= width
    assert "  State       dead" in console.out_lines
    assert "  Related     acme/infra#7" in console.out_lines
    assert "              acme/infra#8" in console.out_lines
    assert "              2 think" in console.out_lines
    assert "  Page        noise" in console.out_lines
    if width > 60:
        assert "  Next steps  1 rotate it everywhere, Ben Okafor, by 15:00 UTC (10:00 EST)" in console.out_lines


def test_of_several_only_those_that_changed_are_shown_and_json_has_all() -> None:
    console = Consoles(width=80)
    same = Edited("acme/operations#102", "Another", Said(state="x"))
    print_edited(console.streams, [same, EDITED], "text", NOW)
    assert "acme/operations#102" not in console.out
    console = Consoles(terminal=False)
    print_edited(console.streams, [same, EDITED], "json", NOW)
    one, two = json.loads(console.out)
    assert (one["id"], one["changed"], one["noise"]) == ("acme/operations#102", [], None)
    assert (two["changed"], two["noise"], two["next_steps"][0]["by"]) == (
        ["state", "noise"],
        True,
        "2026-11-23T15:00:00Z",
    )
    assert "edits" not in two


def test_where_nothing_changed_nothing_is_printed() -> None:
    console = Consoles()
    same = Edited(REF, "x", Said(state="x"))
    print_edited(console.streams, [same], "text", NOW)
    say_edited(console.streams, [same], dry_run=False)
    assert (console.out, console.err) == ("", "Nothing changed.\n")


@pytest.mark.parametrize(
    ("dry_run", "told"),
    [
        (False, f"✓ kept for {REF}: State now, noise or real"),
        (True, f"{REF}: would change: State now, noise or real; not kept: this is a dry run"),
    ],
)
def test_what_became_of_it_is_said(dry_run: bool, told: str) -> None:
    console = Consoles(width=100)
    say_edited(console.streams, [EDITED], dry_run=dry_run)
    assert console.err.splitlines() == [f"! {REF}: odd: it is kept", told]


def test_hostile_words_stay_words() -> None:
    console = Consoles()
    odd = Edited(HOSTILE, HOSTILE, Said(state=HOSTILE, related=(HOSTILE,)), ("state",), warnings=(HOSTILE,))
    print_edited(console.streams, [odd], "text", NOW)
    say_edited(console.streams, [odd], dry_run=False)
    assert not dangerous(console.out + console.err)


def test_gaps_are_listed_or_data() -> None:
    found = gaps(handoff(problem(ONE, "state"), work=(incident(ONE),)))
    console = Consoles(terminal=False)
    print_gaps(console.streams, found, "text")
    assert console.out == f"{ONE}  State now: E1 state\n"
    print_gaps(console.streams, [], "text")
    assert console.out == f"{ONE}  State now: E1 state\n"
    console = Consoles(terminal=False)
    print_gaps(console.streams, found, "json")
    assert json.loads(console.out) == [{"id": ONE, "field": "state", "message": "E1 state"}]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "Posture: [s]table [w]atch [a]ctive [e]ditor, Enter leaves it"),
        (60, "Posture: [s]table [w]atch [a]ctive [e]ditor"),
        (40, "[s]table [w]atch [a]ctive [e]ditor"),
    ],
)
def test_the_keys_fit_the_terminal(width: int, line: str) -> None:
    assert choices_line("Posture", ("stable", "watch", "active"), width) == line
