"""Words for the hand-off of a shift that is over."""

from datetime import timedelta

from secops_oncall.domain.said import LATE, TYPED, Said, event, joined, said, typed_late
from secops_oncall.workflows.late import ShiftJournal
from tests.fakes import NOW, FakeJournal

REF, BEFORE = "acme/operations#101", "engineer/PANA001/2026-11-22T21:00:00Z"
HOUR = timedelta(hours=1)


def test_what_is_typed_late_names_its_shift_and_is_no_word_of_this_one() -> None:
    own = [event(REF, {"state": "old", "tried": "a"}, NOW - 9 * HOUR)]
    journal = FakeJournal(*own, event(REF, {"state": "of this shift"}, NOW - HOUR))
    late = ShiftJournal(journal, BEFORE, own)
    late.append(event(REF, {"state": "late"}, NOW))
    assert [each.kind for each in journal.written][-1] == LATE
    assert joined([REF], said(late.events(TYPED, NOW - 10 * HOUR))) == Said(state="late", tried="a")
    assert joined([REF], said(journal.events(TYPED))).state == "of this shift"
    assert typed_late(journal.events(), "another") == []
    again = ShiftJournal(journal, BEFORE, [*own, *typed_late(journal.events(), BEFORE)])
    assert len(again.events()) == 2


def test_words_of_this_shift_are_the_journals_own() -> None:
    journal = FakeJournal()
    ShiftJournal(journal).append(event(REF, {"state": "x"}, NOW))
    assert [each.kind for each in journal.written] == [TYPED]
    assert ShiftJournal(journal).events(TYPED, NOW) == journal.written
