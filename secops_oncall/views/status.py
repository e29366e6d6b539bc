"""The shift on one screen."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from secops_oncall.domain.handoff import ComingUp
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.status import HandoffState, Stale, Status, Takeover
from secops_oncall.domain.text import plural, some
from secops_oncall.domain.times import both, span
from secops_oncall.streams import Streams
from secops_oncall.views.backlog import due
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.pages import columns as page_columns
from secops_oncall.views.reviews import FEW
from secops_oncall.views.screen import Screen
from secops_oncall.views.table import Column
from secops_oncall.views.worklist import name, url

_COMING = {
    "escalates": "{} is paged",
    "unacks": "ack runs out",
    "resolves": "resolves by itself",
    "snooze_ends": "snooze ends",
    "next_step": "next step is due",
    "shift_ends": "",
}
_STILL_ACTING = "not accepted yet: you are still acting"
_UNPOSTED = "what you typed since is posted nowhere: oncall handoff post"


def print_status(
    streams: Streams, status: Status, output: Literal["text", "json"], now: datetime, zone: tzinfo = UTC
) -> None:
    """Print the shift: what needs me first, then what is to do, then what is coming; times also in `zone`."""
    if output == "json":
        print_json(streams, status)
        return
    screen = Screen(streams)
    screen.heading(f"{status.me.name}, {_shift(status, now, zone)}")
    for old in status.stale:
        screen.line(_stale(old), "bold")
    screen.heading(plural(len(status.pages), "open page") if status.pages else "No open pages")
    screen.rows(page_columns(now), status.pages)
    if status.incidents:
        screen.heading("Open work")
        screen.rows(_work_columns(gitlab="GitLab" not in {old.service for old in status.stale}), status.incidents)
    _duties(screen, status, now, zone)
    if status.coming_up:
        screen.heading("Coming up")
        screen.rows(_coming_columns(status, now, zone), status.coming_up)
    screen.show(whole=True)


def _duties(screen: Screen, status: Status, now: datetime, zone: tzinfo) -> None:
    reviews, today = status.reviews, now.astimezone(zone).date()
    screen.heading("To do")
    done = ", ".join([f"{reviews.done} of {reviews.due} done", *(both(at, now, zone) for at in reviews.at)])
    human = _human(reviews.human)
    screen.fact("Reviews", done, human, style="" if reviews.done >= reviews.due and not human else "bold")
    mine = {issue.ref: issue.url for issue in status.backlog}
    screen.fact("Backlog", *(_picked(issue, today) for issue in status.backlog), links=mine)
    if status.takeover:
        screen.fact("Take over", *_takeover(status.takeover, now, zone), style="bold")
    if status.handoff:
        screen.fact("Hand-off", *_handoff(status.handoff, now, zone), style=_weight(status.handoff))
    if status.queued:
        screen.fact("Queued", *_queued(status.queued), style="bold")


def _queued(queued: Sequence[Outcome]) -> Iterator[str]:
    """What still has to go out, and what failed, by the command that sends it."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in queued:
        why = f"failed ({one.message})" if one.result is Result.FAILED else "still to go out"
        command = one.hint.partition(",")[0] or "oncall handoff post"
        found.setdefault((why, command), []).append(one.place)
    for (why, command), places in found.items():
        yield f"{plural(len(places), 'post')} to {', '.join(dict.fromkeys(places))} {why}: {command}"


def _human(refs: Sequence[str]) -> str:
    """The first few issues that need a human, and where all of them are named."""
    more = ": oncall handoff" if len(refs) > FEW else ""
    return f"needs a human: {some(refs, FEW)}{more}" if refs else ""


def _picked(issue: Issue, today: date) -> str:
    day = due(issue, today)
    return f"{issue.ref} {f'due {day}: ' if day else ''}{issue.title}"


def _shift(status: Status, now: datetime, zone: tzinfo) -> str:
    shift = status.shift
    if shift is None:
        return "not on call"
    if shift.end is None:
        return f"{shift.role} without end"
    left = span(shift.end - now)
    return (
        f"{shift.role} until {both(shift.end, now, zone)}, {f'{left} left' if shift.end > now else f'over {left} ago'}"
    )


def _owner(work: Incident) -> str:
    """Who owns it, as far as lists tell; that nobody does is said only where an unacked page shows it."""
    return work.owner.name if work.owner else "nobody" if work.uncovered else ""


def _work_columns(*, gitlab: bool) -> tuple[Column[Incident], ...]:
    """The columns of open work; without `gitlab` nobody knows which page has no issue."""
    return (
        Column("work", name, url=url),
        Column("posture", lambda work: work.posture or "", lambda work: "bold" if work.posture == "active" else "dim"),
        Column("wants", lambda work: _wants(work, gitlab), lambda _: "bold"),
        Column("owner", _owner, lambda _: "dim", least=8, drop=1),
        Column("summary", lambda work: work.summary, least=28, tight=18),
    )


def _wants(work: Incident, gitlab: bool) -> str:
    found = {"stale": work.stale, "uncovered": work.uncovered, "no issue": gitlab and work.issue is None}
    return ", ".join(word for word, it_is in found.items() if it_is)


def _takeover(waiting: Takeover, now: datetime, zone: tzinfo) -> tuple[str, str]:
    name = waiting.outgoing.name
    if waiting.accepted:
        return (
            f"{name} has added to the hand-off: oncall handoff accept",
            f"it is to be read back, too; {waiting.accepted.name} is acting",
        )
    return (
        f"{name}'s hand-off waits for you: oncall handoff accept",
        f"posted {both(waiting.posted_at, now, zone)}; until then {name} is still acting",
    )


def _handoff(handoff: HandoffState, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """How far the hand-off is, and what that means for whoever hands off."""
    by, at = handoff.accepted, handoff.posted_at
    if handoff.state == "not_posted":
        lacks = f", at least {plural(handoff.problems, 'error')}: oncall handoff lint" if handoff.problems else ""
        return (f"not posted yet{lacks}",)
    since = [_UNPOSTED] if handoff.unposted else []
    if by is None:
        return (f"posted {both(at, now, zone)}, {_STILL_ACTING}" if at else f"posted, {_STILL_ACTING}", *since)
    told = f"accepted by {by.by.name}, {both(by.at, now, zone)}"
    return (told, *(["what was added since waits for another read-back"] if handoff.waits else []), *since)


def _weight(handoff: HandoffState) -> str:
    if handoff.unposted:
        return "bold"
    return "" if handoff.accepted and not handoff.waits else "bold" if handoff.problems or handoff.posted_at else ""


def _stale(old: Stale) -> str:
    known = "nothing is shown of it" if old.age is None else f"what is shown is {span(timedelta(seconds=old.age))} old"
    return f"{old.service} could not be asked: {known}"


def _whose(coming: ComingUp, words: str = "{}'s") -> str:
    return words.format(coming.whose_shift) if coming.whose_shift else ""


def _coming_columns(status: Status, now: datetime, zone: tzinfo) -> tuple[Column[ComingUp], ...]:
    paged = {page.id: page.due_to for page in status.pages}
    return (
        Column("when", lambda coming: both(coming.at, now, zone), lambda _: "dim"),
        Column("what", lambda coming: _COMING[coming.kind].format(paged.get(coming.page or "", "next level"))),
        Column("text", lambda coming: coming.text, least=28, tight=18),
        Column("shift", lambda coming: _whose(coming, "in {}'s shift"), least=14, drop=1, short=_whose),
    )
