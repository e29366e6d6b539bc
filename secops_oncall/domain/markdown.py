"""Text from outside, put into GitLab's Markdown so that it stays text."""

import re

# What could start a mention, a reference, a link, an image, HTML, emphasis or maths, and what a URL needs:
# GitLab resolves references inside block quotes and after backslashes, but never inside code
# (gitlab.md, "References, mentions, Markdown").
_ACTIVE = re.compile(r"[][()<>!*_`#@~&$%|\\^{}]|://|www\.")


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


def marker(kind: str, key: str) -> str:
    """A comment that nobody sees, by which a note of ours is found again."""
    return f"<!-- oncall:{kind} {re.sub(r'[^A-Za-z0-9_./-]', '', key)} -->"


def link(label: str, url: str) -> str:
    """A link with a label that stays text; a URL that could break out of it is left out."""
    safe = re.fullmatch(r"https?://[^\s<>()\"'`\\]+", url)
    return f"[{inline(label)}](<{url}>)" if safe else inline(label)
