"""Every command that the program speaks of in hints, views and help is one that it has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import secops_oncall
from secops_oncall.cli.grammar import GLOBAL_FLAGS, GLOBAL_VALUES
from secops_oncall.cli.root import app

PACKAGE = Path(secops_oncall.__file__).parent
ROOT: Any = get_command(app)
PROSE = {"is", "holds", "says"}  # "oncall is not set up": the program, not a command of it
MENTION = re.compile(r'(?<!--label )\boncall (?=(?P<line>(?:"[^"]*"|[^`\n;|,:()"])*))')


def texts(node: ast.AST) -> Iterator[str]:
    """Every literal text, with `X` where an f-string puts something in."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in each.values)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
        else:
            yield from texts(each)


def mentions() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for text in texts(ast.parse(path.read_text("utf-8"))):
            for found in MENTION.finditer(text):
                line = re.split(r" or | oncall ", found["line"])[0]
                yield path.relative_to(PACKAGE).as_posix(), line.strip()


def wrong(line: str) -> str | None:
    """What of a command line isn't there; None where all of it is."""
    command, known = ROOT, GLOBAL_FLAGS | GLOBAL_VALUES | {"--help"}
    words: list[str] = re.findall(r'"[^"]*"|\S+', line)
    for word in words:
        if word.startswith("-") and not re.fullmatch(r"-\d*", word):
            if command is ROOT and word not in known:
                return word
            given = {option for each in command.params for option in each.opts}
            if word.partition("=")[0] not in given | known:
                return word
        elif hasattr(command, "commands") and re.fullmatch(r"[a-z][a-z-]*", word):
            if word not in command.commands:
                return word
            command = command.commands[word]
        elif hasattr(command, "commands"):
            return None
    return None


def test_what_is_named_is_there() -> None:
    named = {(path, line) for path, line in mentions() if line and line.split()[0] not in PROSE}
    assert [f"{path} speaks of `oncall {line}`" for path, line in sorted(named) if wrong(line) is not None] == []
    assert len(named) > 300


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("ack 4117", None),
        ("pages --mine --triggered -o ids", None),
        ('note "what you saw" --page X', None),
        ("--sandbox status", None),
        ("backlog pick ISSUE", None),
        ("teleport 4117", "teleport"),
        ("handoff teleport", "teleport"),
        ("ack --some", "--some"),
        ("--nonsense pages", "--nonsense"),
    ],
)
def test_the_test_itself(line: str, missing: str | None) -> None:
    assert wrong(line) == missing
