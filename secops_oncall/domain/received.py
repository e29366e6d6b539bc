"""A hand-off as it was posted, found again in GitLab by its marks: all that whoever takes over has of the shift."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from secops_oncall.domain.charge import marked
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import MarkedNote, believed
from secops_oncall.domain.open_work import HANDOVER
from secops_oncall.domain.people import Person, same
from secops_oncall.domain.readback import ReadBack, read
from secops_oncall.domain.times import parse

HANDOFF, HANDOVER_ISSUE, READBACK, ADDENDUM, PART = "handoff", "handover", "readback", "addendum", "-part"
EXPIRES = timedelta(hours=48)  # a hand-off that is older is named, and never taken by itself
_GOES_ON = re.compile(r"\n*\(goes on in the next comment, [^\n()]*\)\s*$")


@dataclass(frozen=True)
class Believed:
    """Whose marks count: the people by their GitLab user names, me among them, and the automation `bot`."""

    people: Mapping[str, Person]
    bot: str | None = None

    @property
    def authors(self) -> list[str]:
        """The user names."""
        return [*self.people, *([self.bot] if self.bot else [])]

    def who(self, user: str) -> Person | None:
        """The person behind a user name; the automation is nobody."""
        return next((person for name, person in self.people.items() if name.casefold() == user.casefold()), None)


@dataclass(frozen=True)
class ShiftName:
    """What a shift's id tells: the role, the PagerDuty id of whose it was, and its start."""

    role: str
    user: str
    start: datetime


@dataclass(frozen=True)
class Acceptance:
    """Who has read a hand-off back, when, and in which words."""

    by: Person
    at: datetime
    read_back: ReadBack


@dataclass(frozen=True)
class Place:
    """An issue on which a hand-off stands: an incident's, or the shift's hand-over issue, whose description it is.

    `text` is all of it, `addenda` what was added later, `waiting` those of them that nobody has read back since.
    """

    issue: Issue
    posted: MarkedNote
    text: str
    addenda: tuple[MarkedNote, ...] = ()
    waiting: tuple[MarkedNote, ...] = ()
    accepted: Acceptance | None = None
    by: str = ""  # the user name of whoever has read it back

    @property
    def waits(self) -> bool:
        """Whether it, or what was added to it, waits for a read-back."""
        return self.accepted is None or bool(self.waiting)

    @property
    def key(self) -> str:
        """The key of its read-back, another one for each addendum: what was read back before is no proof."""
        key = f"issue-{self.issue.id}"
        return f"{key}/{self.addenda[-1].id}" if self.addenda else key


@dataclass(frozen=True)
class Handed:
    """A shift's hand-off: whose it was, when it was posted, its hand-over issue, and the incidents it is about."""

    shift: str
    outgoing: Person
    at: datetime
    handover: Place | None = None
    incidents: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Every issue that it stands on, the incidents' first."""
        return (*self.incidents, *([self.handover] if self.handover else []))

    @property
    def waits(self) -> bool:
        """Whether any of it waits for a read-back."""
        return any(place.waits for place in self.places)

    @property
    def accepted(self) -> Acceptance | None:
        """The read-back of the whole: on the hand-over issue, where there is one, else on every incident's."""
        if self.handover:
            return self.handover.accepted
        found = [place.accepted for place in self.incidents]
        return max(filter(None, found), key=lambda one: one.at) if found and all(found) else None

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too old to be taken without naming whose it is."""
        return now - self.at > EXPIRES


def standing(*, on_call: bool, named: bool) -> str:
    """As what somebody takes over: a swap after posting is ordinary, and the read-back says so."""
    if on_call:
        return (
            "as the engineer on call" if named else "as the engineer on call, though the hand-off names somebody else"
        )
    return "as the hand-off names them" if named else "neither on call as engineer nor named in the hand-off"


def shift_name(shift: str) -> ShiftName | None:
    """What a shift's id tells; None for what is none."""
    role, _, rest = shift.partition("/")
    user, _, start = rest.rpartition("/")
    moment = parse(start)
    return ShiftName(role, user, moment) if moment and user else None


def handovers(issues: Iterable[Issue], whose: Believed) -> list[Issue]:
    """The hand-over issues among some, the last one first: anybody can write an issue that looks like one."""
    known = {author.casefold() for author in whose.authors}
    found = [
        issue
        for issue in issues
        if issue.title.startswith(HANDOVER)
        and issue.mark
        and issue.mark.kind == HANDOVER_ISSUE
        and issue.author.casefold() in known
        and shift_name(issue.mark.shift)
    ]
    return sorted(found, key=lambda issue: (issue.created_at, issue.id), reverse=True)


def all_handed(
    issues: Iterable[Issue], notes: Mapping[str, Sequence[IssueNote]], whose: Believed, people: Iterable[Person]
) -> list[Handed]:
    """Every hand-off that stands on some issues with their notes (by ref), the last one first.

    Of an incident the last one counts, and those that have a hand-over issue. `people` are who may have handed off.
    """
    every = list({issue.id: issue for issue in issues}.values())
    filed = {issue.mark.shift: issue for issue in reversed(handovers(every, whose)) if issue.mark}
    last = {shift for issue in every for shift in _shifts(notes.get(issue.ref, ()), whose)[-1:]}
    known = {person.id: person for person in people}
    found = [_handed(shift, filed.get(shift), every, notes, whose, known) for shift in filed.keys() | last]
    return sorted(filter(None, found), key=lambda one: one.at, reverse=True)


def _handed(
    shift: str,
    filed: Issue | None,
    issues: Iterable[Issue],
    notes: Mapping[str, Sequence[IssueNote]],
    whose: Believed,
    people: Mapping[str, Person],
) -> Handed | None:
    """The hand-off of one shift; None where its id tells no shift."""
    name = shift_name(shift)
    if name is None:
        return None
    outgoing = people.get(name.user) or _writer(name.user, filed, shift, notes, whose)
    work = [_incident(issue, notes.get(issue.ref, ()), shift, whose, outgoing) for issue in issues]
    incidents = tuple(place for place in work if place)
    place = _handover(filed, notes.get(filed.ref, ()), whose, outgoing) if filed else None
    posted = place.posted.at if place else max(each.posted.at for each in incidents)
    return Handed(shift, outgoing, posted, place, incidents)


def _writer(
    user: str, filed: Issue | None, shift: str, notes: Mapping[str, Sequence[IssueNote]], whose: Believed
) -> Person:
    """Whoever has left the schedule since, by their PagerDuty id and what is known of the hand-off's author."""
    every = (note for some in notes.values() for note in believed(marked(some), whose.authors))
    authors = [note.author for note in every if (note.mark.kind, note.mark.shift) == (HANDOFF, shift)]
    known = next(filter(None, map(whose.who, [*([filed.author] if filed else []), *authors])), None)
    return Person(user, known.name, known.email) if known else Person(user, user)


def _shifts(notes: Iterable[IssueNote], whose: Believed) -> list[str]:
    """The shifts whose hand-off stands on an incident's issue, the last one last."""
    return [note.mark.shift for note in believed(marked(notes), whose.authors) if note.mark.kind == HANDOFF]


def _handover(issue: Issue, notes: Iterable[IssueNote], whose: Believed, outgoing: Person) -> Place | None:
    """A hand-over issue with its notes."""
    if issue.mark is None:
        return None
    posted = MarkedNote(0, issue.mark, issue.author, issue.created_at, issue.description, url=issue.url)
    return _place(issue, posted, notes, whose, outgoing)


def _incident(issue: Issue, notes: Sequence[IssueNote], shift: str, whose: Believed, outgoing: Person) -> Place | None:
    """An incident's issue with its notes; None for one that the shift's hand-off says nothing of."""
    handed = [note for note in believed(marked(notes), whose.authors) if note.mark.kind == HANDOFF]
    own = [note for note in handed if note.mark.shift == shift]
    return _place(issue, own[-1], notes, whose, outgoing) if own else None


def _place(issue: Issue, posted: MarkedNote, notes: Iterable[IssueNote], whose: Believed, outgoing: Person) -> Place:
    """What has become of something posted, by the notes of its shift; nobody accepts their own."""
    shift = posted.mark.shift
    own = [note for note in believed(marked(notes), whose.authors) if note.mark.shift == shift]
    parts = [note.text for note in own if note.mark.kind == posted.mark.kind + PART]
    answers = [note for note in own if note.mark.kind == READBACK and not _is(whose.who(note.author), outgoing)]
    answers = [note for note in answers if note.at >= posted.at and whose.who(note.author)]
    addenda = [note for note in own if note.mark.kind == ADDENDUM]
    last = answers[-1] if answers else None
    by = whose.who(last.author) if last else None
    return Place(
        issue,
        posted,
        "\n".join(_GOES_ON.sub("", each) for each in [posted.text, *parts]),
        tuple(addenda),
        tuple(note for note in addenda if not last or (note.at, note.id) > (last.at, last.id)),
        Acceptance(by, last.at, read(last.text)) if last and by else None,
        last.author if last else "",
    )


def _is(one: Person | None, other: Person) -> bool:
    return one is not None and same(one, other)
