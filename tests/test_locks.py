"""One process at a time, by whatever lock the system has."""

import sys
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from secops_oncall import locks, threads


class Windows:
    """The locks of another system: `errors` are raised one after the other before one is given."""

    def __init__(self, *errors: int) -> None:
        self.errors, self.asked = list(errors), 0

    def load(self, name: str) -> Any:
        if name == "fcntl":
            raise ImportError(name)
        return SimpleNamespace(LK_LOCK=1, locking=self._locking)

    def _locking(self, file: int, mode: int, size: int) -> None:
        self.asked += 1
        if self.errors:
            raise OSError(self.errors.pop(0), "as it says")


def test_windows_is_asked_again_while_another_process_has_it(tmp_path: Path) -> None:
    windows = Windows(36, 36)
    with locks.alone(tmp_path / "file.lock", windows.load):
        assert windows.asked == 3


def test_where_it_can_not_be_had_nobody_waits(tmp_path: Path) -> None:
    windows = Windows(13)
    with locks.alone(tmp_path / "file.lock", windows.load):
        assert windows.asked == 1
    with locks.alone(tmp_path / "file.lock" / "below", windows.load):
        assert windows.asked == 1


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_the_file_is_for_this_user_alone_and_stays(tmp_path: Path) -> None:
    with locks.alone(tmp_path / "folder" / "file.lock"):
        pass
    assert (tmp_path / "folder" / "file.lock").stat().st_mode & 0o777 == 0o600


def test_one_at_a_time_is_let_in(tmp_path: Path) -> None:
    told: list[str] = []
    inside = Event()

    def second() -> None:
        inside.wait(5)
        with locks.alone(tmp_path / "file.lock"):
            told.append("second")

    waits = threads.start(second)
    with locks.alone(tmp_path / "file.lock"):
        inside.set()
        told.append("first")
    waits.result()
    assert told == ["first", "second"]
