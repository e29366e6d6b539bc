"""The practice shift as it begins, made once for each moment and then copied: making one costs as ten requests do."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from secops_oncall.sandbox.scenario import ensure
from secops_oncall.sandbox.store import Store

_BEGUN: dict[datetime, bytes] = {}


def begun(folder: Path, now: datetime) -> Path:
    """A sandbox's folder in which the shift of a moment (aware, UTC) has begun; one that is there stays as it is."""
    file = folder / "sandbox.sqlite3"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(_BEGUN.get(now) or _made(now))
    return folder


def _made(now: datetime) -> bytes:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "sandbox.sqlite3")
        ensure(store, now)
        _BEGUN[now] = store.path.read_bytes()
    return _BEGUN[now]
