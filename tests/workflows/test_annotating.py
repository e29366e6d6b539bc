"""The note that goes with a resolve: on what is resolved, once, and told beside it."""

import pytest

from secops_oncall.domain.outcomes import PAGE_NOTE, Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.errors import AuthError, UsageError
from secops_oncall.workflows.acting import Changed
from secops_oncall.workflows.annotating import annotate, note_text
from secops_oncall.workflows.outcomes import Acted
from tests.fakes import NOW, FakeJournal, FakePagerDuty, a_page, plain

RESULTS = list(Result)
PAGES = [a_page(f"Q1PAGE{number:07}") for number, _ in enumerate(RESULTS)]


def resolved() -> Changed:
    """A page for every way in which a resolve can end."""
    pages: dict[str, Page] = {page.id: plain(page) for page in PAGES}
    return Changed([Outcome(page.id, result) for page, result in zip(PAGES, RESULTS, strict=True)], pages=pages)


def note(pagerduty: FakePagerDuty, journal: FakeJournal, *, dry_run: bool = False) -> Acted:
    return annotate(pagerduty, journal, resolved(), "ours", NOW, dry_run=dry_run)


def test_what_is_resolved_gets_the_note_and_nothing_else() -> None:
    pagerduty, journal = FakePagerDuty(PAGES), FakeJournal()
    noted = note(pagerduty, journal)
    so = [page.id for page, result in zip(PAGES, RESULTS, strict=True) if result in ("done", "already", "planned")]
    assert [one.id for one in noted.outcomes if one.result is Result.DONE] == so
    assert sorted(pagerduty.writes) == [("note", (id, "ours")) for id in sorted(so)]
    assert [(one.kind, one.subject, one.text) for one in journal.written] == [("page_note", id, "ours") for id in so]


def test_that_a_note_is_not_written_is_told_in_the_order_of_the_pages() -> None:
    noted = note(FakePagerDuty(PAGES), FakeJournal())
    assert {one.place for one in noted.outcomes} == {PAGE_NOTE}
    assert [one.id for one in noted.outcomes] == [page.id for page in PAGES]
    untold = {RESULTS[place]: one for place, one in enumerate(noted.outcomes) if one.result is not Result.DONE}
    assert {before: one.result for before, one in untold.items()} == {
        Result.REFUSED: Result.REFUSED,
        Result.FAILED: Result.FAILED,
        Result.UNKNOWN: Result.REFUSED,
        Result.QUEUED: Result.REFUSED,
    }
    assert {one.message for one in untold.values()} == {"the note is not written, since the page is not resolved"}


def test_a_dry_run_writes_none_even_where_it_is_resolved_already() -> None:
    pagerduty, journal = FakePagerDuty(PAGES), FakeJournal()
    noted = note(pagerduty, journal, dry_run=True)
    assert {one.result for one in noted.outcomes} == {Result.PLANNED, Result.REFUSED, Result.FAILED}
    assert (pagerduty.writes, journal.written) == ([], [])


def test_a_note_that_fails_says_that_it_is_the_note() -> None:
    pagerduty = FakePagerDuty(PAGES)
    pagerduty.failing = {"note": AuthError("the token may only read", "use another one")}
    noted = note(pagerduty, FakeJournal())
    failed = [one for one in noted.outcomes if one.message.startswith("the note: ")]
    assert {(one.result, one.code, one.message, one.hint) for one in failed} == {
        (Result.FAILED, "auth", "the note: the token may only read", "use another one")
    }


def test_an_empty_note_is_refused_and_controls_go() -> None:
    assert note_text("\x1b[31mours\x07\r\nsecond ") == "ours\nsecond"
    for empty in ("", " \n", "\x1b[0m"):
        with pytest.raises(UsageError, match="empty"):
            note_text(empty)
