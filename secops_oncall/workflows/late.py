"""The journal as it is for the hand-off of one shift: what is typed when that is over names it, and no other has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from secops_oncall.domain.events import Event
from secops_oncall.domain.said import late, typed_late
from secops_oncall.ports import Journal


@dataclass(frozen=True)
class ShiftJournal:
    """A journal; where the shift is over, `late` is its id, and `own` what was typed for it so far."""

    journal: Journal
    late: str | None = None
    own: Iterable[Event] = ()

    def append(self, *events: Event) -> None:
        """Write edits for that shift."""
        self.journal.append(*(late(event, self.late) if self.late else event for event in events))

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """The journal's events; of a shift that is over what was typed for it."""
        if self.late is None:
            return self.journal.events(kind, since)
        now = typed_late(self.journal.events(), self.late)
        known = {event.uid for event in now}
        every = [*(event for event in self.own if event.uid not in known), *now]
        return [event for event in every if kind in (None, event.kind) and (since is None or event.at >= since)]
