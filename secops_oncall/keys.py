"""One key at a time: how a walk through many things is steered, without Enter behind each answer."""

import asyncio
import warnings
from typing import TYPE_CHECKING

from secops_oncall.errors import Cancelled, UsageError
from secops_oncall.streams import Streams

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPress

ENTER = "enter"
_CLEAR = "\r\x1b[K"


def press(streams: Streams, line: str, remedy: str = "give it as an option") -> str:
    """Wait for a key behind a line of what can be pressed, which is gone afterwards; it must fit the terminal.

    Answers the character, `ENTER`, or nothing for a key that is none. What was typed before the line was there is
    dropped, and of several characters at once, as a paste has them, none counts: no answer to what nobody has seen.
    Raises UsageError where nobody can be asked, Cancelled for Ctrl-C, Ctrl-D and a terminal that is gone.
    """
    from prompt_toolkit.input import create_input

    if not streams.interactive:
        raise UsageError("there is no terminal to press keys on", f"the same command again, but {remedy}")
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")  # by a loop that Ctrl-C cut off
    with streams.lent():
        streams.stdout.draw(line)
        streams.stdout.flush()
        pressed = asyncio.run(_pressed(create_input(streams.stdin)))
        streams.stdout.draw(_CLEAR)
        streams.stdout.flush()
    return _meant(pressed)


async def _pressed(terminal: "Input") -> "list[KeyPress] | None":
    """The next keys that come in together; None where none ever will."""
    found: asyncio.Future[list[KeyPress] | None] = asyncio.get_running_loop().create_future()

    def ready() -> None:
        keys = terminal.read_keys()
        if not found.done() and (keys or terminal.closed):
            found.set_result(keys or None)

    with terminal.raw_mode():
        terminal.read_keys()
        terminal.flush_keys()
        with terminal.attach(ready):
            return await found


def _meant(pressed: "list[KeyPress] | None") -> str:
    from prompt_toolkit.keys import Keys

    names = {each.key for each in pressed or ()}
    if pressed is None or names & {Keys.ControlC, Keys.ControlD}:
        raise Cancelled("cancelled", "nothing more was sent")
    if len(pressed) > 1:
        return ""
    key = pressed[0].key
    return ENTER if key in (Keys.ControlM, Keys.ControlJ) else "" if isinstance(key, Keys) else key
