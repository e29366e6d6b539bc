"""Who owns a piece of work, who acts on it and who is engaged: folded from the notes on its issue."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from secops_oncall.domain import declared
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.marks import MarkedNote, believed
from secops_oncall.domain.people import Person

Kind = Literal["handoff", "readback", "addendum", "engage", "release", "break", "back", "high-impact", "update"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # of the notes that tell who is in charge; of any other nothing is known here


@dataclass(frozen=True)
class Break:
    """A coordinated break: `to` acts for whoever wrote that they go, who means to be `back` at a moment (aware)."""

    user: str
    to: Person
    at: datetime
    back: datetime | None


@dataclass(frozen=True)
class Left:
    """Somebody who was engaged, and since when they are no longer."""

    person: Person
    at: datetime


@dataclass(frozen=True)
class Charge:
    """Who has a piece of work, by its notes. Nothing changes the owner; `acting` None: nobody owns it nor acts on it.

    `posted` is the last hand-off, `accepted` the read-back of it by somebody else, `addenda` what was added and not
    read back since. `since` when whoever acts does, None where no note says who does; `updated` when a note last told
    anything; `breaks` are those that have not ended, each taken within the one before.
    """

    owner: Person | None = None
    acting: Person | None = None
    engaged: tuple[Person, ...] = ()
    left: tuple[Left, ...] = ()
    breaks: tuple[Break, ...] = ()
    posted: MarkedNote | None = None
    accepted: MarkedNote | None = None
    addenda: tuple[MarkedNote, ...] = ()
    high_impact: MarkedNote | None = None
    since: datetime | None = None
    updated: datetime | None = None

    @property
    def on_break(self) -> Break | None:
        """The break by which somebody else acts now."""
        return self.breaks[-1] if self.breaks else None

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom its notes say to act, to be engaged or to have left."""
        return (*([self.acting] if self.acting else []), *self.engaged, *(each.person for each in self.left))

    @property
    def waits(self) -> bool:
        """Whether a hand-off waits for its read-back, or what was added to it does."""
        return self.posted is not None and (self.accepted is None or bool(self.addenda))

    def is_on_break(self, user: str) -> bool:
        """Whether the person with a GitLab user name has gone on a break that has not ended."""
        return any(each.user.casefold() == user.casefold() for each in self.breaks)


def charge(
    notes: Iterable[IssueNote], owner: Person | None, people: Mapping[str, Person], bot: str | None = None
) -> Charge:
    """Who has a piece of work that is `owner`'s, by the notes on its issue, in any order.

    Only notes of ours count whose author is one of `people` (known by their GitLab user name, me among them) or the
    automation `bot`; in anybody else's a mark is a forgery. The bot acts on nothing: of its notes the hand-off and the
    addendum count.
    """
    known = {user.casefold(): person for user, person in people.items()}
    state = Charge(owner=owner, acting=owner)
    for note in believed(marked(notes), [*known, *([bot] if bot else [])]):
        author = known.get(note.author.casefold())
        told = _TOLD.get(note.mark.kind)
        if told and (author or note.mark.kind in ("handoff", "addendum")):
            state = replace(told(state, note, author, known), updated=note.at)
    return state


def marked(notes: Iterable[IssueNote]) -> list[MarkedNote]:
    """The comments that carry a mark, whoever wrote them."""
    return [
        MarkedNote(note.id, note.mark, note.author, note.at, note.text, note.internal)
        for note in notes
        if note.mark and not note.system
    ]


_People = Mapping[str, Person]


def _handoff(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    """Whoever hands off acts until somebody accepts, unless they are on a break; a program never acts."""
    state = replace(state, posted=note, accepted=None, addenda=())
    return state if author is None or state.breaks else _acts(state, author, note)


def _readback(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    """Its author acts from then on, and every break is over; one's own hand-off or addendum is not accepted so."""
    state = replace(_acts(state, author, note), breaks=())
    if state.posted and not _same(state.posted, note):
        state = replace(state, accepted=note)
    return replace(state, addenda=tuple(each for each in state.addenda if _same(each, note)))


def _addendum(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    return replace(state, addenda=(*state.addenda, note))


def _engage(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    who = declared.named(note.text, declared.ENGAGED, people)
    engaged = tuple(dict.fromkeys([*state.engaged, *who]))
    return replace(state, engaged=engaged, left=tuple(each for each in state.left if each.person not in who))


def _release(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    who = declared.named(note.text, declared.LEFT, people)
    stayed = tuple(each for each in state.engaged if each not in who)
    gone = [each for each in state.left if each.person not in who]
    return replace(state, engaged=stayed, left=(*gone, *(Left(each, note.at) for each in who)))


def _break(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    """Whom its author names acts from then on; a second break of the same author takes the place of the first."""
    who = declared.named(note.text, declared.ACTING, people)
    if not who:
        return state
    taken = Break(note.author, who[0], note.at, declared.until(note.text))
    return replace(_acts(state, who[0], note), breaks=(*_before(state, note.author), taken))


def _back(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    """Whoever is back acts again; that ends what others took within their break, and means nothing without one."""
    if not state.is_on_break(note.author):
        return state
    return replace(_acts(state, author, note), breaks=_before(state, note.author))


def _high_impact(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    return replace(_engage(state, note, author, people), high_impact=state.high_impact or note)


def _update(state: Charge, note: MarkedNote, author: Person | None, people: _People) -> Charge:
    return state


def _acts(state: Charge, who: Person | None, note: MarkedNote) -> Charge:
    kept = state.since if who == state.acting else None
    return replace(state, acting=who, since=kept or note.at)


def _before(state: Charge, user: str) -> tuple[Break, ...]:
    """The breaks that were taken before one's own."""
    own = next((at for at, each in enumerate(state.breaks) if each.user.casefold() == user.casefold()), None)
    return state.breaks[:own]


def _same(one: MarkedNote, other: MarkedNote) -> bool:
    return one.author.casefold() == other.author.casefold()


_TOLD: Mapping[str, Callable[[Charge, MarkedNote, Person | None, _People], Charge]] = {
    "handoff": _handoff,
    "readback": _readback,
    "addendum": _addendum,
    "engage": _engage,
    "release": _release,
    "break": _break,
    "back": _back,
    "high-impact": _high_impact,
    "update": _update,
}
