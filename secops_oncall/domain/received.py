"""A hand-off as it was posted, found again in GitLab by its marks: all that whoever takes over has of the shift."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import MarkedNote, issue_key
from secops_oncall.domain.open_work import HANDOVER
from secops_oncall.domain.people import Person, same
from secops_oncall.domain.previous import ADDENDUM, HANDOFF, READ_BACK, marked
from secops_oncall.domain.previous import HANDOVER as FILED
from secops_oncall.domain.readback import ReadBack, read
from secops_oncall.domain.reminders import is_draft
from secops_oncall.domain.thread_line import text_in
from secops_oncall.domain.times import parse

PART = "-part"
EXPIRES = timedelta(hours=48)  # a hand-off that is older is named, and never taken by itself
_BETWEEN = re.compile(r"^(?:\*\*|## Hand-off: ).+? → (.+?)(?:\*\*:|, \d{4}-\d\d-\d\d |$)", re.MULTILINE)
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

    def may_hand_off(self, user: str, outgoing: Person | None) -> bool:
        """Whether a user name is that of whoever hands off, where it is known who that is, or the automation's."""
        is_bot = self.bot is not None and self.bot.casefold() == user.casefold()
        return outgoing is None or is_bot or _is(self.who(user), outgoing)


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
    def latest(self) -> str:
        """What it says now: an addendum says everything anew."""
        return self.addenda[-1].text if self.addenda else self.text

    @property
    def waits(self) -> bool:
        """Whether it, or what was added to it, waits for a read-back."""
        return self.accepted is None or bool(self.waiting)

    @property
    def key(self) -> str:
        """The key of its read-back, another one for each addendum: what was read back before is no proof."""
        key = issue_key(self.issue.id)
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
    def deciding(self) -> tuple[Place, ...]:
        """Where the whole is read back: on the hand-over issue, where there is one, else on every incident's."""
        return (self.handover,) if self.handover else self.incidents

    @property
    def accepted(self) -> Acceptance | None:
        """The read-back of the whole."""
        found = [place.accepted for place in self.deciding]
        return max(filter(None, found), key=lambda one: one.at) if found and all(found) else None

    @property
    def incoming(self) -> str:
        """Whom it names as taking over: a GitLab user name after an `@`, or a name; nothing where it names nobody."""
        return next(filter(None, (named_in(place.text) for place in self.places)), "")

    def names(self, user: str, person: Person) -> bool:
        """Whether it names somebody as taking over: by its issue's assignees, of whom a free GitLab keeps one only."""
        assigned = self.handover is not None and user in self.handover.issue.assignees
        return assigned or self.incoming.casefold() in (f"@{user}".casefold(), person.name.casefold())

    @property
    def role(self) -> str:
        """The role that is handed off."""
        return self.shift.partition("/")[0]

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too old to be taken without naming whose it is."""
        return now - self.at > EXPIRES


def named_in(text: str) -> str:
    """Whom a hand-off's text names as taking over: a GitLab user name after an `@`, or a name; nothing for nobody."""
    found = _BETWEEN.search(text)
    word = found[1].strip("*").strip("`") if found else ""
    return "" if word == "[nobody]" else word


def standing(handed: Handed, *, on_call: bool, named: bool) -> str:
    """As what somebody takes over: a swap after posting is ordinary, and the read-back says so."""
    if on_call:
        return "as the engineer on call" + ("" if named or not handed.incoming else ", whom the hand-off does not name")
    return "as the hand-off names them" if named else "neither on call as engineer nor named in the hand-off"


def shift_name(shift: str) -> ShiftName | None:
    """What a shift's id tells; None for what is none."""
    role, _, rest = shift.partition("/")
    user, _, start = rest.rpartition("/")
    moment = parse(start)
    return ShiftName(role, user, moment) if moment and user else None


def handovers(issues: Iterable[Issue], whose: Believed, people: Iterable[Person]) -> list[Issue]:
    """The hand-over issues among some, the last one first: anybody can write an issue that looks like one.

    Where whoever hands off is among `people`, it is theirs or the automation's, whose draft counts once it is posted.
    """
    known, ids = {author.casefold() for author in whose.authors}, {person.id: person for person in people}
    found = [
        issue
        for issue in issues
        if issue.title.startswith(HANDOVER)
        and issue.mark
        and issue.mark.kind == FILED
        and issue.author.casefold() in known
        and (name := shift_name(issue.mark.shift))
        and whose.may_hand_off(issue.author, ids.get(name.user))
        and not is_draft(issue)
    ]
    return sorted(found, key=lambda issue: (issue.created_at, issue.id), reverse=True)


def all_handed(
    issues: Iterable[Issue], notes: Mapping[str, Sequence[IssueNote]], whose: Believed, people: Iterable[Person]
) -> list[Handed]:
    """Every hand-off that stands on some issues with their notes (by ref), the last one first.

    Of an incident the last one counts, and those that have a hand-over issue. `people` are who may have handed off.
    """
    every, known = list({issue.id: issue for issue in issues}.values()), {person.id: person for person in people}
    filed = {issue.mark.shift: issue for issue in reversed(handovers(every, whose, known.values())) if issue.mark}
    last = {shift for issue in every for shift in _shifts(notes.get(issue.ref, ()), whose, known)[-1:]}
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
    theirs = {ref: _theirs(some, shift, whose, people.get(name.user)) for ref, some in notes.items()}
    work = [_incident(issue, theirs.get(issue.ref, ()), shift, whose, outgoing) for issue in issues]
    incidents = tuple(sorted(filter(None, work), key=lambda place: _order(place, filed)))
    place = _handover(filed, theirs.get(filed.ref, ()), whose, outgoing) if filed else None
    posted = place.posted.at if place else max(each.posted.at for each in incidents)
    return Handed(shift, outgoing, posted, place, incidents)


def _order(place: Place, filed: Issue | None) -> tuple[int, datetime]:
    """Where an incident stands in the hand-over issue, which names what wants attention most first."""
    found = re.search(rf"{re.escape(place.issue.ref)}(?!\d)", filed.description) if filed else None
    return (found.start() if found else len(filed.description) if filed else 0), place.issue.created_at


def _writer(
    user: str, filed: Issue | None, shift: str, notes: Mapping[str, Sequence[IssueNote]], whose: Believed
) -> Person:
    """Whoever has left the schedule since, by their PagerDuty id and what is known of the hand-off's author."""
    every = (note for some in notes.values() for note in marked(some, whose.authors))
    authors = [note.author for note in every if (note.mark.kind, note.mark.shift) == (HANDOFF, shift)]
    known = next(filter(None, map(whose.who, [*([filed.author] if filed else []), *authors])), None)
    return Person(user, known.name, known.email) if known else Person(user, user)


def _shifts(notes: Iterable[IssueNote], whose: Believed, people: Mapping[str, Person]) -> list[str]:
    """The shifts whose hand-off stands on an incident's issue, the last one last."""
    handed = (note for note in marked(notes, whose.authors) if note.mark.kind == HANDOFF)
    named = ((note, shift_name(note.mark.shift)) for note in handed)
    return [note.mark.shift for note, name in named if name and whose.may_hand_off(note.author, people.get(name.user))]


def _theirs(notes: Iterable[IssueNote], shift: str, whose: Believed, outgoing: Person | None) -> list[IssueNote]:
    """The notes without those that another than whoever hands off has written in their stead."""
    handing = (HANDOFF, HANDOFF + PART, FILED + PART, ADDENDUM, ADDENDUM + PART)
    return [
        note
        for note in notes
        if not (note.mark and note.mark.shift == shift and note.mark.kind in handing)
        or whose.may_hand_off(note.author, outgoing)
    ]


def _handover(issue: Issue, notes: Iterable[IssueNote], whose: Believed, outgoing: Person) -> Place | None:
    """A hand-over issue with its notes."""
    if issue.mark is None:
        return None
    posted = MarkedNote(0, issue.mark, issue.author, issue.created_at, issue.description, url=issue.url)
    return _place(issue, posted, notes, whose, outgoing)


def _incident(issue: Issue, notes: Sequence[IssueNote], shift: str, whose: Believed, outgoing: Person) -> Place | None:
    """An incident's issue with its notes; None for one that the shift's hand-off says nothing of."""
    handed = [note for note in marked(notes, whose.authors) if note.mark.kind == HANDOFF]
    own = [note for note in handed if note.mark.shift == shift]
    return _place(issue, own[-1], notes, whose, outgoing) if own else None


def _place(issue: Issue, posted: MarkedNote, notes: Iterable[IssueNote], whose: Believed, outgoing: Person) -> Place:
    """What has become of something posted, by the notes of its shift; nobody accepts their own."""
    shift = posted.mark.shift
    own = [note for note in marked(notes, whose.authors) if note.mark.shift == shift]
    parts = [note.text for note in own if note.mark.kind == posted.mark.kind + PART]
    answers = [note for note in own if note.mark.kind == READ_BACK and not _is(whose.who(note.author), outgoing)]
    answers = [note for note in answers if note.at >= posted.at and whose.who(note.author)]
    addenda = [note for note in own if note.mark.kind == ADDENDUM]
    last = answers[-1] if answers else None
    by = whose.who(last.author) if last else None
    return Place(
        issue,
        posted,
        "\n".join(_GOES_ON.sub("", each) for each in [text_in(posted.text), *parts]),
        tuple(addenda),
        tuple(note for note in addenda if not last or (note.at, note.id) > (last.at, last.id)),
        Acceptance(by, last.at, read(last.text)) if last and by else None,
        last.author if last else "",
    )


def _is(one: Person | None, other: Person) -> bool:
    return one is not None and same(one, other)
