"""The engineer's browser: it gets a URL and nothing else, and never through a shell."""

import os
import sys
import webbrowser
from collections.abc import Mapping


class Browser:
    """`ports.Opener` over the standard library's webbrowser; `environ` tells whether there is one to open."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def open(self, url: str) -> bool:
        """Open a URL; False where there is no browser, or none that takes it. `BROWSER` is honoured, as by others."""
        chosen: list[str | None] = [each for each in self._environ.get("BROWSER", "").split(os.pathsep) if each]
        if not chosen and not self._has_screen():
            return False  # webbrowser would start a text browser in this terminal
        for each in chosen or [None]:
            try:
                if webbrowser.get(each).open(url):
                    return True
            except webbrowser.Error:
                continue
        return False

    def _has_screen(self) -> bool:
        if sys.platform in ("darwin", "win32"):
            return True
        return bool(self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY"))
