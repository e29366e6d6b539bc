"""The page in focus: what commands that read mean when they name none."""

from datetime import datetime
from typing import TYPE_CHECKING

from secops_oncall.domain.events import Focus, focus

if TYPE_CHECKING:
    from secops_oncall.ports import Journal


def focused(journal: "Journal", now: datetime) -> Focus | None:
    """The page that is in focus now: until the shift in which it was put there ends, where the journal knows one."""
    moved = journal.events("focus")
    return focus([*moved, *journal.events("shift")], now) if moved else None
