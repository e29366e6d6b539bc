"""What was meant by a word that nobody knows."""

import pytest

from secops_oncall.domain.nearest import nearest

COMMANDS = ["status", "pages", "show", "ack", "resolve", "issues", "note", "notes", "handoff", "incident"]
OPTIONS = ["--all", "--force", "--dry-run", "--output", "--json", "--quiet"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pagse", "pages"),
        ("Pages", "pages"),
        ("acknowledge", "ack"),
        ("stat", "status"),
        ("nots", "notes"),
        ("hand-off", "handoff"),
        ("incidents", "incident"),
        ("teleport", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_command_is_known_by_its_beginning_and_by_its_likeness(typed: str, meant: str | None) -> None:
    assert nearest(typed, COMMANDS) == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("--al", "--all"), ("--dryrun", "--dry-run"), ("--oputput", "--output"), ("--zzz", None)]
)
def test_so_is_an_option(typed: str, meant: str | None) -> None:
    assert nearest(typed, OPTIONS) == meant


def test_case_makes_no_difference_and_how_much_alike_is_said() -> None:
    assert nearest("in progres", ["Backlog", "In Progress"]) == "In Progress"
    assert nearest("resp", ["Spare"]) is None
    assert nearest("resp", ["Spare"], 0.4) == "Spare"
