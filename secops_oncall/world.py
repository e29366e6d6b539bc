"""What one run of the program finds: options, streams, clock, configuration, tokens, and where its state lies."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from secops_oncall import config_document, locks, state
from secops_oncall.cache import Cache, digest
from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.domain.tokens import SANDBOX, Token, host_of
from secops_oncall.errors import AuthError, ConfigError, KeyringError
from secops_oncall.secrets import find, in_environment, mask, token_variable, tokens
from secops_oncall.streams import Streams

if TYPE_CHECKING:
    from secops_oncall.config import Config
    from secops_oncall.editor import Draft
    from secops_oncall.keyring_store import KeptTokens
    from secops_oncall.offers import Offers
    from secops_oncall.ports_setup import Keyring
    from secops_oncall.practice import Practice
    from secops_oncall.sandbox.server import Sandbox
    from secops_oncall.settings import Settings


@dataclass(frozen=True)
class Options:
    """The global options, as they were typed."""

    config: Path | None = None
    profile: str | None = None
    sandbox: bool = False
    no_input: bool = False
    no_color: bool = False
    no_pager: bool = False
    no_cache: bool = False
    quiet: bool = False
    verbose: bool = False


class World:
    """What a run finds. `environ`, `streams` and `clock` (aware, UTC) are what a test gives its own of."""

    tells_of_keys = True  # those of the configuration file that nobody reads

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        streams: Streams | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.environ = environ
        self.streams = streams or Streams(environ=environ)
        self.streams.hide = lambda text: mask(text, self.secrets)
        self.options = Options()
        self.now = clock
        self._hidden: list[str] = []

    def use(self, options: Options) -> None:
        """Take the global options, once they are parsed."""
        self.options = options
        self.streams.quiet, self.streams.no_input = options.quiet, options.no_input
        self.streams.no_color, self.streams.no_pager = options.no_color, options.no_pager

    @cached_property
    def in_sandbox(self) -> bool:
        """Whether this run is on the embedded services."""
        return self.options.sandbox or config_document.truthy(self.environ, "ONCALL_SANDBOX")

    @cached_property
    def config(self) -> "Config":
        """The settings; ConfigError where nothing is set up, saying both ways on."""
        if not (self.config_as_it_is.is_set_up or tokens(self.environ) or self._is_any_kept()):
            raise ConfigError(
                f"oncall is not set up: there is no {config_document.default_file()}",
                "oncall init; or without an account: oncall --sandbox status",
            )
        return self.config_as_it_is

    @cached_property
    def config_as_it_is(self) -> "Config":
        """The same, set up or not; `config_file.load` tells what is raised."""
        from secops_oncall import config_file, practice

        if self.in_sandbox:
            return practice.config(self.sandbox.addresses)
        path, default = self.options.config, config_document.default_file()
        settings = config_file.load(self.environ, path, default, self.options.profile)
        for warning in settings.warnings if self.tells_of_keys else ():
            self.streams.warn(warning)
        return settings

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

    @cached_property
    def settings(self) -> "Settings":
        """The configuration as it is looked at and changed; the sandbox's is fixed."""
        from secops_oncall.settings import Settings

        fixed = (lambda: self.config) if self.in_sandbox else None
        return Settings(self.environ, self.options.config, self.options.profile, fixed)

    def draft(self, text: str, name: str, ending: str = ".md") -> "Draft":
        """What the engineer has made of a text in their own editor; `editor.write` tells what is raised."""
        from secops_oncall import editor

        return editor.write(text, name, self.streams, self.environ, state.root(self.environ) / "drafts", ending)

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

            return Token(cast.token(service), SANDBOX)
        return find(service, self.environ, lambda: self.kept_token(service))

    def given(self, text: str, source: str) -> Token:
        """A token that the engineer gives now, kept out of everything that is printed from here on."""
        self._hidden.append(text)
        return Token(text, source)

    @property
    def secrets(self) -> list[str]:
        """What must not be printed: every token that this run knows."""
        return [*tokens(self.environ), *self._hidden]

    @cached_property
    def keyring(self) -> "Keyring":
        """The system's keyring, not asked yet."""
        from secops_oncall.keyring_store import SystemKeyring

        return SystemKeyring()

    def host(self, service: Service) -> str:
        """Where a service is by the settings: its token in the keyring belongs to that host alone."""
        return host_of(getattr(self.config_as_it_is, service).url)

    def pagerduty_key(self, *, asked: bool) -> str:
        """The digest of PagerDuty's token: it tells whose journal it is.

        Unless PagerDuty is `asked` anyway the keyring isn't either, and what it had then counts.
        """
        try:
            if self.in_sandbox or asked:
                return digest(self.token("pagerduty").value)
            found = in_environment("pagerduty", self.environ)
        except AuthError:
            return digest("")
        return digest(found.value) if found else state.kept_key(self.host_folder, self.now) or digest("")

    def variable(self, service: Service) -> str | None:
        """The variable of the environment that has a service's token, and wins over the keyring."""
        return token_variable(service, self.environ)

    def keep_token(self, service: Service, token: Token) -> None:
        """Put a token into the keyring, for this profile and host; KeyringError where it isn't kept."""
        self.keyring.put(service, self.config_as_it_is.profile, self.host(service), token.value)
        self._remember(service, token.value)

    def forget_token(self, service: Service) -> bool:
        """Take a token out of the keyring; False where there was none."""
        removed = self.keyring.remove(service, self.config_as_it_is.profile, self.host(service))
        self._remember(service, None)
        return removed

    def kept_token(self, service: Service) -> str | None:
        """The token that the keyring has for this profile and host; KeyringError where it doesn't tell."""
        value = self._kept_tokens.get(service)
        self._remember(service, value)
        return value

    def _remember(self, service: Service, value: str | None) -> None:
        if service == "pagerduty":
            state.keep_key(self.host_folder, self.now, digest(value.strip()) if value else None)

    @cached_property
    def _kept_tokens(self) -> "KeptTokens":
        from secops_oncall.keyring_store import KeptTokens

        both: tuple[Service, ...] = ("pagerduty", "gitlab")
        return KeptTokens(self._looked_up, [each for each in both if not self.variable(each)])

    def _looked_up(self, service: Service) -> str | None:
        value = self.keyring.get(service, self.config_as_it_is.profile, self.host(service))
        self._hidden += [value.strip()] if value else []
        return value

    def _is_any_kept(self) -> bool:
        with suppress(KeyringError):
            return any(self.kept_token(service) for service in NAMES)
        return False

    @cached_property
    def cache(self) -> Cache:
        """What is kept between commands."""
        return Cache(None if self.options.no_cache else self.host_folder / "cache", self.now)

    @cached_property
    def offers(self) -> "Offers":
        """What this command lists, kept for completion once it has answered."""
        from secops_oncall.offers import Offers

        return Offers(self.cache, "" if self.in_sandbox else self.pagerduty_key(asked=False))

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
        return locks.alone(folder / "posting.lock")

    def close(self) -> None:
        """Stop the embedded services, if they run."""
        if "sandbox" in vars(self):
            self.sandbox.stop()
