"""The hand-off as an engineer edits it: Markdown with the six headings, read back without losing a word."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from secops_oncall.domain.said import LABELS, LINES, TEXTS, Said, normal
from secops_oncall.domain.text import clean, quoted
from secops_oncall.domain.times import stamp
from secops_oncall.domain.traces import NextStep

HEADINGS: Mapping[str, str] = {
    LABELS["summary"]: "",
    **{LABELS[name]: name for name in ("related", "engaged", "zoom", "slack", "next_steps")},
}
_PARTS: Mapping[str, str] = {
    "What happened, in one line": "summary",
    "State now": "state",
    "Tried / ruled out": "tried",
    "Confidence: low, medium or high": "confidence",
    "Posture: stable, watch or active": "posture",
}
_FIELDS = {
    **{f"## {heading}": name or "summary" for heading, name in HEADINGS.items()},
    **{f"### {part}": name for part, name in _PARTS.items()},
}
_EXPLAINED = (
    "<!-- Lines that begin with > are what is known, made anew each time: not yours to change. -->\n"
    "<!-- A next step: - [ ] action | who | 2026-11-23 15:00 UTC (or 15:00, Sun 04:00, 2h); [x] is done. -->\n"
    "<!-- A contingency: - If signal, then action. Where there is none of something, write None. -->\n"
    "<!-- A line of yours that looks like one of these headings begins with a backslash. -->\n"
)
SUGGESTED = "> suggested: "  # what the last hand-off said, for a field that is empty
_STRUCTURE = re.compile(r"^(?=#|>|\\|<!--)", re.MULTILINE)
_BULLET = re.compile(r"^[-*](?: |$)")
_STEP = re.compile(r"[-*] \[([ xX])\] (.*)")
_UNTICKED = re.compile(r"^(?=\\*\[[ xX]\])")  # a contingency that would be taken for a step
_ESCAPED = re.compile(r"^\\(?=\\*\[[ xX]\])")
_SPLIT = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_LEAD = re.compile(r"(?:by|in|at)\s+", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?<=UTC)\s*\([^()]*\)$")  # the same time in a reader's own zone, as it is posted


When = Callable[[str], datetime]  # reads a TIME as somebody typed it; ValueError says why it is none


@dataclass(frozen=True)
class Item:
    """One incident to edit: its key, its title, what is known under each heading, and what was said of it.

    `suggested` is what the last hand-off said of it.
    """

    key: str
    title: str
    said: Said
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    suggested: Said = field(default_factory=Said)


@dataclass(frozen=True)
class Read:
    """What a document says, by incident: one that was taken out of it is not there.

    `unsure` are the incident and what was kept in it otherwise than it may have been meant; `stray` is what stands
    before the first incident, which is nowhere else.
    """

    said: Mapping[str, Said]
    unsure: tuple[tuple[str, str], ...] = ()
    stray: str = ""


def render(items: Iterable[Item]) -> str:
    """The document, one part for each incident."""
    return _EXPLAINED + "\n".join(f"\n# {item.key}: {item.title}\n{_body(item)}" for item in items)


def parse(document: str, items: Iterable[Item], when: When) -> Read:
    """What stands in the document that was made of the items.

    Only a heading, a fact or an explanation as it was written there is oncall's own; every other line is kept where it
    stands. A step whose time can't be read keeps it among its words: nothing that was typed is lost.
    """
    known, own = {f"# {item.key}": item for item in items}, set(_EXPLAINED.splitlines())
    found: dict[str, dict[str, list[str]]] = {}
    unsure: list[tuple[str, str]] = []
    facts, parts, seen, key = set[str](), dict[str, list[str]](), set[str](), ""
    stray = lines = list[str]()
    for line in document.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        heading = line.rstrip()
        if item := known.get(line.partition(": ")[0].rstrip()):
            unsure += [(item.key, "it stands there twice, and both were taken")] if item.key in found else []
            key, facts, seen = item.key, _facts(item), set()
            parts = found.setdefault(key, {})
            lines = parts.setdefault("summary", [])
        elif key and (name := _FIELDS.get(heading)):
            unsure += [(key, f"{quoted(heading)} stands there twice, and both were taken")] if heading in seen else []
            seen.add(heading)
            lines = parts.setdefault(name, [])
        elif line not in facts and line not in own:
            lines.append(line.removeprefix(SUGGESTED).removeprefix("\\"))
    said = {key: _said(key, parts, when, unsure) for key, parts in found.items()}
    return Read(said, tuple(unsure), "\n".join(stray).strip())


def read_step(line: str, when: When) -> tuple[NextStep, str]:
    """`action | who | by when`, the last two as far as they are there; and what of it could not be read, and why."""
    words = [_unbarred(word) for word in _SPLIT.sub(r"\1\n", clean(line)).split("\n")]
    action, who, by, *more = [*words, "", ""]
    unread, why = [word for word in more if word], ""
    if unread:
        why = "it has more parts than action | who | when"
    try:
        moment = when(_ELSEWHERE.sub("", _LEAD.sub("", by, count=1))) if by else None
    except (ValueError, OverflowError) as error:
        moment, unread, why = None, [by, *unread], str(error)
    return NextStep(" | ".join([action, *unread]), who or None, moment), why


def barred(*words: str) -> str:
    """Words with a bar between them, as `read_step` takes them apart."""
    return " | ".join(word.replace("\\", "\\\\").replace("|", "\\|") for word in words)


def step_line(step: NextStep) -> str:
    """A step as `read_step` reads it."""
    words = [step.action, step.who or "", stamp(step.by) if step.by else ""]
    return barred(*words[: 3 if words[2] else 2 if words[1] else 1])


def _body(item: Item) -> str:
    parts: list[str] = []
    for heading, name in HEADINGS.items():
        parts += [f"\n## {heading}\n", *(f"> {fact}\n" for fact in item.facts.get(heading, ()))]
        if name:
            parts.append(_field(item, name))
        else:
            parts += [f"\n### {part}\n{_field(item, each)}" for part, each in _PARTS.items()]
    return "".join(parts)


def _field(item: Item, name: str) -> str:
    return "".join(f"{line}\n" for line in _suggestion(item, name)) + _typed(item.said, name)


def _facts(item: Item) -> set[str]:
    """The lines of an incident that are oncall's."""
    told = {f"> {fact}" for every in item.facts.values() for fact in every}
    return told | {line for name in _FIELDS.values() for line in _suggestion(item, name)}


def _suggestion(item: Item, name: str) -> list[str]:
    """What stands below a field that nobody has filled, as it could be typed there."""
    suggested = "" if _typed(item.said, name) else _typed(item.suggested, name)
    return [SUGGESTED + line for line in suggested.split("\n") if line]


def _typed(said: Said, name: str) -> str:
    """A field as it stands in the document, each line with its end."""
    if name == "next_steps":
        typed = [*_steps(said)]
    elif name in LINES:
        typed = [f"- {line}" for line in getattr(said, name)]
    else:
        typed = [_STRUCTURE.sub(r"\\", text)] if (text := getattr(said, name)) else []
    return "".join(f"{line}\n" for line in typed)


def _steps(said: Said) -> Iterator[str]:
    for step in said.next_steps:
        yield f"- [ ] {step_line(step)}"
    yield from ("- " + _UNTICKED.sub(r"\\", line) for line in said.if_then)


def _said(key: str, parts: Mapping[str, list[str]], when: When, unsure: list[tuple[str, str]]) -> Said:
    texts: dict[str, Any] = {name: "\n".join(parts.get(name, ())) for name in TEXTS}
    texts |= {name: tuple(_unbulleted(line) for line in parts.get(name, ())) for name in LINES}
    steps, contingencies = [], []
    for line in map(str.strip, parts.get("next_steps", ())):
        found = _STEP.match(line)
        if found and found[1] == " ":
            step, why = read_step(found[2], when)
            steps.append(step)
            unsure += [(key, f"{why}: it is kept among the words of {quoted(step.action)}")] if why else []
        elif not found:
            contingencies.append(_ESCAPED.sub("", _unbulleted(line)))
    return normal(Said(**(texts | {"next_steps": tuple(steps), "if_then": tuple(contingencies)})))


def _unbulleted(line: str) -> str:
    return _BULLET.sub("", line.strip(), count=1)


def _unbarred(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word.strip())
