"""The Backlog's rules: which list holds what, what fits, when a pick falls due, and who was first."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.backlog import (
    BoardList,
    begun,
    by_due_date,
    comes_first,
    date_of_pick,
    due,
    first_begin,
    first_to_pick,
    is_overdue,
    last_begin,
    list_named,
    offered,
    overwrote,
    picks,
    time_left,
    was_given_back,
)
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Board, Issue, IssueEdit, IssueNote, IssueQuery, LabelEvent
from secops_oncall.domain.shifts import Shift
from tests.fakes import COLLEAGUES, ME, NOW, USER, a_page, an_issue

BEN, CHEN = COLLEAGUES
DOING = "In Progress"
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", DOING, "Review"))
LABELLED, OPEN = BoardList(BOARD, "Backlog", DOING), BoardList(BOARD, None, DOING)
HOUR = timedelta(hours=1)


def item(*labels: str, **more: Any) -> Issue:
    return an_issue("acme/tools#1", **{"labels": labels, **more})


def shift(end: datetime | None) -> Shift:
    return Shift("s", NOW - HOUR, end, "weekday", "engineer", ME.person, None)


def events(*steps: str, at: datetime = NOW) -> list[LabelEvent]:
    """Label events in order: `+ben In Progress`, a second apart."""
    people = {"ana": USER, "ben": BEN, "chen": CHEN}
    found = []
    for number, step in enumerate(steps, 1):
        who, _, label = step[1:].partition(" ")
        action = "add" if step[0] == "+" else "remove"
        found.append(LabelEvent(number, at + timedelta(seconds=number), people[who], action, label or DOING))  # type: ignore[arg-type]
    return found


def first(*steps: str, me: int = USER.id) -> str | None:
    found = first_begin(events(*steps), DOING, me)
    return found.user.username if found else None


def test_a_list_is_a_labels_list_or_gitlab_s_own_open_list() -> None:
    assert list_named(BOARD, "Backlog", DOING) == LABELLED
    assert list_named(BOARD, "bACKLOG", DOING) == LABELLED
    assert list_named(BOARD, "open", DOING) == OPEN
    assert list_named(BOARD, "Later", DOING) is None
    both = replace(BOARD, lists=("backlog", "Backlog", "OPEN"))
    assert [list_named(both, name, DOING).label for name in ("Backlog", "backlog", "Open")] == [  # type: ignore[union-attr]
        "Backlog",
        "backlog",
        "OPEN",
    ]
    assert (LABELLED.name, OPEN.name) == ("Backlog", "Open")


def test_what_is_asked_has_the_boards_scope_in_it() -> None:
    scoped = replace(
        BOARD, scope=("team",), milestone="19.1", weight=2, assignee="ana", place="acme/tools", kind="project"
    )
    (query,) = replace(LABELLED, board=scoped).queries("ana")
    assert query == IssueQuery(
        *("acme/tools", "project", ("team", "Backlog"), (DOING,)),
        assignee="ana",
        milestone="19.1",
        weight=2,
        described=False,
    )
    assert [each.assignee for each in LABELLED.queries("ana")] == ["None", "ana"]
    (free,) = OPEN.queries("ana")
    assert (free.assignee, free.labels, free.without) == ("None", (), ("Backlog", DOING, "Review"))
    (elsewhere,) = replace(OPEN, doing="Doing").queries("ana")
    assert elsewhere.without == ("Backlog", DOING, "Review", "Doing")


def test_a_list_holds_what_has_its_label_and_open_what_has_none() -> None:
    assert LABELLED.holds(item("Backlog", "edr"))
    assert not LABELLED.holds(item("Review"))
    assert OPEN.holds(item("edr"))
    assert OPEN.holds(item())
    assert not OPEN.holds(item("edr", "Review"))


@pytest.mark.parametrize("outside", [{"scope": ("team",)}, {"milestone": "19.1"}, {"weight": 2}], ids=str)
def test_what_is_outside_the_boards_scope_is_in_none_of_its_lists(outside: dict[str, object]) -> None:
    board = replace(BOARD, **outside)  # type: ignore[arg-type]
    assert not replace(LABELLED, board=board).holds(item("Backlog"))
    assert not replace(OPEN, board=board).holds(item())
    assert not begun(board, DOING, item(DOING))
    inside = item("Backlog", "team", milestone="19.1", weight=2)
    assert replace(LABELLED, board=board).holds(inside)


@pytest.mark.parametrize(
    ("scope", "planned", "unplanned"),
    [
        ({"milestone": "None"}, False, True),
        ({"milestone": "Started"}, True, False),
        ({"weight": -2}, False, True),
        ({"weight": 0}, False, False),
        ({}, True, True),
    ],
    ids=str,
)
def test_a_scope_may_be_a_rule(scope: dict[str, Any], planned: bool, unplanned: bool) -> None:
    there = replace(LABELLED, board=replace(BOARD, **scope))
    assert there.holds(item("Backlog", milestone="19.1", weight=3)) is planned
    assert there.holds(item("Backlog")) is unplanned


@pytest.mark.parametrize(
    "issue",
    [
        item("Backlog", state="closed"),
        item("Backlog", assignees=("ben",)),
        item("Backlog", assignees=("ana", "ben")),
        item("Backlog", DOING),
        item("Review"),
    ],
    ids=["closed", "another's", "shared", "begun", "elsewhere"],
)
def test_nobody_is_offered_what_is_not_free(issue: Issue) -> None:
    assert not LABELLED.offers(issue, "ana")


def test_of_a_board_of_what_is_assigned_to_somebody_only_that_is_offered() -> None:
    mine = replace(LABELLED, board=replace(BOARD, assignee="ana"))
    assert mine.offers(item("Backlog", assignees=("ana",)), "ana")
    assert not mine.offers(item("Backlog"), "ana")
    assert mine.holds(item("Backlog"))  # where it goes back to


def test_what_nobody_has_is_offered_and_what_was_given_to_me() -> None:
    assert LABELLED.offers(item("Backlog"), "ana")
    assert LABELLED.offers(item("Backlog", assignees=("ana",)), "ana")


def test_lists_that_gitlab_does_not_tell_apart() -> None:
    board = replace(BOARD, others=("milestone", "assignee", "milestone", "iteration"))
    assert replace(OPEN, board=board).hidden == ("milestone", "iteration")
    assert replace(LABELLED, board=board).hidden == ()


def test_a_pick_is_one_change_that_leaves_every_other_list_and_a_due_date_alone() -> None:
    day = date(2026, 12, 6)
    assert LABELLED.taken(item("Backlog"), USER, day) == IssueEdit((11,), (DOING,), ("Backlog", "Review"), "2026-12-06")
    assert LABELLED.taken(item("Backlog", due_date="2026-11-30"), USER, day).due_date is None
    assert OPEN.taken(item(), USER, day).remove == ("Backlog", "Review")


def test_giving_back_leaves_others_and_their_due_date_alone() -> None:
    held = item(DOING, assignees=("ana", "ben"), due_date="2026-12-06")
    assert LABELLED.given_back(held, USER, "2026-12-06") == IssueEdit((12,), ("Backlog",), ("Review", DOING), "")
    assert LABELLED.given_back(held, USER, "2026-11-29").due_date is None
    assert LABELLED.given_back(replace(held, due_date=None), USER, None).due_date is None
    alone = OPEN.given_back(item(DOING, assignees=("ana",)), USER, None)
    assert (alone.assignees, alone.add, set(alone.remove)) == ((), (), {"Backlog", DOING, "Review"})


def test_what_was_begun_has_the_label_of_a_pick_or_of_a_later_list() -> None:
    assert [begun(BOARD, DOING, item(label)) for label in ("Backlog", DOING, "Review", "edr")] == [
        False,
        True,
        True,
        False,
    ]
    assert [begun(BOARD, "Doing", item(label)) for label in ("Doing", "Review")] == [True, False]


@pytest.mark.parametrize(
    ("estimate", "left", "fits"),
    [(7200, 2 * HOUR, True), (7201, 2 * HOUR, False), (None, 2 * HOUR, None), (60, None, None), (60, 0 * HOUR, False)],
)
def test_an_estimate_fits_or_not(estimate: int | None, left: timedelta | None, fits: bool | None) -> None:
    issue = item(time_estimate=estimate)
    found = offered(issue, left)
    assert (found.fits, found.ref, found.description) == (fits, issue.ref, issue.description)


def test_the_time_left_of_a_shift() -> None:
    assert time_left(shift(NOW + 3 * HOUR), NOW) == 3 * HOUR
    assert time_left(shift(NOW - HOUR), NOW) == timedelta(0)
    assert (time_left(shift(None), NOW), time_left(None, NOW)) == (None, None)


def test_the_first_that_fits_goes_before_what_may_and_what_does_not_is_never_picked() -> None:
    fitting, unknown, long = (offered(item(time_estimate=each), 2 * HOUR) for each in (60, None, 99_999))
    assert first_to_pick([long, unknown, fitting]) == fitting
    assert first_to_pick([long, unknown]) == unknown
    assert first_to_pick([long]) is None


LISBON, KIRITIMATI = ZoneInfo("Europe/Lisbon"), ZoneInfo("Pacific/Kiritimati")  # the latter 14 hours ahead of UTC


@pytest.mark.parametrize(
    ("end", "zone", "day"),
    [
        (datetime(2026, 11, 23, 21, tzinfo=UTC), UTC, date(2026, 12, 6)),  # a Monday
        (datetime(2026, 11, 29, 21, tzinfo=UTC), UTC, date(2026, 12, 6)),  # the Sunday of the same week
        (datetime(2026, 11, 30, 8, tzinfo=UTC), UTC, date(2026, 12, 13)),  # a weekend's end on Monday morning
        (datetime(2026, 11, 30, 0, tzinfo=UTC), UTC, date(2026, 12, 6)),  # until midnight: it ended with Sunday
        (datetime(2026, 11, 29, 21, tzinfo=UTC), KIRITIMATI, date(2026, 12, 13)),  # where it is Monday then
        (datetime(2026, 12, 31, 12, tzinfo=UTC), LISBON, date(2027, 1, 10)),
    ],
)
def test_a_pick_falls_due_on_the_sunday_after_the_week_in_which_the_shift_ends(
    end: datetime, zone: ZoneInfo, day: date
) -> None:
    assert due(shift(end), NOW, zone) == day
    assert day.weekday() == 6


def test_without_a_shift_or_its_end_it_counts_from_today() -> None:
    assert due(None, NOW, UTC) == due(shift(None), NOW, UTC) == date(2026, 12, 6)
    assert due(None, datetime(2026, 11, 30, tzinfo=UTC), UTC) == date(2026, 12, 13)


def test_it_is_overdue_once_the_day_is_over() -> None:
    issue = item(due_date="2026-11-23")
    assert not is_overdue(issue, date(2026, 11, 23))
    assert is_overdue(issue, date(2026, 11, 24))
    assert not is_overdue(item(), date(2026, 11, 24))


def test_what_falls_due_first_comes_first() -> None:
    never, soon, late, old = (
        an_issue(f"acme/tools#{number}", due_date=day, minutes=age)
        for number, day, age in ((1, None, 9), (2, "2026-12-06", 5), (3, "2026-12-13", 5), (4, "2026-12-06", 9))
    )
    assert by_due_date([never, late, soon, old]) == [old, soon, late, never]


def test_a_page_of_mine_comes_first_unless_it_is_at_rest_or_resolved() -> None:
    me = ME.id
    mine: dict[str, Any] = {"assigned_to": (ME.person,)}
    assert comes_first(a_page("Q1", **mine), me, NOW)
    assert comes_first(a_page("Q2", "acknowledged", acknowledged_by=(ME.person,)), me, NOW)
    assert not comes_first(a_page("Q3"), me, NOW)
    assert not comes_first(a_page("Q4", "resolved", **mine), me, NOW)
    assert not comes_first(a_page("Q5", "acknowledged", **mine, snoozed_until=NOW + HOUR), me, NOW)
    assert comes_first(a_page("Q6", "acknowledged", **mine, snoozed_until=NOW), me, NOW)


def test_whoever_put_the_label_on_first_was_first() -> None:
    assert first("+ben", "-ben Backlog") == "ben"
    assert first("+ben", "+ana") == "ben"  # both were on their way
    assert first("+ana", "+ben") == "ana"
    assert first("+chen Backlog", "+ana Review") is None
    assert first() is None


def test_what_was_taken_off_again_counts_for_nothing() -> None:
    assert first("+ben", "-ben", "+ana") == "ana"
    assert first("+ana", "-ben") is None
    assert first("+ben", "-ben Backlog", "-chen Review") == "ben"


def test_the_events_ids_tell_their_order() -> None:
    assert first_begin(reversed(events("+ben", "+ana")), DOING, USER.id).user == BEN  # type: ignore[union-attr]


def test_a_label_whose_removal_gitlab_has_lost_wins_no_race() -> None:
    ancient = events("+chen", at=NOW - timedelta(days=400))
    fresh = [replace(event, id=event.id + 10) for event in events("+ben", "+ana")]
    for me in (USER, BEN):
        found = first_begin([*ancient, *fresh], DOING, me.id)
        assert found
        assert found.user == BEN
    found = first_begin(ancient, DOING, USER.id)  # my own request left none: it was there
    assert found
    assert found.user == CHEN


def test_a_pick_is_told_by_the_event_that_began_it_last() -> None:
    assert last_begin(events("+ben", "-ben", "+ana Backlog", "+ana"), DOING) == 4
    assert last_begin(events("+ana Backlog"), DOING) == 0


def test_what_i_moved_back_last_was_given_back_by_me() -> None:
    back = ["+ana", "-ana Backlog", "+ana Backlog", "-ana"]
    assert was_given_back(events(*back), LABELLED, USER.id)
    assert was_given_back(events(*back[:2], "-ana", "+ana Backlog", "+ben edr"), LABELLED, USER.id)
    assert was_given_back(events("+ana", "-ana"), OPEN, USER.id)
    assert not was_given_back(events(*back), LABELLED, BEN.id)
    assert not was_given_back(events(*back, "+ben", "-ben Backlog"), LABELLED, USER.id)
    assert not was_given_back(events("+ana"), LABELLED, USER.id)
    assert not was_given_back(events(), LABELLED, USER.id)


def told(kind: str, result: str, minutes: int, **more: str) -> Event:
    return Event(NOW + timedelta(minutes=minutes), kind, "acme/tools#1", data={"result": result, **more})


def test_the_journal_knows_what_i_picked_and_have_not_ended() -> None:
    sent, end = told("pick", "sent", 0, due="2026-12-06"), told("pick", "done", 0, due="2026-12-06")
    known = picks([sent, end])["acme/tools#1"]
    assert (known.result, known.due) == ("done", "2026-12-06")
    assert picks([sent, end, told("done", "done", 5)]) == {}
    assert picks([sent, end, told("drop", "already", 5)]) == {}
    assert picks([sent, end, told("drop", "unknown", 5), told("done", "refused", 6)])
    assert picks([told("drop", "done", 5), told("pick", "done", 9)])


@pytest.mark.parametrize(
    ("result", "cut_off"),
    [("sent", True), ("unknown", True), ("refused", True), ("done", False), ("failed", False)],
)
def test_a_pick_was_cut_off_where_it_was_not_the_first_for_sure(result: str, cut_off: bool) -> None:
    assert picks([told("pick", result, 0)])["acme/tools#1"].was_cut_off is cut_off


def by_gitlab(text: str, who: str, seconds: int, *, system: bool = True) -> IssueNote:
    """A note that GitLab itself wrote of a change (or somebody of their own), so many seconds after now."""
    return IssueNote(100 + seconds, NOW + timedelta(seconds=seconds), who, text, internal=False, system=system)


@pytest.mark.parametrize(
    ("note", "late"),
    [
        (by_gitlab("assigned to @ana and unassigned @ben", "ana", 2), True),
        (by_gitlab("assigned to @ana and unassigned @ben", "ana", -200), True),
        (by_gitlab("assigned to @ana and unassigned @ben", "ana", 900), False),
        (by_gitlab("assigned to @ana and unassigned @ben", "ben", 2), False),
        (by_gitlab("assigned to @ana and unassigned @ben", "ana", 2, system=False), False),
    ],
    ids=["behind it", "before it", "long after", "given to me", "a comment"],
)
def test_a_race_is_told_by_gitlab_s_own_notes_and_clock(note: IssueNote, late: bool) -> None:
    (begin,) = events("+ben")
    assert overwrote(begin, [by_gitlab("changed the description", "ben", 0), note], "ana") is late


DATED = by_gitlab("changed due date to December 6, 2026", "ana", 3)


@pytest.mark.parametrize(
    ("steps", "notes", "found"),
    [
        (("+ana",), (DATED,), True),
        (("+ana", "-ana", "+ana"), (DATED,), True),
        (("+ben",), (DATED,), False),
        ((), (DATED,), False),
        (("+ana",), (), False),
        (("+ana",), (by_gitlab("changed due date to December 6, 2026", "ana", -30),), False),
        (("+ana",), (by_gitlab("changed due date to December 6, 2026", "ana", 90),), False),
        (("+ana",), (DATED, by_gitlab("changed due date to December 6, 2026", "ben", 5)), False),
        (("+ana",), (by_gitlab("changed due date to December 6, 2026", "ana", 3, system=False),), False),
    ],
    ids=["pick", "last pick", "ben's", "none", "had it", "before", "long after", "changed since", "a comment"],
)
def test_the_date_that_a_pick_has_set_is_known_from_gitlab(
    steps: tuple[str, ...], notes: tuple[IssueNote, ...], found: bool
) -> None:
    issue = item(DOING, due_date="2026-12-06")
    assert date_of_pick(issue, events(*steps), notes, DOING, USER) == ("2026-12-06" if found else None)
    assert date_of_pick(item(DOING), events(*steps), notes, DOING, USER) is None
