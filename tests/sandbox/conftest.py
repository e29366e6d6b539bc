"""A sandbox on a folder of its own, at a time that a test sets, and pdpyras as it comes to speak to it."""

import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.begun import begun

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pdpyras says at every import that its time is over
    from pdpyras import APISession

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)  # a Monday: the shift is from 09:00 to 21:00


class SettableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Move it on (`minutes=15`), and answer the new time."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> SettableClock:
    """The time that the sandbox goes by."""
    return SettableClock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: SettableClock) -> Iterator[Sandbox]:
    """A started sandbox with the practice shift at `NOW`."""
    with Sandbox(begun(tmp_path / "sandbox", clock()), clock=clock) as started:
        yield started


@pytest.fixture
def pagerduty_as(sandbox: Sandbox) -> Callable[[str], Any]:
    """A pdpyras session with a person's key (or with any other key that is given whole)."""

    def session(login: str) -> Any:
        key = cast.token("pagerduty", login) if login in cast.PEOPLE else login
        opened = APISession(key)
        opened.url = sandbox.addresses.pagerduty
        return opened

    return session


@pytest.fixture
def pagerduty(pagerduty_as: Callable[[str], Any]) -> Any:
    """A pdpyras session of the engineer whose shift it is."""
    return pagerduty_as(cast.ME)
