"""The few lines after an ack: on standard error, short, and silent under `--quiet`."""

from dataclasses import replace
from datetime import timedelta

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.pages import PendingAction
from secops_oncall.views.after_ack import hint_next, say_essentials, say_several
from tests.fakes import an_issue
from tests.views.samples import CANARY, HOSTILE, LATE, NOW, Consoles

ISSUE: Issue = an_issue("acme/operations#103", assignees=("eva",))


def test_essentials_issue_and_what_waits() -> None:
    consoles = Consoles()
    say_essentials(consoles.streams, CANARY, [ISSUE], [LATE], NOW)
    assert consoles.err.splitlines() == [
        f"  {CANARY.urgency} urgency, {CANARY.priority}, {CANARY.service}, nobody else is paged for it any more",
        "  issue: acme/operations#103, open, assigned to eva",
        "  1 page of yours still unacked: 4114 (manager paged 6 min ago)",
    ]
    assert consoles.out == ""


def test_several_have_a_line_each_the_most_urgent_first() -> None:
    consoles, low = Consoles(width=160), replace(CANARY, id="Q1LOW00009", number=4000, urgency="low")
    back = PendingAction("unacknowledge", NOW + timedelta(minutes=30))
    timed = replace(CANARY, id="Q1TIMED008", number=4001, status="acknowledged", pending=(back,))
    say_several(consoles.streams, [low, CANARY, timed], {CANARY.id: [ISSUE], low.id: []}, [LATE], NOW)
    what = f"{CANARY.priority}, {CANARY.service}"
    at = f"{NOW + timedelta(minutes=30):%H:%M} UTC"
    assert consoles.err.splitlines() == [
        f"  {CANARY.number}: {CANARY.urgency} urgency, {what}; issue: acme/operations#103, open, assigned to eva",
        f"  4000: low urgency, {what}; issue: no open one names this page yet",
        f"  4001: {CANARY.urgency} urgency, {what}, PagerDuty takes the ack back at {at}, in 30 min, and pages again",
        "  1 page of yours still unacked: 4114 (manager paged 6 min ago)",
    ]


def test_of_many_a_few_are_told_and_the_rest_is_counted() -> None:
    consoles = Consoles()
    say_several(consoles.streams, [replace(CANARY, id=f"Q{n}") for n in range(1000)], {}, None, NOW)
    lines = consoles.err.splitlines()
    assert (len(lines), lines[-1]) == (4, "  and 997 more")


def test_what_is_not_there_and_what_is_not_known() -> None:
    consoles = Consoles()
    say_essentials(consoles.streams, replace(CANARY, urgency="low", priority=None, service=""), [], [], NOW)
    assert consoles.err.splitlines() == [
        "  low urgency",
        "  issue: no open one names this page yet",
        "  no other page of yours is unacked",
    ]
    unknown = Consoles()
    say_essentials(unknown.streams, CANARY, None, None, NOW)
    assert len(unknown.err.splitlines()) == 1


def test_an_ack_that_pagerduty_takes_back_is_no_end_of_it() -> None:
    """Its service's time-out stands in what PagerDuty answered to the ack."""
    back = PendingAction("unacknowledge", NOW + timedelta(minutes=30))
    for urgency in ("high", "low"):
        consoles = Consoles(width=160)
        acked = replace(CANARY, status="acknowledged", urgency=urgency, pending=(back,))
        say_essentials(consoles.streams, acked, None, None, NOW)
        at = f"{NOW + timedelta(minutes=30):%H:%M} UTC"
        assert consoles.err.endswith(f", PagerDuty takes the ack back at {at}, in 30 min, and pages again\n")


def test_many_that_wait_are_counted_and_several_issues_named() -> None:
    consoles, several = Consoles(width=160), [ISSUE, an_issue("acme/operations#104", state="closed")]
    say_essentials(consoles.streams, CANARY, several, [LATE] * 5, NOW)
    lines = consoles.err.splitlines()
    assert lines[1].endswith("eva; acme/operations#104, closed, assigned to nobody")
    assert lines[2].startswith("  5 pages of yours still unacked: ")
    assert lines[2].endswith(", 2 more")


def test_hostile_names_stay_text() -> None:
    consoles = Consoles()
    say_essentials(consoles.streams, replace(CANARY, service=HOSTILE), [], [], NOW)
    assert "\x1b" not in consoles.err


def test_the_next_command_is_the_next_ack_first() -> None:
    consoles = Consoles()
    hint_next(consoles.streams, [CANARY], [LATE])
    hint_next(consoles.streams, [CANARY], [])
    hint_next(consoles.streams, [CANARY, LATE], [])
    assert consoles.err == f"  oncall ack {LATE.number}\n  oncall show {CANARY.number}\n  oncall pages --mine\n"
    silent = Consoles(terminal=False)
    hint_next(silent.streams, [CANARY], [])
    assert silent.err == ""


def test_quiet_is_quiet() -> None:
    consoles = Consoles()
    consoles.streams.quiet = True
    say_essentials(consoles.streams, CANARY, [ISSUE], [LATE], NOW)
    hint_next(consoles.streams, [CANARY], [LATE])
    assert consoles.err == ""
