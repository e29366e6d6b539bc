"""Styled text as a terminal takes it: colours where they are allowed, and links where it has them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def drawn(text: "Text", console: "Console", *, links: bool) -> str:
    """Lines of text, neither wrapped nor cut, ended by a line end; without `links` they are just text.

    Rich gives every link a number of its own, so that the same answer never looks the same twice, and none without
    colours.
    """
    from rich.color import ColorSystem
    from rich.text import Text

    system = ColorSystem.STANDARD if console.color_system else None
    parts = []
    for part, style, _ in Text.assemble(text).render(console, end="\n"):  # a bare one leaves out its own style
        shown = style.update_link(None).render(part, color_system=system) if style else part
        link = style.link if style and links else None
        parts.append(f"\x1b]8;;{link}\x1b\\{shown}\x1b]8;;\x1b\\" if link else shown)
    return "".join(parts)
