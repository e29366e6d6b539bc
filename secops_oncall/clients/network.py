"""What every request of a command shares: its limits, its patience, who is told of it, and which addresses are fit."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from types import TracebackType
from urllib.parse import urlsplit

from secops_oncall.clients.certificates import believed
from secops_oncall.clients.proxies import is_loopback
from secops_oncall.domain.setup import Answer, Service
from secops_oncall.domain.text import quoted
from secops_oncall.errors import ConfigError

# Of a name or an address: what else stands there several libraries read differently. No name is longer (RFC 1035).
_HOST = r"(?=.{1,253}$)(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+"
IN_ALL = 30.0  # seconds that one command's answer may take


class Patience:
    """How long one command waits for its services in all; time in which nothing is asked doesn't count.

    So a prompt in the middle of a command costs nothing. What asks again and again calls `renew` each time.
    Used as a context manager around each request; `clock` answers seconds.
    """

    def __init__(self, seconds: float = IN_ALL, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._asking = 0
        self._writes = 0
        self._since = 0.0
        self._spent = 0.0
        self._told: dict[str, float] = {}

    def left(self) -> float:
        """The seconds that are left, 0 or less where there are none."""
        with self._lock:
            running = self._clock() - self._since if self._asking else 0.0
            return self.seconds - self._spent - running

    def asking(self) -> bool:
        """Whether a request is on its way."""
        return self._asking > 0

    @contextmanager
    def writing(self, write: bool) -> Iterator[None]:
        """Count a write until it has ended; one that Ctrl-C cuts off stays counted, and the engineer is told of it."""
        with self._lock:
            self._writes += write
        try:
            yield
        finally:
            with self._lock:
                self._writes -= write and not isinstance(sys.exception(), KeyboardInterrupt)

    def has_written(self) -> bool:
        """Whether a write is on its way whose answer nobody has seen yet."""
        return self._writes > 0

    def is_news(self, service: str, seconds: float) -> bool:
        """Whether a wait for a service is worth a word: none that was told lasts as long, to within a second."""
        with self._lock:
            now, told = self._clock(), self._told.get(service, 0.0)
            if now < told and now + seconds < told + 1.0:
                return False
            self._told[service] = now + seconds
            return True

    def renew(self) -> None:
        """Forget what was spent: another command, or another look of one that watches."""
        with self._lock:
            self._spent, self._since = 0.0, self._clock()

    def __enter__(self) -> None:
        with self._lock:
            if not self._asking:
                self._since = self._clock()
            self._asking += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking:
                self._spent += self._clock() - self._since


def _untold(*_: object) -> None:
    """What is done with a wait or a request where nobody wants to hear of it."""


@dataclass(frozen=True)
class Network:
    """Limits in seconds (`write` is that of a request that changes something) and tries, and who is told.

    `on_wait` gets a service's name and the seconds that it asked us to wait; `on_request` the method, the URL
    without secrets, the status (or what went wrong) and the milliseconds; `on_answer` each answer, whatever its
    status. All are called from several threads. `clock` answers the time (aware). Proxies and certificates may be named
    by `environ`.
    """

    timeout: float = 20
    write: float = 10
    attempts: int = 4
    ca_bundle: str | None = None
    patience: Patience = field(default_factory=Patience)
    on_wait: Callable[[str, float], None] = _untold
    on_request: Callable[[str, str, int | str, float], None] = _untold
    on_answer: Callable[[Answer], None] = _untold
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    user_agent: str = "secops-oncall"
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    sleep: Callable[[float], None] = time.sleep

    def wait(self, service: str, seconds: float) -> None:
        """Wait as a service asks us to, told once for all the requests that it asks at the same time."""
        if self.patience.is_news(service, seconds):
            self.on_wait(service, seconds)
        self.sleep(seconds)

    def answered(self, service: Service, milliseconds: float, date: str | None, heard: datetime) -> None:
        """Tell of an answer; `date` is its own `Date` header, None where it has none."""
        self.on_answer(Answer(service, milliseconds, said(date), heard))

    def believed(self) -> tuple[str | None, str]:
        """Whose certificates are believed and what says so; `certificates.believed` tells how, and what is raised."""
        return believed(self.ca_bundle, self.environ)

    @property
    def verify(self) -> str | bool:
        """The same as requests takes it."""
        return self.believed()[0] or True


def said(date: str | None) -> datetime | None:
    """An HTTP date (RFC 9110) as a moment, None for what is none."""
    try:
        moment = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def checked_address(setting: str, url: str) -> str:
    """A service's base address without its last slash, ready to have a path put behind it.

    Raises ConfigError, naming the setting, for what is no plain web address, and for `http://` to anything but
    this machine: the token would travel in the clear.
    """
    if "@" in url:
        raise ConfigError(f"`{setting}` holds a user name or password", "take out what stands before the @")
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        parts, host = urlsplit(""), None
    plain = re.fullmatch(_HOST, host or "") and not (parts.query or parts.fragment)
    if not host or not plain or parts.scheme not in ("http", "https"):
        raise ConfigError(f"`{setting}` is no web address: {quoted(url)}", f"set `{setting}` to https://HOST")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(
            f"`{setting}` would send the token unencrypted: {quoted(url)}", f"set `{setting}` to https://…"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
