"""The folds over the journal: notes, and the page in focus."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from secops_oncall.domain.events import DROPPED, NOTE_KINDS, Event, Focus, Note, NoteKind, filed, focus, notes, shifts

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
HOUR = timedelta(hours=1)


def focused(page: str, at: datetime = NOW, *, number: int = 4117) -> Event:
    return Event(at, "focus", page, f"About {page}", {"number": number})


def shift(role: str, start: datetime, hours: float | None, learnt: datetime = NOW) -> Event:
    """That the journal learnt of a shift at a moment."""
    end = None if hours is None else (start + hours * HOUR).isoformat()
    return Event(learnt, "shift", f"{role}/PANA", data={"role": role, "start": start.isoformat(), "end": end})


def test_every_event_is_one_of_its_own() -> None:
    first, second = Event(NOW, "note", "", "same"), Event(NOW, "note", "", "same")
    assert first.uid != second.uid
    assert (first.subject, first.text, dict(first.data)) == ("", "same", {})


def test_a_note_is_read_from_its_event_and_from_what_became_of_it() -> None:
    event = Event(NOW, "note", "Q1ONE00001", "what I saw", {"kind": "risk"})
    known = [shift("engineer", NOW, None, LATER), filed(event.uid, "a/b#1", LATER), event]
    assert notes(known) == [Note(event.uid, NOW, "risk", "what I saw", "Q1ONE00001", "engineer/PANA", "a/b#1")]
    assert [note.filed for note in notes([*known, filed(event.uid, None, LATER + HOUR)])] == [DROPPED]


def test_a_note_belongs_to_the_shift_that_its_time_falls_in_by_the_last_word_on_it() -> None:
    def learnt(hours: float, at: datetime) -> Event:
        return shift("engineer", NOW, hours, at)

    event = Event(NOW + 3 * HOUR, "note", text="x")
    assert [note.shift for note in notes([event, learnt(2, NOW)])] == [None]
    assert [note.shift for note in notes([learnt(4, LATER), event, learnt(2, NOW)])] == ["engineer/PANA"]
    assert [one.end for one in shifts([learnt(4, LATER), learnt(2, NOW)])] == [NOW + 4 * HOUR]


def test_a_note_may_lack_everything_but_its_text() -> None:
    event = Event(NOW, "note", text="what I saw")
    assert notes([event]) == [Note(event.uid, NOW, "note", "what I saw", None, None, None)]


def test_notes_come_oldest_first_from_a_moment_on_and_nothing_else_comes() -> None:
    events = [Event(LATER, "note", text="b"), Event(NOW, "ack", text="no note"), Event(NOW, "note", text="a")]
    assert [note.text for note in notes(events)] == ["a", "b"]
    assert [note.text for note in notes(events, LATER)] == ["b"]
    assert notes(iter(events), LATER + timedelta(seconds=1)) == []


def test_the_kinds_of_note_are_those_of_the_interface() -> None:
    assert NOTE_KINDS == get_args(NoteKind) == ("note", "automate", "question", "risk", "process")


def test_what_was_put_in_focus_last_is_in_focus_in_whatever_order_events_come() -> None:
    first, second = focused("Q1ONE00001"), focused("Q1TWO00002", LATER, number=4118)
    assert focus([first], NOW) == Focus("Q1ONE00001", 4117, "About Q1ONE00001", NOW + timedelta(hours=12))
    for events in ([first, second], [second, first]):
        found = focus(iter(events), LATER)
        assert found and (found.id, found.number) == ("Q1TWO00002", 4118)


def test_a_focus_ends_and_the_one_before_it_does_not_come_back() -> None:
    events = [shift("engineer", NOW - HOUR, 24), focused("Q1ONE00001"), focused("Q1TWO00002", NOW - 2 * HOUR)]
    assert focus(events, NOW + timedelta(hours=22, minutes=59))
    assert focus(events, NOW + 23 * HOUR) is None


def test_where_the_shift_is_not_known_a_focus_lasts_twelve_hours() -> None:
    events = [shift("engineer", NOW + HOUR, 12), shift("backup", NOW - 9 * HOUR, 9), focused("Q1ONE00001")]
    assert focus(events, NOW + timedelta(hours=11, minutes=59))
    assert focus(events, NOW + 12 * HOUR) is None


@pytest.mark.parametrize("learnt", [NOW - HOUR, NOW, LATER])
@pytest.mark.parametrize("hours", [0.5, 48])
def test_a_focus_ends_with_its_shift_whenever_that_was_learnt(learnt: datetime, hours: float) -> None:
    known = [shift("engineer", NOW - HOUR, hours + 1, learnt), focused("Q1ONE00001")]
    found = focus(known, NOW)
    assert found and found.until == NOW + hours * HOUR
    week = shift("backup", NOW - 24 * HOUR, 168, LATER)
    assert focus([*known, week], NOW) == found, "the shift within the week counts"


def test_a_shift_without_end_ends_no_focus_before_its_time() -> None:
    found = focus([shift("manager", NOW, None), focused("Q1ONE00001")], NOW)
    assert found and found.until == NOW + 12 * HOUR


def test_a_focus_that_is_taken_away_is_none() -> None:
    assert focus([focused("Q1ONE00001"), Event(LATER, "focus")], LATER) is None
    assert focus([focused("Q1ONE00001"), focused("", LATER)], LATER) is None


def test_whatever_else_happens_leaves_the_focus_where_it_is() -> None:
    found = focus([focused("Q1ONE00001"), Event(LATER, "ack", "Q1TWO00002"), Event(LATER, "note", text="x")], LATER)
    assert found and found.id == "Q1ONE00001"


def test_without_such_an_event_there_is_no_focus() -> None:
    assert focus([], NOW) is None
    assert focus([Event(NOW, "ack", "Q1ONE00001"), Event(NOW, "note", "Q1ONE00001", "x")], NOW) is None


def test_a_focus_is_known_without_a_number() -> None:
    found = focus([Event(NOW, "focus", "Q1ONE00001")], NOW)
    assert found == Focus("Q1ONE00001", 0, "", NOW + 12 * HOUR)
