"""A hand-off as it was posted, on the screen of whoever takes over: what to start with comes first."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from secops_oncall.domain.readback import LABELS
from secops_oncall.domain.received import Handed, Place
from secops_oncall.domain.text import clean, clean_lines, plural
from secops_oncall.domain.times import both, span
from secops_oncall.streams import Streams
from secops_oncall.views.screen import Screen

START = "Start here"
_HEADING = re.compile(r"#{1,6} +(.*)")
_BULLET = re.compile(r"( *)[*-] +(.*)")
_LINK = re.compile(r"\[`?([^\]\n]*?)`?\]\(<[^>\n]*>\)")
_OWN_HEADING = "## Hand-off: "  # of a note, above which the screen has its own


def print_handed(streams: Streams, handed: Handed, now: datetime, zone: tzinfo = UTC) -> None:
    """Print a hand-off whole: what to start with, the rest of the hand-over issue, then the note of every incident."""
    screen = Screen(streams)
    screen.heading(f"{handed.outgoing.name} hands off, {_told(handed, now, zone)}")
    _state(screen, handed, now, zone)
    if handed.handover:
        for part in _start_first(handed.handover.text):
            _markdown(screen, part)
        _additions(screen, handed.handover, now, zone)
    for place in handed.incidents:
        secret = " (confidential)" if place.issue.confidential else ""
        screen.heading(f"{place.issue.ref}: {place.issue.title}{secret}", {place.issue.ref: place.issue.url})
        _markdown(screen, place.text)
        _additions(screen, place, now, zone)
    screen.show(whole=True)


def label(handed: Handed, now: datetime) -> str:
    """A hand-off in one line, to be picked from several."""
    return f"{handed.outgoing.name}: {_told(handed, now, UTC)}"


def _told(handed: Handed, now: datetime, zone: tzinfo) -> str:
    count = plural(len(handed.incidents), "incident") if handed.incidents else "no open incidents"
    return f"posted {both(handed.at, now, zone)}, {span(now - handed.at)} ago, {count}"


def _state(screen: Screen, handed: Handed, now: datetime, zone: tzinfo) -> None:
    """Whether somebody has taken it over, and in which words; until then whoever hands off is still acting."""
    by = handed.accepted
    if by is None:
        screen.line(f"not accepted yet: {handed.outgoing.name} is still acting", "bold")
        return
    screen.line(f"accepted by {by.by.name}, {both(by.at, now, zone)}")
    for name, label in LABELS.items():
        screen.lines(getattr(by.read_back, name), lead=f"  - {label} … ")
    if handed.waits:
        screen.line("a part of it waits for a read-back", "bold")


def _additions(screen: Screen, place: Place, now: datetime, zone: tzinfo) -> None:
    """What was added after it was posted."""
    for note in place.addenda:
        screen.line(f"Added {both(note.at, now, zone)} by {note.author}:", "bold")
        _markdown(screen, note.text)


def _start_first(text: str) -> list[str]:
    """The parts of a hand-over issue, what to start with before all others."""
    parts = re.split(r"^(?=## )", clean_lines(text), flags=re.MULTILINE)
    return sorted(parts, key=lambda part: not part.startswith(f"## {START}"))


def _markdown(screen: Screen, text: str) -> None:
    """Our own Markdown as lines of a screen; what it holds of others is text."""
    for lead, words, is_heading in _lines(text):
        if is_heading:
            screen.heading(words)
        else:
            screen.line(words, lead=lead)


def _lines(text: str) -> Iterator[tuple[str, str, bool]]:
    for line in clean_lines(text).split("\n"):
        plain = _LINK.sub(r"\1", line).replace("**", "")
        if not plain.strip() or line.startswith(_OWN_HEADING):
            continue
        if found := _HEADING.fullmatch(plain):
            yield "", clean(found[1]), True
        elif found := _BULLET.fullmatch(plain):
            yield f"  {found[1]}- ", clean(found[2]), False
        else:
            indent = len(plain) - len(plain.lstrip(" "))
            yield " " * (indent + 2), clean(plain), False
