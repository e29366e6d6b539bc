"""A reader who leaves early is no error, whatever the system calls it."""

import errno
import io
from pathlib import Path

import pytest

from secops_oncall.outlet import Outlet


class Failing(io.StringIO):
    """A stream that takes nothing any more."""

    def __init__(self, number: int, file: Path) -> None:
        super().__init__()
        self._number, self._file = number, file.open("w")

    def write(self, text: str) -> int:
        raise OSError(self._number, "as it says")

    def fileno(self) -> int:
        return self._file.fileno()


@pytest.mark.parametrize(("number", "windows"), [(errno.EPIPE, False), (errno.EPIPE, True), (errno.EINVAL, True)])
def test_a_reader_who_left_is_not_told(number: int, windows: bool, tmp_path: Path) -> None:
    outlet = Outlet(Failing(number, tmp_path / "file"), windows=windows)
    outlet.write("an answer")
    assert outlet.lost is None


@pytest.mark.parametrize(("number", "windows"), [(errno.EINVAL, False), (errno.ENOSPC, True)])
def test_what_can_not_be_written_is(number: int, windows: bool, tmp_path: Path) -> None:
    outlet = Outlet(Failing(number, tmp_path / "file"), windows=windows)
    with pytest.raises(OSError, match="as it says"):
        outlet.write("an answer")
    assert outlet.lost is not None
