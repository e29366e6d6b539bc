"""Notes: a line in the journal, at once and offline."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from secops_oncall.domain.events import Event, Note, NoteKind, focus, notes
from secops_oncall.domain.text import clean_lines, quoted
from secops_oncall.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from secops_oncall.ports import Journal

_LEAST = 4  # characters of an id that name a note
_TOLD_APART = 16  # as many as tell notes apart that begin alike


def take_note(
    journal: "Journal", text: str, kind: NoteKind, page: str | None, now: datetime, *, follow: bool = True
) -> Note:
    """Keep a note, linked to the page that is named or, to `follow` it, in focus; it is on the disk on return.

    A page's number is kept as its id where the journal knows it: offline nothing else does.
    Raises UsageError for an empty text and for a PAGE that is none.
    """
    words = clean_lines(text).strip()
    if not words:
        raise UsageError("the note is empty", 'oncall note "what you saw"')
    seen = journal.events("focus")
    if page:
        ref = _ref(page)
    else:
        focused = focus([*seen, *journal.events("shift")], now) if follow else None
        ref = focused.id if focused else ""
    event = Event(now, "note", _numbers(seen).get(ref, ref), words, {"kind": kind})
    journal.append(event)
    return notes([event])[0]


def about(journal: "Journal", note: Note) -> str:
    """What a note is about, as it is echoed: the page's number and title where the journal knows them."""
    if note.page is None:
        return ""
    seen = {event.subject: event for event in journal.events("focus") if event.subject == note.page}
    known = seen.get(note.page)
    return f", for page {known.data.get('number')} {known.text}" if known else f", for page {note.page}"


def list_notes(
    journal: "Journal",
    kinds: Collection[str] = (),
    page: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Note]:
    """The notes in the journal, oldest first: of some kinds, about a PAGE, from `since` to before `until` (aware).

    Raises UsageError for a PAGE that is none; one that nobody has noted anything about has no notes.
    """
    ref = _ref(page) if page else None
    names = _names(journal.events("focus"), ref) if ref else set()
    return [
        note
        for note in _every(journal)
        if (not kinds or note.kind in kinds)
        and (ref is None or note.page in names)
        and (since is None or note.at >= since)
        and (until is None or note.at < until)
    ]


def named_note(journal: "Journal", text: str) -> Note:
    """The note whose id begins with what was typed, 4 characters at least.

    Raises UsageError for fewer, and where several notes begin so, naming them; NotFoundError where none does.
    """
    word = text.strip().lower()
    if len(word) < _LEAST:
        raise UsageError(f"{quoted(text)} is too short for a note's id: {_LEAST} characters or more", "oncall notes")
    found = [note for note in _every(journal) if note.id.startswith(word)]
    if not found:
        raise NotFoundError(f"there is no note {quoted(text)}", "oncall notes")
    if len(found) > 1 and word not in (note.id for note in found):
        several = ", ".join(note.id[:_TOLD_APART] for note in found)
        raise UsageError(f"{quoted(text)} is the beginning of {len(found)} notes: {several}", "type more of it")
    return next((note for note in found if note.id == word), found[0])


def _ref(page: str) -> str:
    from secops_oncall.workflows.refs import page_ref  # loaded where a page is named: most notes name none

    return page_ref(page)


def _every(journal: "Journal") -> list[Note]:
    """Every note, with its shift and what became of it."""
    return notes(event for kind in ("note", "shift", "filed") for event in journal.events(kind))


def _numbers(seen: Iterable[Event]) -> dict[str, str]:
    """The ids of the pages that have been in focus, by their numbers."""
    return {str(event.data.get("number")): event.subject for event in seen if event.subject}


def _names(seen: Iterable[Event], ref: str) -> set[str]:
    """Every name under which notes about a page were kept: offline a number may have stayed one."""
    numbers = _numbers(seen)
    id = numbers.get(ref, ref)
    return {ref, id, *(number for number, known in numbers.items() if known == id)}
