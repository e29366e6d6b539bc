"""What has changed about an incident since I last held it: what was said then and now, and what happened between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from secops_oncall.domain import posted
from secops_oncall.domain.charge import charge
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import MarkedNote
from secops_oncall.domain.people import Person
from secops_oncall.domain.previous import ADDENDUM, HANDOFF, READ_BACK, marked
from secops_oncall.domain.received import PART, Believed
from secops_oncall.domain.said import LABELS, Said
from secops_oncall.domain.traces import NextStep

COMPARED = ("summary", "state", "tried", "confidence", "posture", "if_then")
_SAID = (HANDOFF, ADDENDUM)  # an addendum says everything anew
_OURS = {*_SAID, HANDOFF + PART, READ_BACK}  # notes that say anew what is compared here, and are no news beside it


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

    Of one that I never held everything that was said is new.
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
    told = marked(notes, whose.authors)
    held = _held(told, me)
    if held is None and issue.state == "closed":
        return None
    before, now = _last(told, held) if held else "", _last(told, None)
    was, steps = posted.read(before), _open(now, whose)
    happened = [_fact(note, whose) for note in notes if _is_news(note, held, me)]
    return Since(
        issue.ref,
        issue,
        "closed" if issue.state == "closed" else "open",
        held.at if held else None,
        charge(notes, None, whose.people, whose.bot).acting,
        tuple(_changes(was, posted.read(now))),
        _without(_named([step for step, _ in posted.steps(before)], whose), steps),
        _without(steps, was.next_steps),
        tuple(happened),
    )


def _held(told: Iterable[MarkedNote], me: str) -> MarkedNote | None:
    """My last hand-off, else my last read-back."""
    mine = [note for note in told if note.author.casefold() == me.casefold()]
    handed = [note for note in mine if note.mark.kind in _SAID]
    read = [note for note in mine if note.mark.kind == READ_BACK]
    return next(reversed(handed or read), None)


def _last(told: Sequence[MarkedNote], until: MarkedNote | None) -> str:
    """The last hand-off, or the last one up to a note."""
    handed = [note for note in told if until is None or (note.at, note.id) <= (until.at, until.id)]
    return next((note.text for note in reversed(handed) if note.mark.kind in _SAID), "")


def _open(note: str, whose: Believed) -> list[NextStep]:
    return _named(posted.read(note).next_steps, whose)


def _named(steps: Iterable[NextStep], whose: Believed) -> list[NextStep]:
    """Steps with people's own names, where a note has their user names."""
    known = [(step, whose.who(step.who) if step.who else None) for step in steps]
    return [replace(step, who=person.name) if person else step for step, person in known]


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
    known = note.mark and marked([note], whose.authors)
    who = whose.who(note.author)
    return Fact(
        note.at, who.name if who else note.author, note.mark.kind if note.mark and known else "comment", note.text
    )
