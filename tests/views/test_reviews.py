"""Reviews on the screen: an issue with what is new about it, the keys, what was found, and the list."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from secops_oncall.domain.events import KnownShift
from secops_oncall.domain.issues import Activity
from secops_oncall.domain.reviews import Duty, Look, Reading, Review
from secops_oncall.views.reviews import (
    KEYS,
    Place,
    audience,
    keys_line,
    print_duty,
    print_meanwhile,
    print_reading,
    print_reviews,
    say_beforehand,
    say_keys,
    say_meanwhile,
)
from tests.views.samples import CLEAN, FLAKY_ISSUE, HOSTILE, LEAK_ISSUE, NOW, Consoles, ago, ahead

SHIFT = KnownShift("engineer/PANA001/x", "engineer", ago(300), ahead(420))
VERDICTS = {"g/p#1": "human", "g/p#2": "noise", "g/p#3": "skip", "g/p#4": "skip"}
FIRST = Review(ago(90), "Ana Ferreira", 4, 1, 2, VERDICTS, "oncall")
SOON = Review(ago(50), "Ana Ferreira", 0, 0, 0, {}, "oncall", counts=False)
ELSEWHERE = Review(ago(10), "Ana Ferreira", 0, 0, 0, {}, "elsewhere", "on the board, with Ben")
DUTY = Duty("Ana Ferreira", 2, SHIFT, SHIFT.start, (FIRST, SOON, ELSEWHERE))
SAID = Activity(ago(200), "eva", "comment", "The office has a new address.")
LATER = Activity(ago(20), "ben", "comment", "Not ours:\nthe range is rented.", internal=True)
ADDED = Activity(ago(15), "ben", "label", "added urgent")
MINE = Activity(ago(12), "ana", "comment", "I look into it.")
LOOK = Look(ago(120), ago(120), "skip")


def reading(*activity: Activity, **more: object) -> Reading:
    issue = replace(FLAKY_ISSUE, **{"change": "changed", "description": "Seen since Monday.", **more})  # type: ignore[arg-type]
    return Reading(issue, activity)


def shown(read: Reading, look: Look | None = LOOK, given: str = "", width: int = 80) -> list[str]:
    consoles = Consoles(width=width)
    print_reading(consoles.streams, read, Place(7, 23, look, given, "ana"), NOW)
    return consoles.out_lines


def test_an_issue_is_shown_with_what_others_did_since_i_looked_and_what_was_said_before() -> None:
    assert shown(reading(SAID, LATER, ADDED, MINE)) == [
        "",
        "7 of 23: acme/engineering#55, changed",
        "Sign-in monitor: false positives for the Lisbon office's new address range",
        "  Labels      oncall",
        "  Assigned    nobody",
        "  Opened      2 d ago by eva, active 11 h ago",
        "  You looked  12:00 UTC: skipped",
        "",
        "Since then",
        "  13:40 UTC, ben, internal",
        "    Not ours:",
        "    the range is rented.",
        "  13:45 UTC, ben: added urgent",
        "",
        "Latest notes",
        "  10:40 UTC, eva",
        "    The office has a new address.",
        "  13:48 UTC, ana",
        "    I look into it.",
    ]


def test_one_that_i_have_never_seen_says_what_it_is_about() -> None:
    lines = shown(reading(change="new", description="\n".join(f"line {number}" for number in range(9))), look=None)
    assert lines[-8:] == ["It says", *(f"  line {number}" for number in range(6)), "  … 3 more lines"]
    assert "It says" not in shown(reading())


def test_what_must_not_be_missed_stands_in_the_first_line() -> None:
    lines = shown(reading(state="closed", confidential=True, assignees=("ben", "chen"), page="Q1LEAKEDKEY0005"))
    assert lines[1] == "7 of 23: acme/engineering#55, changed, confidential, closed"
    assert "  Assigned    ben, chen" in lines
    assert "  Page        Q1LEAKEDKEY0005" in lines


def test_back_at_an_issue_its_verdict_is_shown() -> None:
    assert "  Verdict     needs a human" in shown(reading(), given="human")


def test_of_many_changes_and_long_comments_the_latest_are_shown() -> None:
    many = [Activity(ago(60 - number), "ben", "system", f"change {number}") for number in range(8)]
    long = replace(LATER, text="\n".join("abcdef"))
    lines = shown(reading(*many, long))
    assert lines[lines.index("Since then") :][:2] == ["Since then", "  … 3 earlier"]
    assert lines[-1] == "    … 2 more lines"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_from_outside_drives_the_terminal_and_everything_fits(width: int) -> None:
    bad = Activity(ago(1), HOSTILE, "comment", HOSTILE + "\n\x1b[2J" + "word " * 60)
    named = reading(bad, replace(bad, kind="label"), title=HOSTILE, author=HOSTILE, labels=(HOSTILE,) * 9)
    for look in (LOOK, None):
        lines = shown(replace(named, issue=replace(named.issue, description=HOSTILE)), look, width=width)
        assert all(line.isprintable() and cell_len(line) <= width for line in lines), lines
        assert CLEAN[:20] in lines[2]


def test_what_happened_while_i_was_busy_is_shown_alone() -> None:
    consoles = Consoles()
    print_meanwhile(consoles.streams, [LATER, ADDED], NOW)
    assert consoles.out_lines[0] == "Meanwhile"
    assert consoles.out_lines[-1] == "  13:45 UTC, ben: added urgent"
    say_meanwhile(consoles.streams, [])
    assert consoles.err == ""
    say_meanwhile(consoles.streams, [LATER])
    assert consoles.err.splitlines() == [
        "! meanwhile ben: Not ours: the range is rented.",
        "  So the issue has changed since your verdict.",
    ]


def test_the_keys_stand_on_one_line_that_fits() -> None:
    everything = list(KEYS)
    assert keys_line(80, everything) == (
        "[o]pen [c]omment [t]ake [h]uman [d]one [n]oise [s]kip [u]nchanged [b]ack [q]uit"
    )
    assert keys_line(60, everything) == "Open Comment Take Human Done Noise Skip Unchanged Back Quit"
    assert keys_line(30, everything) == "o c t h d n s u b q"
    assert all(len(keys_line(width, everything)) < width for width in range(20, 200))
    assert all(word[0] == key for key, (word, _) in KEYS.items())


def test_each_key_is_explained() -> None:
    consoles = Consoles()
    say_keys(consoles.streams, ["h", "q"])
    assert consoles.err.splitlines() == [
        "  h  verdict: it needs a human",
        "  q  leave; oncall review goes on from there",
        "  Enter  read the issue again",
    ]


def test_the_audience_of_a_comment_is_said() -> None:
    assert audience(FLAKY_ISSUE, "ana") == (
        "An ordinary comment by ana: everybody who may see acme/engineering can read it."
    )
    assert "only who may see confidential issues of acme/operations can" in audience(LEAK_ISSUE, "ana")


def duty(*reviews: Review, **more: object) -> Duty:
    return replace(DUTY, reviews=reviews, made=reviews[-1] if reviews else None, **more)  # type: ignore[arg-type]


def said(told: Duty) -> list[str]:
    consoles = Consoles()
    print_duty(consoles.streams, told, "text", NOW)
    assert consoles.out == ""
    return consoles.err.splitlines()


def test_a_review_that_has_ended_says_what_was_found_and_that_it_counts() -> None:
    assert said(duty(FIRST)) == [
        "✓ reviewed: 4 seen, 1 new, 2 changed: 1 needs a human, 1 noise, 2 skipped",
        "  Needs a human: g/p#1",
        "  It counts: 1 of 2 in this shift.",
    ]
    assert said(duty(ELSEWHERE))[0] == "✓ reviewed: made elsewhere: on the board, with Ben"


def test_one_that_does_not_count_says_from_when_on_it_would() -> None:
    assert said(duty(FIRST, SOON)) == [
        "✓ reviewed: 0 seen, 0 new, 0 changed: nothing",
        "! it does not count yet: one that ends from 13:30 UTC on does",
        "  1 of 2 in this shift.",
    ]
    assert said(duty(SOON, shift=None))[-1] == "! it counts for no shift: you are not on call"


def test_a_review_as_json_is_one_object() -> None:
    consoles = Consoles(terminal=False)
    print_duty(consoles.streams, duty(ELSEWHERE), "json", NOW)
    told = json.loads(consoles.out)
    assert list(told) == ["at", "by", "seen", "new", "changed", "verdicts", "source", "why", "counts"]
    assert (told["source"], told["why"], told["counts"]) == ("elsewhere", "on the board, with Ben", True)


def test_beforehand_it_is_said_that_a_review_would_not_count() -> None:
    for told, line in (
        (duty(), ""),
        (duty(FIRST), ""),
        (
            duty(replace(FIRST, at=ago(20))),
            "! this review does not count if it ends before 14:40 UTC\n",
        ),
        (duty(shift=None), "! you are not on call: this review counts for no shift\n"),
        (duty(shift=replace(SHIFT, end=ago(1))), "! you are not on call: this review counts for no shift\n"),
    ):
        consoles = Consoles()
        say_beforehand(consoles.streams, told, NOW)
        assert consoles.err == line


def test_the_list_says_what_each_found_and_whether_it_counts() -> None:
    consoles = Consoles(width=120)
    print_reviews(consoles.streams, DUTY, "table", NOW)
    assert consoles.out_lines == [
        "when       counts  seen  new  changed  by            found",
        "12:30 UTC  yes     4     1    2        Ana Ferreira  1 needs a human, 1 noise, 2 skipped (g/p#1)",
        "13:10 UTC  no      0     0    0        Ana Ferreira  nothing",
        "13:50 UTC  yes     0     0    0        Ana Ferreira  made elsewhere: on the board, with Ben",
    ]
    narrow = Consoles(width=60)
    print_reviews(narrow.streams, DUTY, "table", NOW)
    assert max(map(cell_len, narrow.out_lines)) <= 60
    assert all(line.isprintable() for line in narrow.out_lines)


def test_the_list_for_programs() -> None:
    consoles = Consoles(terminal=False)
    print_reviews(consoles.streams, replace(DUTY, reviews=(FIRST,)), None, NOW)
    assert consoles.out == (
        "2026-11-23T12:30:00Z\tAna Ferreira\t4\t1\t2\tg/p#1=human,g/p#2=noise,g/p#3=skip,g/p#4=skip\toncall\t\ttrue\n"
    )
    print_reviews(consoles.streams, DUTY, "ids", NOW)
    assert consoles.out.splitlines()[-1] == "2026-11-23T13:50:00Z"


def test_an_empty_list_says_why() -> None:
    for told, line in ((duty(), "No review in this shift yet."), (duty(shift=None), "You are not on call")):
        consoles = Consoles()
        print_reviews(consoles.streams, told, "table", NOW)
        assert (consoles.out, consoles.err[: len(line)]) == ("", line)


def test_times_are_told_in_the_engineers_own_zone_too() -> None:
    from zoneinfo import ZoneInfo

    consoles = Consoles()
    print_reviews(consoles.streams, duty(FIRST), "table", NOW + timedelta(hours=1), zone=ZoneInfo("Asia/Singapore"))
    assert "12:30 UTC (20:30 +08)" in consoles.out
