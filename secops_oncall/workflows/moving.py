"""The journal on its way to another machine: all of it out, and what isn't here yet in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from secops_oncall.domain.events import Event
from secops_oncall.domain.exporting import Header, event_line, header_line, read_event, read_header
from secops_oncall.domain.text import clean, plural, quoted, shorten
from secops_oncall.errors import UsageError
from secops_oncall.ports_machine import WholeJournal


@dataclass(frozen=True)
class Taken:
    """What came of an import: how many events were new, and how many were here already."""

    new: int
    known: int


def export(journal: WholeJournal, now: datetime) -> tuple[int, Iterator[str]]:
    """How many events the journal holds, and the lines of its export, which are read as they are asked for."""
    count, events = journal.snapshot()
    header = Header(journal.account, now, count)

    def lines() -> Iterator[str]:
        yield header_line(header) + "\n"
        for event in events:
            yield event_line(event) + "\n"

    return count, lines()


def take_in(journal: WholeJournal, read: Callable[[], Iterable[bytes]], name: str, *, force: bool) -> Taken:
    """Write what isn't here yet of an export; `read` answers its lines, twice, and `name` is what it is called.

    Every line is looked at before anything is written. Raises UsageError, with the line's number, for what is no
    export or not a whole one, and for another account's unless `force`.
    """
    header = _header(read, name)
    if not force:
        _same_account(header.account, journal.account)
    found = sum(1 for _ in _events(read, name))
    if found != header.events:
        what = f"{quoted(name)} holds {found} of {plural(header.events, 'event')}: it is not all of the export"
        raise UsageError(what, "oncall journal export, again")
    new = journal.take(lambda: _events(read, name))
    return Taken(new, found - new)


def _header(read: Callable[[], Iterable[bytes]], name: str) -> Header:
    first = next(iter(read()), b"")
    try:
        return read_header(first)
    except ValueError as error:
        raise _refused(name, 1, error) from None


def _events(read: Callable[[], Iterable[bytes]], name: str) -> Iterator[Event]:
    for number, line in enumerate(read(), start=1):
        if number == 1 or not line.strip():
            continue
        try:
            yield read_event(line)
        except ValueError as error:
            raise _refused(name, number, error) from None


def _refused(name: str, number: int, error: ValueError) -> UsageError:
    what = f"{shorten(clean(name), 200)}:{number}: {shorten(clean(error), 200)}; nothing was imported"
    return UsageError(what, "oncall journal export, again, on the machine that it comes from")


def _same_account(theirs: str | None, mine: str | None) -> None:
    if theirs is None or theirs == mine:
        return
    if mine is None:
        what = f"it is the journal of {quoted(theirs)}, and nobody knows whose this one is"
        raise UsageError(what, "oncall status, which asks PagerDuty; or --force")
    what = f"it is the journal of another account: {quoted(theirs)}, and this one is of {quoted(mine)}"
    raise UsageError(what, "the same again with --force, if you mean it")
