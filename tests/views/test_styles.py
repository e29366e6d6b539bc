"""What the program looks like is said in one place: no view has a colour of its own."""

import ast
from pathlib import Path

import secops_oncall
from secops_oncall.streams import STYLES

_WORDS = {
    *[
        "bold",
        "dim",
        "red",
        "green",
        "yellow",
        "blue",
        "magenta",
        "cyan",
        "white",
        "black",
        "italic",
        "underline",
        "reverse",
        "blink",
        "strike",
    ]
}


def test_no_view_has_a_look_of_its_own() -> None:
    found = set()
    for path in Path(secops_oncall.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            words = node.value.split() if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
            if words and "".join(words).isalpha() and not {*words} - _WORDS - {"on", "bright", "not"}:
                found.add(" ".join(words))
    assert found - {"on", "not", "not on"} == set(STYLES)
