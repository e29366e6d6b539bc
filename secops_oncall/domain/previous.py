"""The hand-offs before this one: which notes tell of them, what was said in them, and what has become of it since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall.domain import charge, posted
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import Mark, MarkedNote, believed
from secops_oncall.domain.reminders import is_draft
from secops_oncall.domain.said import Said
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.times import parse
from secops_oncall.domain.traces import NextStep

HANDOFF, HANDOVER, READ_BACK, ADDENDUM = "handoff", "handover", "readback", "addendum"
SUGGESTED = ("state", "tried", "confidence", "posture", "next_steps", "if_then")


@dataclass(frozen=True)
class Before:
    """What the last hand-off said of an incident, when, and whose it was by its words; `earlier` the one before that.

    `steps` are the actions of all its next steps, folded. `facts` and `closed` count what has happened since: entries
    of the time line, and steps that are ticked or gone.
    """

    at: datetime
    said: Said
    owner: str = ""
    earlier: Said | None = None
    steps: tuple[str, ...] = ()
    facts: int = 0
    closed: int = 0

    @property
    def suggested(self) -> Said:
        """What only a person can say, for them to take over or not."""
        return Said(**{name: getattr(self.said, name) for name in SUGGESTED})

    def left(self, done: Collection[str], names: Mapping[str, str]) -> list[NextStep]:
        """Its next steps that are not ticked there, and not among those `done` since (folded actions).

        `names` are people's own by their GitLab user names.
        """
        still_open = (step for step in self.said.next_steps if step.action.casefold() not in done)
        return [replace(step, who=names.get(step.who, step.who) if step.who else None) for step in still_open]

    def since(self, happened: Iterable[datetime], steps: Iterable[NextStep]) -> "Before":
        """The same with what has happened since, by the times of the facts and the steps that there are now."""
        now = {step.action.casefold() for step in steps}
        gone = sum(action not in now for action in self.steps)
        return replace(self, facts=sum(at > self.at for at in happened), closed=gone)


@dataclass(frozen=True)
class ReadBack:
    """Who read a hand-off back (a GitLab user name), and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Previous:
    """The shift's previous hand-over: when it was written and by whom (a GitLab user name), and who accepted it."""

    at: datetime
    by: str
    url: str | None = None
    accepted: ReadBack | None = None


def marked(notes: Iterable[IssueNote], authors: Collection[str]) -> list[MarkedNote]:
    """The notes of an issue whose mark counts, as their authors (GitLab user names) are believed; oldest first."""
    return believed(charge.marked(notes), authors)


def handed_on(notes: Iterable[MarkedNote], shift: str) -> list[MarkedNote]:
    """The hand-offs of other shifts than the one of that id, the last word of each, oldest first."""
    found: dict[str, MarkedNote] = {}
    for note in notes:
        if note.mark.kind == HANDOFF and note.mark.shift != shift:
            found.pop(note.mark.shift, None)
            found[note.mark.shift] = note
    return list(found.values())


def before(notes: Sequence[MarkedNote]) -> Before | None:
    """What the last of these hand-offs (oldest first) said; None where there was none."""
    if not notes:
        return None
    last, *earlier = reversed(notes)
    said_then = posted.read(earlier[0].text) if earlier else None
    steps = tuple(step.action.casefold() for step, _ in posted.steps(last.text))
    return Before(last.at, posted.read(last.text), posted.owner(last.text), said_then, steps)


def handover_of(issues: Iterable[Issue], shift: str, authors: Collection[str]) -> Issue | None:
    """The hand-over issue of the shift of that id: of several the last one, what was posted before any draft."""
    written = (issue for issue, mark in _handovers(issues, authors) if mark.shift == shift)
    return max(
        written, key=lambda one: (not is_draft(one), one.state == "opened", one.created_at, one.id), default=None
    )


def surplus(issues: Iterable[Issue], kept: Issue | None, author: str) -> list[Issue]:
    """The open drafts of an author's for the same shift as the hand-over issue that is kept: of two runs at once."""
    shift = kept.mark.shift if kept and kept.mark else None
    drafts = [issue for issue, mark in _handovers(issues, [author]) if mark.shift == shift and is_draft(issue)]
    return [issue for issue in drafts if issue.state == "opened" and kept and issue.ref != kept.ref]


def strange_draft(issues: Iterable[Issue], shift: str, authors: Collection[str]) -> Issue | None:
    """A draft for the shift of that id, as the automation writes it, of an account that is none of the authors."""
    known = {author.casefold() for author in authors}
    drafts = (each for each in issues if each.mark and (each.mark.kind, each.mark.shift) == (HANDOVER, shift))
    return next((each for each in drafts if each.author.casefold() not in known and is_draft(each)), None)


def handover_before(issues: Iterable[Issue], shift: Shift, authors: Collection[str]) -> Issue | None:
    """The hand-over issue of the last shift in the same role that began before this one and was handed over."""
    found = [
        (start, issue)
        for issue, mark in _handovers(issues, authors)
        if mark.shift.partition("/")[0] == shift.role
        and (start := parse(mark.shift.rpartition("/")[2]))
        and start < shift.start
        and not is_draft(issue)
    ]
    latest = max(found, key=lambda each: (each[0], each[1].created_at), default=None)
    return latest[1] if latest else None


def previous(issue: Issue | None, comments: Iterable[MarkedNote], notes: Iterable[MarkedNote]) -> Previous | None:
    """The previous hand-over, by its issue and the comments there; without one by the last hand-off of any incident."""
    if issue:
        read = [ReadBack(note.author, note.at) for note in comments if note.mark.kind == READ_BACK]
        return Previous(issue.created_at, issue.author, issue.url, read[0] if read else None)
    last = max(notes, key=lambda note: note.at, default=None)
    return Previous(last.at, last.author) if last else None


def _handovers(issues: Iterable[Issue], authors: Collection[str]) -> list[tuple[Issue, Mark]]:
    known = {author.casefold() for author in authors}
    return [
        (issue, issue.mark)
        for issue in issues
        if issue.mark and issue.mark.kind == HANDOVER and issue.author.casefold() in known
    ]
