"""The rooms and who may import whom (docs/decisions.md), and how large anything may grow."""

import ast
from functools import cache
from pathlib import Path

import pytest

import secops_oncall

PACKAGE = Path(secops_oncall.__file__).parent
TREES = {path.relative_to(PACKAGE): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}

# What each room may import of ours, besides itself. A room is a folder, or a file beside them.
ALLOWED = {
    "domain": set(),
    "errors": set(),
    "threads": set(),
    "ports": {"domain"},
    "ports_machine": {"domain"},
    "ports_setup": {"domain"},
    "config_document": {"domain", "errors"},
    "config": {"config_document", "domain"},
    "config_file": {"config", "config_document", "domain", "errors"},
    "config_checks": {"config", "config_file", "clients", "workflows", "secrets", "domain", "errors"},
    "config_writing": {"config_checks", "config_document", "config_file", "domain", "files", "locks", "errors"},
    "settings": {
        "config",
        "config_checks",
        "config_document",
        "config_file",
        "config_writing",
        "secrets",
        "domain",
        "errors",
    },
    "locks": set(),
    "secrets": {"domain", "errors"},
    "keyring_store": {"domain", "errors", "secrets", "threads"},
    "activity": {"domain", "threads"},
    "lines": set(),
    "outlet": set(),
    "picker": set(),
    "ansi": set(),
    "hyperlinks": set(),
    "foreground": set(),
    "pager": {"foreground"},
    "terminal": {"hyperlinks", "outlet"},
    "streams": {"activity", "ansi", "domain", "errors", "lines", "pager", "picker", "terminal"},
    "files": {"domain", "errors"},
    "editor": {"domain", "errors", "foreground", "streams"},
    "journal_file": {"locks"},
    "journal": {"domain", "errors", "journal_file"},
    "keys": {"errors", "streams"},
    "cache": {"domain", "errors"},
    "state": {"cache", "errors", "journal"},
    "clients": {"domain", "errors", "ports", "threads", "cache"},
    "workflows": {"domain", "errors", "ports", "ports_machine", "ports_setup", "threads"},
    "views": {"domain", "lines", "streams"},
    "sandbox": {"domain", "errors"},
    "cli": {"app", "commands", "workflows", "views", "streams", "keys", "domain", "errors", "threads"},
    "practice": {"config", "config_file", "errors", "sandbox", "state"},
    "commands": {"domain"},
    "offers": {"cache", "domain"},
    "completion": {"cache", "commands", "config_document", "domain", "offers", "secrets", "state", "views"},
    "world": {"*"},
    "outgoing": {"*"},
    "setting_up": {"*"},
    "beginning": {"*"},
    "app": {"*"},
    "machine": {"__init__", "domain", "errors", "journal", "journal_file"},
    "examining": {"*"},
    "__init__": set(),
    "__main__": {"app", "cli", "completion"},
}
EXCEPTIONS = {
    ("cli/sandbox.py", "sandbox"),  # it serves and resets the sandbox
    ("cli/init.py", "beginning"),  # what is there before anything is set up
    ("cli/doctor.py", "examining"),  # what all of its checks need
    ("cli/root.py", "__init__"),  # the version
    ("cli/root.py", "world"),  # the global options, which it reads
}
SDKS = {"pdpyras": "clients", "gitlab": "clients", "slack_sdk": "clients", "requests": "clients", "urllib3": "clients"}
SDKS |= {"flask": "sandbox", "werkzeug": "sandbox", "markdown_it": "sandbox", "typer": "cli", "sqlite3": "journal"}
LONG = {
    "keyring": {"keyring_store"},
    "sqlite3": {"journal", "journal_file", "practice", "sandbox"},
    "rich": {"views", "streams", "lines", "ansi", "terminal"},
    "questionary": {"streams"},
    "prompt_toolkit": {"keys", "picker", "streams"},
}


def room(path: Path) -> str:
    return path.parts[0] if len(path.parts) > 1 else path.stem


@cache
def imports(tree: ast.Module) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def ours(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] != "secops_oncall" or len(parts) < 2:
        return None
    return parts[1] if (PACKAGE / parts[1]).exists() or (PACKAGE / f"{parts[1]}.py").exists() else "__init__"


@pytest.mark.parametrize("path", TREES, ids=str)
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    here = room(path)
    allowed = ALLOWED[here] | {here}
    if "*" in allowed:
        assert not {ours(name) for name in imports(TREES[path])} & {"cli", "cockpit"}
        return
    found = {there for name in imports(TREES[path]) if (there := ours(name))}
    assert {there for there in found - allowed if (path.as_posix(), there) not in EXCEPTIONS} == set()


@pytest.mark.parametrize("path", TREES, ids=str)
def test_an_sdk_stays_in_its_room(path: Path) -> None:
    for name in imports(TREES[path]):
        top = name.split(".")[0]
        rooms = LONG.get(top) or ({SDKS[top]} if top in SDKS else {room(path)})
        assert room(path) in rooms, f"{name} belongs into {sorted(rooms)}"
        assert top != "click", "Typer carries its own click, and Flask brings another one"


def test_the_exceptions_are_still_needed() -> None:
    used = {(path.as_posix(), ours(name)) for path, tree in TREES.items() for name in imports(tree)}
    assert used >= EXCEPTIONS


@pytest.mark.parametrize("path", TREES, ids=str)
def test_nothing_grows_too_large(path: Path) -> None:
    tree = TREES[path]
    assert len((PACKAGE / path).read_text("utf-8").splitlines()) <= 300
    assert ast.get_docstring(tree), "a module says in one sentence what it is for"
    limit = 25 if room(path) == "cli" else 40
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0
            assert lines <= limit, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", [path for path in TREES if room(path) in ("domain", "workflows", "views")], ids=str)
def test_time_is_an_argument(path: Path) -> None:
    """Only App asks the clock."""
    calls = [node.func for node in ast.walk(TREES[path]) if isinstance(node, ast.Call)]
    names = {func.attr for func in calls if isinstance(func, ast.Attribute)}
    assert not names & {"now", "utcnow", "today", "monotonic"}
