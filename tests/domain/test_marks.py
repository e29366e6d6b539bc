"""Marks are found where our notes have them, and count only from those who are believed."""

from datetime import UTC, datetime, timedelta

from secops_oncall.domain.marks import Mark, MarkedNote, believed, issue_key, mark_in, page_key

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MARK = Mark("handoff", "engineer/PANA001/2026-11-23T02:00:00Z", issue_key(9001))


def test_a_mark_is_read_back_from_the_first_or_the_last_line() -> None:
    assert str(MARK) == "<!-- oncall:handoff engineer/PANA001/2026-11-23T02:00:00Z issue-9001 -->"
    assert mark_in(f"{MARK}\n## Hand-off") == mark_in(f"\r\nwords\r\n\r\n{MARK}\r\n") == MARK


def test_a_mark_in_the_middle_or_beside_words_is_none() -> None:
    for body in (f"a\n{MARK}\nb", f"see {MARK}", f"> {MARK}", "", "<!-- oncall:handoff -->", "<!-- oncall:x a b c -->"):
        assert mark_in(body) is None


def test_nothing_gets_out_of_a_mark() -> None:
    evil = Mark("break", "x --> @all", "y\n<!-- z")
    assert mark_in(str(evil)) == Mark("break", "x--all", "y--z")
    assert str(Mark("engage", "", page_key("Q1"))) == "<!-- oncall:engage - page-Q1 -->"


def test_only_some_are_believed_and_in_the_order_in_which_they_wrote() -> None:
    notes = [
        MarkedNote(number, MARK, author, NOON + timedelta(minutes=at), "")
        for number, author, at in ((3, "Ana", 5), (1, "mallory", 1), (2, "ben", 2))
    ]
    assert [note.id for note in believed(notes, ["ana", "ben"])] == [2, 3]
