"""The journal's file over the years: older schemas, and places where nothing may be written."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from secops_oncall.errors import ConfigError
from secops_oncall.journal import SqliteJournal
from tests.test_journal import NOW, POSIX, note

FIRST = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, data TEXT NOT NULL);
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""
INSERT = "INSERT INTO events (uid, at, kind, subject, text, data) VALUES (?, ?, 'note', '', ?, '{}')"
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from secops_oncall import journal_file
from secops_oncall.domain.events import Event
from secops_oncall.journal import SqliteJournal
if len(sys.argv) > 3:
    journal_file._STEPS[1] += (sys.argv[3],)
journal = SqliteJournal(Path(sys.argv[1]), lambda line: print(line, flush=True))
print("begins", flush=True)
journal.append(Event(datetime(2026, 11, 23, tzinfo=UTC), "note", "", sys.argv[2]))
"""
FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def first(path: Path, count: int = 3) -> Path:
    """A journal as the first version of the program wrote it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST)
        at = NOW.isoformat(timespec="microseconds")
        connection.executemany(INSERT, [(f"{n:032x}", at, f"old {n}") for n in range(count)])
        connection.commit()
    return path


def writer(path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return found


def texts(path: Path) -> list[str]:
    """What a file holds, whatever its schema."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [text for (text,) in connection.execute("SELECT text FROM events ORDER BY id")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.mark.parametrize("writes", [True, False], ids=["written", "read"])
def test_an_older_journal_is_brought_to_this_schema_and_kept_as_it_was(path: Path, writes: bool) -> None:
    first(path)
    said: list[str] = []
    journal = SqliteJournal(path, said.append)
    if writes:
        journal.append(note("new"))
    old = ["old 0", "old 1", "old 2"]
    assert [event.text for event in journal.events()] == old + ["new"] * writes
    kept = path.with_name("journal.db.v1.bak")
    assert said == [f"the journal is now of schema 2; as it was before, it is kept in {kept}"]
    assert (version(path), version(kept), texts(kept)) == (2, 1, old)
    assert [each.name for each in path.parent.iterdir() if each.name.startswith("journal.db.")] == [kept.name]


@POSIX
def test_the_backup_is_for_its_owner_alone(path: Path) -> None:
    first(path)
    old = os.umask(0)
    try:
        SqliteJournal(path).events()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.with_name("journal.db.v1.bak").stat().st_mode) == 0o600


def test_what_is_in_the_wal_alone_is_in_the_backup_too(path: Path) -> None:
    first(path)
    with closing(sqlite3.connect(path)) as reader:  # as long as it is open the last event stays in the WAL
        reader.execute("SELECT * FROM events").fetchall()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(INSERT, ("f" * 32, NOW.isoformat(), "in the WAL"))
            connection.commit()
        SqliteJournal(path).events()
    assert texts(path.with_name("journal.db.v1.bak"))[-1] == "in the WAL"


def test_a_backup_that_is_there_is_never_written_over(path: Path) -> None:
    first(path).with_name("journal.db.v1.bak").write_text("an earlier one")
    SqliteJournal(path).events()
    assert path.with_name("journal.db.v1.bak").read_text() == "an earlier one"
    assert version(path.with_name("journal.db.v1.bak-again")) == 1


def test_events_of_a_kind_and_a_time_are_found_by_the_index(path: Path) -> None:
    from secops_oncall.journal import _OF_KIND

    for each in (path, first(path.with_name("older.db"))):
        SqliteJournal(each).append(note("x"))
        with closing(sqlite3.connect(each)) as connection:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {_OF_KIND}", ("note", "2026")).fetchall()
        assert "USING INDEX events_by_kind (kind=? AND at>?)" in plan[0][3]


def test_a_new_journal_is_said_nothing_of(path: Path) -> None:
    said: list[str] = []
    SqliteJournal(path, said.append).append(note("x"))
    assert (said, version(path)) == ([], 2)


def test_several_processes_at_once_do_it_once(path: Path) -> None:
    first(path, 500)
    writers = [writer(path, f"new {n}") for n in range(6)]
    ended = [each.communicate(timeout=60) for each in writers]
    assert [err for _, err in ended] == [""] * 6
    assert sum(out.count("schema 2") for out, _ in ended) == 1
    assert sorted(texts(path)) == sorted([f"old {n}" for n in range(500)] + [f"new {n}" for n in range(6)])
    assert [each.name for each in path.parent.glob("*.bak*")] == ["journal.db.v1.bak"]
    assert len(texts(path.with_name("journal.db.v1.bak"))) == 500


def test_what_a_kill_left_of_a_backup_is_begun_anew(path: Path) -> None:
    first(path)
    for ending in ("", "-journal", "-wal"):
        path.with_name(f"journal.db.v1.bak.part{ending}").write_text("half of it")
    SqliteJournal(path).events()
    assert len(texts(path.with_name("journal.db.v1.bak"))) == 3
    assert not list(path.parent.glob("*.part*"))


def test_one_that_can_not_be_backed_up_stays_as_it_was(path: Path) -> None:
    first(path).with_name("journal.db.v1.bak.part").mkdir()
    with pytest.raises(ConfigError, match="can't be used") as refused:
        SqliteJournal(path).append(note("typed at 3 AM"))
    assert refused.value.hint.endswith("; not kept: typed at 3 AM")
    assert (version(path), len(texts(path))) == (1, 3)


def test_one_that_can_not_be_changed_stays_as_it_was(path: Path) -> None:
    process = writer(first(path), "new", "CREATE TABLE events (there INT)")
    _, err = process.communicate(timeout=60)
    assert "table events already exists" in err
    assert (version(path), len(texts(path))) == (1, 3)


@POSIX
def test_a_kill_before_the_end_leaves_it_as_it_was(path: Path) -> None:
    process = writer(first(path), "new", FOR_EVER)
    until = time.monotonic() + 30
    while not path.with_name("journal.db.v1.bak").exists() and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert (version(path), len(texts(path))) == (1, 3)
    said: list[str] = []
    assert len(SqliteJournal(path, said.append).events()) == 3
    assert (version(path), len(said)) == (2, 1)


@POSIX
@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.012, 0.03])
def test_a_kill_at_any_moment_leaves_it_whole(path: Path, seconds: float) -> None:
    process = writer(first(path, 20_000), "new")
    assert process.stdout and process.stdout.readline() == "begins\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    old = [f"old {n}" for n in range(20_000)]
    assert texts(path) in (old, [*old, "new"])
    assert [event.text for event in SqliteJournal(path).events()][:20_000] == old
    assert version(path) == 2
    assert all(texts(kept) == old for kept in path.parent.glob("*.bak*"))


def test_a_damaged_one_of_an_older_schema_is_set_aside(path: Path) -> None:
    first(path, 2000)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\x55" * (len(whole) - 8192))
    said: list[str] = []
    SqliteJournal(path, said.append).append(note("after"))
    assert (texts(path), version(path)) == (["after"], 2)
    assert [line for line in said if "damaged" in line] == said
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes()[8192:] == b"\x55" * (len(whole) - 8192)


READER = """
import os, sys
from pathlib import Path
from secops_oncall.errors import ConfigError
from secops_oncall.journal import SqliteJournal
from tests.test_journal import note
if os.getuid() == 0:
    os.setuid(65534)
journal = SqliteJournal(Path(sys.argv[1]))
print(*[event.text for event in journal.events()], *[event.text for event in journal.snapshot()[1]], sep=", ")
try:
    journal.append(note("new"))
except ConfigError as error:
    print(error.message, error.hint, sep=" | ")
"""


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that everybody may look into; not below the tests' own, which is for their user alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


@POSIX
@pytest.mark.parametrize("schema", [1, 2])
def test_where_nothing_may_be_written_it_can_still_be_read(shelf: Path, schema: int) -> None:
    path = shelf / "journal.db"
    if schema == 1:
        first(path)
    else:
        SqliteJournal(path).append(*(note(f"old {n}") for n in range(3)))
    path.chmod(0o444)
    shelf.chmod(0o555)
    ran = subprocess.run(
        [sys.executable, "-c", READER, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr == ""
    read, refused = ran.stdout.splitlines()
    assert read == ", ".join(["old 0", "old 1", "old 2"] * 2)
    assert refused.startswith(f"the journal {path} can't be used: ")
    assert refused.endswith(" | set ONCALL_STATE_DIR to a folder that you can write to; not kept: new")
    assert version(path) == schema


FULL = """
import resource, signal, sys
from pathlib import Path
from secops_oncall.errors import ConfigError
from secops_oncall.domain.events import Event
from secops_oncall.journal import SqliteJournal
from tests.test_journal import NOW, note
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))  # no room for the index of the WAL, as on a full disk
journal = SqliteJournal(Path(sys.argv[1]))
for _ in range(2):
    print(*[event.text for event in journal.events()], sep=", ")
    try:
        journal.append(note("typed"), Event(NOW, "review", text="on the board"), Event(NOW, "pick", text="a title"))
    except ConfigError as error:
        print(error.message, error.hint, sep=" | ")
"""
LEAVES = """
import os, sys
from pathlib import Path
from secops_oncall import journal_file
from secops_oncall.journal import _INSERT, _row
from tests.test_journal import note
connection = journal_file.connect(Path(sys.argv[1]), Path("/proc/mounts"), print)
connection.execute(_INSERT, _row(note("in the WAL alone")))
os._exit(0)
"""


@POSIX
@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_on_a_full_disk_it_can_still_be_read_and_the_hint_says_so(path: Path, killed: bool) -> None:
    SqliteJournal(path).append(*(note(f"old {n}") for n in range(3)))
    if killed:
        subprocess.run([sys.executable, "-c", LEAVES, str(path)], timeout=60, check=True)
        path.with_name("journal.db-shm").unlink()
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr == ""
    told = ["old 0", "old 1", "old 2"] + ["in the WAL alone"] * killed
    refused = f"the journal {path} can't be used: disk I/O error | make room on the disk, then the same command again"
    assert ran.stdout.splitlines() == [", ".join(told), f"{refused}; not kept: typed; on the board"] * 2
    assert texts(path) == told
