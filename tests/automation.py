"""The two files that docs/automation.md has a team keep, read as they stand there."""

import re
from pathlib import Path
from typing import Any

_PAGE = (Path(__file__).resolve().parents[1] / "docs" / "automation.md").read_text("utf-8")
# A word or more as YAML takes it without quotes: nothing in it means anything but itself.
_PLAIN = re.compile(r"(?![-?:,\[\]{}#&*!|>'\"%@`])(?:(?!: | #).)+(?<!:)")


def block(language: str) -> str:
    """The page's one block of code in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", _PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def yaml(text: str) -> dict[str, Any]:
    """YAML as far as a job needs it: mappings, lists of lines, and plain words; ValueError for anything else."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines() if line.strip()]
    read, rest = _mapping(lines)
    if rest:
        raise ValueError(f"not as simple as that: {rest[0][1]}")
    return read


def _mapping(lines: list[tuple[int, str]]) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    read: dict[str, Any] = {}
    depth = lines[0][0]
    while lines and lines[0][0] == depth:
        key, _, value = lines[0][1].partition(":")
        lines = lines[1:]
        if value:
            read[key] = _value(value.removeprefix(" "))
        elif lines and lines[0][1].startswith("- "):
            inner = lines[0][0]
            read[key] = []
            while lines and lines[0][0] == inner:
                read[key].append(lines[0][1].removeprefix("- "))
                lines = lines[1:]
        elif lines and lines[0][0] > depth:
            read[key], lines = _mapping(lines)
    return read, lines


def _value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [_value(each.strip()) for each in text[1:-1].split(",")]
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"not as plain as that: {text}")
    return text


CONFIG = block("toml")
PIPELINE = yaml(block("yaml"))
JOB: dict[str, Any] = PIPELINE["remind"]
