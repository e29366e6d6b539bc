"""Marks: comments that nobody sees in GitLab, by which a note of ours is known again, on any machine."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

_MARK = re.compile(r"<!-- oncall:([a-z-]+) ([A-Za-z0-9_./:-]+) ([A-Za-z0-9_./-]+) -->")
_UNFIT = re.compile(r"[^A-Za-z0-9_./:-]")


@dataclass(frozen=True)
class Mark:
    """What a note is about: its kind (`handoff`, `readback`, `break` …), the shift's id, and what of it."""

    kind: str
    shift: str
    key: str

    def __str__(self) -> str:
        shift, key = _UNFIT.sub("", self.shift) or "-", _UNFIT.sub("", self.key).replace(":", "") or "-"
        return f"<!-- oncall:{self.kind} {shift} {key} -->"


@dataclass(frozen=True)
class MarkedNote:
    """A note that carries a mark: by whom (a GitLab user name) and when; `text` is clean and has no marks any more."""

    id: int
    mark: Mark
    author: str
    at: datetime
    text: str
    internal: bool = False
    url: str = ""


def issue_key(id: int) -> str:
    """The key of an issue, by its global id: it stays the same when the issue moves."""
    return f"issue-{id}"


def page_key(id: str) -> str:
    """The key of a page."""
    return f"page-{id}"


def mark_in(raw: str) -> Mark | None:
    """The mark that a raw body begins with, or ends with; None for one in its middle, which may be quoted.

    Whether it counts is a question of who wrote it.
    """
    lines = [line.strip() for line in raw.strip().splitlines()]
    for line in (lines[0], lines[-1]) if lines else ():
        if found := _MARK.fullmatch(line):
            return Mark(found[1], found[2], found[3])
    return None


def believed(notes: Iterable[MarkedNote], authors: Collection[str]) -> list[MarkedNote]:
    """The notes whose mark counts, oldest first: anybody can write what looks like one of ours."""
    known = {author.casefold() for author in authors}
    return sorted((note for note in notes if note.author.casefold() in known), key=lambda note: (note.at, note.id))
