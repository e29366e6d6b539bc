"""The hand-off as an engineer edits it: Markdown with the six headings, read back without losing a word."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from secops_oncall.domain.said import LINES, TEXTS, Said, normal
from secops_oncall.domain.traces import NextStep

HEADINGS: Mapping[str, str] = {
    "Issue Summary": "",
    "Related Issues": "related",
    "Who's Engaged": "engaged",
    "Active Zoom Bridge": "zoom",
    "Slack Channel(s)/Thread(s)": "slack",
    "Next Steps": "next_steps",
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
    "<!-- A next step: - [ ] action | who | 2026-11-23 15:00 UTC. A contingency: - If signal => action. -->\n"
)
_STRUCTURE = re.compile(r"^(?=#|>|\\|<!--)", re.MULTILINE)
_STEP = re.compile(r"- \[ \] (.*)")
_UNTICKED = re.compile(r"^(?=\\*\[ \])")  # a contingency that would be taken for a step
_ESCAPED = re.compile(r"^\\(?=\\*\[ \])")
_SPLIT = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_STAMP = "%Y-%m-%d %H:%M UTC"

When = Callable[[str], datetime | None]  # reads a TIME as somebody typed it


@dataclass(frozen=True)
class Item:
    """One incident to edit: its key, its title, what is known under each heading, and what was said of it."""

    key: str
    title: str
    said: Said
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def render(items: Iterable[Item]) -> str:
    """The document, one part for each incident."""
    return _EXPLAINED + "\n".join(f"\n# {item.key}: {item.title}\n{_body(item)}" for item in items)


def parse(document: str, items: Iterable[Item], when: When) -> dict[str, Said]:
    """What stands in the document that was made of the items, by incident; one that was taken out is not among them.

    Only a heading, a fact or an explanation as it was written there is oncall's own; every other line is kept where it
    stands. A step whose time can't be read keeps it among its words: nothing that was typed is lost.
    """
    known = {f"# {item.key}": item for item in items}
    found: dict[str, dict[str, list[str]]] = {}
    facts: set[str] = set()
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in document.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if item := known.get(line.partition(": ")[0].rstrip()):
            parts = found.setdefault(item.key, {})
            lines = parts.setdefault("summary", [])
            facts = {f"> {fact}" for every in item.facts.values() for fact in every}
        elif name := _FIELDS.get(line.rstrip()):
            lines = parts.setdefault(name, [])
        elif line not in facts and line not in _EXPLAINED.splitlines():
            lines.append(line.removeprefix("\\"))
    return {key: _said(parts, when) for key, parts in found.items()}


def _body(item: Item) -> str:
    said = item.said
    parts: list[str] = []
    for heading, name in HEADINGS.items():
        parts.append(f"\n## {heading}\n")
        parts += [f"> {fact}\n" for fact in item.facts.get(heading, ())]
        if not name:
            parts += [f"\n### {part}\n{_escaped(getattr(said, each))}" for part, each in _PARTS.items()]
        elif name == "next_steps":
            parts += [_escaped(line) for line in _steps(said)]
        elif name in LINES:
            parts += [_escaped(line) for line in getattr(said, name)]
        else:
            parts.append(_escaped(getattr(said, name)))
    return "".join(parts)


def _escaped(typed: str) -> str:
    """A typed text in which no line is taken for one of the document's own."""
    return _STRUCTURE.sub(r"\\", typed) + "\n" if typed else ""


def _steps(said: Said) -> Iterator[str]:
    for step in said.next_steps:
        words = (step.action, step.who or "", step.by.astimezone(UTC).strftime(_STAMP) if step.by else "")
        yield "- [ ] " + " | ".join(_barred(word) for word in words)
    yield from ("- " + _UNTICKED.sub(r"\\", line) for line in said.if_then)


def _barred(word: str) -> str:
    return word.replace("\\", "\\\\").replace("|", "\\|")


def _said(parts: Mapping[str, list[str]], when: When) -> Said:
    texts: dict[str, Any] = {name: "\n".join(parts.get(name, ())) for name in TEXTS}
    texts |= {name: tuple(parts.get(name, ())) for name in LINES}
    steps, contingencies = [], []
    for line in parts.get("next_steps", ()):
        if found := _STEP.match(line.strip()):
            steps.append(_step(found[1], when))
        elif line.strip():
            contingencies.append(_ESCAPED.sub("", line.strip().removeprefix("- ")))
    return normal(Said(**(texts | {"next_steps": tuple(steps), "if_then": tuple(contingencies)})))


def _step(line: str, when: When) -> NextStep:
    """`action | who | by when`, the last two as far as they are there."""
    words = [_unbarred(word) for word in _SPLIT.sub(r"\1\n", line).split("\n")]
    action, who, by, *more = [*words, "", ""]
    moment = when(by) if by else None
    unread = [word for word in [*([] if moment else [by]), *more] if word]
    return NextStep(" | ".join([action, *unread]), who or None, moment)


def _unbarred(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word.strip())
