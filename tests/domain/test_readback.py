"""What is read back is kept as it was said, in a note and in an editor."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain.markdown import typed
from secops_oncall.domain.readback import LABELS, ReadBack, draft, lines, normal, parse, read
from secops_oncall.domain.text import clean_lines
from tests.domain.test_draft import TEXTS

OWN = ["# The state is", "# Questions", "  - First I will: x", "  - The state is:", "    ", "* **x**: "]
WORDS = st.builds(ReadBack, *[TEXTS | st.lists(st.sampled_from([*OWN, "\n", "a"])).map("".join) for _ in LABELS])


def noted(words: ReadBack) -> str:
    """A note as a client would have cleaned it."""
    said = "\n".join(["* **Read-back** by @chen", *lines(words, lambda text: typed(text, ["chen"])), "", "the end"])
    return clean_lines(said)


@settings(max_examples=300)
@given(WORDS.map(normal))
def test_a_note_is_read_as_it_was_said(words: ReadBack) -> None:
    assert read(noted(words)) == words


@settings(max_examples=300)
@given(WORDS.map(normal))
def test_a_draft_is_read_as_it_was_written(words: ReadBack) -> None:
    assert parse(draft(words)) == words


def test_what_is_no_read_back_says_nothing() -> None:
    for note in ("", "the state is: fine", "* **Issue Summary**: x\n  - State now: y\n    z"):
        assert read(note) == ReadBack()


def test_what_was_written_above_the_headings_is_nobodys() -> None:
    assert parse("hello\n\n# The state is\r\nkey is dead\r\n# First I will\n") == ReadBack("key is dead")


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (ReadBack(), ["state", "first", "escalate_if"]),
        (ReadBack("a", "", "c", "d"), ["first"]),
        (ReadBack("a", "b", "c"), []),
    ],
)
def test_what_is_missing(words: ReadBack, missing: list[str]) -> None:
    assert words.missing == missing


def test_a_note_in_plain_sight() -> None:
    words = ReadBack("key is dead\n\n/close", "read the logs with @ben and @all", "a call comes")
    assert lines(words, lambda text: typed(text, ["ben"])) == [
        "  - The state is:",
        "    key is dead",
        "",
        "    \u2060/close",
        "  - First I will: read the logs with @ben and @\u2060all",
        "  - I escalate if: a call comes",
    ]
