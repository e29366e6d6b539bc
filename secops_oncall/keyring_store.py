"""The system's keyring: each call in a thread of its own, and never waited for longer than 5 s."""

import logging
import os
from collections.abc import Callable, Collection
from concurrent.futures import Future
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from secops_oncall import threads
from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.domain.text import clean, shorten
from secops_oncall.errors import Cancelled, KeyringError
from secops_oncall.secrets import VARIABLES

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
LIMIT = 5.0  # seconds
_TELLS = "oncall auth status tells"
_SAFE = 1  # the priority from which on the library recommends a backend: below lie those that keep plain text


class SystemKeyring:
    """`ports_setup.Keyring` over the keyring library (https://keyring.readthedocs.io), loaded when it is first asked.

    One that has let a call wait for `limit` seconds is not asked again.
    """

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._is_silent = False
        self._choosing = Lock()
        self._chosen: KeyringBackend | None = None

    @property
    def name(self) -> str:
        """What it calls itself."""
        return self._asked(lambda backend: clean(backend.name), "export ONCALL_…_TOKEN=…")

    def get(self, service: Service, profile: str, host: str) -> str | None:
        """The token that is kept, None where there is none."""
        entry = _entry(service, profile)
        return self._asked(lambda backend: backend.get_password(entry, host), _export(service)) or None

    def put(self, service: Service, profile: str, host: str, token: str) -> None:
        """Keep a token in place of the one before; KeyringError where it isn't there afterwards, too."""
        entry, kept = _entry(service, profile), f"whether it keeps the {NAMES[service]} token"

        def put(backend: "KeyringBackend") -> bool:
            backend.set_password(entry, host, token)
            return backend.get_password(entry, host) == token

        if not self._asked(put, _export(service), token, kept):
            raise KeyringError(f"{self._called()} did not keep the token", _export(service))

    def remove(self, service: Service, profile: str, host: str) -> bool:
        """Forget a token; False where there was none."""
        entry, forgotten = _entry(service, profile), f"whether it forgets the {NAMES[service]} token"

        def remove(backend: "KeyringBackend") -> bool:
            if backend.get_password(entry, host) is None:
                return False
            backend.delete_password(entry, host)
            return True

        return self._asked(remove, f"unset {VARIABLES[service][0]}, if that holds it", doubt=forgotten)

    def _asked(self, call: Callable[["KeyringBackend"], T], way: str, secret: str = "", doubt: str = "") -> T:
        """What the keyring answers; KeyringError where it raises anything, or nothing in time.

        `way` is what to do without it. A call that changes something may still do so when nobody waits for it any more:
        `doubt` is what isn't known then. Raises Cancelled where that is by Ctrl-C.
        """
        if self._is_silent:
            raise self._silent(way)
        answer = threads.start(lambda: call(self._backend()))
        try:
            error = answer.exception(self._limit)
        except TimeoutError:
            self._is_silent = True
            raise self._silent(way, doubt) from None
        except KeyboardInterrupt:
            if doubt:
                what = f"cancelled while {self._called()} was asked: {doubt} is not known"
                raise Cancelled(what, _TELLS) from None
            raise
        if error:
            raise self._translated(error, way, secret) from None
        return answer.result()

    def _silent(self, way: str, doubt: str = "") -> KeyringError:
        what = f"{self._called()} did not answer within {self._limit:g} s"
        what += f": {doubt} is not known, {_TELLS}" if doubt else ""
        return KeyringError(what, f"unlock it and try again, or {way}", is_there=True)

    def _translated(self, error: BaseException, way: str, secret: str) -> KeyringError:
        if isinstance(error, ImportError) and not self._chosen:
            return KeyringError(_NONE, way)
        from keyring.errors import KeyringLocked

        if isinstance(error, _UnfitError):
            return KeyringError(str(error), way)
        if isinstance(error, KeyringLocked):
            hint = f"unlock it and try again, or {way}"
            return KeyringError(f"{self._called()} is locked", hint, is_there=True)
        words = clean(error).replace(secret, "[token]") if secret else clean(error)
        why = shorten(words or type(error).__name__, 100)
        hint = f"see that it works, or {way}"
        return KeyringError(f"{self._called()} refuses: {why}", hint, is_there=True)

    def _called(self) -> str:
        return f"the keyring ({clean(self._chosen.name)})" if self._chosen else "the keyring"

    def _backend(self) -> "KeyringBackend":
        with self._choosing:
            if self._chosen is None:
                self._chosen = _backend()
            return self._chosen


class KeptTokens:
    """The tokens of one profile in the keyring, each looked up once.

    Of those that most commands need `together` none waits for another: they are looked up with the first of them.
    """

    def __init__(self, look_up: Callable[[Service], str | None], together: Collection[Service]) -> None:
        self._look_up = look_up
        self._together = together
        self._found: dict[Service, Future[str | None]] = {}

    def get(self, service: Service) -> str | None:
        """The token of a service, None where none is kept; KeyringError where the keyring doesn't tell."""
        for each in (service, *(self._together if service in self._together else ())):
            if each not in self._found:
                self._found[each] = threads.start(partial(self._look_up, each))
        return self._found[service].result()


class _UnfitError(Exception):
    """There is no keyring, or none that may have a token."""


_NONE = "this system has no keyring"


def _backend() -> "KeyringBackend":
    """The backend that counts: of several that are chained the one that is recommended most."""
    # A plug-in of another program that can't be loaded would be logged with its traceback.
    logging.getLogger("keyring").addHandler(logging.NullHandler())
    logging.getLogger("keyring").propagate = False
    import keyring
    from keyring.backends import chainer, fail, null

    found: KeyringBackend = keyring.get_keyring()
    if isinstance(found, chainer.ChainerBackend):
        found = next(iter(found.backends), found)
    if isinstance(found, (chainer.ChainerBackend, fail.Keyring, null.Keyring)):
        raise _UnfitError(_NONE)
    if found.priority < _SAFE and not _is_chosen(found):
        raise _UnfitError(f"the keyring here ({clean(found.name)}) may keep a token in a plain file, and gets none")
    return found


def _is_chosen(backend: "KeyringBackend") -> bool:
    """Whether the engineer has named this very backend, by a variable or a file of the library: then they want it."""
    from keyring import core

    kind = type(backend)
    named = os.environ.get("PYTHON_KEYRING_BACKEND") == f"{kind.__module__}.{kind.__qualname__}"
    return named or isinstance(core.load_config(), kind)


def _entry(service: Service, profile: str) -> str:
    return f"oncall/{profile}/{service}"


def _export(service: Service) -> str:
    """The way on without a keyring."""
    return f"export {VARIABLES[service][0]}=…"
