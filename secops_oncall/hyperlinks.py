"""Whether a terminal makes links of OSC 8 sequences: only one that is known to, since others print them as rubbish."""

import re
from collections.abc import Mapping

# Terminals by the name that they give themselves, with the first version that knows links; () is every one.
_PROGRAMS: dict[str, tuple[int, ...]] = {
    "iTerm.app": (3, 1),
    "WezTerm": (20200620,),
    "vscode": (1, 72),
    "ghostty": (),
    "zed": (),
    "rio": (),
    "tmux": (3, 4),  # it hands them on to terminals that know them
}
_ALWAYS = ("WT_SESSION", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID", "DOMTERM")
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "wezterm")
_VTE, _KONSOLE = 5001, 201200  # VTE 0.50.0 crashed on them
_MULTIPLEXED = ("screen", "tmux")


def work(environ: Mapping[str, str]) -> bool:
    """Whether they work, as far as the environment tells; `FORCE_HYPERLINK` (0 is no) knows better."""
    forced = environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced != "0"
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if term == "dumb" or environ.get("CI"):
        return False
    known = program in _PROGRAMS and _version(environ.get("TERM_PROGRAM_VERSION", "")) >= _PROGRAMS[program]
    if term.startswith(_MULTIPLEXED) or environ.get("STY"):  # the other variables tell of the terminal around it
        return known and program == "tmux"
    if known or term in _TERMS or any(environ.get(name) for name in _ALWAYS):
        return True
    return _number(environ.get("VTE_VERSION")) >= _VTE or _number(environ.get("KONSOLE_VERSION")) >= _KONSOLE


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]{1,9}", text)[:3])


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else 0
