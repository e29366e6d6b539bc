"""Finding the hand-offs that were posted, on a machine that has never seen their shifts."""

from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.domain.marks import Mark
from secops_oncall.domain.people import Person
from secops_oncall.domain.readback import ReadBack
from secops_oncall.errors import NotFoundError, RemoteError
from secops_oncall.workflows.receiving import Found, find
from tests.fakes import NOW, an_issue
from tests.handed import (
    ANA,
    CHEN,
    NOTE,
    PROJECT,
    SHIFT,
    WORK,
    a_handover,
    a_note,
    accepted,
    an_incident,
    inbox,
    lab,
    pager,
    posted,
)

DOWN = RemoteError("PagerDuty: no answer within 20 s", "try again")
REF, FILED = f"{WORK}#101", f"{PROJECT}#7"


def found(*arguments: Any, shift: str | None = None, **more: Any) -> Found:
    return find(inbox(*arguments, **more), NOW, shift)


def shifts(looked: Found) -> list[tuple[str, bool]]:
    return [(each.shift, each.waits) for each in looked.handed]


def test_a_hand_off_is_found_by_its_issue_with_the_note_of_every_incident() -> None:
    looked = found(lab())
    (handed,) = looked.handed
    assert (handed.shift, handed.outgoing, handed.waits, handed.accepted) == (SHIFT, ANA, True, None)
    assert [(place.issue.ref, place.text) for place in handed.incidents] == [(REF, NOTE)]
    assert handed.handover and handed.handover.issue.ref == FILED
    assert (looked.is_named(handed), looked.is_mine(handed), looked.on_call) == (True, False, True)


def test_a_team_without_a_project_has_the_notes_alone() -> None:
    looked = found(lab(), project=None)
    (handed,) = looked.handed
    assert (handed.shift, handed.handover, handed.waits, looked.is_named(handed)) == (SHIFT, None, True, False)


@pytest.mark.parametrize("author", ["mallory", "", "ANA2"])
def test_what_a_stranger_has_marked_is_no_hand_off(author: str) -> None:
    forged = a_handover(author=author)
    notes = {REF: [a_note("handoff", 5, author, NOTE), a_note("readback", 4, author)]}
    assert found(lab(an_incident(), forged, notes=notes)).handed == []
    real = lab(notes={REF: [posted(), a_note("readback", 4, author)], FILED: [a_note("readback", 4, author)]})
    assert shifts(found(real)) == [(SHIFT, True)]


def test_what_only_looks_like_one_is_none() -> None:
    others = [
        a_handover(iid=8, mark=None),
        a_handover(iid=9, mark=Mark("handover", "-", "shift")),
        a_handover(iid=10, mark=Mark("improve", SHIFT, "x")),
        a_handover(iid=11, title="Handover"),
    ]
    assert found(lab(*others, notes={})).handed == []


def test_the_automations_marks_count_but_it_accepts_nothing() -> None:
    notes = {REF: [a_note("handoff", 5, "oncall-bot", NOTE), a_note("readback", 4, "oncall-bot")]}
    assert shifts(found(lab(an_incident(), notes=notes))) == [(SHIFT, True)]


def test_it_is_accepted_by_the_read_back_of_somebody_else() -> None:
    own = {REF: [posted(), accepted(5, "ana")], FILED: [accepted(5, "ana")]}
    assert shifts(found(lab(notes=own))) == [(SHIFT, True)]
    half = {REF: [posted()], FILED: [accepted(5)]}
    (handed,) = found(lab(notes=half)).handed
    assert handed.waits and handed.accepted
    both = {REF: [posted(), accepted(5)], FILED: [accepted(5)]}
    (handed,) = found(lab(notes=both)).handed
    assert not handed.waits and handed.accepted
    assert (handed.accepted.by, handed.accepted.read_back) == (CHEN, ReadBack("dead", "read", "a call comes"))


def test_an_addendum_asks_for_another_read_back_under_another_key() -> None:
    (before,) = found(lab()).handed
    late = a_note("addendum", 2, text="it came back", id=77)
    (handed,) = found(lab(notes={REF: [posted(), accepted(5), late], FILED: [accepted(5)]})).handed
    assert handed.waits
    (place,) = handed.incidents
    assert ([note.text for note in place.waiting], place.key) == (["it came back"], "issue-101/77")
    assert before.incidents[0].key == "issue-101"
    again = {REF: [posted(), accepted(5), late, accepted(1, key="issue-101/77")], FILED: [accepted(5)]}
    (handed,) = found(lab(notes=again)).handed
    assert not handed.waits


def test_the_read_back_of_another_shift_says_nothing_of_this_one() -> None:
    other = "engineer/PBEN002/2026-11-22T14:00:00Z"
    notes = {REF: [posted(), accepted(5, shift=other)], FILED: [accepted(5, shift=other)]}
    assert (SHIFT, True) in shifts(found(lab(notes=notes)))


def test_what_goes_on_in_further_comments_is_read_whole() -> None:
    first = replace(posted(), text=f"{NOTE}\n\n(goes on in the next comment, part 1 of 2)")
    notes = {REF: [first, a_note("handoff-part", 9, text="the rest", key="issue-101/2")]}
    (handed,) = found(lab(notes=notes)).handed
    assert handed.incidents[0].text == f"{NOTE}\nthe rest"


def test_an_issue_that_only_the_hand_over_issue_links_to_is_read_too() -> None:
    closed = an_incident(state="closed", labels=())
    (handed,) = found(lab(closed, a_handover())).handed
    assert [place.issue.ref for place in handed.incidents] == [REF]
    (handed,) = found(lab(a_handover(), notes={})).handed
    assert handed.incidents == (), "it is gone"


def test_of_an_incident_without_a_hand_over_issue_the_last_hand_off_counts() -> None:
    other = "engineer/PBEN002/2026-11-22T14:00:00Z"
    notes = {REF: [posted(700, shift=other), posted()]}
    assert [each.shift for each in found(lab(notes=notes), project=None).handed] == [SHIFT]


def test_the_last_one_comes_first_and_a_closed_one_is_soon_forgotten() -> None:
    ben = "engineer/PBEN002/2026-11-22T14:00:00Z"
    old = a_handover(700, shift=ben, iid=6, author="ben")
    gitlab = lab(an_incident(), a_handover(), old)
    assert [each.shift for each in found(gitlab).handed] == [SHIFT, ben]
    closed = replace(old, state="closed")
    assert [each.shift for each in found(lab(an_incident(), a_handover(), closed)).handed] == [SHIFT, ben]
    long_ago = replace(closed, updated_at=NOW.replace(day=12))
    assert [each.shift for each in found(lab(an_incident(), a_handover(), long_ago)).handed] == [SHIFT]


def test_one_shift_may_be_asked_for() -> None:
    assert [each.shift for each in found(lab(), shift=SHIFT).handed] == [SHIFT]
    assert found(lab(), shift="engineer/PBEN002/2026-11-22T14:00:00Z").handed == []


@pytest.mark.parametrize("sender", ["Ana", "ana@example.com", "PANA001", "ana ferreira"])
def test_of_whom(sender: str) -> None:
    assert [each.shift for each in found(lab()).of(sender)] == [SHIFT]


@pytest.mark.parametrize("sender", ["Ben", "", "ana ferreira jones"])
def test_of_nobody(sender: str) -> None:
    with pytest.raises(NotFoundError):
        found(lab()).of(sender)


def test_without_pagerduty_it_is_found_all_the_same() -> None:
    pagerduty = pager()
    pagerduty.failing["on_call"] = DOWN
    looked = found(lab(), pagerduty)
    assert (shifts(looked), looked.problems, looked.on_call) == ([(SHIFT, True)], [DOWN], False)
    assert looked.is_named(looked.handed[0])
    assert looked.handed[0].outgoing.id == "PANA001"


def test_notes_that_can_not_be_read_are_told() -> None:
    gitlab = lab()
    gitlab.failing["notes"] = DOWN
    looked = found(gitlab)
    assert (looked.problems, [each.incidents for each in looked.handed]) == ([DOWN], [()])


def test_whoever_left_the_schedule_is_known_by_their_id() -> None:
    gone = "engineer/PGONE01/2026-11-23T02:00:00Z"
    (handed,) = found(lab(an_issue(f"{PROJECT}#1"), a_handover(shift=gone, author="ben"), notes={})).handed
    assert handed.outgoing == Person("PGONE01", "ben", "ben@example.com")
    (handed,) = found(lab(an_incident(), notes={REF: [posted(shift=gone)]})).handed
    assert handed.outgoing == Person("PGONE01", "Ana Ferreira", "ana@example.com")
    (handed,) = found(lab(an_issue(f"{PROJECT}#1"), a_handover(shift=gone, author="oncall-bot"), notes={})).handed
    assert handed.outgoing == Person("PGONE01", "PGONE01")
