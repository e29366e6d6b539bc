"""A read-back as it goes out, and what the journal keeps of it: begun before the first request, and accepted after."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from secops_oncall.domain.answered import ACCEPTED, BEGUN, rows
from secops_oncall.domain.documents import Comment
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.people import Person, same
from secops_oncall.domain.posting import POSTED
from secops_oncall.domain.previous import READ_BACK, marked
from secops_oncall.domain.readback import LABELS, ReadBack
from secops_oncall.domain.received import Acceptance, Believed, Handed
from secops_oncall.domain.slack import Message
from secops_oncall.domain.times import parse


@dataclass(frozen=True)
class Reply:
    """The answer in Slack's thread of the hand-off: `name` is the channel's, each line is known by its marker."""

    name: str
    thread: Message
    lines: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What accepting puts where: a note on every issue, a reply in Slack, and the hand-over issue that is closed then.

    `answered` are the refs of the issues that have my note already; `reply` may be why none can be sent.
    """

    handed: Handed
    comments: tuple[Comment, ...]
    close: Issue | None = None
    reply: Reply | Outcome | None = None
    answered: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Begun:
    """A read-back that was begun: what was said, and when."""

    at: datetime
    words: ReadBack


def marks(handed: Handed) -> dict[str, Mark]:
    """The mark of the read-back on each issue of a hand-off, by its ref."""
    return {place.issue.ref: Mark(READ_BACK, handed.shift, place.key) for place in handed.places}


def begin(handed: Handed, words: ReadBack, places: Iterable[Outcome], at: datetime) -> Event:
    """That a read-back is about to go out to some places, with all that a run needs which goes on with it."""
    keys = sorted(place.key for place in handed.places)
    return Event(at, BEGUN, handed.shift, data={**asdict(words), "keys": keys, "places": rows(places)})


def begun(events: Iterable[Event], handed: Handed) -> Begun | None:
    """The read-back that this machine has begun of a hand-off as it is now; None where something was added since."""
    keys = {place.key for place in handed.places}
    own = [event for event in events if (event.kind, event.subject) == (BEGUN, handed.shift)]
    same = [event for event in own if all(key in _keys(event) for key in keys)]
    if not same:
        return None
    last = max(same, key=lambda event: event.at)
    return Begun(last.at, ReadBack(**{name: str(last.data.get(name, "")) for name in LABELS}))


def _keys(begun: Event) -> list[object]:
    """What the journal kept, whatever an older or newer program wrote there."""
    kept = begun.data.get("keys")
    return kept if isinstance(kept, list) else []


def readers(notes: Iterable[IssueNote], handed: Handed, whose: Believed) -> list[Person]:
    """Who has read a hand-off back by the notes of an issue, whoever did so last, and acts, at the end."""
    read = [note for note in marked(notes, whose.authors) if note.mark.kind == READ_BACK]
    people = [whose.who(note.author) for note in read if note.mark.shift == handed.shift]
    every = [person for person in people if person and not same(person, handed.outgoing)]
    return list(reversed({person.name: person for person in reversed(every)}.values()))


def accepted(shift: str, by: Acceptance, at: datetime) -> Event:
    """That a shift's hand-off was accepted, as GitLab tells it."""
    told = {**asdict(by.by), "at": by.at.isoformat(), **asdict(by.read_back)}
    return Event(at, ACCEPTED, shift, data=told)


def acceptance(events: Iterable[Event], shift: str) -> Acceptance | None:
    """Who accepted a shift's hand-off, as far as this machine knows; None where more was posted since."""
    last = None
    for event in sorted((one for one in events if one.subject == shift), key=lambda one: one.at):
        if event.kind in (ACCEPTED, POSTED):
            last = event if event.kind == ACCEPTED else None
    at = parse(last.data.get("at")) if last else None
    if last is None or at is None:
        return None
    email = last.data.get("email")
    by = Person(str(last.data.get("id", "")), str(last.data.get("name", "")), str(email) if email else None)
    return Acceptance(by, at, ReadBack(**{name: str(last.data.get(name, "")) for name in LABELS}))
