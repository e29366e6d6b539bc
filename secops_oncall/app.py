"""App: builds and holds the clients and the journal for the world that a run finds; with it the only wiring."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from secops_oncall import config_document, state
from secops_oncall.cache import Cache, digest
from secops_oncall.errors import AuthError, BrokenConfigError, ExitCode, OncallError
from secops_oncall.journal import SqliteJournal
from secops_oncall.world import World

if TYPE_CHECKING:
    from secops_oncall.clients.network import Network
    from secops_oncall.domain.changeovers import ShiftRules
    from secops_oncall.domain.documents import Destinations
    from secops_oncall.domain.handles import Handles
    from secops_oncall.domain.pages import Page
    from secops_oncall.domain.shifts import Shift
    from secops_oncall.ports import GitLab, Journal, PagerDuty, Slack
    from secops_oncall.ports_machine import Opener
    from secops_oncall.setting_up import SettingUp
    from secops_oncall.workflows.backlog import BoardName
    from secops_oncall.workflows.banner import Banner
    from secops_oncall.workflows.handoff import HandoffSettings
    from secops_oncall.workflows.outcomes import Acted
    from secops_oncall.workflows.reminding import Reminder
    from secops_oncall.workflows.reviewing import ReviewSettings


class App(World):
    """One run of the program. Everything is built when it is first asked for, and only once."""

    wants_banner = False
    wants_reminder = False
    banner: "Banner | None" = None  # asked for beside the command's first request

    @cached_property
    def pagerduty(self) -> "PagerDuty":
        """PagerDuty; AuthError where there is no token."""
        from secops_oncall.clients.pagerduty import PagerDutyClient

        settings, token = self.config.pagerduty, self.token("pagerduty")
        client = PagerDutyClient(
            settings.url,
            token.value,
            network=self._network,
            cache=self.cache,
            email=settings.email,
            auth=settings.auth,
            token_from=token.source,
        )
        if self.wants_banner:
            self.banner = self._banner(client, self.now())
        return client

    def hear(self, mine: "Sequence[Page]", at: datetime) -> None:
        """Have the banner tell of pages of mine that the command has listed itself at a moment (aware)."""
        self.banner = self._banner(self.pagerduty, at, mine)

    def _banner(self, pagerduty: "PagerDuty", at: datetime, listed: "Sequence[Page] | None" = None) -> "Banner":
        from secops_oncall.workflows.banner import Banner

        minutes, manager = self.config.pages.ack_minutes, self.config.role_names["manager"]
        reminder = self._reminder(pagerduty, at) if self.wants_reminder else None
        return Banner(pagerduty, self.memory, minutes, manager, at, listed, reminder)

    def _reminder(self, pagerduty: "PagerDuty", at: datetime) -> "Reminder":
        from secops_oncall.workflows.reminding import Reminder, ShiftSource
        from secops_oncall.workflows.this_shift import find

        def ask(journal: "Journal") -> "Shift | None":
            return find(pagerduty, journal, self.config.role_names, at, self.shift_rules)

        def journal() -> "Journal":
            """The command's own, if it has one: before anybody asked whose it is that may have been another file."""
            return vars(self).get("journal") or self._journal(lambda: pagerduty.me().id)

        return Reminder(ShiftSource(pagerduty, journal, ask, self.memory, self.config.issues.label), at)

    @cached_property
    def memory(self) -> Cache:
        """What was seen last with this token: of two accounts neither is told of the other's pages."""
        return self.cache.apart(digest(self.token("pagerduty").value))

    @property
    def zone(self) -> tzinfo:
        """The engineer's own time zone as PagerDuty has it, UTC where this machine doesn't know it."""
        from secops_oncall.domain.people import zone_of

        return zone_of(self.pagerduty.me().time_zone) or UTC

    @property
    def local(self) -> tzinfo:
        """The same, and UTC where PagerDuty can't be asked: what is known is shown all the same."""
        try:
            return self.zone
        except OncallError:
            return UTC

    @cached_property
    def gitlab(self) -> "GitLab":
        """GitLab; AuthError where there is no token."""
        from secops_oncall.clients.gitlab import GitLabClient

        settings, token = self.config.gitlab, self.token("gitlab")
        if self.wants_banner:
            _ = self.pagerduty_if_used
        return GitLabClient(settings.url, token.value, network=self._network, cache=self.cache, token_from=token.source)

    @cached_property
    def slack(self) -> "Slack":
        """Slack; AuthError where there is no token."""
        from secops_oncall.clients.slack import SlackClient

        token = self.token("slack")
        return SlackClient(self.config.slack.url, token.value, network=self._network, token_from=token.source)

    @property
    def opener(self) -> "Opener":
        """The engineer's browser."""
        from secops_oncall.clients.browser import Browser

        return Browser(self.environ)

    @property
    def gitlab_if_used(self) -> "GitLab | None":
        """GitLab, where it is configured at all; without a token that is said, and None."""
        if not self.config.uses("gitlab"):
            return None
        try:
            return self.gitlab
        except AuthError as error:
            self.streams.warn(f"{error.message}: the issues behind pages stay unknown")
            return None

    @property
    def pagerduty_if_used(self) -> "PagerDuty | None":
        """PagerDuty, where there is a token for it."""
        try:
            return self.pagerduty
        except AuthError:
            return None

    @cached_property
    def journal(self) -> SqliteJournal:
        """The journal of this account; only a command that uses PagerDuty anyway asks whose it is."""
        return self._journal(self._whose if "pagerduty" in vars(self) else None)

    @cached_property
    def own_journal(self) -> SqliteJournal:
        """The same, but that PagerDuty is asked whose it is, where nobody has asked it yet and it can be asked."""
        return self.journal if self.journal.account else self._journal(self._whose)

    def _whose(self) -> str:
        return self.pagerduty.me().id

    def _journal(self, whose: Callable[[], str] | None) -> SqliteJournal:
        key = self.pagerduty_key(asked=whose is not None)
        return state.journal(self.host_folder, key, whose, self.now, self.streams.warn)

    @cached_property
    def notebook(self) -> SqliteJournal:
        """The journal for what must not be lost because the configuration is broken: it is taken over once it isn't."""
        try:
            return self.journal
        except BrokenConfigError as error:
            self.streams.warn(f"{error.message}: kept all the same, and listed when that is mended")
            profile = config_document.profile_name(self.environ, self.options.profile)
            return state.unread(self.environ, profile, self.streams.warn)

    @property
    def board(self) -> "BoardName":
        """The board and list to pick from; ConfigError where it is not configured."""
        from secops_oncall.workflows.backlog import board_name

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
            self.emails,
            self.shift_rules,
            self.destinations,
            config.handoff.bot,
            (*config.places, *config.incident_sources),
        )

    @property
    def destinations(self) -> "Destinations":
        """Where a hand-off goes; whether its channel is private is still to be found out."""
        from secops_oncall.domain.documents import Destinations

        where = self.config.handoff
        return Destinations(
            where.project, where.slack_channel, where.internal, where.slack_confidential, handles=self.handles
        )

    @property
    def handles(self) -> "Handles":
        """Who may be mentioned, and as whom: the `people` table."""
        from secops_oncall.domain.handles import Handles

        people = self.config.people.items()
        gitlab = {email: user for user, email in self.emails.items()}
        return Handles(gitlab, {email: person.slack for email, person in people if person.slack})

    @property
    def shift_rules(self) -> "ShiftRules":
        """The configured shift times; ConfigError for one that is none."""
        from secops_oncall.workflows.shift import shift_rules

        settings = self.config.shift
        return shift_rules(settings.time_zone, settings.weekday_hours, settings.weekend_hours, settings.handover)

    @property
    def review_settings(self) -> "ReviewSettings":
        """What is reviewed, where, and how often in a shift."""
        from secops_oncall.workflows.reviewing import ReviewSettings

        places, issues = self.config.places, self.config.issues
        return ReviewSettings(places, issues.label, self.config.role_names, self.shift_rules, issues.reviews_per_shift)

    @property
    def emails(self) -> dict[str, str]:
        """The e-mails in PagerDuty of the `people` table, by GitLab user name."""
        return {person.gitlab: email for email, person in self.config.people.items() if person.gitlab}

    @property
    def colleagues(self) -> frozenset[str]:
        """The GitLab user names of the `people` table: nobody else is ever mentioned."""
        return frozenset(self.emails)

    def issue_ref(self, text: str) -> str:
        """The reference of an ISSUE that was typed; UsageError for what names none, or several."""
        from secops_oncall.workflows.refs import issue_ref

        return issue_ref(text, self.config.gitlab.url, self.config.gitlab.projects)

    def tell(self, problems: Iterable[OncallError]) -> int:
        """Say what could not be asked, beside an answer that was given; the exit code for both."""
        told = list(problems)
        for problem in told:
            self.streams.error(problem.message, problem.hint)
        return ExitCode.PARTIAL if told else ExitCode.OK

    def told(self, acted: "Acted") -> int:
        """Say what to type next where a write was not carried out, and what went wrong beside it; its exit code."""
        from secops_oncall.domain.outcomes import next_steps

        for step in next_steps(acted.outcomes):
            self.streams.next_step(step)
        self.tell(acted.problems)
        return acted.exit_code

    def renew(self) -> None:
        """Give the services all of their time again: the engineer has asked for something new."""
        if "_network" in vars(self):
            self._network.patience.renew()

    @property
    def has_written(self) -> bool:
        """Whether a write is on its way whose answer nobody has seen yet."""
        return "_network" in vars(self) and self._network.patience.has_written()

    @cached_property
    def setting_up(self) -> "SettingUp":
        """The services as they tell of themselves."""
        from secops_oncall.setting_up import SettingUp

        return SettingUp(lambda: self._network)

    @cached_property
    def _network(self) -> "Network":
        from secops_oncall.outgoing import network

        return network(self)
