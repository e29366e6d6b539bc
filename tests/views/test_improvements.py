"""The unfiled notes as a list, the whole issue that one would become, and what became of each."""

import json

from secops_oncall.domain.events import Note
from secops_oncall.domain.issues import NewIssue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.views.improvements import choice, like, print_filed, print_unfiled, say_draft
from tests.views.samples import CLEAN, FLAKY_ISSUE, HOSTILE, LEAK_ISSUE, NOW, Consoles, ago

ID = "3f2a9c01d4e54b7a8c0f5e6d7a8b9c0d"
OLD = Note(ID, ago(3000), "automate", "close honeypot noise by itself,\nas we do for the scanner", None, None, None)
RISK = Note("77b0e2d4c5", ago(5), "risk", HOSTILE, "Q1LEAK", None, None)


def test_a_terminal_shows_age_and_short_id() -> None:
    consoles = Consoles(width=80)
    print_unfiled(consoles.streams, [OLD, RISK], None, NOW)
    assert consoles.out_lines == [
        "note      age    kind      page    text",
        "3f2a9c01  2 d    automate          close honeypot noise by itself, as we do for…",
        f"77b0e2d4  5 min  risk      Q1LEAK  {CLEAN}",
    ]


def test_a_narrow_terminal_loses_the_page_before_the_words() -> None:
    consoles = Consoles(width=60)
    print_unfiled(consoles.streams, [OLD, RISK], None, NOW)
    assert consoles.out_lines[0] == "note      age    kind      text"
    assert max(map(len, consoles.out_lines)) <= 60


def test_programs_get_the_note_s_own_columns_with_the_whole_id_first() -> None:
    consoles = Consoles(terminal=False)
    print_unfiled(consoles.streams, [OLD], None, NOW)
    assert consoles.out.startswith(f"{ID}\t2026-11-21T12:00:00Z\tautomate\tclose honeypot noise")
    as_json = Consoles(terminal=False)
    print_unfiled(as_json.streams, [OLD], "json", NOW)
    assert set(json.loads(as_json.out)[0]) == {"id", "at", "kind", "text", "page", "shift", "filed"}


def test_nothing_unfiled_is_said() -> None:
    consoles = Consoles()
    print_unfiled(consoles.streams, [], None, NOW)
    assert (consoles.out, consoles.err) == ("", "Nothing is unfiled.\n")


def test_what_is_picked_from() -> None:
    assert (
        choice(OLD, NOW) == "3f2a9c01  automate     2 d 2 h  close honeypot noise by itself, as we do for the scanner"
    )
    assert choice(RISK, NOW).endswith(CLEAN)
    assert like(FLAKY_ISSUE).startswith("it is acme/engineering#55  Sign-in monitor")
    assert like(LEAK_ISSUE).startswith("it is acme/operations#101  confidential: Leaked key")


def test_a_draft_is_shown_whole_on_standard_error() -> None:
    consoles = Consoles()
    new = NewIssue("acme/x", "A key lies open", "### Where\n\n* nowhere", ("oncall-improvement",), confidential=True)
    say_draft(consoles.streams, new, f"<!-- oncall:improve {ID} -->")
    assert consoles.out == ""
    assert consoles.err == (
        "title: A key lies open\nproject: acme/x\nlabel: oncall-improvement\nconfidential: yes\n"
        f"marker: oncall:improve {ID}\n\n### Where\n\n* nowhere\n\n"
    )


def test_people_read_short_ids_and_programs_whole_ones() -> None:
    outcomes = [
        Outcome(ID, Result.DONE, ref="acme/x#4", place="gitlab", title="A key lies open", message="confidential"),
        Outcome(ID, Result.REFUSED, ref="acme/x#2", place="gitlab", title="One", code="duplicate", message="acme/x#2"),
        Outcome(ID, Result.FAILED, place="gitlab", title="Two", code="remote", message="down"),
    ]
    consoles = Consoles(width=100)
    print_filed(consoles.streams, outcomes, "filed", "text")
    assert consoles.out_lines == [
        "✓ filed acme/x#4 A key lies open: confidential",
        "! refused 3f2a9c01 One: acme/x#2",
        "✗ failed 3f2a9c01 Two: down",
    ]
    as_json = Consoles(terminal=False)
    print_filed(as_json.streams, outcomes, "filed", "json")
    told = json.loads(as_json.out)
    assert [one["ref"] for one in told] == ["acme/x#4", "acme/x#2", None]
    assert {one["id"] for one in told} == {ID}


def test_what_is_dropped_is_named_by_its_short_id() -> None:
    consoles = Consoles(width=100)
    dropped = Outcome(ID, Result.DONE, place="journal", title="script it", message="the rule is gone")
    print_filed(consoles.streams, [dropped], "dropped", "text")
    assert consoles.out == "✓ dropped 3f2a9c01 script it: the rule is gone\n"
