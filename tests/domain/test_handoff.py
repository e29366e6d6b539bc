"""The hand-off of a shift: its pages, what is coming up, who covers it, and what it lacks."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import Event, filed, notes
from secops_oncall.domain.handoff import Background, ComingUp, Handoff, Rota, Unread, write
from secops_oncall.domain.incidents import Incident, Problem
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import LogEntry, PageDetail, PendingAction
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.reviews import Review, verdict
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.traces import NextStep
from tests.fakes import ME, NOW, a_page, an_entry, an_issue

ANA, BEN, CHEN = ME.person, Person("PBEN002", "Ben Okafor"), Person("PCHEN03", "Chen Wei")
START, END = NOW - timedelta(hours=5), NOW + timedelta(hours=7)
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
SHIFT = Shift("engineer/PANA001/x", START, END, "weekday", "engineer", ANA, "Security Responder")
ONE, TWO = "Q1ONE00001", "Q1TWO00002"


def turn(who: Person, start: datetime, end: datetime, level: int = 1, zone: str | None = None) -> OnCall:
    return OnCall(who, start, end, "Security Responder", level, time_zone=zone)


TURNS = [turn(ANA, START, END), turn(CHEN, END, END + timedelta(hours=12), zone="Asia/Singapore")]


def facts(*pages: PageDetail, issues: Sequence[Issue] = (), **more: Any) -> Facts:
    still_open = frozenset(page.id for page in pages if page.status != "resolved")
    by_id = {page.id: page for page in pages}
    by_ref = {issue.ref: issue for issue in issues}
    return Facts(START, NOW, ANA, "https://gitlab.example.com", still_open, by_id, by_ref, **more)


def written(
    known: Facts, turns: Sequence[OnCall] = TURNS, events: Sequence[Event] = (), shift: Shift = SHIFT, **more: Any
) -> Handoff:
    """A hand-off to which no reviews are due, unless it is about them."""
    return write(known, Rota(shift, ROLES, turns), events, Background(**{"reviews_due": 0, **more}))


def codes(handoff: Handoff) -> list[str]:
    return [problem.code for problem in handoff.problems]


def done(id: str, *log: LogEntry, minutes: int = 60) -> PageDetail:
    entries = (an_entry("trigger", minutes), *log, an_entry("resolve", 10))
    return a_page(id, "resolved", minutes=minutes, timeline=entries)


def test_a_quiet_shift_is_empty_and_still_nobody_has_accepted_it() -> None:
    handoff = written(facts())
    assert (handoff.shift, handoff.outgoing, handoff.incoming) == (SHIFT, ANA, CHEN)
    assert (handoff.pages, handoff.incidents, handoff.problems, handoff.reviews_due) == ((), (), (), 0)
    assert (handoff.complete, handoff.accepted, handoff.places) == (False, None, ())


def test_the_pages_are_those_of_the_shift_with_their_ack_delay() -> None:
    slow = done(ONE, an_entry("escalate", 45), an_entry("acknowledge", 44, ANA))
    before = a_page(TWO, "acknowledged", minutes=9000, timeline=(an_entry("acknowledge", 8990, ANA),))
    (page,) = written(facts(slow, before)).pages
    assert (page.id, page.ack_seconds, page.escalated, page.owner and page.owner.name) == (ONE, 960, True, ANA.name)


def test_a_page_that_came_back_counts_from_then() -> None:
    log = (
        an_entry("trigger", 200),
        an_entry("acknowledge", 190, BEN),
        an_entry("resolve", 180, BEN),
        an_entry("trigger", 60),
        an_entry("acknowledge", 58, ANA),
    )
    (page,) = written(facts(a_page(ONE, "acknowledged", minutes=200, timeline=log))).pages
    assert page.ack_seconds == 120


def test_an_unacked_page_has_no_delay() -> None:
    (page,) = written(facts(a_page(ONE))).pages
    assert (page.ack_seconds, page.owner) == (None, None)


def test_a_page_of_the_shift_knows_its_issue_an_open_one_first() -> None:
    closed, still_open = an_issue("acme/operations#1", ONE, state="closed"), an_issue("acme/operations#2", ONE)
    (page,) = written(facts(done(ONE), issues=[closed, still_open])).pages
    assert page.issue and page.issue.ref == "acme/operations#2"


def test_closed_are_the_issues_of_pages_that_something_happened_to_in_the_shift() -> None:
    now_closed = an_issue("acme/operations#1", ONE, state="closed", updated_at=NOW - timedelta(minutes=5))
    of_no_page = an_issue("acme/operations#2", "tidy up", state="closed", updated_at=NOW - timedelta(minutes=5))
    long_closed = an_issue("acme/operations#3", ONE, state="closed", minutes=9000)
    assert written(facts(done(ONE), issues=[now_closed, of_no_page, long_closed])).closed == (now_closed,)
    assert written(facts(issues=[now_closed])).closed == (now_closed,)


def test_coming_up_tells_what_pagerduty_will_do_by_itself_and_in_whose_shift() -> None:
    soon, late = NOW + timedelta(minutes=9), END + timedelta(hours=2)
    paged = a_page(ONE, ack_deadline=soon, pending=(PendingAction("escalate", soon), PendingAction("resolve", late)))
    snoozed = a_page(TWO, "acknowledged", snoozed_until=late, pending=(PendingAction("unacknowledge", late),))
    told = [(each.kind, each.page, each.whose_shift) for each in written(facts(paged, snoozed)).coming_up]
    assert told == [
        ("escalates", ONE, ANA.name),
        ("shift_ends", None, CHEN.name),
        ("resolves", ONE, CHEN.name),
        ("snooze_ends", TWO, CHEN.name),
    ]


def test_coming_up_leaves_out_what_is_over_and_what_wakes_nobody() -> None:
    past, later = NOW - timedelta(minutes=1), NOW + timedelta(hours=1)
    page = a_page(ONE, ack_deadline=past, pending=(PendingAction("urgency_change", later),))
    gone = replace(done(TWO), pending=(PendingAction("resolve", later),))
    assert [each.kind for each in written(facts(page, gone)).coming_up] == ["shift_ends"]


def test_an_ack_that_runs_out_and_a_step_that_falls_due_are_coming_up() -> None:
    later = NOW + timedelta(hours=1)
    acked = a_page(ONE, "acknowledged", pending=(PendingAction("unacknowledge", later),))
    issue = an_issue("acme/operations#1", f"{ONE}\n- [ ] rotate, @ana, by 2026-11-23 13:00 UTC\n- [ ] ask")
    found = written(facts(acked, issues=[issue])).coming_up
    assert [(each.kind, each.text) for each in found[:2]] == [("next_step", "rotate"), ("unacks", acked.title)]


def test_beyond_the_known_turns_it_is_nobodys_shift() -> None:
    far = END + timedelta(hours=20)
    found = written(facts(a_page(ONE, "acknowledged", snoozed_until=far))).coming_up
    assert [(each.kind, each.whose_shift) for each in found] == [("shift_ends", CHEN.name), ("snooze_ends", None)]


def test_what_happens_to_pages_happens_in_an_engineers_shift_whoever_hands_off() -> None:
    dana, hugo, later = Person("PDANA04", "Dana Cohen"), Person("PHUGO", "Hugo"), END + timedelta(hours=1)
    over = END + timedelta(hours=2)
    managers = replace(SHIFT, role="manager", user=dana, end=over)
    snoozed = a_page(ONE, "acknowledged", snoozed_until=later)
    acked = a_page(TWO, "acknowledged", pending=(PendingAction("unacknowledge", later),))
    paged = a_page("Q1THREE003", ack_deadline=later)
    turns = [*TURNS, turn(dana, START, over, level=2), turn(hugo, over, over + timedelta(days=7), level=2)]
    found = written(facts(snoozed, acked, paged), turns, shift=managers)
    assert {each.kind: each.whose_shift for each in found.coming_up} == {
        **dict.fromkeys(("snooze_ends", "unacks", "escalates"), CHEN.name),
        "shift_ends": hugo.name,
    }


def test_coverage_shows_every_role_and_its_gaps() -> None:
    back = END + timedelta(hours=14)
    turns = [*TURNS, turn(ANA, back, back + timedelta(hours=12)), turn(BEN, START, END + timedelta(days=9), level=2)]
    told = [(each.role, each.name, each.end) for each in written(facts(), turns).coverage]
    assert told == [
        ("engineer", ANA.name, END),
        ("engineer", CHEN.name, END + timedelta(hours=12)),
        ("engineer", None, back),
        ("engineer", ANA.name, NOW + timedelta(hours=24)),
        ("backup", None, NOW + timedelta(hours=24)),
        ("manager", BEN.name, NOW + timedelta(hours=24)),
    ]


def test_notes_are_the_shifts_and_improvements_those_filed_in_it_and_the_unfiled_of_any() -> None:
    long_ago, before = START - timedelta(days=3), START - timedelta(hours=1)
    events = [
        Event(long_ago, "note", text="old", data={"kind": "note"}),
        Event(long_ago, "note", text="script it", data={"kind": "automate"}),
        done := Event(long_ago, "note", text="filed", data={"kind": "risk"}),
        filed(done.uid, "acme/engineering#3", NOW),
        earlier := Event(long_ago, "note", text="filed in another shift", data={"kind": "risk"}),
        filed(earlier.uid, "acme/engineering#2", before),
        dropped := Event(NOW, "note", text="dropped", data={"kind": "process"}),
        filed(dropped.uid, None, NOW),
        plain := Event(NOW, "note", text="a note all the same", data={"kind": "note"}),
        filed(plain.uid, "acme/engineering#4", NOW),
        Event(NOW, "note", ONE, "handed to legal", {"kind": "note"}),
        Event(NOW, "note", text="is this covered?", data={"kind": "question"}),
    ]
    handoff = written(facts(journal=notes(events, START)), events=events)
    assert [note.text for note in handoff.notes] == [
        "dropped",
        "a note all the same",
        "handed to legal",
        "is this covered?",
    ]
    assert {note.shift for note in handoff.notes} == {SHIFT.id}
    assert [(note.text, note.filed) for note in handoff.improvements] == [
        ("script it", None),
        ("filed", "acme/engineering#3"),
        ("a note all the same", "acme/engineering#4"),
        ("is this covered?", None),
    ]


def test_an_improvement_unfiled_for_longer_than_a_shift_is_a_warning() -> None:
    events = [
        Event(
            NOW - timedelta(hours=12, minutes=1),
            "note",
            text="script it",
            data={"kind": "automate"},
            uid="3f2a9c01d4e5",
        ),
        Event(NOW - timedelta(hours=12), "note", text="not yet", data={"kind": "automate"}),
        Event(NOW - timedelta(days=2), "note", text="a note", data={"kind": "note"}),
        done := Event(NOW - timedelta(days=2), "note", text="filed", data={"kind": "risk"}),
        filed(done.uid, "acme/engineering#3", NOW),
    ]
    fix = "oncall improve --note 3f2a9c01"
    assert written(facts(), events=events).problems == (
        Problem("W9", "warning", "3f2a9c01", "improvements", "automate, unfiled for 12 h 1 min: script it", fix),
    )
    assert codes(written(facts(), TURNS[:1], events)) == ["E6", "W9"]


def test_reviews_are_the_shifts() -> None:
    told = {"by": "ana", "seen": 4, "new": 1, "changed": 0, "verdicts": {"noise": 1}, "source": "walk"}
    events = [Event(START - timedelta(hours=1), "review"), Event(NOW, "review", data=told)]
    handoff = written(facts(), events=events, reviews_due=3)
    assert handoff.reviews == (Review(NOW, "ana", 4, 1, 0, {"noise": 1}, "walk"),)
    assert handoff.reviews_due == 3


def test_fewer_reviews_than_are_due_are_a_warning() -> None:
    """Of two within an hour the second does not count."""
    at = (START, START + timedelta(minutes=59), NOW)
    events = [Event(moment, "review") for moment in at]
    (problem,) = written(facts(), events=events, reviews_due=3).problems
    assert (problem.code, problem.severity, problem.field, problem.subject) == ("W1", "warning", "reviews", ANA.name)
    assert problem.message == "the labelled issues were reviewed 2 of 3 times"
    assert written(facts(), events=events, reviews_due=2).problems == ()
    assert len(written(facts(), events=events, reviews_due=2).reviews) == 2


def test_what_a_review_found_to_need_a_human_is_told() -> None:
    given = [verdict(an_issue(f"g/p#{number}"), "human", at) for number, at in ((1, NOW), (2, NOW), (3, START))]
    noise = verdict(an_issue("g/p#2"), "noise", NOW)
    before = verdict(an_issue("g/p#4"), "human", START - timedelta(minutes=1))
    assert written(facts(), events=[*given, noise, before]).human == ("g/p#3", "g/p#1")


def test_a_service_that_could_not_be_read_is_an_error_that_names_it() -> None:
    unread = [Unread("GitLab", "GitLab does not answer", "try again"), Unread("GitLab", "x#1 not found", "", False)]
    handoff = written(facts(), unread=unread)
    assert handoff.problems[0] == Problem("E2", "error", "GitLab", "incidents", "GitLab does not answer", "try again")
    assert codes(handoff) == ["E2", "E2"]
    assert handoff.unread == frozenset({"GitLab"})
    assert written(facts(), unread=unread[1:]).unread == frozenset()


def test_nobody_incoming_is_an_error() -> None:
    assert codes(written(facts(), TURNS[:1])) == ["E6"]


def test_a_page_of_mine_that_is_unacked_is_an_error_and_a_colleagues_is_not() -> None:
    mine, bens = a_page(ONE, assigned_to=(ANA,)), a_page(TWO, assigned_to=(BEN,))
    (problem,) = [each for each in written(facts(mine, bens)).problems if each.code == "E7"]
    assert (problem.subject, problem.fix) == (ONE, f"oncall ack {mine.number}")
    acked = replace(mine, status="acknowledged")
    assert "E7" not in codes(written(facts(acked)))


def test_a_page_resolved_without_an_ack_is_a_warning() -> None:
    (problem,) = written(facts(done(ONE))).problems
    assert (problem.code, problem.severity, problem.subject) == ("W14", "warning", ONE)
    assert codes(written(facts(done(ONE, an_entry("acknowledge", 50, ANA))))) == []


def test_errors_come_before_warnings_and_incidents_problems_are_among_them() -> None:
    handoff = written(facts(a_page(ONE)))
    severities = [problem.severity for problem in handoff.problems]
    assert severities == sorted(severities)
    assert {"E1", "E3", "W10"} == set(codes(handoff))


def test_it_is_written_for_the_time_zone_of_whoever_takes_over() -> None:
    assert written(facts(), time_zone="Europe/Lisbon").time_zone == "Asia/Singapore"
    assert written(facts(), TURNS[:1], time_zone="Europe/Lisbon").time_zone == "Europe/Lisbon"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            Handoff,
            "shift outgoing incoming pages incidents reviews backlog improvements notes coming_up problems places"
            " complete accepted",
        ),
        (
            Incident,
            "id pages issue owner acting engaged posture summary state tried confidence related next_steps if_then"
            " zoom slack timeline stale uncovered problems said",
        ),
        (Problem, "code severity subject field message fix"),
        (ComingUp, "at kind page text whose_shift"),
        (NextStep, "action who by"),
        (Review, "at by seen new changed verdicts source why counts"),
    ],
)
def test_the_fields_that_scripts_rely_on(kind: Any, names: str) -> None:
    """interface.md, "JSON fields"; what is internal is left out of JSON."""
    assert [each.name for each in fields(kind) if not each.metadata.get("internal")] == names.split()


def test_a_shift_without_an_end_has_no_hand_over_time() -> None:
    endless = replace(SHIFT, end=None)
    handoff = written(facts(), [OnCall(ANA, None, None, "Security Responder", 1)], shift=endless)
    assert handoff.coming_up == ()
    assert next((each.role, each.name) for each in handoff.coverage) == ("engineer", ANA.name)
