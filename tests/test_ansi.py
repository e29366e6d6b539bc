"""Styled text for a terminal: colours and links, each alone and both together."""

import pytest
from rich.style import Style
from rich.text import Text

from tests.views.samples import Consoles

URL = "https://acme.pagerduty.com/incidents/Q1"


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, "4117  late\n"),
        ({"FORCE_HYPERLINK": "1"}, f"\x1b]8;;{URL}\x1b\\4117\x1b]8;;\x1b\\  late\n"),
        ({"NO_COLOR": ""}, "\x1b[1m4117\x1b[0m  \x1b[1;31mlate\x1b[0m\n"),
        (
            {"NO_COLOR": "", "KITTY_WINDOW_ID": "1"},
            f"\x1b]8;;{URL}\x1b\\\x1b[1m4117\x1b[0m\x1b]8;;\x1b\\  \x1b[1;31mlate\x1b[0m\n",
        ),
    ],
    ids=["neither", "links", "colours", "both"],
)
def test_what_is_drawn(environ: dict[str, str], shown: str) -> None:
    number = Text("4117", "bold")
    number.stylize(Style(link=URL))
    consoles = Consoles(environ=environ)
    consoles.streams.render(Text.assemble(number, "  ", ("late", "bold red")))
    assert consoles.out == shown
    consoles.streams.render(Text("late", "bold red"))
    assert consoles.out.endswith("late\n" if environ.get("NO_COLOR") is None else "\x1b[1;31mlate\x1b[0m\n")


def test_a_pipe_gets_no_link_even_if_they_are_forced() -> None:
    consoles = Consoles(terminal=False, environ={"FORCE_HYPERLINK": "1", "FORCE_COLOR": "1", "NO_COLOR": ""})
    consoles.streams.render(Text("4117", Style(link=URL, bold=True)))
    assert consoles.out == "\x1b[1m4117\x1b[0m\n"
