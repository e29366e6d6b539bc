"""Notes: kept at once, of the page that is meant, whatever it was called."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import DROPPED, Event, filed
from secops_oncall.errors import ConfigError, NotFoundError, UsageError
from secops_oncall.workflows.focus import focus_on
from secops_oncall.workflows.notes import list_notes, named_note, take_note
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
    assert take_note(journal, "about an issue", "note", None, NOW, follow=False).page is None
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


def texts(journal: FakeJournal, **wanted: Any) -> list[str]:
    return [note.text for note in list_notes(journal, **wanted)]


def test_notes_are_listed_by_kind_and_by_time() -> None:
    journal = FakeJournal()
    for minutes, kind in enumerate(("risk", "note", "question")):
        take_note(journal, kind, kind, None, NOW + timedelta(minutes=minutes))  # type: ignore[arg-type]
    assert texts(journal, kinds=["risk", "question"]) == ["risk", "question"]
    assert texts(journal, since=NOW + timedelta(minutes=1)) == ["note", "question"]
    assert texts(journal, until=NOW + timedelta(minutes=1)) == ["risk"]
    assert texts(journal, kinds=["risk"], since=NOW + timedelta(minutes=1)) == []


@pytest.mark.parametrize("name", [TRAVEL.id, "4116", f"https://acme.pagerduty.com/incidents/{TRAVEL.id}"])
def test_notes_about_a_page_are_found_whatever_it_was_called_then_and_now(name: str) -> None:
    """The second was kept by its number: the journal had never seen the page until afterwards."""
    journal = FakeJournal()
    take_note(journal, "by its id", "note", TRAVEL.id, NOW)
    take_note(journal, "by its number", "note", "4116", NOW)
    take_note(journal, "of another", "note", "4117", NOW)
    take_note(journal, "of none", "note", None, NOW)
    journal.append(focus_on(TRAVEL, NOW))
    assert texts(journal, page=name) == ["by its id", "by its number"]


def test_a_page_without_notes_has_none_and_what_is_no_page_is_refused() -> None:
    journal = FakeJournal(focus_on(TRAVEL, NOW), Event(NOW, "focus"))
    take_note(journal, "of none", "note", None, NOW)
    assert texts(journal, page="9999") == []
    with pytest.raises(UsageError, match="is no page"):
        texts(journal, page="no page at all")


def test_a_note_tells_its_shift_and_what_became_of_it() -> None:
    journal = FakeJournal()
    note = take_note(journal, "x", "risk", None, NOW)
    journal.append(Event(NOW, "shift", "engineer/P/1", data={"start": (NOW - timedelta(hours=1)).isoformat()}))
    journal.append(filed(note.id, None, NOW))
    assert [(one.shift, one.filed) for one in list_notes(journal)] == [("engineer/P/1", DROPPED)]
    assert named_note(journal, note.short).filed == DROPPED


def noted(*ids: str) -> FakeJournal:
    return FakeJournal(*(Event(NOW, "note", text=id, uid=id) for id in ids))


@pytest.mark.parametrize("typed", ["abcd", "ABCDE", " abcde111 ", "abcde11122"])
def test_a_note_is_named_by_the_beginning_of_its_id(typed: str) -> None:
    assert named_note(noted("abcde11122", "abcf000000"), typed).id == "abcde11122"


def test_a_whole_id_names_its_note_though_another_begins_with_it() -> None:
    assert named_note(noted("abcde111", "abcde11122"), "abcde111").id == "abcde111"


def test_several_notes_that_begin_alike_are_told_apart() -> None:
    with pytest.raises(UsageError, match="beginning of 2 notes: abcd000000000001, abcd000000000002") as refused:
        named_note(noted("abcd000000000001", "abcd000000000002", "ffff"), "abcd")
    assert refused.value.hint == "type more of it"


def test_an_id_that_is_too_short_or_of_no_note() -> None:
    with pytest.raises(UsageError, match="4 characters"):
        named_note(noted("abcd"), "abc")
    with pytest.raises(NotFoundError, match="no note 'ffff'"):
        named_note(noted("abcd"), "ffff")
    with pytest.raises(NotFoundError):
        named_note(FakeJournal(Event(NOW, "focus", uid="abcdef")), "abcdef")
