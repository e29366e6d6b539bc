"""Settings as they count, each with where it comes from, and what became of the file that some are kept in."""

from dataclasses import dataclass, field
from pathlib import Path

from secops_oncall.domain.people import INTERNAL


@dataclass(frozen=True)
class Setting:
    """A key with its value (None: not set); `source` is `default`, `file`, `profile NAME`, `sandbox` or a variable."""

    key: str
    value: str | int | bool | tuple[str, ...] | None
    source: str
    meaning: str = field(default="", metadata=INTERNAL)


@dataclass(frozen=True)
class Saved:
    """The file, and where its text of before is; `backup` is None where there was none, or it was not worth keeping.

    `changed` is False where nothing had to be written.
    """

    file: Path
    backup: Path | None
    changed: bool = True
