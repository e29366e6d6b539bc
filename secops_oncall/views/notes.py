"""The notes of the shift, as they were typed."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from secops_oncall.domain.events import NOTE_KINDS, Note
from secops_oncall.domain.text import clean
from secops_oncall.domain.times import both
from secops_oncall.streams import Streams
from secops_oncall.views.screen import Screen
from secops_oncall.views.table import Field, Listing, Output, named, print_list

FIELDS: tuple[Field[Note], ...] = (*named("id", "at", "kind", "text", "page", "shift", "filed"),)
_WIDE = max(len(kind) for kind in NOTE_KINDS)


def print_notes(
    streams: Streams,
    notes: Sequence[Note],
    output: Output | None,
    now: datetime,
    limit: int | None = None,
    zone: tzinfo = UTC,
    empty: str = "No notes yet.",
) -> None:
    """Print notes, the last ones where there is a limit; on a terminal each whole, its time in UTC and in `zone`."""

    def screen(streams: Streams, notes: Sequence[Note]) -> None:
        lines = Screen(streams)
        for note in notes:
            lead = f"{clean(note.short)}  {both(note.at, now, zone)}  {note.kind:<{_WIDE}}  "
            lines.lines(note.text + _about(note), lead=lead)
        lines.show(whole=True)

    listing = Listing[Note](lambda note: note.id, FIELDS, (), empty, screen)
    print_list(streams, listing, notes, output, limit, newest_last=True)


def _about(note: Note) -> str:
    about = [f"page {note.page}" if note.page else "", f"filed as {note.filed}" if note.filed else ""]
    told = ", ".join(filter(None, about))
    return f"  ({told})" if told else ""
