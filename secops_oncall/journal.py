"""The journal of this machine: every event as it happened, in one SQLite file that is only ever added to."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from secops_oncall import journal_file
from secops_oncall.domain.events import TITLED, Event
from secops_oncall.domain.text import clean
from secops_oncall.errors import ConfigError

T = TypeVar("T")

SCHEMA = journal_file.SCHEMA
_INSERT = (
    "INSERT INTO events (uid, at, kind, subject, text, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING"
)
_OF_KIND = "SELECT at, kind, subject, text, data, uid FROM events WHERE kind = ? AND at >= ? ORDER BY id"
_SINCE = "SELECT at, kind, subject, text, data, uid FROM events WHERE at >= ? ORDER BY id"
_SIZE = "SELECT count(*), coalesce(max(id), 0) FROM events"
_NEXT = "SELECT id, at, kind, subject, text, data, uid FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT 1000"


class SqliteJournal:
    """The Journal in a file, made when it is first written. Any number of processes may use it at once.

    `account` is the PagerDuty id of whoever's it is, where that is known. A file that is damaged is set aside, never
    deleted, and one of an older schema is brought to this one; `warn` gets one line about either.
    Every method raises ConfigError where the file can't be used: no room, no right, or a newer oncall's.
    """

    def __init__(
        self,
        path: Path,
        warn: Callable[[str], None] = lambda line: None,
        *,
        account: str | None = None,
        mounts: Path = Path("/proc/mounts"),
    ) -> None:
        self.path = path
        self.account = account
        self._warn = warn
        self._mounts = mounts
        self._aside: Path | None = None

    def append(self, *events: Event) -> None:
        """Write events, all or none; they are on the disk when this returns. One that is there already stays as it is.

        The ConfigError repeats what was typed and could not be kept.
        """
        try:
            self._add(lambda: events)
        except ConfigError as error:
            error.lose("; ".join(clean(event.text) for event in events if event.text and event.kind not in TITLED))
            raise

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """The events of a kind (or all), from a moment on (aware), in the order they were written."""
        if not journal_file.is_there(self.path):
            return []
        moment = _stamp(since) if since else ""
        query, values = (_OF_KIND, (kind, moment)) if kind is not None else (_SINCE, (moment,))
        rows = self._use(lambda connection: connection.execute(query, values).fetchall(), reads=True)
        return [_event(*row) for row in rows]

    def snapshot(self) -> tuple[int, Iterator[Event]]:
        """How many events there are now, and those, in the order they were written and never all in memory.

        Raises ConfigError where the file turns out to be damaged, too: a part would look like the whole.
        """
        (count, last), *_ = self._rows(_SIZE, ()) or [(0, 0)]
        return count, self._until(last)

    def _until(self, last: int) -> Iterator[Event]:
        after = 0
        while rows := self._rows(_NEXT, (after, last)):
            for _, *event in rows:
                yield _event(*event)
            after = rows[-1][0]

    def _rows(self, query: str, values: tuple[int, ...]) -> list[Any]:
        """What a query answers, of a file that is sound; nothing where there is none."""
        if not journal_file.is_there(self.path):
            return []
        rows = self._use(lambda connection: connection.execute(query, values).fetchall(), reads=True)
        if self._aside:
            raise ConfigError(f"the journal was damaged: it is set aside as {self._aside}", "oncall notes")
        return rows

    def adopt(self, other: Path) -> int:
        """Copy another journal's events that aren't here yet, and say how many; no such file is an empty one."""
        found = SqliteJournal(other, self._warn).events()
        return self.take(lambda: found) if found else 0

    def take(self, read: Callable[[], Iterable[Event]]) -> int:
        """Write the events that `read` answers and that aren't here yet, all or none, and say how many they were.

        It is called again where the file turns out to be damaged; what it raises leaves everything as it was.
        """
        return self._add(read)

    def _add(self, read: Callable[[], Iterable[Event]]) -> int:
        def insert(connection: sqlite3.Connection) -> int:
            connection.execute("BEGIN IMMEDIATE")
            before = connection.total_changes
            connection.executemany(_INSERT, map(_row, read()))
            new = connection.total_changes - before
            connection.execute("COMMIT")
            return new

        return self._use(insert)

    def _use(self, work: Callable[[sqlite3.Connection], T], *, reads: bool = False) -> T:
        """Do some work on the open file; once more on a new one, if the first turns out to be damaged.

        What only `reads` is done where nothing can be written, too.
        """
        try:
            try:
                return self._work(work)
            except (sqlite3.Error, OSError) as error:
                if journal_file.is_damage(error):
                    self._set_aside()
                    return self._work(work)
                if not (reads and journal_file.leaves_reading(error)):
                    raise
                with closing(journal_file.connect_to_read(self.path)) as connection:
                    return work(connection)
        except (sqlite3.Error, OSError) as error:
            reason = clean(getattr(error, "strerror", None) or error)
            what = f"the journal {self.path} can't be used: {reason}"
            raise ConfigError(what, journal_file.remedy(error)) from error
        except journal_file.NewerSchema as error:
            message = f"the journal {self.path} is of a newer oncall (schema {error}, this one reads {SCHEMA})"
            raise ConfigError(message, "pip install --upgrade secops-oncall") from None

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(journal_file.connect(self.path, self._mounts, self._warn)) as connection:
            return work(connection)

    def _set_aside(self) -> None:
        aside = journal_file.set_aside(self.path)
        if aside:
            self._aside = aside
            self._warn(f"the journal was damaged: it is set aside as {aside}, and a new one has begun")


def _stamp(moment: datetime) -> str:
    """A moment as text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _row(event: Event) -> tuple[str, ...]:
    row = (event.uid, _stamp(event.at), event.kind, event.subject, event.text, json.dumps(dict(event.data)))
    # What was typed may hold bytes that are no UTF-8; SQLite would refuse the whole note.
    return tuple(text.encode("utf-8", "backslashreplace").decode("utf-8") for text in row)


def _event(at: str, kind: str, subject: str, text: str, data: str, uid: str) -> Event:
    return Event(datetime.fromisoformat(at), kind, subject, text, json.loads(data), uid)
