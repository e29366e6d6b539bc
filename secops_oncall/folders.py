"""Folders for this user alone, whatever the umask says, and those above them that have to be made, too."""

import os
from pathlib import Path


def make(folder: Path) -> None:
    """Make a folder of mode 0700, and each above it that isn't there; what is there stays as it is. Raises OSError."""
    for each in reversed([folder, *folder.parents]):
        if not os.path.exists(each):  # which answers no where it may not look
            each.mkdir(mode=0o700, exist_ok=True)
