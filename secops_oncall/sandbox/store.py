"""The sandbox's memory: JSON documents in one SQLite file, changed one request at a time."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

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

    def get(self, kind: str, key: str | int) -> Document | None:
        """The document of this kind and id, or None."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, str(key))
        ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str, parent: str | int | None = None) -> list[Document]:
        """Every document of this kind (of this parent, if one is named), in no promised order."""
        where, values = "kind = ?", [kind]
        if parent is not None:
            where, values = "kind = ? AND parent = ?", [kind, str(parent)]
        query = f"SELECT body FROM documents WHERE {where}"  # noqa: S608 - no text from outside in it
        return [json.loads(body) for (body,) in self._connection.execute(query, values)]

    def put(self, kind: str, key: str | int, body: Document, parent: str | int = "") -> Document:
        """Write a document whole, in place of the one that was there; answers it."""
        self._connection.execute(
            "INSERT OR REPLACE INTO documents (kind, id, parent, body) VALUES (?, ?, ?, ?)",
            (kind, str(key), str(parent), json.dumps(body)),
        )
        return body

    def delete(self, kind: str, key: str | int) -> None:
        """Forget a document; nothing happens where there is none."""
        self._connection.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, str(key)))

    def next(self, counter: str, start: int = 1) -> int:
        """The next number of a counter, from `start` on."""
        row = self._connection.execute(
            "INSERT INTO counters (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (counter, start),
        ).fetchone()
        return int(row[0])


class Store:
    """One SQLite file, shared by every process that uses this sandbox."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = self._connect()
        try:
            connection.executescript(_SCHEMA)
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")  # a practice world: a power cut may lose it
        return connection

    @contextmanager
    def state(self) -> Iterator[State]:
        """The state, for one request: committed at the end, rolled back if it fails."""
        connection = self._connect()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield State(connection)
            connection.execute("COMMIT")
        finally:
            connection.close()

    def clear(self) -> None:
        """Forget everything."""
        with self.state() as state:
            state._connection.execute("DELETE FROM documents")
            state._connection.execute("DELETE FROM counters")
