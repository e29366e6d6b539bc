"""Where this machine keeps what it remembers: a folder for each profile, host and account, so that none ever mix."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from secops_oncall.cache import Cache
from secops_oncall.errors import ConfigError, OncallError

if TYPE_CHECKING:
    from secops_oncall.journal import SqliteJournal

_UNKNOWN = "unknown"  # the account, until somebody has asked
_UNREAD = "_unread"  # the host, while the configuration can't be read
_IN_KEYRING = "the keyring's"  # no token's digest
_FOREIGN = re.compile(r"[^A-Za-z0-9.-]|^\.+|\.+$")
_FOR_EVER = timedelta(days=36_500)


def root(environ: Mapping[str, str]) -> Path:
    """`$ONCALL_STATE_DIR`, else the platform's user state folder; ConfigError for a user who has no home folder."""
    if environ.get("ONCALL_STATE_DIR"):
        return Path(os.path.expanduser(environ["ONCALL_STATE_DIR"]))
    from platformdirs import user_state_path

    with suppress(RuntimeError):  # so say some versions of it; others leave the `~` as it is
        found = user_state_path("oncall")
        if found.is_absolute():
            return found
    raise ConfigError("this user has no home folder to keep a journal in", "export ONCALL_STATE_DIR=/a/folder")


def profile_folder(environ: Mapping[str, str], profile: str) -> Path:
    """The folder of one profile."""
    return root(environ) / "profiles" / _safe(profile)


def host_folder(environ: Mapping[str, str], profile: str, url: str) -> Path:
    """The folder of one profile and one PagerDuty."""
    try:
        host = urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:  # it is none, which is said where it is asked
        host = url
    return profile_folder(environ, profile) / _safe(host)


def _safe(name: str) -> str:
    """The name of a folder on every platform: Windows has its own meaning for `con` and for a dot at the end."""
    return re.sub(r"^(?=(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))", "_", _FOREIGN.sub("_", name), flags=re.IGNORECASE)


def journal(
    folder: Path, key: str, ask: Callable[[], str] | None, now: Callable[[], datetime], warn: Callable[[str], None]
) -> "SqliteJournal":
    """The journal of the account that a token belongs to, below its host's folder; `key` is the token's digest.

    `ask` answers the account's id and is called once for each token; None where nobody is to be asked. What was
    noted before the account was known, or could be, is taken over when it is.
    """
    from secops_oncall.journal import SqliteJournal

    accounts = Cache(folder / "accounts", now)
    account = accounts.get(key, _FOR_EVER)
    if account is None and ask is not None:
        with suppress(OncallError):  # a note must not be lost because PagerDuty is down
            account = ask()
            accounts.put(key, account)
    found = SqliteJournal(folder / (account or _UNKNOWN) / "journal.db", warn, account=account)
    _take_over(found, folder.parent / _UNREAD)
    if account:
        _take_over(found, folder / _UNKNOWN)
    return found


def kept_key(folder: Path, now: Callable[[], datetime]) -> str | None:
    """The digest of the token that the keyring had when it was asked last, so that a note need not ask it."""
    found = Cache(folder / "accounts", now).get(_IN_KEYRING, _FOR_EVER)
    return found if isinstance(found, str) else None


def keep_key(folder: Path, now: Callable[[], datetime], key: str | None) -> None:
    """Remember that digest; None where the keyring has none."""
    accounts = Cache(folder / "accounts", now)
    if key is None:
        accounts.drop(_IN_KEYRING)
    elif key != kept_key(folder, now):
        accounts.put(_IN_KEYRING, key)


def unread(environ: Mapping[str, str], profile: str, warn: Callable[[str], None]) -> "SqliteJournal":
    """The journal of a profile whose configuration can't be read, so that nobody knows which PagerDuty it has."""
    from secops_oncall.journal import SqliteJournal

    return SqliteJournal(profile_folder(environ, profile) / _UNREAD / "journal.db", warn)


def _take_over(journal: "SqliteJournal", before: Path) -> None:
    """Copy what a folder's journal holds. Claimed first, so that no other account copies it, and laid aside last.

    So a kill in between loses nothing: the next command finds it claimed. Another process that still wrote to it has
    ended by then, and what it wrote is copied, too: it is laid aside when nothing in it is new.
    """
    from uuid import uuid4

    mine = f"{before.name}-of-{journal.path.parent.name}"
    if os.path.exists(before):  # which answers no where it may not look
        with suppress(OSError):  # another process was faster
            before.rename(before.with_name(f"{mine}-{uuid4().hex[:8]}"))
    for claimed in before.parent.glob(f"{mine}-????????"):
        if journal.adopt(claimed / "journal.db") == 0:
            with suppress(OSError):
                claimed.rename(claimed.with_name(f"{claimed.name}-taken"))
