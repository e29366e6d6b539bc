"""`oncall who`: the three roles, and how to reach those who hold them."""

import csv
import io

import pytest

from secops_oncall.sandbox.pagerduty_records import SCHEDULE
from tests.cli.conftest import Oncall, Served

PERSON = ["role", "id", "name", "email", "start", "end", "time_zone", "local_time", "awake", "contacts"]


def test_three_roles_in_order(oncall: Oncall) -> None:
    told = oncall("who", "--json").json
    assert [list(one) for one in told] == [PERSON] * 3
    assert [(one["role"], one["name"], one["contacts"]) for one in told] == [
        ("engineer", "Ana Ferreira", None),
        ("backup", "Ben Okafor", None),
        ("manager", "Dana Cohen", None),
    ]
    assert told[2] == {
        "role": "manager",
        "id": "PDANA04",
        "name": "Dana Cohen",
        "email": "dana@example.com",
        "start": "2026-11-20T09:00:00Z",
        "end": "2026-11-27T09:00:00Z",
        "time_zone": "America/Los_Angeles",
        "local_time": "Mon 06:07",
        "awake": False,
        "contacts": None,
    }


def test_contacts_can_be_dialled(oncall: Oncall) -> None:
    told = oncall("who", "--contact", "--json").json
    assert {"kind": "phone", "address": "+351912345601", "label": "Mobile"} in told[0]["contacts"]
    assert "phone     +14155550104  Mobile\n" in oncall("who", "--contact", screen=True).out


@pytest.mark.parametrize(
    ("form", "first"),
    [("ids", "PANA001"), ("tsv", "PANA001\tengineer\tAna Ferreira\tana@example.com"), ("csv", "id,role,name,email")],
)
def test_formats(oncall: Oncall, form: str, first: str) -> None:
    ran = oncall("who", "-o", form)
    assert ran.out.startswith(first)
    assert ran.err == ""
    assert len(list(csv.reader(io.StringIO(ran.out)))) == 3 + (form == "csv")


def test_contacts_that_the_token_may_not_see_are_unknown(oncall: Oncall) -> None:
    oncall.fail("GET", "/contact_methods", 403, times=-1)
    ran = oncall("who", "--contact", "--json")
    assert (ran.code, [one["contacts"] for one in ran.json]) == (0, [None] * 3)


def test_a_role_that_nobody_holds_is_said(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        schedule = state.get(SCHEDULE, "PSMANAG")
        assert schedule
        state.put(SCHEDULE, "PSMANAG", {**schedule, "turns": []})
    ran = oncall("who", "--json", **served.environ())
    assert ran.json[2] == {**dict.fromkeys(PERSON), "role": "manager"}
    assert ran.err == "! nobody is on call as manager (Security Responder, level 2)\n"
    assert oncall("who", "-o", "ids", **served.environ()).out.count("\n") == 2


def test_a_policy_that_is_not_there_is_named(oncall: Oncall, served: Served) -> None:
    ran = oncall("who", **served.environ(ONCALL_ROLES_MANAGER="No Such Policy:1"))
    assert (ran.code, ran.out) == (5, "")
    assert "No Such Policy" in ran.err
