"""What is kept between commands: for how long, for whose eyes, and what happens when it breaks."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secops_oncall.cache import Cache, digest

NOW = datetime(2026, 11, 23, 14, 30, 15, 999_000, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> Cache:
    return Cache(tmp_path / "state" / "cache", clock)


def test_value_is_kept_by_key(cache: Cache) -> None:
    cache.put("a", {"x": [1, "ü"]})
    cache.put("b", 2)
    cache.put("a", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (3, 2, None)


def test_value_is_kept_for_others_to_come(cache: Cache, tmp_path: Path, clock: Clock) -> None:
    cache.put("a", 1)
    assert Cache(tmp_path / "state" / "cache", clock).get("a") == 1


def test_old_value_is_not_answered(cache: Cache, clock: Clock) -> None:
    cache.put("a", 1)
    clock.now = NOW + timedelta(hours=23, minutes=59)
    assert cache.get("a") == 1
    assert cache.get("a", timedelta(hours=1)) is None
    clock.now = NOW + timedelta(days=1, seconds=1)
    assert cache.get("a") is None
    assert cache.get("a", timedelta(days=7)) == 1


def test_value_from_the_future_is_not_answered(cache: Cache, clock: Clock) -> None:
    cache.put("a", 1)
    clock.now = NOW - timedelta(hours=1)
    assert cache.get("a") is None


def test_only_this_user_can_read_it(cache: Cache, tmp_path: Path) -> None:
    cache.put("a", 1)
    folder = tmp_path / "state" / "cache"
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"key": "a"}', '{"key": "a", "at": 5, "value": 1}', "\xff"])
def test_corrupt_value_is_ignored_and_rewritten(cache: Cache, tmp_path: Path, text: str) -> None:
    cache.put("a", 1)
    (file,) = (tmp_path / "state" / "cache").iterdir()
    file.write_bytes(text.encode("latin-1"))
    assert cache.get("a") is None
    cache.put("a", 2)
    assert cache.get("a") == 2


def test_value_that_its_reader_does_not_understand_is_ignored(cache: Cache) -> None:
    cache.put("a", {"x": 1})
    assert cache.get("a", read=lambda kept: kept["x"]) == 1
    assert cache.get("a", read=lambda kept: kept["y"]) is None
    assert cache.get("a", read=lambda kept: int(**kept)) is None


def test_dropped_value_is_gone(cache: Cache) -> None:
    cache.put("a", 1)
    cache.drop("a")
    cache.drop("a")
    assert cache.get("a") is None


def test_no_folder_keeps_nothing(clock: Clock) -> None:
    cache = Cache(None, clock)
    cache.put("a", 1)
    cache.drop("a")
    assert cache.get("a") is None


def test_folder_that_can_not_be_written_is_no_failure(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "cache", clock)
    cache.put("a", 1)
    cache.drop("a")
    assert cache.get("a") is None


def test_nothing_half_written_stays_behind(cache: Cache, tmp_path: Path) -> None:
    for number in range(5):
        cache.put("a", number)
    assert len(os.listdir(tmp_path / "state" / "cache")) == 1


def test_digest_gives_nothing_away() -> None:
    assert digest("u+s3cret") == digest("u+s3cret")
    assert len(digest("u+s3cret")) == 16
    assert "s3cret" not in digest("u+s3cret")


def test_what_is_kept_apart_is_not_mixed(tmp_path: Path) -> None:
    cache = Cache(tmp_path, lambda: NOW)
    ana, ben = cache.apart("ana"), cache.apart("ben")
    ana.put("banner", 1)
    assert (ana.get("banner"), ben.get("banner"), cache.get("banner")) == (1, None, None)
    nothing = Cache(None, lambda: NOW).apart("ana")
    nothing.put("banner", 1)
    assert nothing.get("banner") is None
