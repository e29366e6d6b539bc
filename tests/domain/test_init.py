"""What `oncall init` offers and guesses, and what of the answers it writes."""

from typing import Any

import pytest

from secops_oncall.domain.init import (
    address,
    board_choices,
    changes,
    channel_choices,
    found_roles,
    guessed_roles,
    role_choices,
    spelt,
    topmost,
)
from secops_oncall.domain.issues import Board
from secops_oncall.domain.setup import Level, Policy, Schedule
from secops_oncall.domain.slack import Channel

ONE = Policy("P1", "Security Responder", (Level(("Engineers",), 15), Level(("Dana",), 15)))
TWO = Policy("P2", "Payments", (Level(("Ana",), 10),))
USED = Schedule("S1", "Engineers", "UTC", ("Security Responder",))
BACKUP = Schedule("S2", "Security Responder Backup", "UTC")
UNUSED = Schedule("S3", "Second line", "UTC")


@pytest.mark.parametrize(
    ("typed", "is_read_as"),
    [
        (" gitlab.example.com/ ", "https://gitlab.example.com"),
        ("http://gitlab.example.com", "http://gitlab.example.com"),  # refused where it is used
        ("https://x.example/git//", "https://x.example/git"),
        ("localhost:8484", "https://localhost:8484"),
        ("https://", "https:"),  # likewise
        ("", ""),
    ],
)
def test_an_address_needs_no_scheme(typed: str, is_read_as: str) -> None:
    assert address(typed) == is_read_as


def test_a_role_may_be_a_policys_level_or_a_schedule() -> None:
    choices = role_choices(
        [ONE, Policy("P3", "Empty", (Level((), 1),))], [USED, BACKUP, Schedule("S4", "odd:1", "UTC")]
    )
    assert choices == [
        ("Security Responder:1  pages Engineers", "Security Responder:1"),
        ("Security Responder:2  pages Dana", "Security Responder:2"),
        ("Empty:1  pages nobody", "Empty:1"),
        ("Engineers  a schedule, of Security Responder", "Engineers"),
        ("Security Responder Backup  a schedule, of no policy", "Security Responder Backup"),
    ]
    names: Any = {"engineer": "Security Responder: 1", "backup": "Nobody", "manager": "Security Responder:3"}
    assert found_roles(names, choices) == {"engineer": "Security Responder: 1"}


@pytest.mark.parametrize(
    ("me", "policies", "schedules", "guessed"),
    [
        ("Ana", [ONE, TWO], [USED, BACKUP, UNUSED], {"engineer": "Payments:1", "backup": BACKUP.name}),
        (
            "Eva",
            [ONE],
            [USED, UNUSED],
            {"engineer": "Security Responder:1", "manager": "Security Responder:2", "backup": "Second line"},
        ),
        ("Eva", [ONE, TWO], [BACKUP, Schedule("S5", "Other backup", "UTC")], {}),
        (None, [ONE, TWO], [USED], {}),
        (None, [], [], {}),
    ],
)
def test_roles_are_guessed_only_where_one_policy_or_schedule_fits(
    me: str | None, policies: list[Policy], schedules: list[Schedule], guessed: dict[str, str]
) -> None:
    assert guessed_roles(me, policies, schedules) == guessed


def test_groups_below_another_one() -> None:
    assert topmost(["acme", "acme/sub", "acme-labs", "other/sub", "acme"]) == ["acme", "acme-labs", "other/sub"]


def test_what_boards_and_channels_read() -> None:
    board = Board(1, "On-call", "acme", "group", ("Backlog", "Done"))
    assert board_choices([board]) == [("acme:On-call  Open, Backlog, Done", "acme:On-call")]
    channels = [Channel("C1", "a", False, True, False), Channel("C2", "b", True, False, False)]
    channels += [Channel("C3", "c", False, True, True)]
    assert channel_choices(channels) == [("#a", "#a"), ("#b  private, not joined", "#b")]


def test_a_name_is_found_as_it_is_before_it_is_found_in_another_case() -> None:
    assert spelt("b", ["B", "b"]) == "b"
    assert spelt("B", ["a", "b"]) == "b"
    assert spelt("c", ["a", "b"]) is None


DEFAULTS: dict[str, Any] = {
    "pagerduty.url": "us",
    "backlog.list": "Backlog",
    "handoff.project": None,
    "gitlab.groups": (),
}


@pytest.mark.parametrize(
    ("answers", "written", "below", "changed"),
    [
        ({"pagerduty.url": "us"}, {}, {}, {"pagerduty.url": "us"}),
        ({"pagerduty.url": "us"}, {"pagerduty.url": "us"}, {}, {}),
        ({"backlog.list": "Backlog"}, {}, {}, {}),
        ({"backlog.list": "Backlog"}, {"backlog.list": "To do"}, {}, {"backlog.list": "Backlog"}),
        ({"gitlab.groups": ("a",)}, {"gitlab.groups": ("b",)}, {}, {"gitlab.groups": ("a",)}),
        ({"handoff.project": ""}, {}, {}, {}),
        ({"handoff.project": ""}, {"handoff.project": "x"}, {}, {"handoff.project": None}),
        ({"handoff.project": ""}, {"handoff.project": "x"}, {"handoff.project": "x"}, {"handoff.project": ""}),
        ({"gitlab.groups": ()}, {"gitlab.groups": ("a",)}, {"gitlab.groups": ("a",)}, {"gitlab.groups": ()}),
        ({"slack.announce": False}, {}, {}, {}),
        ({"slack.announce": False}, {"slack.announce": True}, {}, {"slack.announce": False}),
        ({"slack.announce": True}, {}, {}, {"slack.announce": True}),
        ({"people": {"a@b": {"gitlab": "a"}}}, {}, {}, {"people": {"a@b": {"gitlab": "a"}}}),
    ],
)
def test_only_what_is_new_is_written(
    answers: dict[str, Any], written: dict[str, Any], below: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert changes(answers, written, below, DEFAULTS | {"slack.announce": False}) == changed
