"""Folders are for this user alone, whatever the umask says."""

import os
from pathlib import Path

from secops_oncall import folders


def test_those_above_are_private_too_and_what_is_there_stays(tmp_path: Path) -> None:
    before, old = tmp_path.stat().st_mode, os.umask(0)
    try:
        folders.make(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(old)
    made = [tmp_path / name for name in ("a", "a/b", "a/b/c")]
    assert os.name != "posix" or {each.stat().st_mode & 0o777 for each in made} == {0o700}
    assert tmp_path.stat().st_mode == before
    folders.make(tmp_path / "a")
