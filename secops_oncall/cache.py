"""What changes seldom, kept between commands: who I am, the ids behind names, boards and labels."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from secops_oncall import folders
from secops_oncall.domain.times import iso, parse

DAY = timedelta(days=1)


def _as_kept(value: Any) -> Any:
    return value


class Cache:
    """JSON values by key, a file each, for this user's eyes only; without a folder it keeps nothing.

    A cache that can't be read or written is no reason for a command to fail: it is asked again then.
    `clock` answers the time (aware, UTC).
    """

    def __init__(self, folder: Path | None, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self.clock = clock

    def apart(self, name: str) -> "Cache":
        """One in a folder of its own, below this one's."""
        return Cache(self._folder and self._folder / name, self.clock)

    def get(self, key: str, max_age: timedelta = DAY, *, read: Callable[[Any], Any] = _as_kept) -> Any:
        """The value of a key as `read` understands it; None where there is none that is young enough, or readable."""
        if self._folder is None:
            return None
        try:
            kept = json.loads(self._file(self._folder, key).read_text("utf-8"))
            at = parse(kept["at"])
            age = self.clock() - at if at and kept["key"] == key else None
            # A value from the future was kept under a clock that was wrong: how old it is, nobody knows.
            return read(kept["value"]) if age is not None and timedelta(0) <= age <= max_age else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Keep a value (anything that JSON can hold) for a key, in place of the one before."""
        if self._folder is None:
            return
        text = json.dumps({"key": key, "at": iso(self.clock()), "value": value})
        with suppress(OSError):
            folders.make(self._folder)
            handle, name = tempfile.mkstemp(dir=self._folder)  # 0600 from the start
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(name).replace(self._file(self._folder, key))
            except OSError:
                Path(name).unlink(missing_ok=True)

    def drop(self, key: str) -> None:
        """Forget a key."""
        if self._folder is not None:
            with suppress(OSError):
                self._file(self._folder, key).unlink(missing_ok=True)

    @staticmethod
    def _file(folder: Path, key: str) -> Path:
        return folder / f"{digest(key)}.json"


def digest(text: str) -> str:
    """A short name for a text that doesn't give it away: a token's, in the key of what belongs to it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
