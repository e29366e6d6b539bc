"""The read-back: what whoever takes over says the state is, what they will do first, and when they escalate."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from secops_oncall.domain.posted import put
from secops_oncall.domain.said import text

READBACK = "Read-back"
LABELS: Mapping[str, str] = {
    "state": "The state is",
    "first": "First I will",
    "escalate_if": "I escalate if",
    "questions": "Questions",
}
NEEDED = ("state", "first", "escalate_if")  # a hand-off counts as accepted by these
LONGEST = 8_000  # characters of one answer: all of them fit one message of Slack's, whose limit is 40,000

_INDENT = "    "
_PART = re.compile(r"  - ({}): ?(.*)".format("|".join(map(re.escape, LABELS.values()))))
_HEADINGS = {f"# {label}": name for name, label in LABELS.items()}
_STRUCTURE = re.compile(r"^(?=#|\\)", re.MULTILINE)


@dataclass(frozen=True)
class ReadBack:
    """The three answers, and what is still asked; each may have several lines."""

    state: str = ""
    first: str = ""
    escalate_if: str = ""
    questions: str = ""

    @property
    def missing(self) -> list[str]:
        """Those of the answers that are needed and not there, by name."""
        return [name for name in NEEDED if not getattr(self, name)]


def normal(words: ReadBack) -> ReadBack:
    """The same as it is kept: controls out, line ends alike, no blank lines around."""
    return ReadBack(**{name: text(getattr(words, name)) for name in LABELS})


def lines(words: ReadBack, typed: Callable[[str], str]) -> list[str]:
    """The answers as a note has them, below a bullet; `typed` makes what somebody typed safe there."""
    said = ((label, getattr(words, name)) for name, label in LABELS.items())
    return [line for label, answer in said if answer for line in put(label, typed(answer))]


def read(note: str) -> ReadBack:
    """What a note of `lines` says; nothing of one that says it elsewhere."""
    found: dict[str, list[str]] = {}
    more: list[str] = []
    for line in note.split("\n"):
        if part := _PART.fullmatch(line):
            name = next(name for name, label in LABELS.items() if label == part[1])
            more = found.setdefault(name, [])
            more += [part[2]] if part[2] else []
        elif line.startswith(_INDENT) or not line:
            more.append(line.removeprefix(_INDENT))
        else:
            more = []
    return normal(ReadBack(**{name: "\n".join(parts) for name, parts in found.items()}))


def draft(words: ReadBack) -> str:
    """The answers as they are written in an editor."""
    parts = ((heading, getattr(words, name)) for heading, name in _HEADINGS.items())
    return "\n".join(f"{heading}\n{_escaped(answer)}\n" for heading, answer in parts)


def parse(document: str) -> ReadBack:
    """The answers that stand below the headings of a draft; what stands before the first is nobody's."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in document.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if name := _HEADINGS.get(line.rstrip()):
            lines = found.setdefault(name, [])
        else:
            lines.append(line.removeprefix("\\"))
    return normal(ReadBack(**{name: "\n".join(parts) for name, parts in found.items()}))


def _escaped(answer: str) -> str:
    """An answer in which no line is taken for a heading."""
    return _STRUCTURE.sub(r"\\", answer)
