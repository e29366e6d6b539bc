"""A pager for an answer that is longer than the screen: whatever becomes of it, the answer is not lost."""

import signal
import subprocess
import sys
from collections.abc import Mapping

from secops_oncall import foreground

# As git sets them: less leaves by itself where all fits, keeps colours, and leaves the text on the screen.
_USUAL = {"LESS": "FRX", "LV": "-c"}
_LEAVING = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGPIPE")  # what ends one by somebody's will


def command(environ: Mapping[str, str], platform: str = sys.platform) -> list[str] | None:
    """The pager and its arguments: `$ONCALL_PAGER`, else `$PAGER`, else less; None where there is none to be used.

    An empty value and `cat` mean none, and so does one that can't be read or isn't there. No shell reads it.
    """
    line = environ.get("ONCALL_PAGER", environ.get("PAGER", "less")).strip()
    try:
        words = foreground.words(line, platform)
    except ValueError:
        return None
    if not words or words == ["cat"]:
        return None
    program = foreground.found(words[0])
    return [program, *words[1:]] if program else None


def show(text: bytes, argv: list[str], environ: Mapping[str, str], terminal: int) -> bool:
    """Show a text on a terminal, a file descriptor, until the engineer leaves the pager; whether it did its work."""
    try:
        pager = subprocess.Popen(  # noqa: S603 - the engineer's own program, and no shell
            argv, stdin=subprocess.PIPE, stdout=terminal, env={**_USUAL, **environ}
        )
    except OSError:
        return False
    with foreground.keys_left_to_it():
        pager.communicate(text)  # one that is left before the end of the text is no error
    return pager.returncode in (0, *(-getattr(signal, name) for name in _LEAVING if hasattr(signal, name)))
