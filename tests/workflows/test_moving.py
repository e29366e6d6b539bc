"""The journal to another machine: all of it or nothing, each event once, and never into another account's."""

from collections.abc import Callable, Iterator

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.errors import UsageError
from secops_oncall.workflows.moving import Taken, export, take_in
from tests.fakes import NOW, FakeJournal

EVENTS = [Event(NOW, "note", text=text) for text in ("first", "second\nline", "\x1b[2J\u2028 王")]


def exported(*events: Event, account: str | None = "PANA001") -> list[bytes]:
    count, lines = export(FakeJournal(*events, account=account), NOW)
    assert count == len(events)
    return [line.encode() for line in lines]


def read(lines: list[bytes]) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(lines)


def test_what_goes_out_comes_in_once() -> None:
    journal = FakeJournal(EVENTS[1])
    lines = exported(*EVENTS)
    assert take_in(journal, read(lines), "f", force=False) == Taken(2, 1)
    assert journal.written == [EVENTS[1], EVENTS[0], EVENTS[2]]
    assert take_in(journal, read(lines), "f", force=False) == Taken(0, 3)


def test_an_empty_journal_is_one_too() -> None:
    lines = exported()
    assert len(lines) == 1
    assert take_in(FakeJournal(), read(lines), "f", force=False) == Taken(0, 0)


@pytest.mark.parametrize("broken", [b"{", b'{"uid": 5}', b"\xff"])
def test_a_line_that_is_wrong_is_named_and_nothing_is_taken_in(broken: bytes) -> None:
    journal = FakeJournal()
    lines = exported(*EVENTS)
    lines[3] = broken
    with pytest.raises(UsageError, match=r"^the\[2J file:4: .*; nothing was imported$"):
        take_in(journal, read(lines), "the\x1b[2J[2J file", force=True)
    assert journal.written == []


@pytest.mark.parametrize(
    "lines", [[], [b"\n"], [b"first\n"], exported(*EVENTS)[1:]], ids=["0", "empty", "text", "no head"]
)
def test_what_is_no_export_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(UsageError, match="^f:1: "):
        take_in(FakeJournal(), read(lines), "f", force=True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_part_of_an_export_is_refused(count: int) -> None:
    journal = FakeJournal()
    lines = exported(*EVENTS)
    with pytest.raises(UsageError, match=f"holds {3 - count} of 3 events"):
        take_in(journal, read(lines[:-count]), "f", force=True)
    with pytest.raises(UsageError, match="holds 4 of 3 events"):
        take_in(journal, read([*lines, lines[-1]]), "f", force=True)
    assert journal.written == []


def test_a_file_that_changes_in_the_meantime_is_taken_in_whole_or_not_at_all() -> None:
    journal, lines, times = FakeJournal(), exported(*EVENTS), iter(range(9))

    def changing() -> Iterator[bytes]:
        return iter(lines if next(times) < 2 else [*lines[:-1], b"{"])

    with pytest.raises(UsageError, match="^f:4: "):
        take_in(journal, changing, "f", force=False)
    assert journal.written == []


def test_another_accounts_is_refused_unless_it_is_meant() -> None:
    lines = exported(*EVENTS, account="PBEN002")
    for mine, why in (
        ("PANA001", "another account: 'PBEN002', and this one is of 'PANA001'"),
        (None, "nobody knows whose"),
    ):
        journal = FakeJournal(account=mine)
        with pytest.raises(UsageError, match=why) as refused:
            take_in(journal, read(lines), "f", force=False)
        assert "--force" in refused.value.hint
        assert journal.written == []
        assert take_in(journal, read(lines), "f", force=True).new == 3


def test_one_of_nobodys_is_anybodys() -> None:
    for mine in ("PANA001", None):
        assert take_in(FakeJournal(account=mine), read(exported(*EVENTS, account=None)), "f", force=False).new == 3
