"""What was said of an incident: edits that are kept, folded, and joined under all of its names."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.said import (
    NAMES,
    Said,
    after,
    called_noise,
    changed,
    doubts,
    edit,
    event,
    joined,
    marks_noise,
    news,
    normal,
    said,
)
from secops_oncall.domain.traces import NextStep
from tests.fakes import NOW

REF, PAGE = "acme/operations#101", "Q1ONE00001"
ROTATE, ASK = NextStep("rotate the key", "Ben", NOW), NextStep("ask legal")


def at(minutes: int, subject: str = REF, **values: Any) -> Event:
    return event(subject, edit(values.pop("put", {}), values.pop("add", {}), values.pop("done", ())), NOW + minutes * M)


M = timedelta(minutes=1)


def test_only_what_an_edit_changed_is_kept_and_read_back() -> None:
    before = Said(state="old", tried="a", next_steps=(ROTATE,))
    now = Said(state="new", tried="a", next_steps=(ROTATE, ASK), posture="watch")
    values = changed(before, now)
    assert set(values) == {"state", "next_steps", "posture"}
    assert after(before, values) == now
    assert changed(now, now) == {}


def test_of_two_edits_at_once_the_last_word_on_a_field_wins_and_the_other_fields_stay() -> None:
    before = Said(state="old", tried="old")
    one = event(REF, changed(before, Said(state="one", tried="old")), NOW + M)
    two = event(REF, changed(before, Said(state="two", tried="two")), NOW)
    assert said([one, two])[REF] == Said(state="one", tried="two")


def test_what_is_added_stays_whoever_adds_something_at_the_same_time() -> None:
    edits = [edit({}, {"next_steps": (step,), "engaged": (who,)}) for step, who in ((ROTATE, "Ben"), (ASK, "Dana"))]
    for some in permutations(edits):
        folded = said([event(REF, values, NOW) for values in some])[REF]
        assert set(folded.next_steps) == {ROTATE, ASK}
        assert set(folded.engaged) == {"Ben", "Dana"}


def test_a_step_that_is_added_again_gets_its_new_person_and_time_in_its_place() -> None:
    now = after(
        Said(next_steps=(ROTATE, ASK)), edit({}, {"next_steps": (NextStep("Rotate the KEY", "Dana", NOW + M),)})
    )
    assert now.next_steps == (NextStep("Rotate the KEY", "Dana", NOW + M), ASK)


def test_a_step_that_is_done_is_gone_even_if_it_was_changed_meanwhile() -> None:
    later = NextStep(ROTATE.action, "Dana", NOW + M)
    assert after(Said(next_steps=(later, ASK)), edit({}, {}, [ROTATE])).next_steps == (ASK,)
    twice = (NextStep("call", "Ben"), NextStep("call", "Dana"))
    assert after(Said(next_steps=twice), edit({}, {}, [twice[1]])).next_steps == twice[:1]
    assert after(Said(next_steps=twice), edit({}, {}, [NextStep("nothing of it")])).next_steps == twice


def test_none_is_an_answer_until_there_is_something() -> None:
    none = after(Said(related=("g/p#1",)), edit({}, {"related": ("None",)}))
    assert none.related == ("None",)
    assert after(none, edit({}, {"related": ("g/p#2", "g/p#2")})).related == ("g/p#2",)


def test_what_changes_nothing_is_no_news() -> None:
    before = Said(state="a", related=("g/p#1",), next_steps=(ROTATE,))
    told = edit({"state": "a", "tried": "b", "zoom": ""}, {"related": ("g/p#1",), "engaged": ("Ben",)}, [ASK])
    assert news(before, told) == edit({"tried": "b"}, {"engaged": ("Ben",)})
    assert news(before, edit({"state": "a"}, {"related": ("g/p#1",), "next_steps": (ROTATE,)})) == {}


def test_the_words_under_every_name_are_one_story_in_the_order_in_which_they_were_said() -> None:
    every = said([at(2, PAGE, put={"state": "later, of the page"}), at(1, put={"state": "of the issue", "tried": "b"})])
    assert joined([PAGE, REF], every) == Said(state="later, of the page", tried="b")
    assert joined([PAGE, REF, REF], every).edits == (*every[REF].edits, *every[PAGE].edits)
    assert joined(["nobody"], every) == Said()


def test_words_about_an_issue_are_found_by_its_pages_where_nobody_knows_the_issue() -> None:
    """In an outage of GitLab an incident is known by its page alone."""
    about = event(REF, {"state": "of the issue", "tried": "b"}, NOW, [PAGE, "Q1TWO00002", PAGE])
    every = said([about, at(1, put={"tried": "c"}), at(2, PAGE, put={"state": "of the page"})])
    assert about.data["pages"] == [PAGE, "Q1TWO00002"]
    assert joined([PAGE], every) == joined([PAGE, REF], every) == Said(state="of the page", tried="c")
    assert joined(["Q1TWO00002"], every) == Said(state="of the issue", tried="c")
    assert joined(["Q1OTHER003"], every) == Said()


def test_the_words_of_another_issue_of_a_page_are_not_this_ones() -> None:
    every = said([event("acme/operations#102", {"state": "of the other"}, NOW, [PAGE])])
    assert joined([PAGE, REF], every) == Said()
    assert "pages" not in event(PAGE, {"state": "of itself"}, NOW, [PAGE]).data


def test_what_is_emptied_under_one_name_does_not_come_back_from_another() -> None:
    every = said([at(0, PAGE, put={"state": "wrong", "tried": "a"}), at(1, put={"state": ""})])
    assert joined([PAGE, REF], every) == Said(tried="a")


def test_what_is_added_to_the_issue_joins_what_was_added_to_its_page() -> None:
    every = said([at(0, PAGE, add={"next_steps": (ROTATE,)}), at(1, add={"next_steps": (ASK,)})])
    assert joined([PAGE, REF], every).next_steps == (ROTATE, ASK)
    every = said([*every[PAGE].edits, *every[REF].edits, at(2, PAGE, done=[ASK])])
    assert joined([PAGE, REF], every).next_steps == (ROTATE,)


def test_answers_are_spelt_alike_and_a_time_has_no_seconds() -> None:
    step = NextStep("ask", "", NOW + timedelta(seconds=59, microseconds=1))
    assert normal(
        Said(confidence="MEDIUM", posture="Watch", zoom="none", related=("NONE",), next_steps=(step,))
    ) == Said(
        confidence="medium", posture="watch", zoom="None", related=("None",), next_steps=(NextStep("ask", None, NOW),)
    )
    assert normal(Said(confidence="rather high")).confidence == "rather high"


def test_what_is_no_answer_is_kept_and_doubted() -> None:
    step = NextStep("ask legal", None, NOW)
    odd = normal(Said(confidence="hi", posture="calm", zoom="the usual", next_steps=(ROTATE, step, ASK)))
    assert doubts(odd) == {
        "confidence": ["'hi' is none of low, medium, high"],
        "posture": ["'calm' is none of stable, watch, active"],
        "zoom": ["'the usual' is neither a URL nor None"],
        "next_steps": ["'ask legal' has no person", "'ask legal' has no person and time"],
    }
    fine = Said(confidence="low", posture="stable", zoom="see https://zoom.us/j/1", next_steps=(ROTATE,))
    assert doubts(fine) == doubts(Said()) == doubts(Said(zoom="None")) == {}


def test_whether_a_page_was_noise_is_no_field_of_the_incident() -> None:
    events = [marks_noise(PAGE, True, NOW + M), marks_noise(PAGE, False, NOW), event(REF, {"state": "x"}, NOW)]
    assert called_noise(events) == {PAGE: True}
    assert said(events)[PAGE] == Said()


@pytest.mark.parametrize("value", [None, 5, 0, True, "text", [], [5, None, {}], {}, {"a": 1}, [{"action": 5, "by": 7}]])
def test_no_value_that_a_journal_may_hold_breaks_it(value: Any) -> None:
    for name in (*NAMES, "add", "done", "noise", "nobody_knows_it"):
        for data in ({name: value}, {"add": {name: value}}):
            events = [event(REF, data, NOW)]
            assert isinstance(said(events)[REF], Said)
            assert set(called_noise(events).values()) <= {True, False}
