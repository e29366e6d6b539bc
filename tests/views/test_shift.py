"""My shifts on a terminal, in a pipe and for programs."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from secops_oncall.domain.shifts import Shift
from secops_oncall.views.shift import print_shift, print_shifts, say_gaps
from tests.views.samples import ANA, NOW, Consoles, ago, ahead

NEW_YORK = ZoneInfo("America/New_York")
SHIFT = Shift("engineer/PANA001/x", ago(300), ahead(420), "weekday", "engineer", ANA, "Security Responder")
WEEKEND = Shift("e/w", ahead(6840), ahead(6840 + 2880), "weekend", "engineer", ANA, "Security Responder", swap=True)
GAP = Shift("engineer/nobody/y", ahead(420), ahead(600), "weekday", "engineer", None, None, "config", gap=True)


def test_one_shift() -> None:
    consoles = Consoles()
    print_shift(consoles.streams, SHIFT, "text", NOW, NEW_YORK)
    assert consoles.out_lines == [
        "On call now: engineer, weekday 12 h, 7 h left",
        "  From        Mon 09:00 UTC (04:00 EST)",
        "  Until       Mon 21:00 UTC (16:00 EST)",
        "  By          Security Responder",
    ]


def test_the_next_one() -> None:
    consoles = Consoles()
    print_shift(consoles.streams, replace(WEEKEND, source="config"), "text", NOW)
    assert consoles.out_lines[0] == "Next shift in 4 d 18 h: engineer, weekend 48 h"
    assert "  Swap        held in a row with the shift before or after it" in consoles.out_lines
    assert "  Times       configured: PagerDuty has none" in consoles.out_lines


def test_a_week_s_turn_is_called_by_its_length_alone() -> None:
    week = replace(SHIFT, role="backup", end=SHIFT.start + timedelta(weeks=1), usual=False)
    consoles = Consoles()
    print_shift(consoles.streams, week, "text", NOW)
    assert consoles.out_lines[0] == "On call now: backup, 168 h, 6 d 19 h left"
    consoles = Consoles()
    print_shifts(consoles.streams, [week], "table")
    assert consoles.out_lines[1].split()[-3:] == ["168", "h", "backup"]
    consoles = Consoles()
    print_shift(consoles.streams, week, "json", NOW)
    told = json.loads(consoles.out)
    assert (told["kind"], "usual" in told) == ("weekday", False)


def test_an_override_is_the_reason_of_a_swap() -> None:
    consoles = Consoles()
    print_shift(consoles.streams, replace(SHIFT, swap=True, override=True), "text", NOW)
    assert "  Swap        an override in PagerDuty gives it to you" in consoles.out_lines
    consoles = Consoles()
    print_shift(consoles.streams, replace(SHIFT, swap=True, override=True), "json", NOW)
    assert (json.loads(consoles.out)["swap"], "override" in json.loads(consoles.out)) == (True, False)


def test_none() -> None:
    consoles = Consoles()
    print_shift(consoles.streams, None, "text", NOW)
    assert (consoles.out, consoles.err) == ("", "You have no shift in the coming weeks.\n")
    print_shift(consoles.streams, None, "json", NOW)
    assert consoles.out == "null\n"


def test_a_list_with_a_gap() -> None:
    consoles = Consoles()
    print_shifts(consoles.streams, [SHIFT, GAP, WEEKEND], "table", NEW_YORK)
    assert consoles.out_lines == [
        "from        time               UTC                kind          role",
        "Mon Nov 23  04:00 – 16:00      09:00 – 21:00      weekday 12 h  engineer",
        "Mon Nov 23  16:00 – 19:00      21:00 – Tue 00:00  weekday 3 h   engineer  NOBODY",
        "Sat Nov 28  03:00 – Mon 03:00  08:00 – Mon 08:00  weekend 48 h  engineer  swap",
    ]
    assert consoles.err == ""


def test_a_narrow_terminal_keeps_the_times_and_the_gap() -> None:
    consoles = Consoles(width=60)
    print_shifts(consoles.streams, [SHIFT, GAP], "table", NEW_YORK)
    assert all(len(line) <= 60 for line in consoles.out_lines)
    assert "NOBODY" in consoles.out_lines[2]


def test_for_programs() -> None:
    consoles = Consoles(terminal=False)
    print_shifts(consoles.streams, [SHIFT, GAP], "tsv")
    assert consoles.out_lines == [
        "engineer/PANA001/x\t2026-11-23T09:00:00Z\t2026-11-23T21:00:00Z\tweekday\tengineer\tAna Ferreira"
        "\tSecurity Responder\tpagerduty\tfalse\tfalse",
        "engineer/nobody/y\t2026-11-23T21:00:00Z\t2026-11-24T00:00:00Z\tweekday\tengineer\t\t\tconfig\ttrue\tfalse",
    ]
    consoles = Consoles(terminal=False)
    print_shifts(consoles.streams, [GAP], "json")
    (gap,) = json.loads(consoles.out)
    assert (gap["user"], gap["gap"], gap["source"]) == (None, True, "config")


def test_a_gap_is_said_loudly() -> None:
    consoles = Consoles()
    say_gaps(consoles.streams, [GAP, replace(GAP, end=GAP.start + timedelta(hours=1))], NOW)
    assert consoles.err.splitlines() == [
        "! nobody is on call as engineer from 21:00 UTC to 2026-11-24 00:00 UTC",
        "! nobody is on call as engineer from 21:00 UTC to 22:00 UTC",
    ]


def test_a_week_day_stands_beside_its_own_date() -> None:
    """03:00 UTC on a Wednesday is Tuesday evening in New York."""
    start = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    shift = replace(SHIFT, start=start, end=start + timedelta(hours=12))
    consoles = Consoles(width=80)
    print_shift(consoles.streams, shift, "text", NOW, NEW_YORK)
    assert "Wed 2026-11-25 03:00 UTC (Tue 22:00 EST)" in consoles.out
