"""What one run of the program finds: options, streams, clock, configuration, tokens, and where its state lies."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from secops_oncall import config_document, state
from secops_oncall.cache import Cache
from secops_oncall.domain.setup import Service
from secops_oncall.errors import ConfigError
from secops_oncall.secrets import Token, find, tokens
from secops_oncall.streams import Streams

if TYPE_CHECKING:
    from secops_oncall.config import Config
    from secops_oncall.editor import Draft
    from secops_oncall.offers import Offers
    from secops_oncall.practice import Practice
    from secops_oncall.sandbox.server import Sandbox


@dataclass(frozen=True)
class Options:
    """The global options, as they were typed."""

    config: Path | None = None
    profile: str | None = None
    sandbox: bool = False
    no_input: bool = False
    no_color: bool = False
    no_cache: bool = False
    quiet: bool = False
    verbose: bool = False


class World:
    """What a run finds. `environ`, `streams` and `clock` (aware, UTC) are what a test gives its own of."""

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        streams: Streams | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.environ = environ
        self.streams = streams or Streams(environ=environ)
        self.options = Options()
        self.now = clock

    def use(self, options: Options) -> None:
        """Take the global options, once they are parsed."""
        self.options = options
        self.streams.quiet, self.streams.no_input = options.quiet, options.no_input
        self.streams.no_color = options.no_color

    @cached_property
    def in_sandbox(self) -> bool:
        """Whether this run is on the embedded services."""
        return self.options.sandbox or config_document.truthy(self.environ, "ONCALL_SANDBOX")

    @cached_property
    def config(self) -> "Config":
        """The settings; ConfigError where nothing is set up, saying both ways on."""
        from secops_oncall import config_file, practice

        if self.in_sandbox:
            return practice.config(self.sandbox.addresses)
        path, default = self.options.config, config_document.default_file()
        config = config_file.load(self.environ, path, default, self.options.profile)
        if not config.is_set_up and not tokens(self.environ):
            raise ConfigError(
                f"oncall is not set up: there is no {default}",
                "try it without an account: oncall --sandbox status; or write that file: docs/configuration.md",
            )
        for warning in config.warnings:
            self.streams.warn(warning)
        return config

    @cached_property
    def practice(self) -> "Practice":
        """The practice world of this machine."""
        from secops_oncall.practice import Practice

        return Practice(self.environ, self.now)

    @cached_property
    def sandbox(self) -> "Sandbox":
        """The embedded services, running inside this process."""
        return self.open_sandbox().start()

    def open_sandbox(self, port: int = 0) -> "Sandbox":
        """The embedded services, not serving yet; a shift that is over begins anew, and that is said."""
        services = self.practice.open(port)
        if services.reseeded:
            self.streams.warn("the practice shift was over, and a new one has begun")
        return services

    def draft(self, text: str, name: str) -> "Draft":
        """What the engineer has made of a text in their own editor; `editor.write` tells what is raised."""
        from secops_oncall import editor

        return editor.write(text, name, self.streams, self.environ, state.root(self.environ) / "drafts")

    def save(self, path: Path, lines: Iterable[str], *, force: bool) -> None:
        """Write lines to a file that the engineer named; `files.save` tells how, and what is raised."""
        from secops_oncall import files

        files.save(path, lines, force=force)

    def reading(self, name: str, longest: int) -> AbstractContextManager[Callable[[], Iterator[bytes]]]:
        """What answers the lines of a file, or of standard input; `files.reading` tells how, and what is raised."""
        from secops_oncall import files

        return files.reading(name, self.streams.stdin, longest)

    def token(self, service: Service) -> Token:
        """The token of a service; AuthError where there is none."""
        if self.in_sandbox:
            from secops_oncall.sandbox import cast

            return Token(cast.token(service), "the sandbox")
        return find(service, self.environ)

    @cached_property
    def cache(self) -> Cache:
        """What is kept between commands."""
        return Cache(None if self.options.no_cache else self.host_folder / "cache", self.now)

    @cached_property
    def offers(self) -> "Offers":
        """What this command lists, kept for completion once it has answered."""
        from secops_oncall.offers import Offers

        return Offers(self.cache, self.environ)

    @cached_property
    def host_folder(self) -> Path:
        """Where the state of this profile and its PagerDuty lies; ConfigError where the configuration doesn't tell."""
        if self.in_sandbox:
            return self.practice.folder
        environ, profile = self.environ, self.options.profile
        default = config_document.default_file()
        url = config_document.pagerduty_url(environ, self.options.config, default, profile)
        return state.host_folder(environ, config_document.profile_name(environ, profile), url)

    def alone(self, folder: Path) -> AbstractContextManager[None]:
        """Keep every other process that asks for the same folder waiting until this one has done."""
        return state.alone(folder)

    def close(self) -> None:
        """Stop the embedded services, if they run."""
        if "sandbox" in vars(self):
            self.sandbox.stop()
