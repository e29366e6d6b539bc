"""Notes: kept at once, of the page that is meant, whatever it was called."""

from datetime import timedelta

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.errors import ConfigError, UsageError
from secops_oncall.workflows.notes import list_notes, take_note
from secops_oncall.workflows.pages import focus_on
from tests.fakes import NOW, FakeJournal, a_page

CANARY = a_page("Q1CANARYTOKEN01", number=4117)
TRAVEL = a_page("Q1TRAVEL000002", number=4116)


def test_a_note_is_on_the_disk_when_it_is_answered() -> None:
    journal = FakeJournal()
    note = take_note(journal, "ruled out the VPN", "automate", None, NOW)
    assert (note.text, note.kind, note.at, note.page, note.filed) == ("ruled out the VPN", "automate", NOW, None, None)
    (event,) = journal.written
    assert (event.kind, event.text, event.at, event.uid) == ("note", "ruled out the VPN", NOW, note.id)
    assert list_notes(journal) == [note]


def test_a_note_is_about_the_page_in_focus_as_long_as_it_is() -> None:
    journal = FakeJournal(focus_on(CANARY, NOW))
    assert take_note(journal, "one source", "note", None, NOW + timedelta(hours=1)).page == CANARY.id
    assert take_note(journal, "of another shift", "note", None, NOW + timedelta(hours=13)).page is None


@pytest.mark.parametrize(
    "name", [TRAVEL.id, TRAVEL.id.lower(), "4116", "04116", f"https://acme.pagerduty.com/incidents/{TRAVEL.id}"]
)
def test_a_page_that_is_named_goes_before_the_one_in_focus_and_is_kept_by_its_id(name: str) -> None:
    """Offline only the journal can tell a number's id, and the hand-off knows pages by their ids."""
    journal = FakeJournal(focus_on(TRAVEL, NOW - timedelta(days=2)), focus_on(CANARY, NOW))
    assert take_note(journal, "called j.doe", "note", name, NOW).page == TRAVEL.id


def test_the_number_of_a_page_that_was_never_seen_here_is_kept_as_it_is() -> None:
    journal = FakeJournal(focus_on(CANARY, NOW), Event(NOW, "focus"))
    assert take_note(journal, "somebody called", "note", "9999", NOW).page == "9999"


def test_what_was_typed_or_pasted_is_made_safe_and_keeps_its_lines() -> None:
    note = take_note(FakeJournal(), "  first\x1b[2J\r\nsecond\u202e  ", "note", None, NOW)
    assert note.text == "first\nsecond"


@pytest.mark.parametrize("text", ["", "  \n ", "\x1b[2J\u200b"])
def test_an_empty_note_is_refused(text: str) -> None:
    journal = FakeJournal()
    with pytest.raises(UsageError, match="empty"):
        take_note(journal, text, "note", None, NOW)
    assert journal.written == []


def test_what_is_no_page_is_refused_and_nothing_is_kept() -> None:
    journal = FakeJournal()
    with pytest.raises(UsageError, match="is no page"):
        take_note(journal, "a note", "note", "no page at all", NOW)
    assert journal.written == []


def test_a_note_that_cannot_be_kept_is_never_said_to_be() -> None:
    journal = FakeJournal()
    journal.failing = ConfigError("the journal can't be used: disk full", "make room")
    with pytest.raises(ConfigError):
        take_note(journal, "a note", "note", None, NOW)


def test_notes_are_listed_oldest_first_and_nothing_else_is() -> None:
    journal = FakeJournal()
    take_note(journal, "second", "note", None, NOW)
    take_note(journal, "first", "risk", None, NOW - timedelta(minutes=5))
    journal.append(focus_on(CANARY, NOW))
    assert [(note.text, note.kind) for note in list_notes(journal)] == [("first", "risk"), ("second", "note")]
    assert list_notes(FakeJournal()) == []
