"""Colleagues who resolve a page, or an integration that acks it, while I ack: nothing of it goes by silently."""

import time
from collections.abc import Sequence
from threading import Thread

import pytest

from secops_oncall.sandbox.pagerduty_records import INCIDENT
from tests.cli.conftest import Oncall, Ran, Served

CANARY, TRAVEL, HOSTILE = "4117", "4116", "4115"
SAID = "Ben Okafor resolved it at 14:07 UTC, and the ack that came after opened it again: it is yours now"
HINT = f"  hint: oncall resolve {CANARY}, unless Ben Okafor was wrong\n"


def overtaken(oncall: Oncall, served: Served, *command: str, by: Sequence[str]) -> Ran:
    """What comes of ana's command, whose first PUT is held until a command of ben's is done."""
    for login in ("ana", "ben"):
        oncall("status", **served.environ(login))
    served.services.log.seen.clear()
    served.fail("PUT", "/incidents", 0, hold=1.0)
    slow: list[Ran] = []
    ana = Thread(target=lambda: slow.append(oncall(*command, **served.environ())))
    ana.start()
    while faults(served):  # until it is met
        time.sleep(0.01)
    ben = oncall(*by, **served.environ("ben"))
    ana.join()
    assert ben.code == 0
    return slow[0]


def faults(served: Served) -> int:
    with served.services.store.state() as state:
        return len(state.all("fault"))


def status(oncall: Oncall, served: Served, page: str) -> str:
    return str(oncall("show", page, "--json", **served.environ()).json["status"])


def test_a_resolve_that_an_ack_came_after_is_told_loudly_behind_the_tick(oncall: Oncall, served: Served) -> None:
    ran = overtaken(oncall, served, "ack", CANARY, by=["resolve", CANARY, "--force"])
    assert ran.code == 7
    tick, loud = ran.out.splitlines()
    assert tick.startswith(f"✓ acked {CANARY}")
    assert loud.startswith(f"! reopened {CANARY}")
    assert loud.endswith(SAID)
    assert HINT in ran.err
    assert status(oncall, served, CANARY) == "acknowledged"


def test_programs_get_one_outcome_that_says_so(oncall: Oncall, served: Served) -> None:
    ran = overtaken(oncall, served, "ack", CANARY, "--json", by=["resolve", CANARY, "--force"])
    (outcome,) = ran.json
    assert (ran.code, outcome["result"], outcome["code"], outcome["message"]) == (7, "done", "reopened", SAID)
    assert ran.err == HINT


def test_of_many_pages_the_one_is_named_that_was_opened_again(oncall: Oncall, served: Served) -> None:
    """More than a few pages share one look into the account's log."""
    pages = [CANARY, TRAVEL, HOSTILE, "4112", "4111"]
    with served.services.store.state() as state:
        for key in ("Q1LEAKEDKEY0005", "Q1PHISHING00006"):
            page = state.get(INCIDENT, key)
            assert page
            state.put(INCIDENT, key, {**page, "status": "triggered", "acks": []}, parent="triggered")
    ran = overtaken(oncall, served, "ack", *pages, "--json", by=["resolve", TRAVEL, "--force"])
    assert {one["number"]: one["code"] for one in ran.json} == {int(each): "" for each in pages} | {4116: "reopened"}
    asked = [each for each in served.asked if each.endswith("/log_entries")]
    assert asked == ["GET /pagerduty/log_entries"]


def test_a_snooze_acks_first_and_tells_it_too(oncall: Oncall, served: Served) -> None:
    ran = overtaken(oncall, served, "snooze", CANARY, "--for", "2h", by=["resolve", CANARY, "--force"])
    assert (ran.code, HINT in ran.err) == (7, True)
    assert ran.out.startswith(f"! reopened {CANARY}")
    assert ran.out.endswith(f"back at 16:07 UTC, in your shift; acked, and yours now; {SAID}\n")


@pytest.mark.parametrize("command", [["ack", CANARY], ["ack", CANARY, "--json"], ["snooze", CANARY, "--for", "2h"]])
def test_a_log_that_can_t_be_read_spoils_no_ack(oncall: Oncall, command: list[str]) -> None:
    oncall.fail("GET", "/log_entries", 403, times=-1)
    ran = oncall(*command)
    assert (ran.code, "whether somebody had resolved it meanwhile" in ran.err) == (0, True)


def test_a_resolve_before_the_look_is_none_of_it(oncall: Oncall, served: Served) -> None:
    """Ben resolves it, and opens it again by mistake; an hour later it is mine."""
    with served.services.store.state() as state:
        page = state.get(INCIDENT, "Q1CANARYTOKEN01")
        assert page
        state.put(INCIDENT, page["id"], {**page, "changed": "2026-11-23T14:06:00Z"}, parent=page["status"])
    ran = oncall("ack", CANARY, **served.environ())
    assert (ran.code, "reopened" in ran.out) == (0, False)


def test_the_look_back_keeps_no_tick_waiting(oncall: Oncall) -> None:
    oncall("status")
    oncall.fail("GET", "/log_entries", 0, hold=0.6, times=-1)
    ran = oncall("ack", CANARY)
    assert ran.log and ran.answered
    (log,) = [seen for seen in ran.log.seen if seen.path.endswith("/log_entries")]
    assert ran.answered < log.end - 0.5


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["ack", CANARY], "✓ acked"),
        (["snooze", CANARY, "--for", "2h"], "✓ snoozed"),
        (["resolve", CANARY], "! refused"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_what_only_an_integration_acked_is_nobody_s(
    oncall: Oncall, served: Served, command: list[str], said: str
) -> None:
    with served.services.store.state() as state:
        page = state.get(INCIDENT, "Q1CANARYTOKEN01")
        assert page
        acks = [{"type": "service", "user": page["service"], "at": "2026-11-23T14:01:00Z"}]
        state.put(INCIDENT, page["id"], {**page, "status": "acknowledged", "acks": acks}, parent="acknowledged")
    ran = oncall(*command, **served.environ())
    assert ran.out.startswith(f"{said} {CANARY}")
    if command[0] == "resolve":
        assert "only an integration has acked it" in ran.out
        assert ran.err.startswith(f"  hint: oncall ack {CANARY}\n")
    else:
        owner = oncall("show", CANARY, "--json", **served.environ()).json["owner"]
        assert (ran.code, owner["name"]) == (0, "Ana Ferreira")
