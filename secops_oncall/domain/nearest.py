"""What was meant by a word that nobody knows."""

from collections.abc import Iterable


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """The known word that is most like what was typed; None where none is.

    A beginning counts before a likeness: `acknowledge` means `ack`, and `--al` means `--all`.
    """
    from difflib import get_close_matches

    names, low = list(known), typed.casefold()
    bare = low.lstrip("-")
    starting = [name for name in names if len(bare) > 1 and name.startswith(low)]
    started = [name for name in names if len(name.lstrip("-")) > 2 and low.startswith(name)]
    alike = get_close_matches(low, names, n=1)
    return next(iter([*starting, *alike, *started]), None)
