"""Which terminals get links: those that are known to make something of them."""

import pytest

from secops_oncall import hyperlinks


@pytest.mark.parametrize(
    ("environ", "works"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal", "TERM_PROGRAM_VERSION": "455"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.0"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.0.15"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, False),
        ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"}, True),
        ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.71.2"}, False),
        ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.100.0-insider"}, True),
        ({"TERM_PROGRAM": "ghostty"}, True),
        ({"VTE_VERSION": "7203"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"VTE_VERSION": "new"}, False),
        ({"KONSOLE_VERSION": "220401"}, True),
        ({"WT_SESSION": "5a1c"}, True),
        ({"KITTY_WINDOW_ID": "1"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "dumb", "WT_SESSION": "5a1c"}, False),
        ({"CI": "true", "VTE_VERSION": "7203"}, False),
        ({"TERM": "screen-256color", "VTE_VERSION": "7203"}, False),
        ({"TERM": "xterm", "STY": "1.pts", "KITTY_WINDOW_ID": "1"}, False),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"}, False),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"}, True),
        ({"FORCE_HYPERLINK": "1", "TERM": "dumb"}, True),
        ({"FORCE_HYPERLINK": "", "TERM": "xterm"}, True),
        ({"FORCE_HYPERLINK": "0", "KITTY_WINDOW_ID": "1"}, False),
    ],
)
def test_links_are_for_terminals_that_know_them(environ: dict[str, str], works: bool) -> None:
    assert hyperlinks.work(environ) is works
