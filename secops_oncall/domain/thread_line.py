"""Where Slack has a hand-off: the last line of its hand-over issue, by which another machine finds the thread."""

import re

from secops_oncall.domain.slack import Message
from secops_oncall.domain.text import clean_lines

_LINE = re.compile(r"\* \*\*In Slack:\*\* (?:<(https?://[^\s<>]+)> )?\(channel ([A-Z0-9]+), message (\d[\d.]*)\)")


def described(text: str, thread: Message | None, url: str = "") -> str:
    """A hand-over issue's description, all but its mark: its text, and where Slack has it (with the message's URL)."""
    if thread is None:
        return text
    address = f"<{url}> " if re.fullmatch(r"https?://[^\s<>]+", url) else ""
    between = "\n" if text.rpartition("\n")[2].startswith("* ") else "\n\n"
    return f"{text}{between}* **In Slack:** {address}(channel {thread.channel}, message {thread.ts})"


def thread_in(description: str) -> Message | None:
    """The message that a description names as its thread; only its last line counts, which no typed text can be."""
    found = _LINE.fullmatch(_lines(description)[-1])
    return Message(found[2], found[3]) if found else None


def address_in(description: str) -> str:
    """The URL of that message, where it is told."""
    found = _LINE.fullmatch(_lines(description)[-1])
    return (found[1] or "") if found else ""


def text_in(description: str) -> str:
    """A description without that line."""
    lines = _lines(description)
    return "\n".join(lines[:-1] if _LINE.fullmatch(lines[-1]) else lines).rstrip("\n")


def _lines(description: str) -> list[str]:
    return clean_lines(description).rstrip().split("\n")
