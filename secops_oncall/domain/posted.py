"""The per-incident note as it is posted, and what it says read back: on another machine nothing else is known."""

import re
from collections.abc import Iterator
from typing import Any

from secops_oncall.domain.said import LABELS, Said, normal
from secops_oncall.domain.times import parse
from secops_oncall.domain.traces import NextStep

SUMMARY, STEPS, POSTURE = LABELS["summary"], LABELS["next_steps"], LABELS["posture"]
PARTS = {name: LABELS[name] for name in ("state", "tried", "confidence")}
EMPTY = "**[empty: {}]**"  # what nobody has said yet

_HEADING = re.compile(r"\* \*\*(.+?)\*\*:? ?(.*)")
_PART = re.compile(r"  - ({}): ?(.*)".format("|".join(re.escape(label) for label in PARTS.values())))
_POSTURE = re.compile(rf"\*\*{POSTURE}:\*\* (\w+)")
_OWNER = re.compile(r"\*\*Owner[^*]*:\*\* (.+?) \(acked ")
_PAGES, _NUMBER = re.compile(r"\*\*Pages:\*\* ([^\n]*)"), re.compile(r"\[(\d+)\]\(<")
_STEP = re.compile(r"  - \[([ xX~])\] (.*)")
_TASK = re.compile(r"^(?=\\*\[[ xX~]\])")  # a contingency that would be taken for a step
_ESCAPED = re.compile(r"^\\(?=\\*\[[ xX~]\])")
_BY = re.compile(r", by (\d{4}-\d\d-\d\d \d\d:\d\d) UTC(?: \([^()]*\))?$")
_GAP = re.compile(r"\*\*\[(?:empty|nobody|unknown)[^\]]*\]\*\*")
_INDENT = "    "


def put(label: str, typed: str) -> list[str]:
    """A labelled text below a heading: beside its label where it is one line, else on lines of its own."""
    first, *more = typed.split("\n")
    if not more:
        return [f"  - {label}: {first}".rstrip()]
    return [f"  - {label}:", *((_INDENT + line).rstrip() for line in (first, *more))]


def contingency(typed: str) -> str:
    """An If/Then as it stands among the steps: what begins like one gets a backslash."""
    return _TASK.sub(r"\\", typed)


def read(note: str) -> Said:
    """What somebody said in a note, as far as the next one can take it up: everything but what is looked up anew.

    A step that was ticked there is done.
    """
    texts: dict[str, Any] = {}
    contingencies = []
    heading = ""
    for kind, first, more in _blocks(note):
        if kind == STEPS or heading == STEPS:
            heading = STEPS
            if first.startswith("  - ") and not _STEP.match(first):
                contingencies.append(_ESCAPED.sub("", first.removeprefix("  - ")))
        elif kind:
            heading = kind
            if kind == SUMMARY:
                texts["summary"] = first
        elif part := _PART.match(first):
            name = next(name for name, label in PARTS.items() if label == part[1])
            texts[name] = "\n".join([*([part[2]] if part[2] else []), *more])
    if found := _POSTURE.search(note.partition("\n\n")[0]):
        texts["posture"] = found[1]
    said: dict[str, Any] = {name: _GAP.sub("", text) for name, text in texts.items()}
    said["if_then"] = tuple(_GAP.sub("", each) for each in contingencies)
    return normal(Said(**said, next_steps=tuple(step for step, ticked in steps(note) if not ticked)))


def steps(note: str) -> list[tuple[NextStep, bool]]:
    """The next steps that stand in a note, each with whether it is ticked."""
    below = note.partition(f"\n* **{STEPS}**:")[2]
    found = (_STEP.match(line) for line in below.split("\n"))
    return [(_step(each[2]), each[1] != " ") for each in found if each]


def owner(note: str) -> str:
    """Whose the incident was by a note: a name, or a GitLab user name after an `@`; nothing where it was nobody's."""
    found = _OWNER.search(note.partition("\n\n")[0])
    return found[1].strip("`") if found else ""


def pages(note: str) -> list[str]:
    """The numbers of an incident's pages by a note."""
    found = _PAGES.search(note.partition("\n\n")[0])
    return _NUMBER.findall(found[1]) if found else []


def _blocks(note: str) -> Iterator[tuple[str, str, list[str]]]:
    """The bullets of a note: a heading's name where it is one, its first line, and the indented lines below it."""
    kind, first, more = "", "", list[str]()
    for line in note.split("\n"):
        if line.startswith(("* **", "  - ")) or (line and not line.startswith(_INDENT)):
            yield kind, first, more
            found = _HEADING.fullmatch(line)
            kind, first, more = (found[1], found[2], []) if found else ("", line, [])
        else:
            more.append(line.removeprefix(_INDENT))
    yield kind, first, more


def _step(words: str) -> NextStep:
    """`action, who, by when`, each a gap where nobody has said it."""
    found = _BY.search(words)
    moment = parse(f"{found[1]}Z") if found else None
    rest = words[: found.start()] if found else words.removesuffix(", " + EMPTY.format("by when"))
    action, comma, who = rest.rpartition(", ")
    if not comma:
        return NextStep(rest, None, moment)
    return NextStep(action, None if _GAP.fullmatch(who) else who.removeprefix("@"), moment)
