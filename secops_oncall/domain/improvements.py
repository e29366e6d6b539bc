"""Improvements: notes that something is to become of, the issues that they are filed as, and what is like them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal, get_args

from secops_oncall.domain.events import DROPPED, Event, Note, NoteKind, notes
from secops_oncall.domain.issues import Issue, NewIssue
from secops_oncall.domain.markdown import link, marker, typed
from secops_oncall.domain.text import shorten
from secops_oncall.domain.times import stamp

Kind = Literal["automate", "question", "risk", "process"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 80  # characters of a title that is made of a note
ALIKE = 0.8  # from which likeness on two titles may mean the same
FILING = "filing"  # the kind of the events that a note is about to be filed, whose subject is the note's id

_PROPOSALS: tuple[NoteKind, ...] = ("automate", "process")  # what is noted of these is what would be better
_HAPPENED = "**[empty: what happened, when, and how often]**"
_BETTER = "**[empty: what would be better, and who would notice]**"
_NOWHERE = "**[empty: the page, issue, rule, runbook or repository that it is about]**"

# Where a sentence may end, and words whose full stop ends none: `vs.`, `e.g.`.
_END = re.compile(r"\n|[.!?]+[\"')\]”’]*(?=\s)|[。！？]")
_ABBREVIATED = re.compile(r"(?:^|\s)\(?(?:(?:\w\.)*\w|vs|cf|ca|approx|Mr|Ms|Dr)\.$")


@dataclass(frozen=True)
class Target:
    """Where improvements are filed: a project and the label that marks them."""

    project: str
    label: str


@dataclass(frozen=True)
class Shape:
    """How a note is filed: its kind and title, where they aren't the note's own, and what it is about.

    `where` are names and URLs, never titles: these may be confidential, and the issue may not be.
    """

    kind: NoteKind | None = None
    title: str | None = None
    where: Sequence[tuple[str, str]] = ()


def unfiled(every: Iterable[Note]) -> list[Note]:
    """Those of the notes that are to become something, and have become nothing yet."""
    return [note for note in every if note.kind in KINDS and note.filed is None]


def carried(events: Sequence[Event], in_shift: Callable[[datetime], bool]) -> list[Note]:
    """What a hand-off tells of: notes that were filed in its shift, and the unfiled ones of any shift; oldest first."""
    now_filed = {event.subject for event in events if event.kind == "filed" and in_shift(event.at)}
    every = notes(events)
    told = {note.id for note in unfiled(every)}
    told |= {note.id for note in every if note.id in now_filed and note.filed not in (None, DROPPED)}
    return [note for note in every if note.id in told]


def quotable(note: Note, *, confidential: bool) -> str | None:
    """The words of a note as a hand-off may quote them; None: no more of it than its kind, and its issue if it has one.

    A risk, and what was filed as a confidential issue, is told by that issue alone. Until there is one only a document
    that is itself `confidential` has the words.
    """
    if note.kind != "risk" and not note.confidential:
        return note.text
    return note.text if confidential and note.filed in (None, DROPPED) else None


def in_passing(note: Note) -> str:
    """A note in the time line of an incident, whose issue may be for everybody: its words, or of a risk what it is."""
    words = quotable(note, confidential=False)
    where = "" if note.filed in (None, DROPPED) else f", filed as {note.filed}"
    return f"{note.kind}{where}" if words is None else words


def draft(note: Note, target: Target, shape: Shape) -> NewIssue:
    """The issue that a note becomes; nobody is mentioned in it. A risk stays confidential, whatever it is filed as."""
    kind = shape.kind or note.kind
    title = typed(shape.title or title_of(note.text))
    return NewIssue(
        target.project, title, _description(note, kind, shape), (target.label,), "risk" in (kind, note.kind)
    )


def key(note: str) -> str:
    """The marker of a note's (its id's) issue, by which it is found again."""
    return marker("improve", note)


def title_of(text: str) -> str:
    """A note's first sentence, as a title of at most 80 characters."""
    sentence = " ".join(_first_sentence(text).split())
    return shorten(sentence.rstrip(".") or sentence, LONGEST)


def alike(title: str, issues: Iterable[Issue]) -> list[Issue]:
    """The issues whose titles may mean the same, the likeliest first, each once.

    Titles are compared by their words alone, in their order or sorted, without their case: two mean the same where
    difflib's ratio is at least 0.8.
    """
    found = {issue.ref: (likeness(title, issue.title), issue) for issue in issues}
    ordered = sorted(found.values(), key=lambda one: (-one[0], one[1].created_at))
    return [issue for ratio, issue in ordered if ratio >= ALIKE]


def likeness(one: str, other: str) -> float:
    """How alike two titles are, from 0 to 1."""
    left, right = words(one), words(other)
    return max(_ratio(left, right), _ratio(sorted(left), sorted(right)))


def words(title: str) -> list[str]:
    """What counts of a title; where it has no words, all of it."""
    return re.findall(r"\w+", title.casefold()) or title.split()


def begin(note: str, project: str, at: datetime) -> Event:
    """That a note is about to be filed in a project: written down before the request is sent."""
    return Event(at, FILING, note, data={"project": project})


def tried(events: Iterable[Event], note: str) -> list[str]:
    """The projects in which a note was begun to be filed, each once."""
    every = (event for event in events if event.kind == FILING and event.subject == note)
    return list(dict.fromkeys(str(event.data.get("project", "")) for event in every))


def _first_sentence(text: str) -> str:
    for end in _END.finditer(text):
        sentence, rest = text[: end.end()].strip(), text[end.end() :].lstrip()
        if end[0] != "\n" and (rest[:1].islower() or _ABBREVIATED.search(sentence)):
            continue
        if re.search(r"\w", sentence):
            return sentence
    return text


def _description(note: Note, kind: NoteKind, shape: Shape) -> str:
    """Three headings: the note's words below one of them, a gap to fill below the others where nothing is known."""
    said = _quote(note.text)
    happened, better = (_HAPPENED, said) if kind in _PROPOSALS else (said, _BETTER)
    noted = f"noted {stamp(note.at)} as {note.kind}"
    where = [link(name, url) for name, url in shape.where] or [_NOWHERE]
    parts = {
        "What happened": happened,
        "What would be better": better,
        "Where": "\n".join(f"* {each}" for each in (*where, noted)),
    }
    return "\n\n".join(f"### {name}\n\n{text}" for name, text in parts.items())


def _quote(text: str) -> str:
    """The note's own words: quoted, so that what they leave open (a fence, a comment) ends with them."""
    return "\n".join(f"> {line}".rstrip() for line in typed(text).split("\n"))


def _ratio(one: Sequence[str], other: Sequence[str]) -> float:
    """difflib's ratio, or 0 as soon as it can't be enough."""
    matcher = SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False)
    enough = matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE
    return matcher.ratio() if enough else 0.0
