"""The hand-off of a shift: its pages, what is coming up, who covers it, and what it lacks."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import Event, filed, notes
from secops_oncall.domain.handoff import Background, ComingUp, Handoff, about, write
from secops_oncall.domain.incidents import Incident, Problem
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import LogEntry, PageDetail, PendingAction
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.previous import Previous, ReadBack
from secops_oncall.domain.reviews import Review, verdict
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.shift_pages import Metrics
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
    assert (page.ack_seconds, page.owner, page.in_sleep_hours) == (None, None, None)


def test_pages_in_numbers() -> None:
    """Ben is paged at 13:00 UTC, which is 5 in the morning where he lives, and Ana at 13:30."""
    bens = a_page(ONE, "resolved", timeline=(an_entry("trigger", 60), an_entry("acknowledge", 40, BEN)))
    anas = done(TWO, an_entry("escalate", 29), an_entry("acknowledge", 20, ANA), minutes=30)
    unacked = a_page("Q1UNACKED03")
    zones = {ANA.id: "Europe/Lisbon", BEN.id: "America/Los_Angeles"}
    handoff = written(facts(bens, anas, unacked, zones=zones, noise=frozenset({TWO})))
    assert handoff.metrics == Metrics(3, 900, 1200, manager_alerted=True, in_sleep_hours=1, noise=1)
    assert [page.in_sleep_hours for page in handoff.pages] == [True, None, False]
    assert written(facts(bens)).pages[0].in_sleep_hours is None, "nobody knows where Ben lives"
    assert written(facts()).metrics == Metrics()


def test_in_a_gap_the_next_engineer_takes_over_and_the_backup_is_named() -> None:
    late = turn(CHEN, END + timedelta(hours=3), END + timedelta(hours=12))
    always = OnCall(BEN, None, None, schedule="Backup")
    handoff = written(facts(), [TURNS[0], late, always])
    assert (handoff.incoming, handoff.backup, handoff.manager) == (CHEN, BEN, None)
    assert handoff.gap and (handoff.gap.start, handoff.gap.end) == (END, END + timedelta(hours=3))
    assert written(facts()).gap is None
    overlapping = replace(late, start=END - timedelta(hours=1))
    assert written(facts(), [TURNS[0], overlapping]).gap is None


def test_whoever_is_named_takes_over_and_it_is_written_for_them() -> None:
    turns = [*TURNS, turn(BEN, END + timedelta(hours=12), END + timedelta(hours=24), zone="America/New_York")]
    handoff = write(facts(), Rota(SHIFT, ROLES, turns, BEN), (), Background())
    assert (handoff.incoming, handoff.time_zone) == (BEN, "America/New_York")


def test_an_engineer_who_goes_on_hands_off_to_nobody() -> None:
    again = turn(ANA, END, END + timedelta(hours=12))
    assert written(facts(), [TURNS[0], again, replace(TURNS[1], start=END + timedelta(hours=12))]).incoming is None


def test_a_quiet_shift_is_one_with_nothing_to_tell() -> None:
    warning = Problem("W1", "warning", ANA.name, "reviews", "", "")
    assert written(facts()).is_quiet
    assert replace(written(facts()), problems=(warning,)).is_quiet
    assert not replace(written(facts()), problems=(replace(warning, severity="error"),)).is_quiet
    assert not written(facts(a_page(ONE))).is_quiet


def test_what_a_hand_off_tells_of_a_page() -> None:
    issue = an_issue("acme/operations#1", ONE)
    noted = Event(NOW, "note", ONE, "called legal", {"kind": "note"})
    other = Event(NOW, "note", TWO, "no", {"kind": "note"})
    whole = written(facts(a_page(ONE), a_page(TWO, minutes=61), issues=[issue]), events=[noted, other])
    found = about(whole, "4060")
    assert found and found == about(whole, ONE)
    assert [incident.id for incident in found.incidents] == [issue.ref]
    assert ([page.id for page in found.pages], [note.text for note in found.notes]) == ([ONE], ["called legal"])
    assert about(whole, "9999") is None


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


def test_coverage_shows_every_role_after_the_hand_over_and_its_gaps() -> None:
    back = END + timedelta(hours=14)
    turns = [*TURNS, turn(ANA, back, back + timedelta(hours=12)), turn(BEN, START, END + timedelta(days=9), level=2)]
    told = [(each.role, each.name, each.end) for each in written(facts(), turns).coverage]
    assert told == [
        ("engineer", CHEN.name, END + timedelta(hours=12)),
        ("engineer", None, back),
        ("engineer", ANA.name, END + timedelta(hours=24)),
        ("backup", None, END + timedelta(hours=24)),
        ("manager", BEN.name, END + timedelta(hours=24)),
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


def test_reviews_are_the_shifts() -> None:
    told = {"by": "ana", "seen": 4, "new": 1, "changed": 0, "verdicts": {"noise": 1}, "source": "walk"}
    events = [Event(START - timedelta(hours=1), "review"), Event(NOW, "review", data=told)]
    handoff = written(facts(), events=events, reviews_due=3)
    assert handoff.reviews == (Review(NOW, "ana", 4, 1, 0, {"noise": 1}, "walk"),)
    assert handoff.reviews_due == 3


def test_what_a_review_found_to_need_a_human_is_told() -> None:
    given = [verdict(an_issue(f"g/p#{number}"), "human", at) for number, at in ((1, NOW), (2, NOW), (3, START))]
    noise = verdict(an_issue("g/p#2"), "noise", NOW)
    before = verdict(an_issue("g/p#4"), "human", START - timedelta(minutes=1))
    assert written(facts(), events=[*given, noise, before]).human == ("g/p#3", "g/p#1")


def test_it_is_written_for_the_time_zone_of_whoever_takes_over() -> None:
    assert written(facts(), time_zone="Europe/Lisbon").time_zone == "Asia/Singapore"
    assert written(facts(), TURNS[:1], time_zone="Europe/Lisbon").time_zone == "Europe/Lisbon"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            Handoff,
            "shift outgoing incoming pages incidents reviews backlog improvements notes coming_up problems places"
            " complete accepted metrics backup manager previous",
        ),
        (
            Incident,
            "id pages issue owner acting engaged posture summary state tried confidence related next_steps if_then"
            " zoom slack timeline stale uncovered problems said",
        ),
        (Problem, "code severity subject field message fix"),
        (Metrics, "pages median_ack_seconds slowest_ack_seconds manager_alerted in_sleep_hours noise"),
        (Previous, "at by url accepted"),
        (ReadBack, "by at"),
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
