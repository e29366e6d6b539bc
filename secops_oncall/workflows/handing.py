"""How far a hand-off is, on both sides: mine, which somebody is to accept, and the one that waits for me."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from secops_oncall.domain.accepting import acceptance, accepted
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.posting import POSTED
from secops_oncall.domain.received import Handed, all_handed, handovers
from secops_oncall.domain.shifts import Shift, holders
from secops_oncall.domain.status import HandoffState, Takeover
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.receiving import Found, Known, offered, with_notes

RECENT = timedelta(days=4)  # hand-over issues to which something has happened since: none waits longer than 48 hours
_THERE = (Result.DONE, Result.ALREADY)


@dataclass(frozen=True)
class Hands:
    """My own hand-off, where I have a shift, the one that waits for me, and what could not be asked."""

    own: HandoffState | None = None
    takeover: Takeover | None = None
    problems: list[OncallError] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """What is known before any note is read: who is who, my shift, the last hand-over issues, the journal's events."""

    who: Known
    shift: Shift | None
    filed: Sequence[Issue]
    events: Sequence[Event]


def hands(
    gitlab: GitLab | None, journal: Journal, settings: HandoffSettings, seen: Seen, lacks: int, now: datetime
) -> Hands:
    """How far both are; `lacks` is what mine is known to lack.

    Notes are read only where one is pending, in one wave; that mine is accepted is kept in the journal, and not asked
    for again.
    """
    found = _Pending(settings, seen, now)
    refs = found.own_refs
    issues, notes, problems = (
        with_notes(gitlab, found.issues, refs) if gitlab and (found.issues or refs) else ([], {}, [])
    )
    takeover = found.takeover(notes)
    own = found.own(issues, notes, lacks)
    if own and own.accepted and seen.shift and acceptance(seen.events, seen.shift.id) is None and not own.waits:
        problems = [*problems, *remember(journal, [accepted(seen.shift.id, own.accepted, now)])]
    return Hands(own, takeover, problems)


class _Pending:
    """What is pending by lists and the journal, and what its notes make of it."""

    def __init__(self, settings: HandoffSettings, seen: Seen, now: datetime) -> None:
        self._seen, self._now = seen, now
        self._shift = seen.shift.id if seen.shift else None
        self._known = acceptance(seen.events, self._shift) if self._shift else None
        filed = handovers(seen.filed, seen.who.whose)
        self._mine = next((one for one in filed if one.mark and one.mark.shift == self._shift), None)
        engineers = holders(settings.roles["engineer"], seen.who.entries, now)
        self._on_call = any(entry.person.id == seen.who.me.id for entry in engineers)
        self._theirs = [each.handover.issue for each in self._offered(filed, {}) if each.handover]

    @property
    def issues(self) -> list[Issue]:
        """Those whose notes tell more: the last one that may wait for me, and mine until it is accepted."""
        return [*self._theirs[:1], *([self._mine] if self._mine and not self._known else [])]

    @property
    def own_refs(self) -> list[str]:
        """Where mine was posted to, of a team without hand-over issues: one issue tells as much as all."""
        if self._mine or self._known:
            return []
        return [ref for row in self._posted if (ref := str(row.get("ref") or ""))][:1]

    def takeover(self, notes: Mapping[str, Sequence[IssueNote]]) -> Takeover | None:
        """What waits for me, in spite of its notes."""
        waiting = self._offered(self._theirs[:1], notes)
        if not waiting:
            return None
        first, place = waiting[0], waiting[0].handover
        return Takeover(first.shift, first.outgoing, first.at, place.issue.url if place else None)

    def own(self, issues: Sequence[Issue], notes: Mapping[str, Sequence[IssueNote]], lacks: int) -> HandoffState | None:
        """How far mine is."""
        if self._shift is None:
            return None
        handed = next((each for each in self._handed(issues, notes) if each.shift == self._shift), None)
        at = handed.at if handed else self._mine.created_at if self._mine else self._posted_at
        by = self._known or (handed.accepted if handed else None)
        if at is None and by is None:
            return HandoffState("not_posted", lacks)
        url = self._mine.url if self._mine else None
        waits = handed is not None and by is not None and handed.waits
        return HandoffState("accepted" if by else "posted", 0, at, by, waits, url)

    @property
    def _posted(self) -> list[Mapping[str, object]]:
        """The places that this machine has posted mine to."""
        events = (event for event in self._seen.events if (event.kind, event.subject) == (POSTED, self._shift))
        rows = (row for event in events for row in event.data.get("places") or ())
        return [row for row in rows if isinstance(row, Mapping) and row.get("result") in _THERE]

    @property
    def _posted_at(self) -> datetime | None:
        events = [event for event in self._seen.events if (event.kind, event.subject) == (POSTED, self._shift)]
        return max(event.at for event in events) if self._posted else None

    def _offered(self, filed: Sequence[Issue], notes: Mapping[str, Sequence[IssueNote]]) -> list[Handed]:
        """Those of open hand-over issues that wait for me."""
        who = self._seen.who
        still_open = [issue for issue in filed if issue.state == "opened"]
        found = Found(self._handed(still_open, notes), who.me, who.user, who.whose, who.entries, self._on_call)
        return offered(found, self._now).waiting

    def _handed(self, issues: Sequence[Issue], notes: Mapping[str, Sequence[IssueNote]]) -> list[Handed]:
        who = self._seen.who
        people = [*(entry.person for entry in who.entries), *who.whose.people.values()]
        return all_handed(issues, notes, who.whose, people)
