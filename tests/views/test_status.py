import json
from dataclasses import replace
from zoneinfo import ZoneInfo

from secops_oncall.domain.handoff import ComingUp
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.status import HandoffState, MyRole, ReviewCount, Stale, Status
from secops_oncall.views.status import print_status
from tests.views.samples import (
    ANA,
    BEN,
    CANARY,
    FLAKY_ISSUE,
    HOSTILE,
    LATE,
    LEAK_ISSUE,
    LEAKED,
    NOW,
    SNOOZED,
    Consoles,
    ago,
    ahead,
)

NEW_YORK = ZoneInfo("America/New_York")
LEAK = Incident(
    id=LEAK_ISSUE.ref,
    pages=(LEAKED,),
    issue=LEAK_ISSUE,
    owner=LEAKED.owner,
    acting=ANA,
    engaged=(BEN,),
    posture="watch",
    summary=LEAK_ISSUE.title,
    state=None,
    tried=None,
    confidence=None,
    related=(),
    next_steps=(),
    if_then=(),
    zoom=None,
    slack=(),
    timeline=(),
    stale=True,
    uncovered=False,
)
VPN = replace(
    LEAK, id=SNOOZED.id, pages=(SNOOZED,), issue=None, owner=None, posture="active", summary=SNOOZED.title, stale=False
)
STATUS = Status(
    me=MyRole(ANA.id, ANA.name, "engineer"),
    shift=Shift("engineer/PANA001", ago(300), ahead(190), "weekday", "engineer", ANA, "Security Responder"),
    pages=(CANARY, LATE, LEAKED, SNOOZED),
    reviews=ReviewCount(1, 2, (ago(90),), ("acme/engineering#55",)),
    incidents=(VPN, LEAK),
    backlog=(FLAKY_ISSUE,),
    handoff=HandoffState("not_posted", 3),
    coming_up=(
        ComingUp(ahead(11), "escalates", CANARY.id, CANARY.title, "Ana Ferreira"),
        ComingUp(ahead(310), "snooze_ends", SNOOZED.id, SNOOZED.title, "Chen Wei"),
        ComingUp(ahead(190), "shift_ends", None, "the shift of Ana Ferreira ends", None),
    ),
    queued=(
        Outcome("#secops", Result.QUEUED, place="slack", hint="oncall handoff post"),
        Outcome("x", Result.QUEUED, place="slack", hint="oncall handoff post"),
    ),
    stale=(Stale("PagerDuty", 360), Stale("GitLab", None)),
)
QUIET = Status(MyRole(ANA.id, ANA.name, "none"), None, (), ReviewCount(2, 2))


def test_that_a_page_has_no_issue_is_said_where_gitlab_was_asked() -> None:
    for old, said in ((STATUS.stale, False), (STATUS.stale[:1], True)):
        consoles = Consoles(width=80)
        print_status(consoles.streams, replace(STATUS, stale=old), "text", NOW, NEW_YORK)
        assert ("no issue" in consoles.out) is said


def test_the_shift_on_one_screen() -> None:
    consoles = Consoles(width=80)
    print_status(consoles.streams, STATUS, "text", NOW, NEW_YORK)
    assert (
        consoles.out
        == """\
Ana Ferreira, engineer until 17:10 UTC (12:10 EST), 3 h 10 min left
  PagerDuty could not be asked: what is shown is 6 min old
  GitLab could not be asked: nothing is shown of it

4 open pages
  4117  ! triggered  4 min   manager in 11 min    paged: Ana    Canary token op…
  4114  ! triggered  21 min  manager 6 min ago    paged: Ben    EDR: credential…
  4112  ✓ acked      2 h                          Ana Ferreira  Leaked key: AWS…
  4110  · snoozed    3 h     16:00 UTC, Chen Wei  Ana Ferreira  VPN: repeated M…

Open work
  page 4110            active                       VPN: repeated MFA pushes fo…
  acme/operations#101  watch   stale  Ana Ferreira  Leaked key: AWS access key…

To do
  Reviews     1 of 2 done, 12:30 UTC (07:30 EST)
              needs a human: acme/engineering#55
  Backlog     acme/engineering#55 Sign-in monitor: false positives for the
              Lisbon office's new address range
  Hand-off    not posted yet, at least 3 errors: oncall handoff lint
  Queued      2 posts to slack still to go out: oncall handoff post

Coming up
  14:11 UTC (09:11 EST)  manager is paged  Canary token opened:…  Ana Ferreira's
  19:10 UTC (14:10 EST)  snooze ends       VPN: repeated MFA pu…  Chen Wei's
  17:10 UTC (12:10 EST)                    the shift of Ana Fer…
"""
    )
    assert consoles.err == ""


def test_what_was_picked_has_its_due_date_and_a_word_where_that_is_over() -> None:
    consoles = Consoles(width=100)
    picked = tuple(replace(FLAKY_ISSUE, title="Tune it", due_date=f"2026-11-{day}") for day in (22, 23))
    print_status(consoles.streams, replace(QUIET, backlog=picked), "text", NOW)
    assert "  Backlog     acme/engineering#55 due 2026-11-22 overdue: Tune it\n" in consoles.out
    assert "              acme/engineering#55 due 2026-11-23: Tune it\n" in consoles.out


def test_words_that_are_posted_nowhere_are_said() -> None:
    consoles = Consoles(width=100)
    print_status(
        consoles.streams, replace(QUIET, handoff=HandoffState("posted", 0, ago(10), unposted=True)), "text", NOW
    )
    assert "              what you typed since is posted nowhere: oncall handoff post\n" in consoles.out


def test_wide_enough_it_says_in_whose_shift() -> None:
    consoles = Consoles(width=160)
    print_status(consoles.streams, STATUS, "text", NOW)
    assert f"  19:10 UTC  snooze ends       {SNOOZED.title:<49}  in Chen Wei's shift" in consoles.out_lines


def test_what_escalates_to_no_manager_is_not_said_to() -> None:
    consoles = Consoles(width=100)
    third = replace(CANARY, pages_manager=False)
    print_status(consoles.streams, replace(STATUS, pages=(third,)), "text", NOW)
    assert f"  14:11 UTC  next level is paged  {CANARY.title[:20]}" in consoles.out


def test_what_failed_says_why() -> None:
    failed = [Outcome(id, Result.FAILED, place="gitlab-note", message="403", hint="oncall handoff post") for id in "ab"]
    consoles = Consoles(terminal=False)
    print_status(consoles.streams, replace(STATUS, queued=(*STATUS.queued, *failed)), "text", NOW)
    assert "2 posts to slack still to go out: oncall handoff post" in consoles.out
    assert "2 posts to gitlab-note failed (403): oncall handoff post" in consoles.out


def test_in_a_pipe_nothing_is_cut() -> None:
    consoles = Consoles(terminal=False, width=60)
    print_status(consoles.streams, STATUS, "text", NOW)
    assert "…" not in consoles.out
    assert f"Secret Detection           {LEAKED.title}\n" in consoles.out


def test_a_quiet_day() -> None:
    consoles = Consoles(width=80)
    print_status(consoles.streams, QUIET, "text", NOW)
    assert consoles.out == "Ana Ferreira, not on call\n\nNo open pages\n\nTo do\n  Reviews     2 of 2 done\n"


def test_a_shift_that_is_over_or_never_ends() -> None:
    over = replace(STATUS, shift=replace(STATUS.shift, end=ago(30)))  # type: ignore[type-var]
    consoles = Consoles(width=80)
    print_status(consoles.streams, over, "text", NOW)
    assert consoles.out_lines[0] == "Ana Ferreira, engineer until 13:30 UTC, over 30 min ago"
    consoles = Consoles(width=80)
    print_status(consoles.streams, replace(STATUS, shift=replace(STATUS.shift, end=None)), "text", NOW)  # type: ignore[type-var]
    assert consoles.out_lines[0] == "Ana Ferreira, engineer without end"


def test_it_fits_60_columns() -> None:
    consoles = Consoles(width=60)
    print_status(consoles.streams, STATUS, "text", NOW, NEW_YORK)
    assert all(len(line) <= 60 for line in consoles.out_lines)
    assert sum("acme/operations#101" in line for line in consoles.out_lines) == 1


def test_hostile_text_stays_text() -> None:
    page = replace(CANARY, title=HOSTILE, service=HOSTILE)
    hostile = replace(
        STATUS,
        me=MyRole("1", HOSTILE, "engineer"),
        pages=(page,),
        incidents=(replace(VPN, summary=HOSTILE),),
        backlog=(replace(FLAKY_ISSUE, title=HOSTILE),),
        coming_up=(ComingUp(NOW, "next_step", None, HOSTILE, HOSTILE),),
    )
    consoles = Consoles(width=200)
    print_status(consoles.streams, hostile, "text", NOW)
    assert all(line.isprintable() for line in consoles.out_lines)
    assert "oncall:x" not in consoles.out
    assert consoles.out.count("[bold]b[/bold] :skull:") >= 5


def test_bold_is_what_is_still_to_do() -> None:
    consoles = Consoles(width=80, environ={"NO_COLOR": ""})
    print_status(consoles.streams, STATUS, "text", NOW)
    assert "\x1b[1m1 of 2 done, 12:30 UTC\x1b[0m" in consoles.out
    consoles = Consoles(width=80, environ={"NO_COLOR": ""})
    print_status(consoles.streams, QUIET, "text", NOW)
    assert "\x1b[0m2 of 2 done\n" in consoles.out


def test_json() -> None:
    consoles = Consoles(terminal=False)
    print_status(consoles.streams, STATUS, "json", NOW)
    found = json.loads(consoles.out)
    assert found["me"] == {"id": "PANA001", "name": "Ana Ferreira", "role": "engineer"}
    assert found["reviews"] == {"done": 1, "due": 2}
    waiting = {"posted_at": None, "accepted": None, "waits": False, "url": None, "unposted": False}
    assert found["handoff"] == {"state": "not_posted", "problems": 3, **waiting}
    assert found["takeover"] is None
    assert found["stale"] == [{"service": "PagerDuty", "age": 360}, {"service": "GitLab", "age": None}]
    assert [page["number"] for page in found["pages"]] == [4117, 4114, 4112, 4110]
    assert found["coming_up"][2]["kind"] == "shift_ends"
    consoles = Consoles(terminal=False)
    print_status(consoles.streams, QUIET, "json", NOW)
    assert json.loads(consoles.out)["shift"] is None


def test_of_many_that_need_a_human_the_first_few_are_named() -> None:
    refs = tuple(f"acme/engineering#{number}" for number in range(1, 33))
    consoles = Consoles(width=200)
    print_status(consoles.streams, replace(QUIET, reviews=ReviewCount(2, 2, (), refs)), "text", NOW)
    (told,) = [line for line in consoles.out_lines if "needs a human" in line]
    assert told.endswith("engineering#4, acme/engineering#5 and 27 more: oncall handoff")
