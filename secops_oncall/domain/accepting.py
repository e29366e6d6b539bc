"""A read-back as it goes out, and what the journal keeps of it: begun before the first request, and accepted after."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from secops_oncall.domain.documents import Comment
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.readback import LABELS, ReadBack
from secops_oncall.domain.received import READBACK, Handed
from secops_oncall.domain.slack import Message

BEGUN, ACCEPTED = "readback", "accepted"  # kinds of events; the subject is the shift's id


@dataclass(frozen=True)
class Reply:
    """The answer in Slack's thread of the hand-off: `name` is the channel's, each line is known by its marker."""

    name: str
    thread: Message
    lines: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What accepting puts where: a note on every issue, a reply in Slack, and the hand-over issue that is closed then.

    `answered` are the refs of the issues that have my note already.
    """

    handed: Handed
    comments: tuple[Comment, ...]
    close: Issue | None = None
    reply: Reply | None = None
    answered: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Begun:
    """A read-back that was begun: what was said, and when."""

    at: datetime
    words: ReadBack


def marks(handed: Handed) -> dict[str, Mark]:
    """The mark of the read-back on each issue of a hand-off, by its ref."""
    return {place.issue.ref: Mark(READBACK, handed.shift, place.key) for place in handed.places}


def begin(handed: Handed, words: ReadBack, at: datetime) -> Event:
    """That a read-back is about to go out, with all that a run needs which goes on with it."""
    keys = sorted(place.key for place in handed.places)
    return Event(at, BEGUN, handed.shift, data={**asdict(words), "keys": keys})


def begun(events: Iterable[Event], handed: Handed) -> Begun | None:
    """The read-back that this machine has begun of a hand-off as it is now; None where something was added since."""
    keys = {place.key for place in handed.places}
    own = [event for event in events if (event.kind, event.subject) == (BEGUN, handed.shift)]
    same = [event for event in own if keys <= set(event.data.get("keys", ()))]
    if not same:
        return None
    last = max(same, key=lambda event: event.at)
    return Begun(last.at, ReadBack(**{name: str(last.data.get(name, "")) for name in LABELS}))


def accepted(shift: str, by: str, at: datetime) -> Event:
    """That a shift's hand-off was accepted, by the person with a PagerDuty id or name, as GitLab tells it."""
    return Event(at, ACCEPTED, shift, data={"by": by})
