"""What happened to an incident, from the pages' logs, the issue's comments, marked notes and the engineer's own."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from secops_oncall.domain.improvements import in_passing
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.marks import MarkedNote
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import PAGE_NOTE, LogEntry, PageDetail

# Notes of ours that tell what somebody did: hand-offs and read-backs only tell again what is told already.
DEEDS = ("update", "engage", "release", "break", "back", "high-impact")
APART = timedelta(seconds=5)  # a note's time and that of the log entry which tells of it
KINDS = frozenset({"trigger", "acknowledge", "unacknowledge", "escalate", "resolve", "snooze", "note", *DEEDS})


def is_ours(entry: LogEntry, page: PageDetail) -> bool:
    """Whether a log entry tells of the note by which a hand-off is linked."""
    ours = (note for note in page.notes if note.text.startswith(PAGE_NOTE) and note.who == entry.who)
    return entry.kind == "annotate" and any(abs(note.at - entry.at) <= APART for note in ours)


def told(
    pages: Sequence[PageDetail], comments: Iterable[IssueNote], ours: Iterable[MarkedNote], facts: Facts
) -> list[LogEntry]:
    """All that happened, oldest first; `ours` are those of the comments whose mark counts."""
    kinds, names, ids = {note.id: note.mark.kind for note in ours}, facts.names, {page.id for page in pages}
    found = [entry for page in pages for entry in page.timeline]
    noted = (note for page in pages for note in page.notes if not note.text.startswith(PAGE_NOTE))
    found += [LogEntry(note.at, "note", note.who, note.text) for note in noted]
    found += [
        LogEntry(note.at, kinds.get(note.id, "note"), names.get(note.author, note.author), note.text)
        for note in comments
        if kinds.get(note.id, "note") in KINDS
    ]
    found += [LogEntry(note.at, "note", facts.me.name, in_passing(note)) for note in facts.journal if note.page in ids]
    return sorted(found, key=lambda entry: entry.at)
