"""What a person said of an incident for the hand-off: typed once, kept in the journal, and merged with fresh facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, get_args

from secops_oncall.domain.events import Event
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.domain.times import parse
from secops_oncall.domain.traces import NextStep

Confidence = Literal["low", "medium", "high"]
Posture = Literal["stable", "watch", "active"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
POSTURES: tuple[Posture, ...] = get_args(Posture)
NOTHING = "None"  # an answer, where blank is none
TYPED, NOISE = "handoff_field", "noise"  # an event of the journal, and what it says of a page


@dataclass(frozen=True)
class Said:
    """The typed parts of the six headings, empty where nobody has said anything; `WHOLE` ones may have several lines.

    `related`, `engaged` and `slack` have a line each for one thing; `NOTHING` in them, or as `zoom`, is an answer.
    """

    summary: str = ""
    state: str = ""
    tried: str = ""
    confidence: str = ""
    posture: str = ""
    related: tuple[str, ...] = ()
    engaged: tuple[str, ...] = ()
    zoom: str = ""
    slack: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    if_then: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody has said anything."""
        return self == Said()

    def over(self, before: "Said") -> "Said":
        """This, with what was said before where this says nothing."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(before, **{name: value for name, value in own.items() if value})


WHOLE = ("state", "tried")  # may have several lines
TEXTS = ("summary", *WHOLE, "confidence", "posture", "zoom")
LINES = ("related", "engaged", "slack", "if_then")


def normal(said: Said) -> Said:
    """The same as it is kept: remote controls out, line ends alike, no blank lines around; nothing is cut."""
    texts: dict[str, Any] = {name: (text if name in WHOLE else clean)(getattr(said, name)) for name in TEXTS}
    texts |= {name: tuple(filter(None, (clean(line) for line in getattr(said, name)))) for name in LINES}
    steps = (NextStep(clean(step.action), clean(step.who) or None, step.by) for step in said.next_steps)
    return Said(**texts, next_steps=tuple(step for step in steps if step.action))


def text(typed: str) -> str:
    """A typed text as it is kept: several lines may be, without blank ones at its ends or spaces at theirs."""
    return "\n".join(line.rstrip() for line in clean_lines(typed).split("\n")).strip("\n").strip()


def changed(before: Said, now: Said) -> dict[str, Any]:
    """The fields that an edit changed, as the journal keeps them."""
    names = [each.name for each in fields(Said) if getattr(before, each.name) != getattr(now, each.name)]
    return {name: _kept(getattr(now, name)) for name in names}


def event(subject: str, values: Mapping[str, Any], at: datetime) -> Event:
    """An edit of what was said of an incident (its issue's ref, or a page's id)."""
    return Event(at, TYPED, subject, data=dict(values))


def said(events: Iterable[Event]) -> dict[str, Said]:
    """What was said of each incident or page by its subject; the last word on a field wins, even an empty one."""
    found: dict[str, dict[str, Any]] = {}
    for each in sorted((one for one in events if one.kind == TYPED), key=lambda one: one.at):
        found.setdefault(each.subject, {}).update(each.data)
    return {subject: _read(values) for subject, values in found.items()}


def noise(events: Iterable[Event]) -> frozenset[str]:
    """The ids of the pages that were called noise, by the last word on each."""
    ordered = sorted((one for one in events if one.kind == TYPED and NOISE in one.data), key=lambda one: one.at)
    last = {each.subject: bool(each.data[NOISE]) for each in ordered}
    return frozenset(subject for subject, called in last.items() if called)


def joined(subjects: Iterable[str], every: Mapping[str, Said]) -> Said:
    """What was said of an incident under any of its names, a later one's word before an earlier one's."""
    whole = Said()
    for subject in subjects:
        whole = every.get(subject, Said()).over(whole)
    return whole


def _kept(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_step(each) if isinstance(each, NextStep) else each for each in value]
    return value


def _step(step: NextStep) -> dict[str, Any]:
    return {"action": step.action, "who": step.who, "by": step.by and step.by.isoformat()}


def _read(values: Mapping[str, Any]) -> Said:
    """What the journal kept, whatever an older or newer program wrote there."""
    texts = {name: str(values[name]) for name in TEXTS if values.get(name)}
    lines = {name: _lines(values[name]) for name in LINES if values.get(name)}
    told = values.get("next_steps")
    steps = [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
    read = (NextStep(str(each.get("action", "")), each.get("who") or None, parse(each.get("by"))) for each in steps)
    return normal(Said(**texts, **lines, next_steps=tuple(read)))  # type: ignore[arg-type]


def _lines(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)
