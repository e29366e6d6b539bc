"""In what a read-back differs from what was handed over."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.differences import Difference, Told, compare
from secops_oncall.domain.people import Person
from secops_oncall.domain.readback import ReadBack
from secops_oncall.domain.traces import NextStep

ANA, BEN, CHEN = (Person(id, name) for id, name in (("P1", "Ana Ferreira"), ("P2", "Ben Okafor"), ("P3", "Chen Wei")))
DANA, DANI = Person("P4", "Dana Cohen"), Person("P5", "Dana Souza")
READ = NextStep("read the CloudTrail logs", "Ben Okafor", datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
ROTATE = NextStep("rotate the signing key", "Chen Wei", datetime(2026, 11, 23, 16, 30, tzinfo=UTC))
TEXT = """Hand-off: Ana Ferreira → Chen Wei, 2026-11-23 14:00 UTC (22:00 +08)
* **Issue Summary**: Leaked key, 3 calls from 203.0.113.7 at 12:05
  - [ ] read the CloudTrail logs, @ben, by 2026-11-23 15:00 UTC (23:00 +08)
  - [ ] rotate the signing key, @chen, by 2026-11-23 16:30 UTC
acme/operations#101, page 4112, build-runner-07
"""
PEOPLE = (ANA, BEN, CHEN, DANA, DANI)
TOLD = Told(TEXT, (READ, ROTATE), ("acme/operations#101",), PEOPLE, {"Ben Okafor": "ben", "Chen Wei": "chen"})
AGREES = ReadBack("3 calls from 203.0.113.7", "Ben reads the logs by 15:00, I rotate it by 16:30", "a new call comes")


def differences(words: ReadBack, told: Told = TOLD, me: Person = CHEN) -> list[Difference]:
    return compare(words, told, me)


def test_one_that_agrees() -> None:
    assert differences(AGREES) == []


@pytest.mark.parametrize("ben", ["@ben", "ben", "BEN OKAFOR", "Ben's", "Ben,"])
def test_somebody_is_named_in_many_ways(ben: str) -> None:
    assert differences(ReadBack("x", f"{ben} reads them by 15:00, me at 16:30", "x")) == []


def test_what_is_left_out() -> None:
    assert differences(ReadBack("key is dead", "look", "it comes back")) == [
        Difference("people", handed=("Ben Okafor",)),
        Difference("times", handed=("15:00 UTC", "16:30 UTC")),
    ]


@pytest.mark.parametrize("named", ["operations#101 is contained", "#102 first", "page 4112 is quiet"])
def test_of_several_incidents_it_says_which_it_is_about(named: str) -> None:
    refs = ("acme/operations#101", "acme/operations#102")
    two = Told(f"{TEXT} #102", (), refs, PEOPLE, pages=("4112",))
    assert differences(ReadBack("contained", "look", "it comes back"), two) == [Difference("ids", handed=refs)]
    assert differences(ReadBack(named, "look", "it comes back"), two) == []
    assert differences(ReadBack("contained", "look", "x"), Told(TEXT, (), refs[:1], PEOPLE)) == []


def test_what_only_the_read_back_has() -> None:
    words = ReadBack(
        AGREES.state, AGREES.first, "eve@ or @hugo see 12 calls, build-runner-08 or 10.0.0.9 by 17:15; #99"
    )
    assert differences(words) == [
        Difference("people", said=("@hugo",)),
        Difference("times", said=("17:15",)),
        Difference("ids", said=("10.0.0.9", "12", "99", "build-runner-08")),
    ]


def test_a_known_person_whom_the_hand_off_does_not_name() -> None:
    words = ReadBack(AGREES.state, AGREES.first, "Dana Cohen calls")
    assert differences(words) == [Difference("people", said=("Dana Cohen",))]
    assert differences(ReadBack(AGREES.state, AGREES.first, "Dana calls")) == [], "two are called so"


def test_a_step_that_is_said_otherwise() -> None:
    words = ReadBack("x", "read CloudTrail logs with Dana Cohen, 17:00", "I rotate at 16:30, Ben at 15:00 if not")
    assert differences(words) == [
        Difference("people", ("Dana Cohen",), ("Ben Okafor",)),
        Difference("times", ("17:00",), ("15:00 UTC",)),
    ]


def test_times_may_be_told_on_ones_own_clock() -> None:
    here = Told(TEXT, (READ, ROTATE), (), PEOPLE, {}, ZoneInfo("Asia/Singapore"))
    assert differences(ReadBack("x", "Ben by 11 pm, me by 0:30", "x"), here) == []
    assert differences(ReadBack("x", "Ben by 11pm, me by 0:30", "x")) != []


@pytest.mark.parametrize("text", ["within 30min", "for 2h", "the 2nd time", "on 2026-12-01", "at 15:00 UTC", "3 pm"])
def test_lengths_dates_and_known_times_are_no_numbers(text: str) -> None:
    assert [each for each in differences(ReadBack(text, AGREES.first, "x")) if each.what == "ids"] == []


def test_a_step_names_its_person_as_a_note_has_them() -> None:
    told = Told(TEXT, (NextStep("look", "ben"), NextStep("act", "chen")), (), PEOPLE, TOLD.handles)
    assert differences(ReadBack("x", "x", "x"), told) == [Difference("people", handed=("Ben Okafor",))]
    assert differences(ReadBack("x", "Ben looks", "x"), told) == []


def test_a_team_of_a_step_is_owed_too() -> None:
    told = Told("Infrastructure", (NextStep("look", "Infrastructure"),), (), PEOPLE)
    assert differences(ReadBack("x", "x", "x"), told) == [Difference("people", handed=("Infrastructure",))]
    assert differences(ReadBack("infrastructure looks", "x", "x"), told) == []


@given(*[st.text(max_size=60)] * 4)
def test_no_text_is_too_much(state: str, first: str, escalate_if: str, text: str) -> None:
    compare(ReadBack(state, first, escalate_if), Told(text, (NextStep(text, text), NextStep(first, state))), CHEN)


@given(st.text(max_size=80))
def test_whoever_repeats_the_hand_off_word_for_word_differs_in_nothing(text: str) -> None:
    assert compare(ReadBack(text), Told(text, people=PEOPLE), CHEN) == []
