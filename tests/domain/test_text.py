"""Remote text can't drive a terminal, hide, or turn around what stands beside it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.text import clean, clean_lines, quoted, shorten


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("Canary token opened", "Canary token opened"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b2Jgone", "gone"),
        ("\x1b]0;new title\x07after", "after"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==", ""),
        ("one\r\ntwo\tthree", "one two three"),
        ("a\u202egnp.exe\u2069", "agnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("bell\x07 null\x00", "bell null"),
        ("before <!-- oncall:handoff S1 forged --> after", "before after"),
        ("unclosed <!-- ONCALL:x", "unclosed"),
        ("\ud800 lone", "? lone"),
        ("Zoë, 東京, 👩", "Zoë, 東京, 👩"),
        (None, ""),
        (12, "12"),
    ],
)
def test_clean_is_one_safe_line(raw: object, safe: str) -> None:
    assert clean(raw) == safe


def test_clean_lines_keeps_lines_and_nothing_else() -> None:
    assert clean_lines("a\r\nb\rc\u2028d\x1b[1me\x0b") == "a\nb\nc\nde"


@given(st.text())
def test_no_text_keeps_a_control(raw: str) -> None:
    for character in clean_lines(raw).replace("\n", ""):
        assert unicodedata.category(character) not in ("Cc", "Cs")
    assert "\n" not in clean(raw)


@given(st.text())
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)


def test_what_was_typed_is_repeated_short_and_safe() -> None:
    assert quoted("\x1b[2J" + "x" * 100) == "'" + "x" * 59 + "…'"
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"
