"""Keyrings that stand in for the system's: in memory, in a file that several processes see, and broken ones."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked, PasswordDeleteError

Backend = TypeVar("Backend", bound=KeyringBackend)


class MemoryKeyring(KeyringBackend):
    """One that works; `pause` is what each call takes, in seconds."""

    priority = 5

    def __init__(self, pause: float = 0.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.pause = pause
        self.asked: list[tuple[str, str]] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append((service, username))
        time.sleep(self.pause)
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError("no such entry")
        del self.entries[service, username]


class FileKeyring(KeyringBackend):
    """One for other processes: `PYTHON_KEYRING_BACKEND=tests.keyrings.FileKeyring KEYRING_PROPERTY_PATH=FILE`."""

    priority = 5
    path = ""

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._read(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._read()
        del entries[f"{service} {username}"]
        self._write(entries)

    def _read(self) -> dict[str, str]:
        file = Path(self.path)
        return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}

    def _write(self, entries: dict[str, str]) -> None:
        Path(self.path).write_text(json.dumps(entries), "utf-8")


class StuckKeyring(FileKeyring):
    """One whose prompt nobody answers: it keeps nothing, and leaves a file beside its own once it was asked to."""

    def set_password(self, service: str, username: str, password: str) -> None:
        Path(f"{self.path}.asked").touch()
        time.sleep(30)


class LockedKeyring(MemoryKeyring):
    """One whose owner closed the prompt that would have unlocked it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    set_password = get_password  # type: ignore[assignment]


class HangingKeyring(MemoryKeyring):
    """One that answers when it is `released`: its daemon waits for somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.released = Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append((service, username))
        self.released.wait(30)
        return None


class PlainFileKeyring(MemoryKeyring):
    """One that isn't recommended, as those of keyrings.alt aren't."""

    priority = 0.5  # type: ignore[assignment]


class BrokenKeyring(MemoryKeyring):
    """One whose daemon is gone; the error repeats what it was given."""

    def get_password(self, service: str, username: str) -> str | None:
        raise SystemExit("org.freedesktop.DBus.Error.ServiceUnknown:\nno such name")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ValueError(f"can't write {password}")


class ForgetfulKeyring(MemoryKeyring):
    """One that takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return None


@contextmanager
def in_use(backend: Backend) -> Iterator[Backend]:
    """The system's keyring is this one for a while, and none afterwards, as the fence has it."""
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
