"""Lines that fit a terminal, which itself would break a longer one in mid-word."""

from collections.abc import Iterable, Iterator


def fitting(text: str, room: int) -> str:
    """A text in lines of at most so many columns, broken at spaces and as far in as the text itself.

    A command at its end stays whole, to be copied.
    """
    if len(text) <= room // 2:  # no character is wider than two columns
        return text
    lead = " " * (len(text) - len(text.lstrip(" ")))
    told, colon, last = text[len(lead) :].rpartition(": oncall ")
    words = [*f"{told}:".split(" "), f"oncall {last}"] if colon else last.split(" ")
    return "\n".join(f"{lead}{line}" for line in wrapped(words, room - len(lead)))


def wrapped(words: Iterable[str], room: int) -> Iterator[str]:
    """Words in lines of at most so many columns; one that is wider is left whole."""
    from rich.cells import cell_len

    line, *rest = words
    for word in rest:
        if cell_len(f"{line} {word}") > room:
            yield line
            line = word
        else:
            line = f"{line} {word}"
    yield line
