"""Files that the engineer names: whole or not at all, and for this user alone."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from secops_oncall.errors import UsageError
from secops_oncall.files import reading, save


def test_a_file_is_for_this_user_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        save(tmp_path / "f", ["first\n", "王\n"])
    finally:
        os.umask(old)
    assert (tmp_path / "f").read_bytes() == "first\n王\n".encode()
    assert os.name != "posix" or (tmp_path / "f").stat().st_mode & 0o777 == 0o600


def test_one_that_is_there_is_written_over_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("mine")
    (tmp_path / "link").symlink_to("real")
    for name in ("real", "link"):
        with pytest.raises(UsageError, match="is there already") as refused:
            save(tmp_path / name, ["new"])
        assert "--force" in refused.value.hint
    save(tmp_path / "link", ["new"], force=True)
    assert ((tmp_path / "real").read_text(), (tmp_path / "link").is_symlink()) == ("new", True)


@pytest.mark.parametrize("name", [".", "/dev/null"])
def test_what_is_no_file_is_left_alone_even_then(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no file"):
        save(tmp_path / name, ["new"], force=True)


def test_what_ends_in_the_middle_leaves_nothing_and_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "f").write_text("before")

    def lines() -> Iterator[str]:
        yield "first\n"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(folder / "f", lines(), force=True)
    assert [(each.name, each.read_text()) for each in folder.iterdir()] == [("f", "before")]


@pytest.mark.parametrize("name", ["none/f", "file/f", "x" * 300])
def test_where_nothing_can_be_written_it_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="can't be written"):
        save(tmp_path / name, ["new"])


def test_lines_are_read_as_often_as_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"first\r\n\xff\n\nlast")
    with reading(str(tmp_path / "f"), None, 100) as read:
        assert list(read()) == list(read()) == [b"first\r\n", b"\xff\n", b"\n", b"last"]


@pytest.mark.parametrize("stdin", [io.TextIOWrapper(io.BytesIO(b"first\n\xff\n")), io.StringIO("first\n\ufffd\n")])
def test_so_are_those_of_a_pipe(stdin: io.TextIOBase) -> None:
    with reading("-", stdin, 100) as read:  # type: ignore[arg-type]
        first, again = list(read()), list(read())
    assert first == again
    assert first[0] == b"first\n"
    with reading("-", None, 100) as read:
        assert list(read()) == []


def test_a_line_without_an_end_comes_in_pieces(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x" * 25)
    with reading(str(tmp_path / "f"), None, 10) as read:
        assert [len(line) for line in read()] == [10, 10, 5]


def test_a_file_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    for name, why in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with reading(str(name), None, 10) as read, pytest.raises(UsageError, match=why):
            list(read())
