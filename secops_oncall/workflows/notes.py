"""Notes: a line in the journal, at once and offline."""

from datetime import datetime

from secops_oncall.domain.events import Event, Note, NoteKind, focus, notes
from secops_oncall.domain.text import clean_lines
from secops_oncall.errors import UsageError
from secops_oncall.ports import Journal
from secops_oncall.workflows.refs import page_ref


def take_note(journal: Journal, text: str, kind: NoteKind, page: str | None, now: datetime) -> Note:
    """Keep a note, linked to the page that is named or in focus; it is on the disk when this returns.

    A page's number is kept as its id where the journal knows it: offline nothing else does.
    Raises UsageError for an empty text and for a PAGE that is none.
    """
    words = clean_lines(text).strip()
    if not words:
        raise UsageError("the note is empty", 'oncall note "what you saw"')
    seen = journal.events("focus")
    focused = focus(seen, now)
    numbers = {str(event.data.get("number")): event.subject for event in seen}
    ref = page_ref(page) if page else focused.id if focused else ""
    subject = numbers.get(ref, ref)
    event = Event(now, "note", subject, words, {"kind": kind})
    journal.append(event)
    return notes([event])[0]


def about(journal: Journal, note: Note) -> str:
    """What a note is about, as it is echoed: the page's number and title where the journal knows them."""
    if note.page is None:
        return ""
    seen = {event.subject: event for event in journal.events("focus") if event.subject == note.page}
    known = seen.get(note.page)
    return f", for page {known.data.get('number')} {known.text}" if known else f", for page {note.page}"


def list_notes(journal: Journal) -> list[Note]:
    """Every note in the journal, oldest first."""
    return notes(journal.events("note"))
