"""`oncall config edit` until what was written can be used, and what is said of a file that was changed."""

from collections.abc import Callable
from pathlib import Path

from secops_oncall.app import App
from secops_oncall.domain.settings import Saved
from secops_oncall.errors import Cancelled, ConfigError, OncallError, UsageError

_BEGINNING = "# The settings of oncall: `oncall config list` shows every key, and what it is for on a terminal.\n"


def edited(home: App) -> Saved:
    """Have the file edited until it can be used or nobody wants to go on; then the draft is kept, and said."""
    before = home.settings.text()
    text = given = before or _BEGINNING
    discard = _nothing
    while True:
        draft = home.draft(text, "config", ".toml")
        discard()
        text, discard = draft.text, draft.discard
        try:
            same = text == given.replace("\r\n", "\n").strip("\n")
            saved = Saved(home.settings.file, None, changed=False) if same else home.settings.put(before, f"{text}\n")
        except (ConfigError, UsageError) as error:
            _ask_again(home, error, text, draft.leave)
        else:
            discard()
            return saved


def _nothing() -> None:
    """What is discarded before there is a draft."""


def _ask_again(home: App, error: OncallError, text: str, leave: Callable[[str], Path]) -> None:
    """Go on, if the engineer wants to; raises Cancelled where not, and the error where nobody can be asked."""
    left = _left(home, text, leave)  # before anybody is asked: whoever hangs up leaves no token either
    if not home.streams.interactive:
        raise ConfigError(error.message, left)
    home.streams.error(error.message, error.hint)
    if not home.streams.confirm("Edit it again?"):
        raise Cancelled("cancelled", left)


def _left(home: App, text: str, leave: Callable[[str], Path]) -> str:
    """Where what was written is left, without a token in it."""
    hidden = home.settings.hidden(text)
    but = ", but for tokens," if hidden != text else ""
    return f"nothing is saved; what was written{but} is kept in {leave(hidden)}"


def tell(home: App, saved: Saved, what: str) -> None:
    """Say what was done, and where the text of before is."""
    home.streams.done(what)
    if saved.backup:
        home.streams.say(f"  what it held before is in {saved.backup}")


def tell_of_file(home: App, key: str) -> None:
    """Say what keeps a change of the file from counting."""
    variable, problem = home.settings.wins(key), home.settings.problem()
    if variable:
        home.streams.warn(f"{variable} is set, and counts instead: unset it")
    if problem:
        home.streams.warn(f"the file still can't be used: {problem.message}")
