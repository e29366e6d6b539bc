"""The sandbox's memory: JSON documents in one SQLite file, changed one request at a time."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import finalize

from secops_oncall import folders

Document = dict[str, Any]

_VERSION = "version"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL DEFAULT '', body TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_parent ON documents (kind, parent);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class State:
    """The documents as one request sees them: what it writes is seen by others when it is done, or never."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kept = True
        self._written = False

    @property
    def version(self) -> int:
        """A number that every request which wrote something has raised; what was read at the same one is the same."""
        found = self._connection.execute("SELECT value FROM counters WHERE name = ?", (_VERSION,)).fetchone()
        return int(found[0]) if found else 0

    def get(self, kind: str, key: str | int) -> Document | None:
        """The document of this kind and id, or None."""
        found = self._select("kind = ? AND id = ?", kind, str(key))
        return found[0] if found else None

    def all(self, kind: str, parent: str | int | None = None) -> list[Document]:
        """Every document of this kind (of this parent, if one is named), in no promised order."""
        if parent is None:
            return self._select("kind = ?", kind)
        return self._select("kind = ? AND parent = ?", kind, str(parent))

    def in_order(self, kind: str, parent: str | int | None = None) -> list[Document]:
        """The same, of a kind whose ids are numbers: the oldest first."""
        return sorted(self.all(kind, parent), key=lambda one: int(one["id"]))

    def between(self, kind: str, first: str, last: str, limit: int = -1) -> list[Document]:
        """The documents whose ids sort from `first` to `last`, in that order; at most `limit`, if one is given."""
        return self._select("kind = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT ?", kind, first, last, limit)

    def put(self, kind: str, key: str | int, body: Document, parent: str | int = "") -> Document:
        """Write a document whole, in place of the one that was there; answers it."""
        self._written = True
        self._connection.execute(
            "INSERT OR REPLACE INTO documents (kind, id, parent, body) VALUES (?, ?, ?, ?)",
            (kind, str(key), str(parent), json.dumps(body)),
        )
        return body

    def delete(self, kind: str, key: str | int) -> None:
        """Forget a document; nothing happens where there is none."""
        self._written = True
        self._connection.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, str(key)))

    def next(self, counter: str, start: int = 1) -> int:
        """The next number of a counter, from `start` on."""
        row = self._connection.execute(
            "INSERT INTO counters (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (counter, start),
        ).fetchone()
        return int(row[0])

    def clear(self) -> None:
        """Forget every document and begin every counter anew."""
        self._written = True
        self._connection.execute("DELETE FROM documents")
        self._connection.execute("DELETE FROM counters WHERE name <> ?", (_VERSION,))

    def discard(self) -> None:
        """Keep nothing of what was written here: the request was refused."""
        self._kept = False

    def _select(self, where: str, *values: str | int) -> list[Document]:
        query = f"SELECT body FROM documents WHERE {where}"  # noqa: S608 - no text from outside in it
        bodies = ",".join(body for (body,) in self._connection.execute(query, values))
        documents: list[Document] = json.loads(f"[{bodies}]")  # one parse of all is twice as fast as one of each
        return documents

    def _end(self) -> None:
        if self._written:
            self.next(_VERSION)
        self._connection.execute("COMMIT" if self._kept else "ROLLBACK")


class Store:
    """One SQLite file, shared by every process that uses this sandbox.

    Its one connection is used by one thread at a time: a new one for each request would read the schema anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = Lock()
        folders.make(path.parent)
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        finalize(self, self._connection.close).atexit = False  # a thread that still serves may be reading
        self._connection.execute("PRAGMA synchronous = OFF")  # a practice world: a power cut may lose it
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def state(self) -> Iterator[State]:
        """The state, for one request: committed at the end, rolled back if it fails or is discarded.

        The lock makes this process's threads wait in line; SQLite's own waiting, between processes, sleeps.
        """
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            state = State(self._connection)
            try:
                yield state
                state._end()
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def has_any(self, kind: str) -> bool:
        """Whether there is a document of this kind; no other process waits for the answer."""
        with self._turn:
            found = self._connection.execute("SELECT 1 FROM documents WHERE kind = ? LIMIT 1", (kind,)).fetchone()
        return found is not None

    def clear(self) -> None:
        """Forget everything."""
        with self.state() as state:
            state.clear()
