"""What an engineer says for the hand-off: by flags, in answers, or in the whole text; kept in the journal at once."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.draft import Item, Read
from secops_oncall.domain.editing import Edited
from secops_oncall.domain.events import Event
from secops_oncall.domain.people import Role, RoleName
from secops_oncall.domain.said import (
    LABELS,
    TYPED,
    Said,
    after,
    called_noise,
    changed,
    doubts,
    edit,
    event,
    joined,
    marks_noise,
    news,
    normal,
    said,
)
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.text import clean, shorten
from secops_oncall.domain.traces import NextStep
from secops_oncall.errors import AuthError, RemoteError, UsageError
from secops_oncall.ports import Journal, PagerDuty
from secops_oncall.workflows.steps import People, Times, contingency, resolved, typed_step
from secops_oncall.workflows.subjects import Subject
from secops_oncall.workflows.this_shift import find, remembered

LONGEST = timedelta(days=3)  # no shift that is still to be handed off began longer ago


# How the flags of a field are called, where not as the field.
FLAGS = {"next_steps": "next", "if_then": "if", "slack": "slack-thread"}


@dataclass(frozen=True)
class Wish:
    """What is to change: texts, more lines (steps as `action | who | when`), emptied fields, steps done by number."""

    texts: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Collection[str]] = field(default_factory=dict)
    clear: Collection[str] = ()
    done: Collection[int] = ()
    noise: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to change."""
        return self == Wish()


def begin(
    pagerduty: Callable[[], PagerDuty],
    journal: Journal,
    roles: Mapping[Role, RoleName],
    now: datetime,
    rules: ShiftRules = RULES,
) -> datetime:
    """Since when words count for the hand-off: since this shift began, as the journal or PagerDuty knows it.

    Where neither does, since before any shift that could be meant. Raises UsageError where I have none.
    """

    def ask() -> Shift:
        found = find(pagerduty(), journal, roles, now, rules)
        if found is None:
            raise UsageError("you have no current shift, and none that ended in the last 12 hours", "oncall who")
        return found

    try:
        return remembered(journal, ask, now).start
    except (RemoteError, AuthError):
        return now - LONGEST


def known(journal: Journal, about: Subject, since: datetime) -> Said:
    """What has been said of an incident since a moment (aware)."""
    return joined(about.names, said(journal.events(TYPED, since)))


def keep(
    journal: Journal, about: Subject, wish: Wish, times: Times, people: People, since: datetime, *, dry_run: bool
) -> Edited:
    """Keep what is wished, as one edit, unless it is a dry run; what is said so already is not said again.

    Raises UsageError for what can't be meant so, before anything is kept.
    """
    seen = journal.events(TYPED, since)
    before, marked = joined(about.names, said(seen)), called_noise(seen)
    values = news(before, _values(wish, before, times, people))
    events = [event(about.key, values, times.now, about.pages)] if values else []
    now = after(before, values)
    names = [name for name in LABELS if getattr(now, name) != getattr(before, name)]
    page = _page(about, named=wish.noise is not None)
    if page and wish.noise is not None and marked.get(page) is not wish.noise:
        events.append(marks_noise(page, wish.noise, times.now))
        marked[page] = wish.noise
        names.append("noise")
    if events and not dry_run:
        journal.append(*events)
    warnings = (*about.warnings, *times.notes, *_doubted(now, names))
    return Edited(about.key, about.title, now, tuple(names), marked.get(page or ""), warnings)


def take(
    journal: Journal,
    items: Iterable[Item],
    read: Read,
    names: Mapping[str, Collection[str]],
    times: Times,
    people: People,
    since: datetime,
    *,
    dry_run: bool,
) -> list[Edited]:
    """Keep what a text says otherwise than the items that it was made of, unless it is a dry run.

    Of an incident (`names` are all of its own, by key) only the fields that changed are kept: of what somebody else
    has said meanwhile the rest stays, and what is overwritten is told.
    """
    every = said(journal.events(TYPED, since))
    events: list[Event] = []
    edited: list[Edited] = []
    for item in items:
        if item.key not in read.said:
            gone = "it is not in the text any more, and nothing of it was changed"
            edited.append(Edited(item.key, item.title, item.said, warnings=(gone,)))
            continue
        typed = read.said[item.key]
        typed = replace(typed, next_steps=resolved(typed.next_steps, item.said.next_steps, people))
        values, before = changed(item.said, typed), joined(names[item.key], every)
        if values:
            events.append(event(item.key, values, times.now, (one for one in names[item.key] if one != item.key)))
        unsure = (why for key, why in read.unsure if key == item.key)
        warnings = (*unsure, *_overwritten(item.said, before, values), *_doubted(typed, values))
        edited.append(Edited(item.key, item.title, after(before, values), tuple(values), warnings=warnings))
    if events and not dry_run:
        journal.append(*events)
    return edited


def _values(wish: Wish, before: Said, times: Times, people: People) -> dict[str, Any]:
    """A wish as the edit that it is."""
    if both := [name for name in wish.texts if name in wish.clear]:
        flag = FLAGS.get(both[0], both[0])
        raise UsageError(f"--{flag} and --clear {flag} contradict each other", "give one of them")
    lines: dict[str, Any] = {name: tuple(some) for name, some in wish.lines.items() if name != "next_steps"}
    lines["if_then"] = tuple(contingency(each) for each in wish.lines.get("if_then", ()))
    lines["next_steps"] = tuple(typed_step(each, times, people) for each in wish.lines.get("next_steps", ()))
    given: dict[str, Any] = {**wish.texts, **{name: some for name, some in lines.items() if some}}
    typed = normal(Said(**given))
    for name in given:
        if not getattr(typed, name) or (name in lines and len(getattr(typed, name)) < len(given[name])):
            flag = FLAGS.get(name, name)
            raise UsageError(f"--{flag} is empty", f"--clear {flag} empties it")
    put = {name: getattr(typed, name) for name in (*wish.texts, *wish.clear)}
    add = {name: getattr(typed, name) for name in lines if name not in wish.clear}
    return edit(put, add, [_numbered(before, number) for number in wish.done])


def _numbered(before: Said, number: int) -> NextStep:
    """A next step by its number, as it is shown."""
    steps = before.next_steps
    if number <= len(steps):
        return steps[number - 1]
    listed = ", ".join(f"{place} {shorten(step.action, 40)}" for place, step in enumerate(steps, 1)) or "none"
    what = f"there is no next step {number} that somebody typed: {listed}"
    raise UsageError(what, "one that stands in the issue is ticked there")


def _page(about: Subject, *, named: bool) -> str | None:
    """The page that may be noise: the one that was named, else the incident's only one."""
    if about.page or len(about.pages) == 1:
        return about.page or about.pages[0]
    if named:
        pages = ", ".join(about.pages) or "none that is known"
        raise UsageError(f"it is a page that is noise or real, and {about.key} has {pages}", "name the page")
    return None


def _doubted(now: Said, names: Collection[str]) -> list[str]:
    """What is kept as it was typed, and lint will refuse."""
    found = doubts(now)
    return [
        f"{LABELS[name]}: {doubt}: it is kept, and lint refuses it" for name in names for doubt in found.get(name, ())
    ]


def _overwritten(base: Said, before: Said, values: Collection[str]) -> list[str]:
    """What was said by somebody else, such as another terminal, since the text was written out."""
    lost = [name for name in values if getattr(before, name) != getattr(base, name)]
    return [f"{LABELS[name]}: yours is the last word; meanwhile it was said: {_words(before, name)}" for name in lost]


def _words(told: Said, name: str) -> str:
    value = getattr(told, name)
    some = value if isinstance(value, tuple) else (value,)
    return "; ".join(each.action if isinstance(each, NextStep) else clean(each) for each in some) or "nothing"
