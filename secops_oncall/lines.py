"""Lines that fit a terminal, which itself would break a longer one in mid-word."""

from collections.abc import Iterable, Iterator


def fitting(text: str, room: int, hang: int = 0) -> str:
    """A text in lines of at most so many columns, broken at spaces and as far in as the text itself, or `hang` more.

    A command in it stays whole, to be copied.
    """
    if len(text) <= room // 2:  # no character is wider than two columns
        return text
    lead = " " * (len(text) - len(text.lstrip(" ")))
    first, *others = wrapped(words(text[len(lead) :], room - len(lead) - hang), room - len(lead), hang)
    return "\n".join([f"{lead}{first}", *(f"{lead}{' ' * hang}{line}" for line in others)])


def words(text: str, room: int) -> list[str]:
    """A text's words; a command in it is one of them, up to the next comma.

    One that has no room is so, too, where it stands behind a colon or alone: the terminal breaks it, and it can still
    be copied. Elsewhere nobody knows where it ends.
    """
    found: list[str] = []
    rest = text.split(" ")
    while rest:
        taken = _command(rest)
        spelt = " ".join(taken)
        if found and not found[-1].endswith(":") and len(spelt) > room:
            taken, spelt = rest[:1], rest[0]
        found.append(spelt)
        rest = rest[len(taken) :]
    return found


def _command(words: list[str]) -> list[str]:
    """The command that some words begin with, up to a comma, else the first of them."""
    if words[0] != "oncall" or not "".join(words[1:2]).lstrip("-").isidentifier():
        return words[:1]
    end = next((place for place, word in enumerate(words) if word.endswith((",", ";"))), len(words))
    return words[: end + 1]


def wrapped(words: Iterable[str], room: int, hang: int = 0) -> Iterator[str]:
    """Words in lines of at most so many columns, `hang` less behind the first; one that is wider is left whole."""
    from rich.cells import cell_len

    line, *rest = words
    for word in rest:
        if cell_len(f"{line} {word}") > room:
            yield line
            room, hang = room - hang, 0
            line = word
        else:
            line = f"{line} {word}"
    yield line
