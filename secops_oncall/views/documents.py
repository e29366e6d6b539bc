"""Everything that a hand-off puts anywhere, rendered place by place."""

from collections.abc import Iterator, Sequence

from secops_oncall.domain.documents import (
    COMMENT,
    DESCRIPTION,
    ROOM,
    WHERE,
    Comment,
    Destinations,
    Documents,
    Handover,
    PageNote,
)
from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.markdown import parted
from secops_oncall.domain.marks import Mark, issue_key
from secops_oncall.domain.pages import PAGE_NOTE, Page
from secops_oncall.domain.previous import HANDOFF, HANDOVER
from secops_oncall.domain.times import stamp
from secops_oncall.views import handover
from secops_oncall.views.handoff import reader_of
from secops_oncall.views.handoff_slack import announcement
from secops_oncall.views.incidents import note

PART = "part"  # what is added to a kind: a note that goes on from the one before is none of its kind


def documents(handoff: Handoff, destinations: Destinations, why: str = "") -> Documents:
    """What is to stand in every place; `why` is the reason for posting it although it has errors.

    The same hand-off makes the same documents, whenever they are made. A quiet shift has no comments.
    """
    return Documents(
        handoff.shift.id,
        tuple(each for incident in handoff.incidents for each in comments(incident, handoff, destinations, why)),
        _handover(handoff, destinations, why) if destinations.project else None,
        announcement(handoff, destinations, why) if destinations.channel else None,
        tuple(_page_note(incident, handoff) for incident in handoff.incidents if incident.pages),
    )


def comments(incident: Incident, handoff: Handoff, destinations: Destinations, why: str = "") -> Iterator[Comment]:
    """The note for an incident's issue, in as many comments as it takes; none where it has no issue."""
    issue = incident.issue
    if issue is None:
        return
    internal = destinations.internal and not issue.confidential
    reader = reader_of(handoff, destinations.handles, public=not internal and not issue.confidential)
    end = f", {reader.when(handoff.shift.end)}" if handoff.shift.end else ""
    heading = f"## Hand-off: {handover.between(handoff, reader)}{end}"
    reason = handover.anyway(handoff, reader, why)
    text = "\n".join([heading, note(incident, reader), *(["", reason] if reason else [])])
    mark = Mark(HANDOFF, handoff.shift.id, issue_key(issue.id))
    for each, piece in _marked(mark, parted(text, COMMENT - ROOM)):
        yield Comment(issue, each, piece, internal)


def _handover(handoff: Handoff, destinations: Destinations, why: str) -> Handover:
    parts = handover.description(handoff, destinations, why)
    mark = Mark(HANDOVER, handoff.shift.id, "shift")
    first, *more = _marked(mark, parted("\n\n".join(parts), DESCRIPTION - ROOM, COMMENT - ROOM))
    both = [each for each in (handoff.outgoing, handoff.incoming) if each]
    known = destinations.handles.known(handoff.people)
    users = [user for person in both if (user := known.user(person.name, person.email))]
    return Handover(
        destinations.project or "",
        handover.title(handoff.shift),
        mark,
        first[1],
        tuple(dict.fromkeys(users)),
        tuple(more),
    )


def _marked(mark: Mark, pieces: Sequence[str]) -> Iterator[tuple[Mark, str]]:
    """The pieces of a text, each with its mark, and where it goes on."""
    for number, piece in enumerate(pieces, start=1):
        own = mark if number == 1 else Mark(f"{mark.kind}-{PART}", mark.shift, f"{mark.key}/{number}")
        goes_on = f"\n\n(goes on in the next comment, part {number} of {len(pieces)})" if number < len(pieces) else ""
        yield own, piece + goes_on


def _page_note(incident: Incident, handoff: Handoff) -> PageNote:
    """The note for one page of an incident: the earliest that is open, else the earliest of all."""
    shift, incoming = handoff.shift, handoff.incoming.name if handoff.incoming else "nobody"
    end = f" {stamp(shift.end)}" if shift.end else ""
    text = f"{PAGE_NOTE}{end}: {handoff.outgoing.name} → {incoming}. The notes: {WHERE}"
    return PageNote(min(incident.pages, key=_first), text)


def _first(page: Page) -> tuple[bool, float, str]:
    return page.status == "resolved", page.created_at.timestamp(), page.id
