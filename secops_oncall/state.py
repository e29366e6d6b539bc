"""Where this machine keeps what it remembers: a folder for each profile, host and account, so that none ever mix."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from secops_oncall.cache import Cache, digest
from secops_oncall.errors import OncallError
from secops_oncall.journal import SqliteJournal

_UNKNOWN = "unknown"  # the account, until somebody has asked
_FOR_EVER = timedelta(days=36_500)


def root(environ: Mapping[str, str]) -> Path:
    """`$ONCALL_STATE_DIR`, else the platform's user state folder."""
    if environ.get("ONCALL_STATE_DIR"):
        return Path(environ["ONCALL_STATE_DIR"]).expanduser()
    from platformdirs import user_state_path

    return user_state_path("oncall")


def host_folder(environ: Mapping[str, str], profile: str, url: str) -> Path:
    """The folder of one profile and one PagerDuty."""
    parts = (re.sub(r"[^A-Za-z0-9.-]|^\.+", "_", part) for part in (profile, urlsplit(url).netloc))
    return root(environ).joinpath("profiles", *parts)


def journal(
    folder: Path, token: str, ask: Callable[[], str] | None, now: Callable[[], datetime], warn: Callable[[str], None]
) -> SqliteJournal:
    """The journal of the account that a token belongs to, below its host's folder.

    `ask` answers the account's id and is called once for each token; None where nobody is to be asked. What was
    noted before the account was known is taken over when it is.
    """
    accounts, key = Cache(folder / "accounts", now), digest(token)
    account = accounts.get(key, _FOR_EVER)
    if account is None and ask is not None:
        with suppress(OncallError):  # a note must not be lost because PagerDuty is down
            account = ask()
            accounts.put(key, account)
    found = SqliteJournal(folder / (account or _UNKNOWN) / "journal.db", warn)
    before = folder / _UNKNOWN
    if account and before.exists():
        adopted = before.with_name(f"{_UNKNOWN}-{uuid4().hex[:8]}")
        before.rename(adopted)
        found.adopt(adopted / "journal.db")
    return found
