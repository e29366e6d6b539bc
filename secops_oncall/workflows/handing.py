"""How far a hand-off is, on both sides: mine, which somebody is to accept, and the one that waits for me."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from secops_oncall.domain.accepting import acceptance, accepted
from secops_oncall.domain.answered import answered_shifts
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.outcomes import THERE, Outcome
from secops_oncall.domain.people import same
from secops_oncall.domain.posting import Run, Spot, runs, typed_since
from secops_oncall.domain.previous import ADDENDUM
from secops_oncall.domain.received import Handed, all_handed, handovers
from secops_oncall.domain.shifts import Shift, holders
from secops_oncall.domain.status import HandoffState, Takeover
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.outcomes import remember
from secops_oncall.workflows.receiving import Found, Known, offered, with_notes

RECENT = timedelta(days=4)  # hand-over issues to which something has happened since: none waits longer than 48 hours
LOOKED = "looked"  # the journal's event: the notes of a closed hand-over issue told nothing new; its shift's id


@dataclass(frozen=True)
class Hands:
    """My own hand-off, where I have a shift, the one that waits for me, and what could not be asked.

    `learnt` are the journal's new events: who has read back last what I have read back, too.
    """

    own: HandoffState | None = None
    takeover: Takeover | None = None
    problems: list[OncallError] = field(default_factory=list)
    learnt: list[Event] = field(default_factory=list)


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

    Notes are read only where one is pending, in one wave; that mine is accepted is kept in the journal, and that
    nothing was added to one that is closed, and neither is asked for again.
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
    learnt = found.overtaken(notes)
    if gitlab and not problems:
        problems = remember(journal, [*learnt, *(found.looked if takeover is None else ())])
    return Hands(own, takeover, problems, learnt)


class _Pending:
    """What is pending by lists and the journal, and what its notes make of it."""

    def __init__(self, settings: HandoffSettings, seen: Seen, now: datetime) -> None:
        self._seen, self._now = seen, now
        self._shift = seen.shift.id if seen.shift else None
        self._known = acceptance(seen.events, self._shift) if self._shift else None
        filed = handovers(seen.filed, seen.who.whose, seen.who.people)
        self._mine = next((one for one in filed if one.mark and one.mark.shift == self._shift), None)
        engineers = holders(settings.roles["engineer"], seen.who.entries, now)
        self._on_call = any(entry.person.id == seen.who.me.id for entry in engineers)
        pending = sorted(filter(self._may_wait, filed), key=lambda issue: issue.state == "closed")
        offered = {each.shift for each in self._offered(pending, {})}
        self._theirs = [issue for issue in pending if issue.mark and issue.mark.shift in offered]
        answered = answered_shifts(seen.events)
        self._taken = [issue for issue in pending if issue.mark and issue.mark.shift in answered]

    @property
    def issues(self) -> list[Issue]:
        """Those whose notes tell more: the last that may wait for me, mine until it is accepted, and what I took."""
        mine = [self._mine] if self._mine and not self._known else []
        return list({issue.id: issue for issue in (*self._theirs[:1], *mine, *self._taken)}.values())

    @property
    def looked(self) -> list[Event]:
        """That the notes of one that I have accepted told nothing new, as it was listed."""
        return [
            Event(self._now, LOOKED, issue.mark.shift, data={"updated_at": issue.updated_at.isoformat()})
            for issue in {issue.id: issue for issue in (*self._theirs[:1], *self._taken)}.values()
            if issue.mark and issue.state == "closed"
        ]

    @property
    def own_refs(self) -> list[str]:
        """Where something was added to mine, and without a hand-over issue one place: it tells as much as all."""
        if self._known:
            return []
        there = [(spot, told.ref) for spot, told in self._posted if told.ref]
        added = [ref for spot, ref in there if spot.key.startswith(f"{ADDENDUM} ")]
        return [*([] if self._mine else [ref for _, ref in there][:1]), *added]

    def takeover(self, notes: Mapping[str, Sequence[IssueNote]]) -> Takeover | None:
        """What waits for me, in spite of its notes."""
        waiting = self._offered(self._theirs[:1], notes)
        if not waiting:
            return None
        first, place = waiting[0], waiting[0].handover
        by = first.accepted.by if first.accepted else None
        return Takeover(first.shift, first.outgoing, first.at, place.issue.url if place else None, by)

    def overtaken(self, notes: Mapping[str, Sequence[IssueNote]]) -> list[Event]:
        """Who has read back last what I have read back, too, where the journal has another one."""
        found = []
        for handed in self._handed(self._taken, notes):
            known, now = acceptance(self._seen.events, handed.shift), handed.accepted
            if now and not same(now.by, known.by if known else self._seen.who.me.person):
                found.append(accepted(handed.shift, now, self._now))
        return found

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
        words = typed_since(self._seen.events, self._shift, at)
        return HandoffState("accepted" if by else "posted", 0, at, by, waits, url, words)

    @property
    def _runs(self) -> list[Run]:
        """The posts of mine that this machine knows of."""
        return [run for run in runs(self._seen.events).values() if run.shift == self._shift]

    @property
    def _posted(self) -> list[tuple[Spot, Outcome]]:
        """The places that have it."""
        return [(spot, told) for run in self._runs for spot, told in run.ended.items() if told.result in THERE]

    @property
    def _posted_at(self) -> datetime | None:
        return max(run.at for run in self._runs) if self._posted else None

    def _may_wait(self, issue: Issue) -> bool:
        """Whether a hand-over issue is open, or something has happened to it since its notes were looked at.

        That it is closed after a read-back, and what is added in the same minute, look alike from afar.
        """
        shift = issue.mark.shift if issue.mark else ""
        looked = [event for event in self._seen.events if (event.kind, event.subject) == (LOOKED, shift)]
        return issue.state == "opened" or not any(_as_it_was(issue, event) for event in looked)

    def _offered(self, filed: Sequence[Issue], notes: Mapping[str, Sequence[IssueNote]]) -> list[Handed]:
        """Those of some hand-over issues that wait for me."""
        who = self._seen.who
        found = Found(self._handed(filed, notes), who.me, who.user, who.whose, who.entries, self._on_call)
        return offered(found, self._now).waiting

    def _handed(self, issues: Sequence[Issue], notes: Mapping[str, Sequence[IssueNote]]) -> list[Handed]:
        who = self._seen.who
        return all_handed(issues, notes, who.whose, who.people)


def _as_it_was(issue: Issue, looked: Event) -> bool:
    """Whether nothing has happened to an issue since it was looked at."""
    return looked.data.get("updated_at") == issue.updated_at.isoformat()
