"""What `handoff remind` writes, no titles in it: the draft of a hand-over issue, and a message to either engineer."""

from collections.abc import Iterable, Sequence

from secops_oncall.domain.documents import WHERE, Destinations, Handover
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import inline, link
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.people import Person
from secops_oncall.domain.previous import HANDOVER
from secops_oncall.domain.reminders import DRAFT, Due, Notice, Side
from secops_oncall.domain.slack import inline as plain
from secops_oncall.domain.times import stamp
from secops_oncall.views import handover
from secops_oncall.views.handoff_sections import section
from secops_oncall.views.handoff_slack import ACCEPT
from secops_oncall.views.incidents import NO_ONE, Reader

NAMED = 100  # open issues that a draft names one by one
_TO_WRITE = "Write the hand-off with `oncall handoff edit`, check it with `oncall handoff lint`, post it with "
_POST = "`oncall handoff post`"
_ISSUE = f"Hand-over issue: {WHERE}"

_NAME = "`oncall handoff post --to USER` names somebody"


def draft(due: Due, work: Sequence[Issue], destinations: Destinations) -> Handover:
    """The hand-over issue of a shift as long as nobody has written it: who, when, and which issues are open."""
    handles = destinations.handles.known(due.people.values())
    incoming = due.people.get("incoming")
    reader = Reader(due.zone(incoming) if incoming else None, handles=handles)
    users = [user for person in due.people.values() if (user := handles.user(person.name, person.email))]
    text = "\n\n".join(
        [
            DRAFT,
            _heading(due, handles, reader),
            section(f"Open issues ({len(work)})", _listed(work) or ["None."]),
            section("Sign-off", [f"{_TO_WRITE}{_POST}", handover.WARM_CALL, handover.ACCEPT]),
        ]
    )
    mark = Mark(HANDOVER, due.shift.id, "shift")
    return Handover(destinations.project or "", handover.title(due.shift), mark, text, tuple(dict.fromkeys(users)))


def notices(due: Due, destinations: Destinations, *, written: bool) -> list[Notice]:
    """A message for either engineer: their own where the table has their Slack id, else by name in the channel.

    `written` says whether the hand-off was posted.
    """
    handles = destinations.handles.known(due.people.values())
    told = []
    for side, person in due.people.items():
        own = handles.slack_id(person.name, person.email)
        text = _said(due, side, person, written=written)
        text = text if own else f"{plain(person.name)}: {text}"
        told.append(Notice(side, own or destinations.channel, due.marker(person), text))
    return told


def remarks(due: Due) -> list[str]:
    """What is wrong with the schedule around a shift, by references alone."""
    gap, end = due.rota.gap, stamp(due.end)
    if due.rota.goes_on and not due.rota.named:
        return [f"{due.shift.id}: {due.outgoing.id} is on call after {end}, too, so that nobody takes over: {_NAME}"]
    if due.rota.taking_over is None:
        return [f"{due.shift.id}: nobody is known to be on call after {end}: {_NAME}"]
    return [f"{due.shift.id}: a gap: nobody is on call from {end} to {stamp(gap.end)}"] if gap else []


def _heading(due: Due, handles: Handles, reader: Reader) -> str:
    mention, shift, gap = handles.mention, due.shift, due.rota.gap
    between = f"{mention(due.outgoing)} → {mention(due.people.get('incoming')) or NO_ONE}"
    told = f"**{between}**: {shift.kind} shift as {shift.role}, {stamp(shift.start)} to {reader.when(due.end)}"
    if due.rota.goes_on:
        return f"{told}. **{inline(due.outgoing.name)} is on call after it, too:** {_NAME}"
    return f"{told}. **Gap: nobody is on call until {reader.when(gap.end)}**" if gap else told


def _listed(work: Sequence[Issue]) -> Iterable[str]:
    """The issues by their references; of very many the rest is counted."""
    named = [link(issue.ref, issue.url) for issue in work[:NAMED]]
    return [*named, *([f"and {len(work) - NAMED} more"] if len(work) > NAMED else [])]


def _said(due: Due, side: Side, person: Person, *, written: bool) -> str:
    """One message in mrkdwn: what is to be done, until when, and where."""
    when, other = Reader(due.zone(person)).when, plain(due.outgoing.name)
    if due.kind == "ending":
        if side == "outgoing":
            to_do = f"Your hand-off is posted, and you stay acting until it is read back. {_ISSUE}"
            to_do = to_do if written else f"{_TO_WRITE}{_POST}. {_ISSUE}"
            return f"*Your shift ends at {when(due.end)}.* {to_do}. {_after(due, person)}"
        begins = f"Your shift begins at {when(due.rota.gap.end if due.rota.gap else due.end)}"
        begins = f"You take over at {when(due.end)}" if due.rota.named else begins
        return f"*{begins}.* {other} hands over to you. {_ISSUE}. {ACCEPT}"
    if side == "outgoing":
        lacks = "You stay acting until it is read back" if written else f"It isn't posted yet ({_POST})"
        return f"*Nobody has accepted the hand-off of your shift, which ended at {when(due.end)}.* {lacks}. {_ISSUE}"
    lacks = ACCEPT if written else f"It isn't posted yet: ask {other} for it"
    ended = f"the hand-off of {other}, whose shift ended at {when(due.end)}"
    return f"*You have not accepted {ended}.* {_ISSUE}. {lacks}"


def _after(due: Due, person: Person) -> str:
    """Who comes after the outgoing engineer."""
    incoming, gap, when = due.rota.taking_over, due.rota.gap, Reader(due.zone(person)).when
    if due.rota.named:
        return f"{plain(due.rota.named.name)} takes over"
    if due.rota.goes_on:
        return f"You are on call after it, too, so that nobody takes over: {_NAME}"
    if incoming is None:
        return f"Nobody is known to be on call after it: {_NAME}"
    return (
        f"Nobody is on call until {when(gap.end)}, then {plain(incoming.name)}"
        if gap
        else f"{plain(incoming.name)} takes over"
    )
