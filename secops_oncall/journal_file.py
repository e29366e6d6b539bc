"""The journal's file: private, in the mode that fits where it lies, of this schema, and set aside when damaged."""

import errno
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from secops_oncall import locks

SCHEMA = 2
_PATIENCE = 20.0  # seconds that a write waits for other processes' writes
_CREATE = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, data TEXT NOT NULL)"""
_INDEX = "CREATE INDEX IF NOT EXISTS events_by_kind ON events (kind, at)"
_STEPS = {
    0: (_CREATE, _INDEX),
    1: (_INDEX,),
}  # what makes a file of this schema, by the one that it is of; 0: a new one
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITTEN = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
# On a full disk the WAL's index is what has no room first, which SQLite calls an I/O error.
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_DENIED = (errno.EROFS, errno.EACCES, errno.EPERM)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_COMPANIONS = ("-wal", "-shm", "-journal")
# WAL keeps its index in shared memory, which the machines of a network share don't have (sqlite.org/wal.html).
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "glusterfs", "beegfs", "fuse")


class NewerSchema(Exception):
    """The file's own schema is one that this program doesn't know."""


def connect(path: Path, mounts: Path, warn: Callable[[str], None]) -> sqlite3.Connection:
    """The open file, made where there is none, and brought to this schema where it is of an older one.

    Raises NewerSchema, OSError and sqlite3.Error.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        version = _version(connection)
        # Changing the mode wants the file for itself and doesn't wait; whoever comes next changes it then.
        with suppress(sqlite3.OperationalError):
            connection.execute(f"PRAGMA journal_mode = {'DELETE' if on_network(path, mounts) else 'WAL'}")
        if version < SCHEMA and (kept := _migrate(connection, path)):
            warn(f"the journal is now of schema {SCHEMA}; as it was before, it is kept in {kept}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """The open file where nothing can be written; any schema up to this one can be read. Raises what `connect` does.

    In WAL mode SQLite wants to write beside the file, unless it has the file for itself, which takes a right to write,
    or nobody can change it: then what is in the WAL alone isn't seen, so that this comes last (sqlite.org/wal.html).
    """
    for way in ("mode=ro", "mode=rw"):
        try:
            return _reading(path, way)
        except sqlite3.Error as error:
            if not leaves_reading(error):
                raise
    return _reading(path, "immutable=1")


def set_aside(path: Path) -> Path | None:
    """Rename a damaged file and what belongs to it, after the moment at which it was last written; where it is now.

    None where it is sound: another process was faster, or it was a passing fault.
    """
    with locks.alone(path.with_name(f"{path.name}.lock")):
        if is_sound(path):
            return None
        stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = _free(path.with_name(f"{path.name}.damaged-{stamp}"))
        for ending in ("", *_COMPANIONS):
            with suppress(FileNotFoundError):
                os.replace(f"{path}{ending}", f"{aside}{ending}")
    return aside


def is_sound(path: Path) -> bool:
    """Whether a file that is there is whole, as far as SQLite's own check tells; what can't be opened may be."""
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        return not is_damage(error)


def is_there(path: Path) -> bool:
    """Whether there is something; what can't be looked at is, so that opening it tells why."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file is damaged, or no database at all."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def leaves_reading(error: Exception) -> bool:
    """Whether an error may be of writing alone, for want of a right or of room, so that reading is worth a try."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in _UNWRITTEN or getattr(error, "errno", 0) in (*_DENIED, *_NO_ROOM)


def remedy(error: Exception) -> str:
    """What to do about an error, as a hint."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL or getattr(error, "errno", 0) in _NO_ROOM:
        return "make room on the disk, then the same command again"
    if code & 0xFF == sqlite3.SQLITE_BUSY:
        return "another oncall holds it; the same command again"
    return "set ONCALL_STATE_DIR to a folder that you can write to"


def on_network(path: Path, mounts: Path) -> bool:
    """Whether a path lies on a network file system, as far as Linux's table of mounts tells; elsewhere no."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    real, kind, longest = f"{path.resolve()}/", "", -1
    for line in lines:
        _, where, its_kind, *_ = line.split(" ")
        if "\\" in where:  # a space is \040 there
            where = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), where)
        mounted = f"{where.rstrip('/')}/"
        if real.startswith(mounted) and len(mounted) >= longest:
            kind, longest = its_kind, len(mounted)
    return kind.partition(".")[0] in _NETWORK


def _reading(path: Path, way: str) -> sqlite3.Connection:
    """The file opened in a way of SQLite's; where it may be written to, for itself."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True, timeout=_PATIENCE)
    try:
        if way == "mode=rw":
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        _version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > SCHEMA:
        raise NewerSchema(found)
    return found


def _migrate(connection: sqlite3.Connection, path: Path) -> Path | None:
    """Bring the file to this schema in one transaction, and answer where it is kept as it was; None for a new one.

    Of several processes at once one does it, and the others find it done; what ends it in the middle changes nothing.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        kept = _back_up(path, version) if 0 < version < SCHEMA else None
        for statement in _STEPS.get(version, ()):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return kept


def _back_up(path: Path, version: int) -> Path:
    """Copy the file, for its owner alone, while nobody writes to it; a copy that isn't whole never gets the name."""
    kept = _free(path.with_name(f"{path.name}.v{version}.bak"))
    part = kept.with_name(f"{kept.name}.part")
    _remove(part)
    _make_private(part)
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE)) as whole, closing(sqlite3.connect(part)) as copy:
            whole.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        os.replace(part, kept)
    except BaseException:
        _remove(part)
        raise
    return kept


def _remove(path: Path) -> None:
    for ending in ("", *_COMPANIONS):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _free(path: Path) -> Path:
    """A name like this one under which there is nothing yet."""
    while path.exists():
        path = path.with_name(f"{path.name}-again")
    return path


def _make_private(path: Path) -> None:
    """The file, for its owner alone (SQLite gives its companions the same mode), in folders of the same kind.

    One that is there is not opened: to close it again would drop the locks that another thread's SQLite has on it.
    """
    for folder in reversed([each for each in path.parents if not each.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.stat().st_mode & 0o077:
        with suppress(OSError):  # another's file, a share that has no modes, or one that is only read
            path.chmod(0o600)
