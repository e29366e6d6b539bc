"""The practice world of this machine: the sandbox's state, opened, served, begun anew."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from secops_oncall import state
from secops_oncall.errors import ConfigError

if TYPE_CHECKING:
    from secops_oncall.config import Config
    from secops_oncall.sandbox.server import Addresses, Sandbox
    from secops_oncall.sandbox.store import Store


class Practice:
    """Where the embedded services keep their state, and what may be done with it; loaded when it is used."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self.folder = state.root(environ) / "sandbox"
        self._environ = environ
        self._clock = clock

    @property
    def demo_folder(self) -> Path:
        """Where the tour keeps its state, apart from every practice shift."""
        return state.root(self._environ) / "demo"

    @property
    def store(self) -> "Store":
        """The state of the services, which need not run for it."""
        from secops_oncall.sandbox.store import Store

        with self._usable():
            return Store(self.folder / "sandbox.sqlite3")

    def open(self, port: int = 0) -> "Sandbox":
        """The services on a port (0: the last one, or a free one), not serving yet."""
        from secops_oncall.sandbox.server import Sandbox

        with self._usable():
            return Sandbox(self.folder, clock=self._clock, port=port)

    def reset(self) -> None:
        """Begin the practice shift anew, with an empty journal."""
        from secops_oncall.sandbox.scenario import seed

        with self._usable():
            seed(self.store, self._clock())
            for file in self.folder.glob("*/journal.db*"):
                file.unlink()

    @contextmanager
    def _usable(self) -> Iterator[None]:
        """A folder that can't be used, or a state that is none, in two lines."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or error
            hint = (
                "remove it: it is only a practice world" if isinstance(error, sqlite3.Error) else "set ONCALL_STATE_DIR"
            )
            raise ConfigError(f"the sandbox's state in {self.folder} can't be used: {why}", hint) from error


def config(addresses: "Addresses") -> "Config":
    """The settings that go with the services at these addresses."""
    from secops_oncall import config_file
    from secops_oncall.config import PersonConfig
    from secops_oncall.sandbox import settings

    people = {email: PersonConfig(**names) for email, names in settings.people().items()}
    return config_file.from_values(settings.values(addresses), people)
