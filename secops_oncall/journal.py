"""The journal of this machine: every event as it happened, in one SQLite file that is only ever added to."""

import errno
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from secops_oncall.domain.events import Event
from secops_oncall.domain.text import clean
from secops_oncall.errors import ConfigError

T = TypeVar("T")

SCHEMA = 1
_PATIENCE = 20.0  # seconds that a write waits for other processes' writes
_CREATE = f"""
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, data TEXT NOT NULL);
PRAGMA user_version = {SCHEMA};
"""
_INSERT = (
    "INSERT INTO events (uid, at, kind, subject, text, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING"
)
_SELECT = (
    "SELECT at, kind, subject, text, data, uid FROM events"
    " WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR at >= ?2) ORDER BY id"
)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_COMPANIONS = ("-wal", "-shm", "-journal")
# WAL keeps its index in shared memory, which the machines of a network share don't have (sqlite.org/wal.html).
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "glusterfs", "beegfs", "fuse")


class SqliteJournal:
    """The Journal in a file, made when it is first written. Any number of processes may use it at once.

    A file that is damaged is set aside, never deleted; `warn` gets one line about it.
    Every method raises ConfigError where the file can't be used: no room, no right, or a newer oncall's.
    """

    def __init__(
        self, path: Path, warn: Callable[[str], None] = lambda line: None, *, mounts: Path = Path("/proc/mounts")
    ) -> None:
        self.path = path
        self._warn = warn
        self._mounts = mounts

    def append(self, *events: Event) -> None:
        """Write events, all or none; they are on the disk when this returns. One that is there already stays as it is.

        The ConfigError repeats the texts that could not be kept.
        """
        rows = [_row(event) for event in events]

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, rows)
            connection.execute("COMMIT")

        lost = "; ".join(clean(event.text) for event in events if event.text)
        self._use(insert, f"; not kept: {lost}" if lost else "")

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """The events of a kind (or all), from a moment on (aware), in the order they were written."""
        if not _is_there(self.path):
            return []
        wanted = (kind, _stamp(since) if since else None)
        rows = self._use(lambda connection: connection.execute(_SELECT, wanted).fetchall())
        return [_event(*row) for row in rows]

    def adopt(self, other: Path) -> int:
        """Copy another journal's events that aren't here yet, and say how many; no such file is an empty one."""
        known = {event.uid for event in self.events()}
        new = [event for event in SqliteJournal(other, self._warn).events() if event.uid not in known]
        if new:
            self.append(*new)
        return len(new)

    def _use(self, work: Callable[[sqlite3.Connection], T], lost: str = "") -> T:
        """Do some work on the open file; once more on a new one, if the first turns out to be damaged."""
        try:
            try:
                return self._work(work)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._set_aside()
                return self._work(work)
        except (sqlite3.Error, OSError) as error:
            reason = clean(getattr(error, "strerror", None) or error)
            raise ConfigError(f"the journal {self.path} can't be used: {reason}", _remedy(error) + lost) from error
        except _NewerSchema as error:
            message = f"the journal {self.path} is of a newer oncall (schema {error}, this one reads {SCHEMA})"
            raise ConfigError(message, "pip install --upgrade secops-oncall" + lost) from None

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(self._open()) as connection:
            return work(connection)

    def _open(self) -> sqlite3.Connection:
        _make_private(self.path)
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise _NewerSchema(version)
        # Changing the mode wants the file for itself and doesn't wait; whoever comes next changes it then.
        with suppress(sqlite3.OperationalError):
            connection.execute(f"PRAGMA journal_mode = {'DELETE' if on_network(self.path, self._mounts) else 'WAL'}")
        if version < SCHEMA:
            connection.executescript(f"BEGIN IMMEDIATE; {_CREATE} COMMIT;")

    def _set_aside(self) -> None:
        """Rename a damaged file and what belongs to it, after the moment at which it was last written."""
        with _alone(self.path.parent):
            if self._is_sound():
                return  # another process was faster, or it was a passing fault
            stamp = datetime.fromtimestamp(self.path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
            aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
            while aside.exists():
                aside = aside.with_name(f"{aside.name}-again")
            for ending in ("", *_COMPANIONS):
                with suppress(FileNotFoundError):
                    os.replace(f"{self.path}{ending}", f"{aside}{ending}")
        self._warn(f"the journal was damaged: it is set aside as {aside}, and a new one has begun")

    def _is_sound(self) -> bool:
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        except sqlite3.DatabaseError as error:
            return not _is_damage(error)


class _NewerSchema(Exception):
    """The file's own schema is one that this program doesn't know."""


def on_network(path: Path, mounts: Path) -> bool:
    """Whether a path lies on a network file system, as far as Linux's table of mounts tells; elsewhere no."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    real, kind, longest = path.resolve(), "", -1
    for line in lines:
        _, where, its_kind, *_ = line.split(" ")
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), where))  # a space is \040 there
        if real.is_relative_to(mounted) and len(mounted.parts) >= longest:
            kind, longest = its_kind, len(mounted.parts)
    return kind.partition(".")[0] in _NETWORK


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from setting the same file aside; where folders can't be locked, nothing does."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make_private(path: Path) -> None:
    """The file, for its owner alone (SQLite gives its companions the same mode), in folders of the same kind."""
    for folder in reversed([each for each in path.parents if not each.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another's file, or a share that has no modes
            path.chmod(0o600)


def _is_there(path: Path) -> bool:
    """Whether there is something; what can't be looked at is, so that opening it tells why."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _remedy(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) == errno.ENOSPC:
        return "make room on the disk, then the same command again"
    if code == sqlite3.SQLITE_BUSY:
        return "another oncall holds it; the same command again"
    return "set ONCALL_STATE_DIR to a folder that you can write to"


def _stamp(moment: datetime) -> str:
    """A moment as text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _row(event: Event) -> tuple[str, ...]:
    row = (event.uid, _stamp(event.at), event.kind, event.subject, event.text, json.dumps(dict(event.data)))
    # What was typed may hold bytes that are no UTF-8; SQLite would refuse the whole note.
    return tuple(text.encode("utf-8", "backslashreplace").decode("utf-8") for text in row)


def _event(at: str, kind: str, subject: str, text: str, data: str, uid: str) -> Event:
    return Event(datetime.fromisoformat(at), kind, subject, text, json.loads(data), uid)
