import json
from dataclasses import replace

import pytest

from secops_oncall.domain.pages import Page, PendingAction
from secops_oncall.views.pages import countdown, print_pages
from tests.views.samples import (
    CANARY,
    CLEAN,
    HOSTILE,
    LATE,
    LEAKED,
    NOW,
    PAGES,
    SNOOZED,
    Consoles,
    ago,
    ahead,
)

RESOLVED = replace(LATE, status="resolved", ack_deadline=None)


def test_a_wide_table() -> None:
    consoles = Consoles(width=160)
    print_pages(consoles.streams, PAGES, "table", NOW)
    assert consoles.out_lines == [
        "page  status       urgency  prio  age     next                              owner                service"
        "                    title",
        "4117  ! triggered           P1    4 min   manager in 11 min                 paged: Ana Ferreira  Canary Tokens"
        "              Canary token opened: finance-share/…",
        "4114  ! triggered  low            21 min  manager paged 6 min ago           paged: Ben Okafor    "
        "Endpoint Detection         EDR: credential dumping on build-ru…",
        "4112  ✓ acked               P2    2 h                                       Ana Ferreira         "
        "Secret Detection           Leaked key: AWS access key in acme/…",
        "4110  · snoozed                   3 h     back 16:00 UTC, Chen Wei's shift  Ana Ferreira         "
        "Identity Threat Detection  VPN: repeated MFA pushes for contra…",
    ]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (60, ["page", "status", "next", "title"]),
        (80, ["page", "status", "age", "next", "owner", "title"]),
        (100, ["page", "status", "prio", "age", "next", "owner", "title"]),
        (110, ["page", "status", "prio", "age", "next", "owner", "service", "title"]),
        (160, ["page", "status", "urgency", "prio", "age", "next", "owner", "service", "title"]),
    ],
)
def test_what_a_wider_table_has_room_for(width: int, columns: list[str]) -> None:
    consoles = Consoles(width=width)
    print_pages(consoles.streams, PAGES, "table", NOW)
    assert consoles.out_lines[0].split() == columns


def test_a_table_of_80_columns_has_age_and_owner_and_in_whose_shift_a_page_comes_back() -> None:
    consoles = Consoles(width=80)
    print_pages(consoles.streams, PAGES, "table", NOW)
    assert consoles.out_lines == [
        "page  status       age     next                 owner         title",
        "4117  ! triggered  4 min   manager in 11 min    paged: Ana    Canary token open…",
        "4114  ! triggered  21 min  manager 6 min ago    paged: Ben    EDR: credential d…",
        "4112  ✓ acked      2 h                          Ana Ferreira  Leaked key: AWS a…",
        "4110  · snoozed    3 h     16:00 UTC, Chen Wei  Ana Ferreira  VPN: repeated MFA…",
    ]


def test_long_numbers_and_names_leave_the_owner_at_80_columns() -> None:
    consoles = Consoles(width=80)
    later = replace(SNOOZED, number=1234567, snoozed_until=ahead(60 * 40), whose_shift="Grace Mbeki-Lindqvist")
    print_pages(consoles.streams, [replace(LATE, ack_deadline=ago(60 * 24 * 12)), later], "table", NOW)
    assert consoles.out_lines == [
        "page     status       next                      owner         title",
        "4114     ! triggered  manager 12 d ago          paged: Ben    EDR: credential d…",
        "1234567  · snoozed    Wed 06:00 UTC, Grace Mb…  Ana Ferreira  VPN: repeated MFA…",
    ]


def test_a_table_of_60_columns() -> None:
    consoles = Consoles(width=60)
    print_pages(consoles.streams, [replace(CANARY, title=HOSTILE), LATE, LEAKED], "table", NOW)
    assert consoles.out_lines == [
        "page  status       next               title",
        "4117  ! triggered  manager in 11 min  /close red [bold]b[/b…",
        "4114  ! triggered  manager 6 min ago  EDR: credential dumpi…",
        "4112  ✓ acked                         Leaked key: AWS acces…",
    ]


@pytest.mark.parametrize("width", [60, 61, 79, 80, 99, 100, 120, 200])
def test_every_row_fits_from_60_columns_up(width: int) -> None:
    consoles = Consoles(width=width)
    print_pages(consoles.streams, PAGES, "table", NOW)
    assert all(len(line) <= width for line in consoles.out_lines)
    assert [line[:4] for line in consoles.out_lines] == ["page", "4117", "4114", "4112", "4110"]


def test_red_is_what_is_unacked_or_overdue() -> None:
    consoles = Consoles(width=200, environ={"NO_COLOR": ""})
    print_pages(consoles.streams, PAGES, "table", NOW)
    red = [part.partition("\x1b")[0].strip() for part in consoles.out.split("\x1b[1;31m")[1:]]
    assert red == ["! triggered", "! triggered", "manager paged 6 min ago"]


def test_tsv_says_everything_to_a_program() -> None:
    consoles = Consoles(terminal=False)
    print_pages(consoles.streams, [replace(CANARY, title=HOSTILE), LEAKED], "tsv", NOW)
    assert [line.split("\t") for line in consoles.out_lines] == [
        [
            *("Q1CANARYTOKEN01", "4117", "triggered", "high", "2026-11-23T14:11:00Z", "", "2026-11-23T13:56:00Z"),
            *("Canary Tokens", CLEAN, "https://acme.pagerduty.com/incidents/Q1CANARYTOKEN01", "P1", "Ana Ferreira"),
            *("", "", "", ""),
        ],
        [
            *("Q1LEAKEDKEY0005", "4112", "acknowledged", "high", "", "Ana Ferreira", "2026-11-23T11:52:00Z"),
            *("Secret Detection", "Leaked key: AWS access key in acme/mobile-app commit 3f2a91c"),
            *("https://acme.pagerduty.com/incidents/Q1LEAKEDKEY0005", "P2", "Ana Ferreira", "Ana Ferreira,Ben Okafor"),
            *("", "acme/operations#101", ""),
        ],
    ]
    consoles = Consoles(terminal=False)
    print_pages(consoles.streams, [SNOOZED], "tsv", NOW)
    assert consoles.out.endswith("\t2026-11-23T16:00:00Z\t\tChen Wei\n")


def test_csv_json_and_ids() -> None:
    outputs = {}
    for output in ("csv", "json", "ids"):
        consoles = Consoles(terminal=False)
        print_pages(consoles.streams, PAGES, output, NOW, limit=2)
        outputs[output] = consoles.out
        assert consoles.err == "2 of 4 shown\n"
    assert outputs["csv"].splitlines()[0] == (
        "id,number,status,urgency,ack_deadline,owner,created_at,service,title,url,priority,assigned_to,"
        "acknowledged_by,snoozed_until,issue,whose_shift"
    )
    assert [page["id"] for page in json.loads(outputs["json"])] == [CANARY.id, LATE.id]
    assert outputs["ids"] == f"{CANARY.id}\n{LATE.id}\n"


def test_no_pages_is_a_friendly_line_on_standard_error() -> None:
    consoles = Consoles()
    print_pages(consoles.streams, [], "table", NOW)
    assert (consoles.out, consoles.err) == ("", "No open pages.\n")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (CANARY, "manager in 11 min"),
        (replace(CANARY, ack_deadline=NOW), "manager paged 0 s ago"),
        (LATE, "manager paged 6 min ago"),
        (replace(LATE, ack_deadline=None), ""),
        (replace(LATE, ack_deadline=None, escalated_at=ago(7)), "manager paged 7 min ago"),
        (replace(CANARY, pages_manager=False), "next level in 11 min"),
        (replace(LATE, pages_manager=False), "next level paged 6 min ago"),
        (replace(LATE, ack_deadline=None, escalated_at=ago(7), pages_manager=False), "last level paged 7 min ago"),
        (LEAKED, ""),
        (replace(LEAKED, pending=(PendingAction("unacknowledge", ahead(240)),)), "ack runs out in 4 h"),
        (replace(LEAKED, pending=(PendingAction("unacknowledge", ago(1)),)), ""),
        (replace(LEAKED, pending=(PendingAction("resolve", ahead(240)),)), ""),
        (SNOOZED, "back in 2 h"),
        (replace(SNOOZED, snoozed_until=ago(1)), ""),
    ],
)
def test_what_happens_next_by_itself(page: Page, text: str) -> None:
    assert countdown(page, NOW) == text


@pytest.mark.parametrize(
    ("hours", "whose", "told"),
    [
        (23.9, "Chen Wei", "back 13:54 UTC, Chen Wei's shift"),
        (24, "Chen Wei", "back Tue 14:00 UTC, Chen Wei's shift"),
        (168, "Chen Wei", "back 2026-11-30 14:00 UTC, Chen Wei's shift"),
        (2, "nobody", "back 16:00 UTC, nobody's shift"),
        (2, None, "back 16:00 UTC"),
        (0, "Chen Wei", ""),
    ],
)
def test_a_list_says_until_when_a_page_rests_and_in_whose_shift_that_ends(
    hours: float, whose: str | None, told: str
) -> None:
    consoles = Consoles(width=200)
    print_pages(consoles.streams, [replace(SNOOZED, snoozed_until=ahead(60 * hours), whose_shift=whose)], "table", NOW)
    assert consoles.out_lines[1].split("3 h")[1].partition("Ana")[0].strip() == told


def test_that_nobody_is_on_call_then_is_red() -> None:
    consoles = Consoles(width=200, environ={"NO_COLOR": ""})
    print_pages(consoles.streams, [replace(SNOOZED, whose_shift="nobody")], "table", NOW)
    assert "\x1b[1;31mback 16:00 UTC, nobody's shift" in consoles.out
