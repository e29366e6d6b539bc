"""App: builds and holds the configuration, the clients, the journal, the streams and the clock; the only wiring."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from secops_oncall import __version__, config_file, practice, state
from secops_oncall.cache import Cache
from secops_oncall.config import Config
from secops_oncall.domain.outcomes import next_steps
from secops_oncall.domain.pages import Page
from secops_oncall.errors import AuthError, ConfigError, ExitCode, OncallError
from secops_oncall.journal import SqliteJournal
from secops_oncall.ports import GitLab, Opener, PagerDuty, Slack
from secops_oncall.practice import Practice
from secops_oncall.secrets import Service, Token, find, tokens
from secops_oncall.streams import Streams
from secops_oncall.workflows.backlog import BoardName, board_name
from secops_oncall.workflows.outcomes import Acted

if TYPE_CHECKING:
    from secops_oncall.clients.network import Network
    from secops_oncall.domain.changeovers import ShiftRules
    from secops_oncall.sandbox.server import Sandbox
    from secops_oncall.workflows.banner import Banner
    from secops_oncall.workflows.handoff import HandoffSettings


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


class App:
    """One run of the program. Everything is built when it is first asked for, and only once.

    `environ`, `streams` and `clock` (aware, UTC) are the world; a test gives its own.
    """

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
        self.wants_banner = False
        self.banner: Banner | None = None  # asked for beside the command's first request

    def use(self, options: Options) -> None:
        """Take the global options, once they are parsed."""
        self.options = options
        self.streams.quiet, self.streams.no_input = options.quiet, options.no_input
        self.streams.no_color = options.no_color

    @cached_property
    def in_sandbox(self) -> bool:
        """Whether this run is on the embedded services."""
        return self.options.sandbox or config_file.truthy(self.environ, "ONCALL_SANDBOX")

    @cached_property
    def config(self) -> Config:
        """The settings; ConfigError where nothing is set up, saying both ways on."""
        if self.in_sandbox:
            return practice.config(self.sandbox.addresses)
        config = self._configured
        if not config.is_set_up and not tokens(self.environ):
            raise ConfigError(
                f"oncall is not set up: there is no {config_file.default_file()}",
                "try it without an account: oncall --sandbox status; or write that file: docs/configuration.md",
            )
        for warning in config.warnings:
            self.streams.warn(warning)
        return config

    @cached_property
    def practice(self) -> Practice:
        """The practice world of this machine."""
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
    def pagerduty(self) -> PagerDuty:
        """PagerDuty; AuthError where there is no token."""
        from secops_oncall.clients.pagerduty import PagerDutyClient

        settings, token = self.config.pagerduty, self._token("pagerduty")
        client = PagerDutyClient(
            settings.url,
            token.value,
            network=self._network,
            cache=self._cache,
            email=settings.email,
            auth=settings.auth,
            token_from=token.source,
        )
        if self.wants_banner:
            self.banner = self._banner(client, self.now())
        return client

    def hear(self, mine: Sequence[Page], at: datetime) -> None:
        """Have the banner tell of pages of mine that the command has listed itself at a moment (aware)."""
        self.banner = self._banner(self.pagerduty, at, mine)

    def _banner(self, pagerduty: PagerDuty, at: datetime, listed: Sequence[Page] | None = None) -> "Banner":
        from secops_oncall.workflows.banner import Banner

        return Banner(pagerduty, self._cache, self.config.pages.ack_minutes, at, listed)

    @property
    def zone(self) -> tzinfo:
        """The engineer's own time zone as PagerDuty has it, UTC where this machine doesn't know it."""
        try:
            return ZoneInfo(self.pagerduty.me().time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    @cached_property
    def gitlab(self) -> GitLab:
        """GitLab; AuthError where there is no token."""
        from secops_oncall.clients.gitlab import GitLabClient

        settings, token = self.config.gitlab, self._token("gitlab")
        if self.wants_banner:
            _ = self.pagerduty_if_used
        return GitLabClient(
            settings.url, token.value, network=self._network, cache=self._cache, token_from=token.source
        )

    @property
    def slack(self) -> Slack:
        """Slack; AuthError where there is no token."""
        from secops_oncall.clients.slack import SlackClient

        token = self._token("slack")
        return SlackClient(self.config.slack.url, token.value, network=self._network, token_from=token.source)

    @property
    def opener(self) -> Opener:
        """The engineer's browser."""
        from secops_oncall.clients.browser import Browser

        return Browser(self.environ)

    @property
    def gitlab_if_used(self) -> GitLab | None:
        """GitLab, where it is configured at all; without a token that is said, and None."""
        if not self.config.incident_sources and not self.config.backlog.board:
            return None
        try:
            return self.gitlab
        except AuthError as error:
            self.streams.warn(f"{error.message}: the issues behind pages stay unknown")
            return None

    @property
    def pagerduty_if_used(self) -> PagerDuty | None:
        """PagerDuty, where there is a token for it."""
        try:
            return self.pagerduty
        except AuthError:
            return None

    @cached_property
    def journal(self) -> SqliteJournal:
        """The journal of this account; only a command that uses PagerDuty anyway asks whose it is."""
        try:
            token = self._token("pagerduty").value
        except AuthError:
            token = ""
        ask = (lambda: self.pagerduty.me().id) if "pagerduty" in vars(self) else None
        return state.journal(self._host_folder, token, ask, self.now, self.streams.warn)

    @property
    def board(self) -> BoardName:
        """The board and list to pick from; ConfigError where it is not configured."""
        settings = self.config.backlog
        return board_name(settings.board, settings.list, settings.doing)

    @property
    def handoff_settings(self) -> "HandoffSettings":
        """What a hand-off and the status need to know."""
        from secops_oncall.workflows.handoff import HandoffSettings

        config = self.config
        return HandoffSettings(
            config.role_names,
            config.gitlab.url,
            tuple(self.config.incident_sources),
            self.board if config.backlog.board else None,
            config.pages.ack_minutes,
            config.issues.reviews_per_shift,
            {person.gitlab: email for email, person in config.people.items() if person.gitlab},
            self.shift_rules,
        )

    @property
    def shift_rules(self) -> "ShiftRules":
        """The configured shift times; ConfigError for one that is none."""
        from secops_oncall.workflows.shift import shift_rules

        settings = self.config.shift
        return shift_rules(settings.time_zone, settings.weekday_hours, settings.weekend_hours, settings.handover)

    def tell(self, problems: Iterable[OncallError]) -> int:
        """Say what could not be asked, beside an answer that was given; the exit code for both."""
        told = list(problems)
        for problem in told:
            self.streams.error(problem.message, problem.hint)
        return ExitCode.PARTIAL if told else ExitCode.OK

    def told(self, acted: Acted) -> int:
        """Say what to type next where a write was not carried out, and what went wrong beside it; its exit code."""
        for step in next_steps(acted.outcomes):
            self.streams.next_step(step)
        self.tell(acted.problems)
        return acted.exit_code

    def close(self) -> None:
        """Stop the embedded services, if they run."""
        if "sandbox" in vars(self):
            self.sandbox.stop()

    @cached_property
    def _configured(self) -> Config:
        return config_file.load(self.environ, self.options.config, config_file.default_file(), self.options.profile)

    def _token(self, service: Service) -> Token:
        if self.in_sandbox:
            from secops_oncall.sandbox import cast

            return Token(cast.token(service), "the sandbox")
        return find(service, self.environ)

    @property
    def has_written(self) -> bool:
        """Whether a write is on its way whose answer nobody has seen yet."""
        return "_network" in vars(self) and self._network.patience.has_written()

    @cached_property
    def _network(self) -> "Network":
        from secops_oncall.clients.network import Network, Patience

        settings, streams, patience = self.config.network, self.streams, Patience()
        answered = streams.watch(patience.asking)

        def on_request(method: str, url: str, status: int | str, milliseconds: float) -> None:
            answered()
            if self.options.verbose:
                streams.say(f"{method} {url} {status} {milliseconds:.0f} ms")

        return Network(
            timeout=settings.timeout,
            attempts=settings.attempts,
            ca_bundle=settings.ca_bundle,
            patience=patience,
            on_wait=lambda service, seconds: streams.warn(f"{service} asks us to wait {seconds:.0f} s"),
            on_request=on_request,
            user_agent=f"secops-oncall/{__version__}",
        )

    @cached_property
    def _cache(self) -> Cache:
        return Cache(None if self.options.no_cache else self._host_folder / "cache", self.now)

    @property
    def _host_folder(self) -> Path:
        if self.in_sandbox:
            return self.practice.folder
        return state.host_folder(self.environ, self._configured.profile, self._configured.pagerduty.url)
