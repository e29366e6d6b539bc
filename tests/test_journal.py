import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from secops_oncall import locks
from secops_oncall.domain.events import Event
from secops_oncall.errors import ConfigError
from secops_oncall.journal import SqliteJournal
from secops_oncall.journal_file import connect, on_network

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes and signals are POSIX's")

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from secops_oncall.domain.events import Event
from secops_oncall.journal import SqliteJournal
journal = SqliteJournal(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    journal.append(Event(datetime(2026, 11, 23, tzinfo=UTC), "note", "", f"{sys.argv[2]} {n}"))
    print(n, flush=True)
"""


def note(text: str, at: datetime = NOW) -> Event:
    return Event(at, "note", "Q1", text, {"kind": "risk", "list": [1, None]})


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "profile" / "journal.db"


@pytest.fixture
def journal(path: Path) -> SqliteJournal:
    return SqliteJournal(path)


def test_what_was_written_is_read_in_that_order(journal: SqliteJournal) -> None:
    lisbon = timezone(timedelta(hours=1))
    events = [note("first"), Event(NOW - timedelta(hours=1), "focus"), note("third", NOW.astimezone(lisbon))]
    journal.append(events[0])
    journal.append(*events[1:])
    assert journal.events() == events
    assert journal.events("note") == [events[0], events[2]]
    assert journal.events(since=NOW.astimezone(lisbon)) == [events[0], events[2]]
    assert journal.events(since=NOW + timedelta(microseconds=1)) == []
    assert journal.events("focus", since=NOW - timedelta(hours=1)) == [events[1]]
    assert journal.events("review") == []


def test_reading_makes_no_file(journal: SqliteJournal, path: Path) -> None:
    assert journal.events() == []
    assert not path.parent.exists()


def test_an_event_stands_there_once(journal: SqliteJournal) -> None:
    event = note("once")
    journal.append(event)
    journal.append(event, note("twice"))
    assert [each.text for each in journal.events()] == ["once", "twice"]


def test_any_text_is_kept(journal: SqliteJournal) -> None:
    journal.append(note("'; DROP TABLE events; -- 王 \x00 \udcff\nline"))
    assert journal.events()[0].text == "'; DROP TABLE events; -- 王 \x00 \\udcff\nline"


@POSIX
def test_nobody_else_may_read_it(journal: SqliteJournal, path: Path) -> None:
    old = os.umask(0)
    try:
        journal.append(note("secret"))
    finally:
        os.umask(old)
    path.chmod(0o644)
    journal.append(note("the second"))
    with sqlite3.connect(path) as reader:  # as long as it is open there are companions
        reader.execute("SELECT * FROM events").fetchall()
        journal.append(note("more"))
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    reader.close()
    assert modes == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}
    assert [each.stat().st_mode & 0o777 for each in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_ten_processes_lose_nothing(path: Path) -> None:
    writers = [writer(path, str(name), 10) for name in range(10)]
    errors = [each.communicate(timeout=60)[1] for each in writers]
    assert errors == [""] * 10
    texts = [event.text for event in SqliteJournal(path).events()]
    assert sorted(texts) == sorted(f"{name} {n}" for name in range(10) for n in range(10))
    for name in range(10):
        assert [text for text in texts if text.startswith(f"{name} ")] == [f"{name} {n}" for n in range(10)]


@POSIX
@pytest.mark.parametrize("written", [1, 7, 40])
def test_a_kill_loses_at_most_what_is_being_written(path: Path, written: int) -> None:
    process = writer(path, "n", 100_000)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(written)]
    process.send_signal(signal.SIGKILL)
    told += process.communicate(timeout=60)[0].splitlines()
    warnings: list[str] = []
    texts = [event.text for event in SqliteJournal(path, warnings.append).events()]
    assert len(told) <= len(texts) <= len(told) + 1
    assert texts == [f"n {n}" for n in range(len(texts))]
    assert warnings == []


def test_it_is_flushed_to_the_disk(journal: SqliteJournal, path: Path) -> None:
    journal.append(note("first"))
    with connect(path, Path("/proc/mounts"), print) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to look at " * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_damaged_file_is_set_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    os.utime(path, (1_760_000_000, 1_760_000_000))
    warnings: list[str] = []
    journal = SqliteJournal(path, warnings.append)
    journal.append(note("after"))
    assert [event.text for event in journal.events()] == ["after"]
    aside = path.with_name("journal.db.damaged-20251009T085320Z")
    assert aside.read_bytes() == content
    assert warnings == [f"the journal was damaged: it is set aside as {aside}, and a new one has begun"]


def test_damage_in_the_middle_is_found_when_it_is_read(path: Path) -> None:
    SqliteJournal(path).append(*[note("x" * 1000) for _ in range(100)])
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096))
    warnings: list[str] = []
    journal = SqliteJournal(path, warnings.append)
    assert journal.events() == []
    assert len(warnings) == 1
    path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096))
    os.utime(path, (path.stat().st_mtime,) * 2)
    journal.append(note("after"))
    assert [event.text for event in journal.events()] == ["after"]
    assert len(list(path.parent.glob("*.damaged-*"))) == 2


def test_what_belongs_to_a_damaged_file_goes_with_it(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.append(*[note("x" * 1000) for _ in range(100)])
    with sqlite3.connect(path) as reader:  # as long as it is open the last events are in the WAL alone
        reader.execute("SELECT * FROM events").fetchall()
        journal.append(note("only in the WAL"))
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096))
        assert journal.events() == []
    reader.close()
    (wal,) = path.parent.glob("*.damaged-*-wal")
    assert b"only in the WAL" in wal.read_bytes()


def test_a_sound_file_is_never_set_aside(journal: SqliteJournal, path: Path) -> None:
    """Another process may have begun a new one between this one's finding the damage and its turn."""
    journal.append(note("new"))
    journal._set_aside()
    assert list(path.parent.glob("*.damaged-*")) == []


@POSIX
def test_only_one_process_at_a_time_sets_aside(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 1000)
    with locks.alone(lock := path.with_name("journal.db.lock")):
        process = writer(path, "n", 1)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        assert sorted(path.parent.iterdir()) == [path, lock]
    assert process.communicate(timeout=60) == ("0\n", "")


def test_processes_that_find_damage_at_once_set_it_aside_once(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 1000)
    writers = [writer(path, str(name), 3) for name in range(6)]
    assert [each.communicate(timeout=60)[1] for each in writers] == [""] * 6
    assert len(SqliteJournal(path).events()) == 18
    assert [each.read_bytes() for each in path.parent.glob("*.damaged-*")] == [b"not a database" * 1000]


def test_a_newer_schema_is_leftalone(path: Path) -> None:
    SqliteJournal(path).append(note("old"))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError) as refused:
        SqliteJournal(path).append(note("typed at 3 AM"))
    assert refused.value.message == f"the journal {path} is of a newer oncall (schema 3, this one reads 2)"
    assert refused.value.hint == "pip install --upgrade secops-oncall; not kept: typed at 3 AM"
    assert path.read_bytes() == before
    with pytest.raises(ConfigError, match="newer"):
        SqliteJournal(path).events()


def test_a_folder_that_cannot_be_written_gives_the_text_back(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    journal = SqliteJournal(tmp_path / "state" / "journal.db")
    with pytest.raises(ConfigError) as refused:
        journal.append(note("ruled out\nthe VPN"), Event(NOW, "focus"), note("second"))
    assert refused.value.message == f"the journal {journal.path} can't be used: Not a directory"
    hint = "set ONCALL_STATE_DIR to a folder that you can write to; not kept: ruled out the VPN; second"
    assert refused.value.hint == hint
    with pytest.raises(ConfigError):
        journal.events()


@POSIX
def test_a_full_disk_keeps_what_was_there(path: Path) -> None:
    SqliteJournal(path).append(note("before"))
    program = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from secops_oncall.domain.events import Event
from secops_oncall.errors import ConfigError
from secops_oncall.journal import SqliteJournal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    SqliteJournal(Path(sys.argv[1])).append(Event(datetime(2026, 11, 23, tzinfo=UTC), "note", "", "y" * 100_000))
except ConfigError as error:
    print(error.message, error.hint[-20:])
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.startswith(f"the journal {path} can't be used: ")
    assert ran.stdout.endswith("y" * 20 + "\n")
    assert [event.text for event in SqliteJournal(path).events()] == ["before"]


def test_adopting_copies_what_is_not_there_yet(tmp_path: Path, journal: SqliteJournal) -> None:
    early = SqliteJournal(tmp_path / "early.db")
    assert journal.adopt(early.path) == 0
    assert not early.path.exists()
    shared, own = note("in both"), note("taken before the account was known")
    early.append(shared, own)
    journal.append(shared)
    assert journal.adopt(early.path) == 1
    assert journal.adopt(early.path) == 0
    assert journal.events() == [shared, own]
    assert early.events() == [shared, own]


def test_a_network_share_is_told_from_a_disk(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\n"
        f"server:/home {tmp_path}/home\\040of\\040ana nfs4 rw 0 0\n"
        f"/dev/vdb {tmp_path}/home\\040of\\040ana/disk xfs rw 0 0\n"
        f"ana@box: {tmp_path}/far fuse.sshfs rw 0 0\n"
    )
    assert not on_network(tmp_path, mounts)
    assert on_network(tmp_path / "home of ana" / "journal.db", mounts)
    assert not on_network(tmp_path / "home of ana" / "disk" / "journal.db", mounts)
    assert not on_network(tmp_path / "home of ana and more", mounts)
    assert on_network(tmp_path / "far", mounts)
    assert not on_network(tmp_path, tmp_path / "no such file")


def test_on_a_network_share_there_is_no_wal(path: Path, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/home {tmp_path} nfs rw 0 0\n")
    SqliteJournal(path).append(note("on a disk"))
    journal = SqliteJournal(path, mounts=mounts)
    journal.append(note("on a share"))
    with connect(path, mounts, print) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()
    assert len(journal.events()) == 2
