"""The journal as it is for the hand-off of a shift that is over: what is typed names it, and no other shift has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from secops_oncall.domain.events import Event
from secops_oncall.domain.said import late, typed_late
from secops_oncall.ports import Journal


@dataclass(frozen=True)
class LateJournal:
    """A journal; `shift` is the id of the one that is over, `own` what was typed in it before it was."""

    journal: Journal
    shift: str
    own: Iterable[Event]

    def append(self, *events: Event) -> None:
        """Write edits for that shift."""
        self.journal.append(*(late(event, self.shift) for event in events))

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """What was typed for that shift."""
        now = typed_late(self.journal.events(), self.shift)
        known = {event.uid for event in now}
        every = [*(event for event in self.own if event.uid not in known), *now]
        return [event for event in every if kind in (None, event.kind) and (since is None or event.at >= since)]
