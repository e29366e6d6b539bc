"""What happened to an incident, from the pages' logs, the issue's comments, marked notes and the engineer's own."""

from collections.abc import Iterable, Sequence

from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.marks import MarkedNote
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import LogEntry, PageDetail

# Notes of ours that tell what somebody did: hand-offs and read-backs only tell again what is told already.
DEEDS = ("update", "engage", "release", "break", "back", "high-impact")
KINDS = frozenset({"trigger", "acknowledge", "unacknowledge", "escalate", "resolve", "snooze", "note", *DEEDS})


def told(
    pages: Sequence[PageDetail], comments: Iterable[IssueNote], ours: Iterable[MarkedNote], facts: Facts
) -> list[LogEntry]:
    """All that happened, oldest first; `ours` are those of the comments whose mark counts."""
    kinds, names, ids = {note.id: note.mark.kind for note in ours}, facts.names, {page.id for page in pages}
    found = [entry for page in pages for entry in page.timeline]
    found += [LogEntry(note.at, "note", note.who, note.text) for page in pages for note in page.notes]
    found += [
        LogEntry(note.at, kinds.get(note.id, "note"), names.get(note.author, note.author), note.text)
        for note in comments
        if kinds.get(note.id, "note") in KINDS
    ]
    found += [LogEntry(note.at, "note", facts.me.name, note.text) for note in facts.journal if note.page in ids]
    return sorted(found, key=lambda entry: entry.at)
