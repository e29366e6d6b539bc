"""Picking: what is shown is what can be taken, and nothing else."""

import time
from contextlib import suppress
from io import StringIO

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output

from secops_oncall.picker import pick
from secops_oncall.threads import start

PAGES = ["4117  Canary token", "4116  Impossible travel", "4115  Phishing", "4114  Über-long title"]
ENTER, SPACE, DOWN, UP, BACK, LEAVE = "\r", " ", "\x1b[B", "\x1b[A", "\x7f", "\x03"


def picked(*keys: str, many: bool = False, labels: list[str] = PAGES) -> list[int]:
    """What comes of some keys; the last way out, for a test that fails, is Ctrl-C."""
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("".join([*keys, LEAVE]))
        return pick("Which?", labels, many=many)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ([ENTER], 0),
        ([DOWN, DOWN, ENTER], 2),
        (["\x0e", "\x10", "\x0e", ENTER], 1),
        ([UP, ENTER], 3),
        ([DOWN, DOWN, DOWN, DOWN, ENTER], 0),
        (["phish", ENTER], 2),
        (["ÜBER", ENTER], 3),
        (["41", DOWN, ENTER], 1),
        ([DOWN, "t", ENTER], 0),
        (["impossible travel", ENTER], 1),
        (["\x1b[200~Phish\ning\x1b[201~", ENTER], 2),
    ],
)
def test_one_is_moved_to_or_filtered_and_taken_with_enter(keys: list[str], place: int) -> None:
    assert picked(*keys) == [place]


def test_enter_takes_nothing_that_the_filter_hides() -> None:
    with pytest.raises(KeyboardInterrupt):
        picked("nonsense", ENTER, ENTER)
    assert picked("zz", ENTER, DOWN, UP, BACK, BACK, DOWN, ENTER) == [1]


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        ([SPACE, ENTER], [0]),
        ([DOWN, DOWN, SPACE, UP, UP, SPACE, ENTER], [0, 2]),
        ([SPACE, SPACE, DOWN, SPACE, ENTER], [1]),
        (["phish", SPACE, BACK, BACK, BACK, BACK, BACK, SPACE, ENTER], [0, 2]),
        ([SPACE, "nonsense", SPACE, ENTER], [0]),
    ],
)
def test_several_are_marked_with_space(keys: list[str], places: list[int]) -> None:
    assert picked(*keys, many=True) == places


def test_without_a_mark_nothing_is_taken() -> None:
    for keys in ([ENTER], ["nonsense", SPACE, ENTER], [SPACE, SPACE, ENTER]):
        with pytest.raises(KeyboardInterrupt):
            picked(*keys, many=True)


@pytest.mark.parametrize("leave", ["\x03", "\x04", "\x11"])
def test_it_can_be_left(leave: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        picked(leave)


def drawn(*keys: str, until: str, many: bool = False, labels: list[str] = PAGES, rows: int = 24) -> str:
    """What a terminal of so many rows is sent for some keys until it shows a text, and when the picker is left then."""
    screen = StringIO()
    output = Vt100_Output(screen, lambda: Size(rows, 80), term="dumb")
    with create_pipe_input() as typed, create_app_session(input=typed, output=output):

        def leave() -> None:
            deadline = time.monotonic() + 5
            while until not in screen.getvalue() and time.monotonic() < deadline:
                time.sleep(0.01)
            typed.send_text(LEAVE)

        typed.send_text("".join(keys))
        start(leave)
        with suppress(KeyboardInterrupt):
            pick("Which?", labels, many=many)
    return screen.getvalue()


@pytest.mark.parametrize(
    ("keys", "many", "said"),
    [
        (["zz", ENTER], False, "Nothing matches; Backspace takes a letter back, Ctrl-C leaves."),
        ([ENTER], True, "Mark at least one with space; Ctrl-C leaves."),
        ([DOWN, ENTER], False, "Which? 4116  Impossible travel"),
        ([SPACE, DOWN, SPACE, ENTER], True, "Which? 2 taken"),
    ],
)
def test_what_is_wrong_and_what_was_taken_is_said(keys: list[str], many: bool, said: str) -> None:
    assert said in drawn(*keys, until=said, many=many)


def test_who_leaves_has_taken_nothing() -> None:
    left = drawn(DOWN, until="»").rpartition("Which?")[2]
    assert "4116" not in left


def test_a_long_list_scrolls_to_what_is_pointed_at() -> None:
    many = [f"{number:05}" for number in range(1000)]
    assert picked(UP, ENTER, labels=many) == [999]
    screen = drawn(UP, until="00999", labels=many, rows=10)
    assert "00999" in screen
    assert "00500" not in screen
