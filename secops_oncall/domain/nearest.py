"""What was meant by a word that nobody knows."""

from collections.abc import Iterable


def did_you_mean(near: str | None) -> str:
    """What a message about an unknown word ends with, where a known one is like it."""
    return f": did you mean {near}?" if near else ""


def nearest(typed: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that is most like what was typed, whatever the case; None where none is so much alike (0 to 1).

    A beginning counts before a likeness: `acknowledge` means `ack`, and `--al` means `--all`.
    """
    from difflib import get_close_matches

    names, low = {name.casefold(): name for name in known}, typed.casefold()
    bare = low.lstrip("-")
    starting = sorted((name for name in names if len(bare) > 1 and name.startswith(low)), key=len)
    started = [name for name in names if len(name.lstrip("-")) > 2 and low.startswith(name)]
    alike = get_close_matches(low, names, n=1, cutoff=likeness)
    return next((names[name] for name in [*starting, *alike, *started]), None)
