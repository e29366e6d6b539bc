"""The rooms and who may import whom (docs/decisions.md), and how large anything may grow."""

import ast
from functools import cache
from pathlib import Path

import secops_oncall

PACKAGE = Path(secops_oncall.__file__).parent
PATHS = [path.relative_to(PACKAGE) for path in sorted(PACKAGE.rglob("*.py"))]

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
def tree_of(path: Path) -> ast.Module:
    """Read by the tests that look at it, not by everybody who collects tests."""
    return ast.parse((PACKAGE / path).read_text("utf-8"))


@cache
def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree_of(path)):
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


def forbidden(path: Path) -> set[str]:
    """What a file imports of ours, though its room may not."""
    here = room(path)
    allowed = ALLOWED[here] | {here}
    found = {there for name in imports(path) if (there := ours(name))}
    if "*" in allowed:
        return found & {"cli", "cockpit"}
    return {there for there in found - allowed if (path.as_posix(), there) not in EXCEPTIONS}


def test_a_room_imports_only_what_it_may() -> None:
    assert {path.as_posix(): wrong for path in PATHS if (wrong := forbidden(path))} == {}


def test_an_sdk_stays_in_its_room() -> None:
    for path in PATHS:
        for name in imports(path):
            top = name.split(".")[0]
            rooms = LONG.get(top) or ({SDKS[top]} if top in SDKS else {room(path)})
            assert room(path) in rooms, f"{path}: {name} belongs into {sorted(rooms)}"
            assert top != "click", f"{path}: Typer carries its own click, and Flask brings another one"


def test_the_exceptions_are_still_needed() -> None:
    used = {(path.as_posix(), ours(name)) for path in PATHS for name in imports(path)}
    assert used >= EXCEPTIONS


def too_large(path: Path) -> list[str]:
    """What of a file is larger than it may be, or has no docstring."""
    tree, limit = tree_of(path), 25 if room(path) == "cli" else 40
    count = len((PACKAGE / path).read_text("utf-8").splitlines())
    found = [f"{path} has {count} lines"] if count > 300 else []
    if not ast.get_docstring(tree):
        found.append(f"{path}: a module says in one sentence what it is for")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0
            if lines > limit:
                found.append(f"{path}: {node.name} has {lines} lines")
    return found


def test_nothing_grows_too_large() -> None:
    assert [found for path in PATHS for found in too_large(path)] == []


def test_time_is_an_argument() -> None:
    """Only App asks the clock."""
    for path in PATHS:
        if room(path) in ("domain", "workflows", "views"):
            calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
            names = {func.attr for func in calls if isinstance(func, ast.Attribute)}
            assert not names & {"now", "utcnow", "today", "monotonic"}, path
