"""What has changed about an incident since I last held it: what was said then and now, and what happened between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from secops_oncall.domain import posted
from secops_oncall.domain.charge import charge, marked
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import MarkedNote, believed
from secops_oncall.domain.people import Person
from secops_oncall.domain.received import HANDOFF, PART, READBACK, Believed
from secops_oncall.domain.said import LABELS, Said
from secops_oncall.domain.traces import NextStep

COMPARED = ("summary", "state", "tried", "confidence", "posture", "if_then")
_OURS = {HANDOFF, HANDOFF + PART, READBACK}  # notes that say anew what is compared here, and are no news beside it


@dataclass(frozen=True)
class Changed:
    """A field of the hand-off that says something else now; an If/Then a line."""

    field: str
    before: str
    now: str

    @property
    def label(self) -> str:
        """What the field is called in a hand-off."""
        return LABELS[self.field]


@dataclass(frozen=True)
class Fact:
    """Something that somebody wrote on the issue; `kind` is `comment`, or the mark of one of ours."""

    at: datetime
    who: str
    kind: str
    text: str


@dataclass(frozen=True)
class Since:
    """One incident: until when I held it (None: never), who acts now, and all that has changed.

    Of one that I never held everything is new, and nothing is told as changed.
    """

    id: str
    issue: Issue
    state: Literal["open", "closed"]
    held_at: datetime | None
    acting: Person | None
    changes: tuple[Changed, ...] = ()
    closed_steps: tuple[NextStep, ...] = ()
    new_steps: tuple[NextStep, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether there is anything to tell."""
        told = (self.changes, self.closed_steps, self.new_steps, self.facts)
        return self.held_at is None or self.state == "closed" or any(told)


def since_held(issue: Issue, notes: Sequence[IssueNote], me: str, whose: Believed) -> Since | None:
    """What has changed since I (a GitLab user name) handed an incident off, or else since I read it back.

    None where there is nothing to tell: it is closed, and I never held it.
    """
    told = believed(marked(notes), whose.authors)
    held = _held(told, me)
    if held is None and issue.state == "closed":
        return None
    before = _said(told, held) if held else Said()
    now = _said(told, None)
    happened = [_fact(note, whose) for note in notes if _is_news(note, held, me)]
    return Since(
        issue.ref,
        issue,
        "closed" if issue.state == "closed" else "open",
        held.at if held else None,
        charge(notes, None, whose.people, whose.bot).acting,
        tuple(_changes(before, now)) if held else (),
        _without(before.next_steps, now.next_steps) if held else (),
        _without(now.next_steps, before.next_steps),
        tuple(happened),
    )


def _held(told: Iterable[MarkedNote], me: str) -> MarkedNote | None:
    """My last hand-off, else my last read-back."""
    mine = [note for note in told if note.author.casefold() == me.casefold()]
    handed = [note for note in mine if note.mark.kind == HANDOFF]
    read = [note for note in mine if note.mark.kind == READBACK]
    return next(reversed(handed or read), None)


def _said(told: Sequence[MarkedNote], until: MarkedNote | None) -> Said:
    """What the last hand-off says, or the last one up to a note."""
    handed = [note for note in told if until is None or (note.at, note.id) <= (until.at, until.id)]
    last = next((note for note in reversed(handed) if note.mark.kind == HANDOFF), None)
    return posted.read(last.text) if last else Said()


def _changes(before: Said, now: Said) -> Iterable[Changed]:
    for name in COMPARED:
        was, is_now = _text(getattr(before, name)), _text(getattr(now, name))
        if was != is_now:
            yield Changed(name, was, is_now)


def _text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _without(steps: Iterable[NextStep], others: Iterable[NextStep]) -> tuple[NextStep, ...]:
    known = {step.action.casefold() for step in others}
    return tuple(step for step in steps if step.action.casefold() not in known)


def _is_news(note: IssueNote, held: MarkedNote | None, me: str) -> bool:
    """Whether somebody else has written something since."""
    ours = note.mark is not None and note.mark.kind in _OURS
    late = held is not None and (note.at, note.id) > (held.at, held.id)
    return late and not ours and not note.system and note.author.casefold() != me.casefold()


def _fact(note: IssueNote, whose: Believed) -> Fact:
    """A note as something that happened; a mark of somebody who isn't believed says nothing."""
    known = note.mark and believed(marked([note]), whose.authors)
    who = whose.who(note.author)
    return Fact(
        note.at, who.name if who else note.author, note.mark.kind if note.mark and known else "comment", note.text
    )
