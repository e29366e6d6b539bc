"""What becomes of notes without a request: listed, dropped, or filed as what is there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secops_oncall.domain.events import DROPPED, Event, Note, filed, notes
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import ConfigError, NotFoundError
from secops_oncall.workflows.improvements import drop, file_as, list_unfiled, target, waiting
from secops_oncall.workflows.notes import take_note
from tests.fakes import NOW, FakeGitLab, FakeJournal, an_issue

THERE = an_issue("acme/engineering#7", title="Honeypot noise")


def a_journal() -> FakeJournal:
    """An old note to automate, a fresh risk, a plain note, a dropped question and a filed process."""
    kinds = {"automate": 3000, "risk": 5, "note": 4, "question": 3, "process": 2}
    events = [
        Event(NOW - timedelta(minutes=minutes), "note", text=f"{kind} it", data={"kind": kind}, uid=kind)
        for kind, minutes in kinds.items()
    ]
    return FakeJournal(*events, filed("question", None, NOW, "answered"), filed("process", "acme/engineering#1", NOW))


def every(journal: FakeJournal) -> list[Note]:
    return notes(journal.events())


def results(outcomes: list[Outcome]) -> list[tuple[str, str, str]]:
    return [(one.id, one.result.value, one.code) for one in outcomes]


def test_unfiled_are_those_of_any_shift_oldest_first() -> None:
    assert [note.id for note in list_unfiled(a_journal())] == ["automate", "risk"]
    assert [note.id for note in list_unfiled(a_journal(), "risk")] == ["risk"]


def test_a_note_that_says_the_very_same_waits_until_something_has_become_of_it() -> None:
    journal = a_journal()
    found = waiting(journal, " risk it\n", "risk", None)
    assert found and found.id == "risk"
    assert waiting(journal, "risk it", "automate", None) is waiting(journal, "risk it, now", "risk", None) is None
    for settled in ("question", "process"):
        assert waiting(journal, f"{settled} it", settled, None) is None
    about = take_note(journal, "who owns it?", "question", "Q1LEAK", NOW)
    assert waiting(journal, "who owns it?", "question", None) == waiting(journal, "who owns it?", "question", "Q1LEAK")
    assert waiting(journal, "who owns it?", "question", "Q1LEAK") == about
    assert waiting(journal, "who owns it?", "question", "Q2TRAVEL") is None


def test_what_is_dropped_is_unfiled_no_more_and_what_was_filed_stays_so() -> None:
    journal = a_journal()
    assert results(drop(journal, every(journal), "moot", NOW, dry_run=False)) == [
        ("automate", "done", ""),
        ("risk", "done", ""),
        ("note", "done", ""),
        ("question", "already", "dropped"),
        ("process", "already", "filed"),
    ]
    assert {note.id: note.filed for note in every(journal)} == {
        **dict.fromkeys(("automate", "risk", "note", "question"), DROPPED),
        "process": "acme/engineering#1",
    }
    assert list_unfiled(journal) == []
    assert {event.text for event in journal.written[-3:]} == {"moot"}


def test_a_note_is_filed_as_the_one_that_is_there() -> None:
    journal, gitlab = a_journal(), FakeGitLab([THERE])
    outcomes = file_as(gitlab, journal, every(journal), THERE.ref, NOW, dry_run=False)
    assert [one.result.value for one in outcomes] == ["done", "done", "done", "done", "already"]
    assert {note.filed for note in every(journal)} == {THERE.ref, "acme/engineering#1"}
    assert (outcomes[0].ref, outcomes[0].url, outcomes[4].ref) == (THERE.ref, THERE.url, "acme/engineering#1")
    assert gitlab.writes == []


def test_what_is_filed_as_a_confidential_issue_is_confidential_itself() -> None:
    journal, there = a_journal(), replace(THERE, confidential=True)
    file_as(FakeGitLab([there]), journal, list_unfiled(journal), there.ref, NOW, dry_run=False)
    assert [note.id for note in every(journal) if note.confidential] == ["automate", "risk"]


def test_an_issue_that_is_not_there_files_nothing() -> None:
    journal = a_journal()
    with pytest.raises(NotFoundError):
        file_as(FakeGitLab(), journal, every(journal), "acme/engineering#7", NOW, dry_run=False)
    assert len(list_unfiled(journal)) == 2


def test_a_dry_run_changes_nothing() -> None:
    journal = a_journal()
    before = list(journal.written)
    for outcomes in (
        drop(journal, every(journal), "", NOW, dry_run=True),
        file_as(FakeGitLab([THERE]), journal, every(journal), THERE.ref, NOW, dry_run=True),
    ):
        assert outcomes[0].result is Result.PLANNED
    assert journal.written == before


def test_a_journal_that_is_full_drops_nothing() -> None:
    journal = a_journal()
    notes_of_it, journal.failing = every(journal), ConfigError("the journal is full", "make room")
    with pytest.raises(ConfigError):
        drop(journal, notes_of_it, "", NOW, dry_run=False)


@pytest.mark.parametrize("project", [None, ""])
def test_a_project_that_is_not_set_is_named(project: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        target(project, "x")
    assert "issues.improvement_project" in caught.value.message
