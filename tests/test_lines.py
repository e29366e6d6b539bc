import pytest
from rich.cells import cell_len

from secops_oncall.lines import fitting, words, wrapped


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("not posted yet: oncall handoff lint", 34, ["not posted yet:", "oncall handoff lint"]),
        ("oncall handoff lint --shift -1", 20, ["oncall handoff lint --shift -1"]),
        (
            "  hint: oncall handoff lint, or in spite of it oncall handoff post --anyway",
            40,
            ["  hint: oncall handoff lint, or in spite", "  of it oncall handoff post --anyway"],
        ),
        ("it knows oncall is there and says so", 20, ["it knows oncall is", "there and says so"]),
        ("oncall: there is no page '4199'", 20, ["oncall: there is no", "page '4199'"]),
        ("see oncall --sandbox status", 24, ["see", "oncall --sandbox status"]),
    ],
)
def test_lines_are_broken_at_spaces_and_no_command_that_is_to_be_copied(text: str, room: int, lines: list[str]) -> None:
    assert fitting(text, room).split("\n") == lines


def test_lines_behind_the_first_may_hang() -> None:
    text = "✗ failed 4115 Invoice overdue: PagerDuty answered 500"
    lines = fitting(text, 24, hang=2).split("\n")
    assert lines == ["✗ failed 4115 Invoice", "  overdue: PagerDuty", "  answered 500"]
    assert fitting("  " + text, 24, hang=2).split("\n")[1].startswith("    ")


@pytest.mark.parametrize("room", [1, 5, 24, 60])
def test_nothing_is_lost_and_only_a_word_of_its_own_is_wider(room: int) -> None:
    text = "page 4117  王王王王 Canary token, https://gitlab.example.com/acme/operations/-/issues/101 and more"
    lines = list(wrapped(words(text, room), room))
    assert " ".join(lines) == text
    assert all(cell_len(line) <= room or " " not in line for line in lines)
