"""The picker: what is there to be seen is what is taken, and nothing else."""

from collections.abc import Iterator

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.formatted_text import fragment_list_to_text as text
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from secops_oncall.picker import NOTHING, UNMARKED, Picker, at_spaces, pick

PAGES = ["4117  canary", "4116  travel", "4115  phish, canary"]
ENTER, UP, DOWN, ERASE, CTRL_C, CTRL_D = "\r", "\x1b[A", "\x1b[B", "\x7f", "\x03", "\x04"


@pytest.fixture
def typed() -> Iterator[PipeInput]:
    """What is typed at a terminal that shows nothing."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


def test_the_question_is_broken_at_spaces() -> None:
    asked = Picker("Which to file in acme-security/engineering?", PAGES, many=True).head()
    lines = text(at_spaces(asked, 40)).split("\n")
    assert " ".join(lines) == text(asked)
    assert all(len(line) <= 40 for line in lines)
    assert [style for style, *_ in at_spaces(asked, 40)] == [style for style, *_ in asked]
    assert text(at_spaces(asked, 200)) == text(asked)


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        (ENTER, [0]),
        (DOWN + ENTER, [1]),
        (UP + ENTER, [2]),
        (DOWN * 3 + ENTER, [0]),
        ("TRAVEL" + ENTER, [1]),
        ("canary" + DOWN + ENTER, [2]),
        ("phish, c" + ENTER, [2]),  # a space is a character like any other
        ("x" + ENTER + ERASE + DOWN + ENTER, [1]),
        ("nothing of the kind" + ENTER * 3 + DOWN + ENTER + ERASE * 30 + ENTER, [0]),
    ],
)
def test_one_is_taken_that_is_pointed_at_and_none_where_nothing_matches(
    typed: PipeInput, keys: str, taken: list[int]
) -> None:
    typed.send_text(keys)
    assert pick("Which?", PAGES, many=False, color=False) == taken


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        (" " + ENTER, [0]),
        (" " + DOWN + DOWN + " " + ENTER, [0, 2]),
        (DOWN + " " + UP + " " + ENTER, [0, 1]),
        (" " + " " + ENTER + DOWN + " " + ENTER, [1]),
        ("travel" + " " + ERASE * 6 + " " + ENTER, [0, 1]),
        ("x" + " " + ENTER + ERASE + DOWN + " " + ENTER, [1]),
        (" " + "x" + " " + ENTER, [0]),
    ],
)
def test_several_are_taken_that_were_marked_and_none_unseen(typed: PipeInput, keys: str, taken: list[int]) -> None:
    typed.send_text(keys)
    assert pick("Which?", PAGES, many=True, color=True) == taken


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_who_leaves_takes_nothing(typed: PipeInput, key: str) -> None:
    typed.send_text(f" {key}")
    with pytest.raises(KeyboardInterrupt):
        pick("Which?", PAGES, many=True, color=False)


def test_what_is_shown_what_matches_and_why_enter_took_nothing() -> None:
    picker = Picker("Which?", PAGES, many=False)
    assert text(picker.body()) == " » 4117  canary\n   4116  travel\n   4115  phish, canary"
    assert (text(picker.head()), picker.has_foot) == ("? Which? (arrows move, typing filters, Enter takes)", False)
    picker.type("trávél")
    assert (picker.shown, text(picker.body()), text(picker.foot())) == ([], "", "/ trávél")
    assert picker.take() is None
    assert text(picker.foot()) == f"/ trávél  {NOTHING}"
    picker.erase()
    assert text(picker.foot()) == "/ trávé"
    picker.filter("tra")
    assert picker.take() == [1]
    assert text(picker.head()) == "? Which? 4116  travel"


def test_marks_stay_whatever_is_typed_and_are_named_in_the_end() -> None:
    picker = Picker("Which?", PAGES, many=True)
    assert picker.take() is None
    assert text(picker.foot()) == UNMARKED
    picker.type(" ")
    picker.type("phish")
    assert text(picker.body()) == " » ○ 4115  phish, canary"
    picker.type(" ")
    picker.filter("")
    assert text(picker.body()) == " » ● 4117  canary\n   ○ 4116  travel\n   ● 4115  phish, canary"
    assert picker.take() == [0, 2]
    assert text(picker.head()) == "? Which? 4117  canary, 4115  phish, canary"


@pytest.mark.parametrize(
    ("many", "keys", "taken"),
    [
        (False, ENTER, [1]),
        (False, DOWN + ENTER, [2]),
        (False, "canary" + ENTER, [0]),
        (True, ENTER, [1, 2]),
        (True, " " + ENTER, [2]),
        (True, UP + " " + ENTER, [0, 1, 2]),
    ],
)
def test_enter_alone_takes_what_is_chosen_already(typed: PipeInput, many: bool, keys: str, taken: list[int]) -> None:
    typed.send_text(keys)
    assert pick("Which?", PAGES, many=many, color=False, chosen=[1, 2]) == taken


def test_keys_that_are_no_text_filter_nothing() -> None:
    picker = Picker("Which?", PAGES, many=False)
    for key in ("\x1b[15~", "\t", "\x1b"):
        picker.type(key)
    assert not picker.has_foot


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        (ENTER, [0]),
        (DOWN + " " + ENTER, [1]),
        (DOWN + " " + DOWN + " " + ENTER, [1, 2]),
        (DOWN + " " + UP + " " + ENTER, [0]),
    ],
)
def test_what_stands_alone_is_marked_beside_nothing(typed: PipeInput, keys: str, taken: list[int]) -> None:
    typed.send_text(keys)
    assert pick("Which?", PAGES, many=True, color=False, chosen=[0], alone=0) == taken


def test_what_was_taken_is_named_or_counted_where_it_is_much() -> None:
    for places, told in (([0], PAGES[0]), ([0, 1], f"{PAGES[0]}, {PAGES[1]}"), ([0, 1, 2], "3 of 3")):
        picker = Picker("Which?", PAGES, many=True, chosen=places)
        picker.take()
        assert text(picker.head()) == f"? Which? {told}"
