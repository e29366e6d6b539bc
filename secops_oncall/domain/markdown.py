"""GitLab's Markdown: text from outside that stays text, and an engineer's own that acts on nobody by mistake."""

import re
from collections.abc import Collection, Iterator

from secops_oncall.domain.text import clean_lines

# What could start a mention, a reference, a link, an image, HTML, emphasis or maths, and what a URL needs:
# GitLab resolves references inside block quotes and after backslashes, but never inside code
# (gitlab.md, "References, mentions, Markdown").
_ACTIVE = re.compile(r"[][()<>!*_`#@~&$%|\\^{}]|://|www\.")

# Where GitLab would act on typed text: a quick action (a line of a slash and a word, maybe with arguments), an image or
# what else is loaded by looking at it, and a mention, before which GitLab's `\w` knows ASCII letters only.
_QUICK_ACTION = re.compile(r"^(?=/\w+(?:\s|$))", re.MULTILINE)
_LOADED = re.compile(
    r"(!(?=\[))|(<(?=/?(?:img|video|audio|source|picture|iframe|svg|object|embed|input|style|link)\b))", re.I
)
_MENTION = re.compile(r"(?<![A-Za-z0-9_])@(?=([A-Za-z0-9_.](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?))")
# A character that prints nothing and breaks a word: unlike a backslash it means the same in code and outside of it, so
# it doesn't matter which of them GitLab takes a place for. `domain.text` takes it out of what is read again.
_JOINER = "\u2060"


def typed(text: str, known: Collection[str] = ()) -> str:
    """What an engineer typed, as Markdown of theirs: no line runs a quick action, nothing is loaded by looking at it.

    Nobody is mentioned but the `known` GitLab user names.
    """
    names = {name.casefold() for name in known}
    quiet = _QUICK_ACTION.sub(_JOINER, clean_lines(text))
    quiet = _LOADED.sub(lambda found: found[0] + _JOINER, quiet)
    return _MENTION.sub(lambda found: "@" if found[1].casefold() in names else "@" + _JOINER, quiet)


def typed_inline(text: str, known: Collection[str] = ()) -> str:
    """The same for one line that stands beside text from elsewhere: what it leaves open must not open that.

    A back-tick without its twin, or half a tag, would pair with one of the text behind it and set free what is code.
    """
    line = " ".join(typed(text, known).split())
    return line if _is_closed(line) else inline(text)


def _is_closed(line: str) -> bool:
    """Whether nothing that begins in a line could end outside of it."""
    if "<" in line or ("`" in line and "\\" in line):
        return False
    runs = [len(run) for run in re.findall(r"`+", line)]
    while runs:
        first = runs.pop(0)
        if first not in runs:
            return False
        del runs[: runs.index(first) + 1]
    return True


def inline(text: str) -> str:
    """One line of remote text that can't mention, link, load an image or run a quick action.

    Plain words stay as they are; anything that Markdown would act on goes into a code span whose fence is
    longer than any run of back-ticks inside.
    """
    line = " ".join(text.split())
    if not line:
        return ""
    if not _ACTIVE.search(line) and not line.startswith(("/", "-", "+", "=", ">")):
        return line
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def parted(text: str, room: int, later: int | None = None) -> list[str]:
    """A document in pieces of at most `room` characters, and from the second one on `later`; parted between lines.

    A line that is longer than that is parted, too, and each of its pieces stands as code: what it quoted may act on
    nothing now.
    """
    rest = later or room
    pieces: list[list[str]] = [[]]
    left = room
    for line in text.split("\n"):
        for part in [line] if len(line) < min(room, rest) else _cut(line, min(room, rest) - 100):
            if len(part) >= left and pieces[-1]:
                pieces.append([])
                left = rest
            pieces[-1].append(part)
            left -= len(part) + 1
    return ["\n".join(piece) for piece in pieces]


def _cut(line: str, width: int) -> Iterator[str]:
    """A line as code spans of at most so many characters, fences not counted."""
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    step = max(width - 2 * longest, 1)
    yield from (inline(line[at : at + step]) or " " for at in range(0, len(line), step))


def marker(kind: str, key: str) -> str:
    """A comment that nobody sees, by which a note of ours is found again."""
    return f"<!-- oncall:{kind} {re.sub(r'[^A-Za-z0-9_./-]', '', key)} -->"


def link(label: str, url: str) -> str:
    """A link with a label that stays text; a URL that could break out of it is left out."""
    safe = re.fullmatch(r"https?://[^\s<>()\"'`\\]+", url)
    return f"[{inline(label)}](<{url}>)" if safe else inline(label)
