"""What a person said of an incident for the hand-off: typed once, kept in the journal, and merged with fresh facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from secops_oncall.domain.events import Event
from secops_oncall.domain.people import INTERNAL
from secops_oncall.domain.refs import issue as issue_ref
from secops_oncall.domain.refs import urls
from secops_oncall.domain.text import clean, clean_lines, quoted
from secops_oncall.domain.times import parse
from secops_oncall.domain.traces import NextStep

Confidence = Literal["low", "medium", "high"]
Posture = Literal["stable", "watch", "active"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
POSTURES: tuple[Posture, ...] = get_args(Posture)
NOTHING = "None"  # an answer, where blank is none
TYPED, NOISE = "handoff_field", "noise"  # an event of the journal, and what it says of a page
LATE = "handoff_late"  # the same for a shift that is over, which it names: no word of the shift in which it was typed
_ADD, _DONE, _PAGES, _SHIFT = "add", "done", "pages", "shift"  # beside the fields themselves in an event's data


@dataclass(frozen=True)
class Said:
    """The typed parts of the six headings, empty where nobody has said anything; `WHOLE` ones may have several lines.

    `related`, `engaged` and `slack` have a line each for one thing; `NOTHING` in them, or as `zoom`, is an answer.
    `edits` are the journal's events that it was folded from; one that was read elsewhere has none.
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
    edits: tuple[Event, ...] = field(default=(), compare=False, repr=False, metadata=INTERNAL)

    @property
    def is_empty(self) -> bool:
        """Whether nobody has said anything."""
        return self == Said()

    def over(self, before: "Said") -> "Said":
        """This, with what was said before where this says nothing."""
        return replace(before, **{name: getattr(self, name) for name in NAMES if getattr(self, name)})


NAMES = tuple(each.name for each in fields(Said) if each.compare)
WHOLE = ("state", "tried")  # may have several lines
TEXTS = ("summary", *WHOLE, "confidence", "posture", "zoom")
LINES = ("related", "engaged", "slack", "if_then")
CHOICES: Mapping[str, tuple[str, ...]] = {"confidence": CONFIDENCES, "posture": POSTURES}
_ANSWERS = ("related", "engaged", "slack", "zoom")  # where NOTHING is one
LABELS: Mapping[str, str] = {
    "summary": "Issue Summary",
    "state": "State now",
    "tried": "Tried / ruled out",
    "confidence": "Confidence",
    "posture": "Posture",
    "related": "Related Issues",
    "engaged": "Who's Engaged",
    "zoom": "Active Zoom Bridge",
    "slack": "Slack Channel(s)/Thread(s)",
    "next_steps": "Next Steps",
    "if_then": "If/Then",
}


def normal(said: Said) -> Said:
    """The same as it is kept: remote controls out, line ends alike, no blank lines around; nothing is cut.

    A choice and NOTHING are spelt as they are here, however they were typed, and a time has no seconds.
    """
    texts: dict[str, Any] = {name: (text if name in WHOLE else clean)(getattr(said, name)) for name in TEXTS}
    texts |= {name: _spelt(texts[name], choices) for name, choices in {**CHOICES, "zoom": (NOTHING,)}.items()}
    texts |= {name: _lines(getattr(said, name), name in _ANSWERS) for name in LINES}
    steps = (NextStep(clean(step.action), clean(step.who) or None, _minute(step.by)) for step in said.next_steps)
    return Said(**texts, next_steps=tuple(step for step in steps if step.action))


def text(typed: str) -> str:
    """A typed text as it is kept: several lines may be, without blank ones at its ends or spaces at theirs."""
    return "\n".join(line.rstrip() for line in clean_lines(typed).split("\n")).strip("\n").strip()


def doubts(said: Said) -> dict[str, list[str]]:
    """What was said that is no answer to what was asked, by field: it is kept as it was typed, and lint refuses it."""
    found: dict[str, list[str]] = {}
    for name, choices in CHOICES.items():
        if (typed := getattr(said, name)) and typed not in choices:
            found[name] = [f"{quoted(typed)} is none of {', '.join(choices)}"]
    if said.zoom and said.zoom != NOTHING and not urls(said.zoom):
        found["zoom"] = [f"{quoted(said.zoom)} is neither a URL nor {NOTHING}"]
    for step in said.next_steps:
        lacks = " and ".join(what for what, known in (("person", step.who), ("time", step.by)) if not known)
        if lacks:
            found.setdefault("next_steps", []).append(f"{quoted(step.action)} has no {lacks}")
    return found


def changed(before: Said, now: Said) -> dict[str, Any]:
    """The fields that an edit changed, as the journal keeps them."""
    return {name: kept(getattr(now, name)) for name in NAMES if getattr(before, name) != getattr(now, name)}


def kept(value: Any) -> Any:
    """A field's value as the journal keeps it."""
    if isinstance(value, tuple):
        return [_step(each) if isinstance(each, NextStep) else each for each in value]
    return value


def edit(put: Mapping[str, Any], add: Mapping[str, Any], done: Sequence[NextStep] = ()) -> dict[str, Any]:
    """An edit as the journal keeps it: fields that get a value (an empty one empties them), or more lines, and steps
    that are done. What is added stays added, whoever else adds something at the same time.
    """
    told = {name: kept(value) for name, value in put.items()}
    more = {name: kept(value) for name, value in add.items() if value}
    return told | ({_ADD: more} if more else {}) | ({_DONE: kept(tuple(done))} if done else {})


def news(before: Said, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of an edit changes something: the rest need not be kept."""
    told = {name: value for name, value in values.items() if name != _ADD and after(before, {name: value}) != before}
    added = values.get(_ADD) or {}
    more = {name: value for name, value in added.items() if after(before, {_ADD: {name: value}}) != before}
    return told | ({_ADD: more} if more else {})


def event(subject: str, values: Mapping[str, Any], at: datetime, pages: Iterable[str] = ()) -> Event:
    """An edit of what was said of an incident (its issue's ref, or a page's id); `pages` are the ids of its pages."""
    others = [page for page in dict.fromkeys(pages) if page != subject]
    return Event(at, TYPED, subject, data={**values, **({_PAGES: others} if others else {})})


def late(edit: Event, shift: str) -> Event:
    """An edit, for the hand-off of a shift that is over (by its id)."""
    return replace(edit, kind=LATE, data={**edit.data, _SHIFT: shift})


def typed_late(events: Iterable[Event], shift: str) -> list[Event]:
    """The edits that name a shift, as those that were typed in it."""
    return [replace(each, kind=TYPED) for each in events if each.kind == LATE and each.data.get(_SHIFT) == shift]


def said(events: Iterable[Event]) -> dict[str, Said]:
    """What was said of each incident or page by its subject; the last word on a field wins, even an empty one."""
    found: dict[str, list[Event]] = {}
    for each in events:
        if each.kind == TYPED:
            found.setdefault(each.subject, []).append(each)
    return {subject: _folded(Said(), edits) for subject, edits in found.items()}


def called_noise(events: Iterable[Event]) -> dict[str, bool]:
    """Whether a page was noise, by its id, where somebody has said so; the last word wins."""
    ordered = sorted((each for each in events if each.kind == TYPED), key=lambda one: one.at)
    return {each.subject: each.data[NOISE] for each in ordered if isinstance(each.data.get(NOISE), bool)}


def noise(events: Iterable[Event]) -> frozenset[str]:
    """The ids of the pages that were called noise, by the last word on each."""
    return frozenset(page for page, called in called_noise(events).items() if called)


def joined(subjects: Iterable[str], every: Mapping[str, Said]) -> Said:
    """What was said of an incident under any of its names, the last word on a field first.

    Pages whose issue nobody knows, as in an outage, have the words about the issue that they stood behind.
    Where nobody knows when it was said, a later name's word goes before an earlier one's.
    """
    whole, names = Said(), list(dict.fromkeys(subjects))
    issues = [] if any(issue_ref(name, "") for name in names) else _behind(names, every)
    known = [every[name] for name in (*names, *issues) if name in every]
    for each in known:
        whole = whole if each.edits else each.over(whole)
    return _folded(whole, [edit for each in known for edit in each.edits])


def after(before: Said, values: Mapping[str, Any]) -> Said:
    """What is said after an edit, whatever an older or newer program wrote there."""
    now = replace(before, **{name: getattr(_read(values), name) for name in NAMES if name in values})
    done, added = _steps(values.get(_DONE)), values.get(_ADD)
    for step in done:
        now = replace(now, next_steps=_without(now.next_steps, step))
    more = _read(added) if isinstance(added, Mapping) else Said()
    gained: dict[str, Any] = {name: _gained(getattr(now, name), getattr(more, name)) for name in LINES}
    return replace(now, **gained, next_steps=_more_steps(now.next_steps, more.next_steps))


def marks_noise(page: str, noise: bool, at: datetime) -> Event:
    """That a page (its id) was noise, or was not."""
    return event(page, {NOISE: noise}, at)


def _behind(pages: Sequence[str], every: Mapping[str, Said]) -> list[str]:
    """The issues that pages stood behind when something was said of them."""

    def named(told: Said) -> set[str]:
        kept = (each.data.get(_PAGES) for each in told.edits)
        return {str(page) for some in kept if isinstance(some, list) for page in some}

    return [subject for subject, told in every.items() if subject not in pages and not named(told).isdisjoint(pages)]


def _folded(before: Said, edits: Iterable[Event]) -> Said:
    ordered = sorted(edits, key=lambda one: one.at)
    for each in ordered:
        before = after(before, each.data)
    return replace(before, edits=tuple(ordered))


def _without(steps: tuple[NextStep, ...], done: NextStep) -> tuple[NextStep, ...]:
    """The steps but one: itself, or what it has become since."""
    if done in steps:
        place = steps.index(done)
        return steps[:place] + steps[place + 1 :]
    return tuple(step for step in steps if not _same(step, done))


def _more_steps(steps: tuple[NextStep, ...], more: Iterable[NextStep]) -> tuple[NextStep, ...]:
    """The steps and more of them; one that is there already gets the later person and time."""
    for step in more:
        there = [_same(step, each) for each in steps]
        steps = tuple(step if same else each for same, each in zip(there, steps, strict=True))
        steps = steps if any(there) else (*steps, step)
    return steps


def _same(one: NextStep, other: NextStep) -> bool:
    return one.action.casefold() == other.action.casefold()


def _gained(lines: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Lines and more of them, each once; NOTHING is the whole answer, until there is something."""
    if NOTHING in more:
        return (NOTHING,)
    return tuple(dict.fromkeys([*(line for line in lines if line != NOTHING), *more])) if more else lines


def _step(step: NextStep) -> dict[str, Any]:
    return {"action": step.action, "who": step.who, "by": step.by and step.by.isoformat()}


def _read(values: Mapping[str, Any]) -> Said:
    """The fields of an event's data."""
    told: dict[str, Any] = {name: str(values[name]) for name in TEXTS if values.get(name)}
    for name in LINES:
        value = values.get(name) or ()
        told[name] = tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
    return normal(Said(**told, next_steps=_steps(values.get("next_steps"))))


def _steps(told: object) -> tuple[NextStep, ...]:
    steps = [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
    read = (NextStep(str(each.get("action", "")), each.get("who") or None, parse(each.get("by"))) for each in steps)
    return normal(Said(next_steps=tuple(read))).next_steps if steps else ()


def _spelt(typed: str, choices: Iterable[str]) -> str:
    return next((each for each in choices if each.casefold() == typed.casefold()), typed)


def _lines(lines: Iterable[str], answers: bool) -> tuple[str, ...]:
    cleaned = filter(None, map(clean, lines))
    return tuple(_spelt(line, (NOTHING,)) for line in cleaned) if answers else tuple(cleaned)


def _minute(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(second=0, microsecond=0) if moment else None
