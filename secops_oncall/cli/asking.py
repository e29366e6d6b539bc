"""What several commands ask and tell alike: a TIME as it was typed, and an answer from the kept roster."""

from datetime import UTC, datetime
from typing import Literal, TypeVar

from secops_oncall.app import App
from secops_oncall.domain import when
from secops_oncall.domain.text import quoted
from secops_oncall.domain.times import clock, span
from secops_oncall.errors import Cancelled, UsageError
from secops_oncall.workflows.escalate import Confirm
from secops_oncall.workflows.focus import in_focus
from secops_oncall.workflows.roster import Answer

T = TypeVar("T")


def moment(home: App, text: str | None, toward: Literal["future", "past"] = "future") -> datetime:
    """The moment (aware) that a TIME names in the engineer's own zone, echoed; now where none is named.

    Clock times and durations lie `toward` the future, or with `past` (as after --since) before now.
    Raises UsageError for what is no time, for one that the clock skips, and for one of the past that is still to come;
    of one that it shows twice the first that lies there is taken, and said.
    """
    if text is None:
        return home.now()
    try:
        typed = when.moment(text, home.now(), home.zone, toward=toward)
        said = _both(typed.moment.astimezone(home.zone)) if typed else ""
    except ValueError as error:
        raise UsageError(f"{quoted(text)} is no time: {error}", "a time before or after it") from None
    if typed is None:
        raise UsageError(f"{quoted(text)} is no time", "write it as 04:00, 'Sun 04:00', 90m or 2026-11-29T04:00")
    if toward == "past" and typed.moment > home.now():
        raise UsageError(f"{quoted(text)} is still to come: {said}", "a time before now: 2h, 08:00, 'Sun 04:00'")
    home.streams.say(said)
    say_which(home, text, typed.of_two)
    return typed.moment


def say_which(home: App, text: str | None, of_two: str | None) -> None:
    """Say which of two moments was taken for a time that the clock shows twice; nothing for any other."""
    if of_two:
        home.streams.warn(f"the clock shows {quoted(text)} twice that day: the {of_two} is taken")


def focus(home: App) -> str:
    """The id of the page in focus, which is said; NotFoundError where none is."""
    found = in_focus(home.journal, home.now())
    home.streams.say(f"in focus: {found.number} {found.title}")
    return found.id


def confirmer(home: App, yes: bool) -> Confirm:
    """Ask before others are told or moved; with --yes the question is only said. The answer no raises Cancelled."""

    def confirm(question: str) -> None:
        if yes:
            home.streams.say(question)
        elif not home.streams.confirm(question):
            raise Cancelled("cancelled", "nothing more was sent")

    return confirm


def told(home: App, answer: Answer[T]) -> int:
    """Say how old an answer is that comes from the kept roster, and what could not be asked; the exit code for it."""
    if answer.kept_at:
        age = span(home.now() - answer.kept_at)
        home.streams.warn(f"from the roster that was kept {age} ago, {clock(answer.kept_at, home.now())}")
    return home.tell(answer.problems)


def _both(local: datetime) -> str:
    """A moment in local time and in UTC, which has its date where it is another one."""
    there = local.astimezone(UTC)
    if not local.utcoffset():
        return f"{there:%a %Y-%m-%d %H:%M} UTC"
    day = "" if there.date() == local.date() else f"{there:%a %Y-%m-%d} "
    return f"{local:%a %Y-%m-%d %H:%M %Z}, {day}{there:%H:%M} UTC"
