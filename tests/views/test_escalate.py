"""The ladder on a terminal, in a pipe and for programs."""

import json

from secops_oncall.domain.ladder import Step
from secops_oncall.domain.people import Contact, OnDuty
from secops_oncall.views.escalate import print_ladder
from tests.views.samples import CANARY, CLEAN, HOSTILE, NOW, Consoles, ahead

PHONE, SMS = Contact("phone", "+14155550104", "Mobile"), Contact("sms", "+14155550104", "Mobile")
MAIL = Contact("email", "dana@example.com", "Default")
DANA = OnDuty(
    "manager",
    "PDANA04",
    "Dana Cohen",
    "dana@example.com",
    None,
    None,
    "America/Los_Angeles",
    "Mon 06:00",
    False,
    (MAIL, SMS, PHONE),
)
EVA = OnDuty("engineer", "PEVA005", HOSTILE, None, None, None, None, None, None, (MAIL,))
STEPS = [
    Step(0, "manager", DANA, "PagerDuty pages them at 14:11 UTC, in 11 min, unless acked", ahead(11)),
    Step(1, "engineer", None, "Responder, level 1", None, "nobody is on call as engineer"),
    Step(3, "other", EVA, "time there unknown", None, "no number to call in PagerDuty"),
]


def test_a_terminal() -> None:
    consoles = Consoles()
    print_ladder(consoles.streams, CANARY, STEPS, "table", NOW)
    assert consoles.out_lines == [
        "0  manager   Dana Cohen                                     Mon 06:00  asleep",
        "    PagerDuty pages them at 14:11 UTC, in 11 min, unless acked",
        "    phone     +14155550104  Mobile",
        "1  engineer  NOBODY",
        "    Responder, level 1",
        "    ! nobody is on call as engineer",
        f"3  other     {CLEAN}",
        "    time there unknown",
        "    email     dana@example.com  Default",
        "    ! no number to call in PagerDuty",
    ]
    assert consoles.err.startswith("page 4117 Canary token opened")
    assert consoles.err.endswith("triggered, its\ndeadline 14:11 UTC\n")


def test_40_columns_cost_no_reason_and_no_number() -> None:
    consoles = Consoles(width=40)
    print_ladder(consoles.streams, None, STEPS, "table", NOW)
    assert "    in 11 min, unless acked" in consoles.out_lines
    assert "    phone     +14155550104  Mobile" in consoles.out_lines
    assert consoles.err == ""


def test_for_programs() -> None:
    consoles = Consoles(terminal=False)
    print_ladder(consoles.streams, CANARY, STEPS, "json", NOW)
    first, second, _ = json.loads(consoles.out)
    assert sorted(first) == sorted(["n", "role", "person", "why", "automatic_at", "problem"])
    assert (first["automatic_at"], first["person"]["contacts"][2]["address"]) == ("2026-11-23T14:11:00Z", PHONE.address)
    assert (second["person"], second["problem"]) == (None, "nobody is on call as engineer")
    consoles = Consoles(terminal=False)
    print_ladder(consoles.streams, None, STEPS[:1], "tsv", NOW)
    assert consoles.out == (
        "PDANA04\t0\tmanager\tDana Cohen\tdana@example.com\tPagerDuty pages them at 14:11 UTC, in 11 min, unless acked"
        "\t2026-11-23T14:11:00Z\t\tAmerica/Los_Angeles\tMon 06:00\tfalse"
        "\temail:dana@example.com,sms:+14155550104,phone:+14155550104\n"
    )
