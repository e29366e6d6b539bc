"""Markdown in lines that fit a terminal is the same Markdown."""

import re

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len

from secops_oncall.views.markdown_lines import print_markdown
from tests.views.samples import Consoles

ISSUE = "[`acme/operations#103`](<https://gitlab.example.com/acme/operations/-/issues/103>)"
TEXT = f"""# Hand-off: Ana Ferreira → Chen Wei, 2026-11-23 09:00 UTC

**Shift:** weekday, engineer | **Outgoing:** Ana Ferreira | **Incoming:** Chen Wei | **Pages:** 11

* Canary token opened, {ISSUE}: `oncall ack 4117`
  - Next: read what is there and - if it is real - call 1. the manager 2. the backup # as the runbook says > now
  - ``@chen: which image brought `nsenter`?`` and then \\\\/close is no quick action, /close it + wait
* 王王王王王王王王 王王王王王王王王 **[empty: action, who, by when]**
"""


def printed(width: int, **how: bool) -> str:
    consoles = Consoles(width=width, terminal=how.get("terminal", True))
    print_markdown(consoles.streams, TEXT, as_it_is=how.get("as_it_is", False))
    return consoles.out


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_it_is_the_same_markdown_in_lines_that_fit(width: int) -> None:
    def meant(text: str) -> str:
        return " ".join(re.split(r"\s+", MarkdownIt().render(text)))

    shown = printed(width)
    assert meant(shown) == meant(TEXT)
    assert not re.search(r"^ *(?:/|\d+[.)] |> )", shown, re.MULTILINE), "nothing acts at the beginning of a line"
    wide = [line for line in shown.splitlines() if cell_len(line) > width and not line.startswith("#")]
    assert width < 60 or all("](<" in line for line in wide), "only what can't be broken is wider"


def test_a_program_gets_it_as_it_is() -> None:
    assert printed(40, terminal=False) == TEXT
    assert printed(40, as_it_is=True) == TEXT
