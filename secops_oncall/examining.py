"""What the doctor needs for its checks: the services with what the settings say of them, and this machine."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from secops_oncall import machine
from secops_oncall.app import App
from secops_oncall.domain import doctor_machine as judge
from secops_oncall.domain.doctor import Checks, Mapped, Settings
from secops_oncall.domain.doctor_tokens import Kept, kept
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.setup import NAMES, Answer, Service, TokenFacts
from secops_oncall.domain.tokens import host_of
from secops_oncall.errors import AuthError, BrokenConfigError, ConfigError, KeyringError
from secops_oncall.workflows.doctor import Connection, failed, looked, side_by_side

if TYPE_CHECKING:
    from secops_oncall.config import Config

_HERE = Checks()


def examined(app: App) -> list[Finding]:
    """Every check, of the machine first, then of each service; everything is looked up anew."""
    app.use(replace(app.options, no_cache=True))
    app.tells_of_keys = False  # a finding does
    try:
        config = app.config
    except ConfigError as error:
        return [*_unconfigured(app, error), _versions(), _HERE.unchecked(list(NAMES.values()))]
    _load()
    network = looked(_HERE, "network", lambda: [_network(app, config)])
    if any(one.level == "error" for one in network):  # each service would say the same
        return [*_machine(app, config, network), _HERE.unchecked(list(NAMES.values()))]
    with suppress(ConfigError):  # which the machine's check tells
        _ = app.journal  # once PagerDuty is asked it would be another's: that of the account
    return side_by_side(
        partial(_machine, app, config, network),
        partial(_pagerduty, app, config),
        partial(_gitlab, app, config),
        partial(_slack, app, config),
    )


def _load() -> None:
    """Import what the services' threads need: begun in several at once, requests fails at its own circular imports."""
    from secops_oncall.clients import gitlab_setup, pagerduty_setup, slack_setup  # noqa: F401


def _unconfigured(app: App, error: ConfigError) -> list[Finding]:
    """What is wrong with the configuration; its file is looked at where that can be read."""
    if isinstance(error, BrokenConfigError):
        return [failed(_HERE, "file", error)]
    facts = machine.file_facts(app.settings.file)
    if not facts.exists:
        return [failed(_HERE, "file", error)]
    return [*judge.configuration(_HERE, facts, app.settings.profile), failed(_HERE, "settings", error)]


def _machine(app: App, config: "Config", network: list[Finding]) -> list[Finding]:
    found = [_HERE.fine("file", "none needed: these are the sandbox's own settings")] if app.in_sandbox else []
    if not app.in_sandbox:
        found += judge.configuration(_HERE, machine.file_facts(app.settings.file), config.profile)
        found += [*judge.keys(_HERE, config.warnings), _keyring(app, config)]
    found += network
    found += looked(_HERE, "shift", lambda: _shift(config))
    found += looked(_HERE, "journal", lambda: [judge.journal(_HERE, machine.journal_facts(app.journal))])
    return [*found, _versions()]


def _shift(config: "Config") -> list[Finding]:
    """What of the shift's own times can't be used; nothing is told of those that can."""
    from secops_oncall.workflows.shift import shift_rules

    shift = config.shift
    shift_rules(shift.time_zone, shift.weekday_hours, shift.weekend_hours, shift.handover)
    return []


def _keyring(app: App, config: "Config") -> Finding:
    needed = [service for service in NAMES if config.uses(service) and not app.variable(service)]
    try:
        name = app.keyring.name
        if needed:
            app.kept_token(needed[0])  # one that is locked tells no more than its name
        return judge.keyring(_HERE, name, None, needed=bool(needed))
    except KeyringError as error:
        return judge.keyring(_HERE, "", (error.message, error.hint), needed=bool(needed))


def _network(app: App, config: "Config") -> Finding:
    from secops_oncall.clients.proxies import proxy_for

    urls = (config.pagerduty.url, config.gitlab.url, config.slack.url)
    ways = {host_of(url): proxy_for(url, app.environ) for url in urls}
    proxies = {host: f"{proxy.host} ({proxy.source})" for host, proxy in ways.items() if proxy}
    return judge.network(_HERE, proxies, app._network.believed())


def _versions() -> Finding:
    return judge.versions(_HERE, machine.versions())


def _pagerduty(app: App, config: "Config") -> list[Finding]:
    from secops_oncall.workflows.doctor_pagerduty import AtPagerDuty, examine_pagerduty

    where = config.pagerduty

    @cache
    def desk() -> AtPagerDuty:
        setup = app.setting_up.pagerduty(where.url, app.token("pagerduty"), where.auth)
        return AtPagerDuty(setup, app.pagerduty, _settings(config), app.now())

    return examine_pagerduty(_connection(app, "pagerduty", where.url, lambda: desk().setup.token()), desk, app.now())


def _gitlab(app: App, config: "Config") -> list[Finding]:
    from secops_oncall.workflows.doctor_gitlab import AtGitLab, examine_gitlab

    url, settings = config.gitlab.url, _settings(config)

    @cache
    def desk() -> AtGitLab:
        return AtGitLab(app.setting_up.gitlab(url, app.token("gitlab")), app.gitlab, settings)

    connection = _connection(app, "gitlab", url, lambda: desk().setup.token())
    return examine_gitlab(connection, desk, settings, app.now(), has_token=_has_token(app, "gitlab"))


def _slack(app: App, config: "Config") -> list[Finding]:
    from secops_oncall.workflows.doctor_slack import AtSlack, examine_slack

    url, settings = config.slack.url, _settings(config)

    @cache
    def desk() -> AtSlack:
        return AtSlack(app.setting_up.slack(url, app.token("slack")), app.slack, settings)

    connection = _connection(app, "slack", url, lambda: desk().setup.token())
    return examine_slack(connection, desk, settings, app.now(), has_token=_has_token(app, "slack"))


def _connection(app: App, service: Service, url: str, facts: Callable[[], TokenFacts]) -> Connection:
    def token() -> Kept:
        from secops_oncall.clients.network import checked_address

        checked_address(f"{service}.url", url)  # the keyring has none for what is no address
        found = app.token(service)
        return kept(found.value, found.source)

    def answers() -> list[Answer]:
        return [each for each in [*app.setting_up.answers] if each.service == service]

    return Connection(service, url, token, facts, lambda: app.setting_up.reach(service, url), answers)


def _has_token(app: App, service: Service) -> bool:
    try:
        app.token(service)
    except AuthError:
        return False
    return True


def _settings(config: "Config") -> Settings:
    """What the services can confirm of the settings."""
    people = tuple(Mapped(email, one.gitlab, one.slack) for email, one in config.people.items())
    return Settings(
        roles=config.role_names,
        ack_minutes=config.pages.ack_minutes,
        email=config.pagerduty.email,
        places=tuple(config.places),
        incidents=tuple(config.incident_sources),
        label=config.issues.label,
        incident_labels=config.incidents.labels,
        improvement_project=config.issues.improvement_project,
        improvement_label=config.issues.improvement_label,
        board=config.backlog.board,
        backlog=config.backlog.list,
        doing=config.backlog.doing,
        handoff_project=config.handoff.project,
        handoff_channel=config.handoff.slack_channel,
        confides=config.handoff.slack_confidential == "six-fields",
        ack_channel=config.slack.channel if config.slack.announce else None,
        people=people,
        uses=frozenset(service for service in NAMES if config.uses(service)),
    )
