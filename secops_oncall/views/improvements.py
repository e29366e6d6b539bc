"""Improvements: the notes that are still unfiled, the issue that one would become, and what became of each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from secops_oncall.domain.events import SHORT, Note
from secops_oncall.domain.issues import Issue, NewIssue
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.text import clean
from secops_oncall.domain.times import span
from secops_oncall.streams import Streams
from secops_oncall.views.notes import FIELDS
from secops_oncall.views.outcomes import print_outcomes
from secops_oncall.views.screen import age
from secops_oncall.views.table import Column, Listing, Output, print_list


def print_unfiled(
    streams: Streams, notes: Sequence[Note], output: Output | None, now: datetime, limit: int | None = None
) -> None:
    """Print the notes that are to be filed or dropped, as they come."""
    columns = (
        Column[Note]("note", lambda note: note.short),
        Column[Note]("age", lambda note: age(now - note.at)),
        Column[Note]("kind", lambda note: note.kind, lambda note: "bold" if note.kind == "risk" else ""),
        Column[Note]("page", lambda note: note.page or "", lambda _: "dim", drop=1),
        Column[Note]("text", lambda note: note.text, least=28),
    )
    print_list(streams, Listing(lambda note: note.id, FIELDS, columns, "Nothing is unfiled."), notes, output, limit)


def choice(note: Note, now: datetime) -> str:
    """What a note is picked by."""
    return f"{note.short}  {note.kind:<8}  {span(now - note.at):>10}  {clean(note.text)}"


def like(issue: Issue) -> str:
    """What an issue is picked by that may be the same."""
    return f"it is {issue.ref}  {'confidential: ' if issue.confidential else ''}{clean(issue.title)}"


def say_draft(streams: Streams, new: NewIssue, marker: str) -> None:
    """The whole issue that would be made, on standard error; its marker is a comment that nobody sees."""
    head = {
        "title": clean(new.title),
        "project": new.project,
        "label": ", ".join(new.labels),
        "confidential": "yes" if new.confidential else "no",
        "marker": marker.strip("<!-> "),
    }
    lines = [f"{name}: {value}" for name, value in head.items()]
    streams.say("\n".join([*lines, "", new.description]))
    streams.say("")


def print_filed(
    streams: Streams, outcomes: Sequence[Outcome], verb: Literal["filed", "dropped"], output: Literal["text", "json"]
) -> None:
    """Print what became of each note; people read its short id, unless it has become an issue."""
    read = [
        replace(one, id=one.id[:SHORT], ref=None if one.code == "duplicate" else one.ref, place="gitlab")
        for one in outcomes
    ]
    print_outcomes(streams, outcomes if output == "json" else read, verb, output)
