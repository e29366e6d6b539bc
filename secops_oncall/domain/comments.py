"""Comments that an engineer typed: what the journal keeps of each from before its request until the answer is there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import is_end
from secops_oncall.domain.markdown import marker

COMMENT = "comment"  # the kind of its events, whose subject is the reference
OFFERED = timedelta(hours=12)  # a weekday shift: what was not sent longer ago is not offered again


@dataclass(frozen=True)
class Comment:
    """What is to be said on an issue; `known` are the GitLab user names that it may mention.

    With a `key` there is one such comment, whatever it says: `done` and `drop` of one pick. Without one it is told from
    others by its text: what was said may be said again, once it is known to be there.
    """

    text: str
    known: Collection[str] = ()
    kind: str = COMMENT
    key: str = ""

    def marks(self, begun: Iterable[Event]) -> list[str]:
        """The markers by which it is found, were it there; `begun` are its runs so far."""
        return [marker(self.kind, self.key)] if self.key else list(dict.fromkeys(map(mark_of, begun)))


def begin(ref: str, said: Comment, before: Sequence[Event], at: datetime) -> Event:
    """That a comment is about to be sent, with all its text; under the marker that it has had `before`."""
    event = Event(at, COMMENT, ref, said.text, {"key": said.key})
    marks = said.marks(before) or [marker(said.kind, event.uid)]
    return replace(event, data={**event.data, "marker": marks[0]})


def begun(events: Iterable[Event], ref: str, said: Comment) -> list[Event]:
    """The runs that began to send this very comment, and of which nobody knows that it has arrived.

    Those that failed are among them: a gateway that gave up on a request may still have it carried out.
    """
    own = [event for event in events if (event.kind, event.subject) == (COMMENT, ref)]
    there = {event.data.get("sent") for event in own}
    every = [event for event in own if not is_end(event) and event.uid not in there]
    if said.key:
        return [event for event in every if mark_of(event) == marker(said.kind, said.key)]
    return [event for event in every if not event.data.get("key") and event.text == said.text]


def mark_of(begun: Event) -> str:
    """The marker of a comment that was begun."""
    return str(begun.data.get("marker") or marker(COMMENT, begun.uid))


def unsaid(events: Iterable[Event], ref: str, since: datetime) -> Event | None:
    """The comment without a key that was begun last on an issue, unless it is known to be there."""
    mine = [one for one in events if one.subject == ref and one.kind == COMMENT and not one.data.get("key")]
    there = {one.data.get("sent") for one in mine}
    last = next((one for one in reversed(mine) if not is_end(one)), None)
    return last if last and last.text and last.at >= since and last.uid not in there else None
