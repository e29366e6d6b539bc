"""The settings: every key with its type and default, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from secops_oncall.config_document import DEFAULT_PROFILE, PAGERDUTY_URL
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.people import ROLES, Role, RoleName, role_name
from secops_oncall.domain.setup import Service


@dataclass(frozen=True)
class PagerDutyConfig:
    """Where PagerDuty is; `email` is needed for an account-level key only."""

    url: str = PAGERDUTY_URL
    email: str | None = None
    auth: Literal["token", "bearer"] = "token"


@dataclass(frozen=True)
class RolesConfig:
    """Who holds which role: a policy's level (`NAME:LEVEL`) or a schedule's name."""

    engineer: str = "Security Responder:1"
    backup: str = "Security Responder Backup"
    manager: str = "Security Responder:2"


@dataclass(frozen=True)
class PagesConfig:
    """`ack_minutes` serves where the policy's own delay can't be read."""

    ack_minutes: int = 15
    assign_issue: bool = False


@dataclass(frozen=True)
class GitLabConfig:
    """Where GitLab is, and where labelled issues are looked for."""

    url: str = "https://gitlab.com"
    groups: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncidentsConfig:
    """Where page-created issues lie, and the labels that mark them."""

    projects: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class IssuesConfig:
    """The label that is reviewed, and how often in a shift."""

    label: str = "oncall"
    reviews_per_shift: int = 2
    improvement_project: str | None = None
    improvement_label: str = "oncall-improvement"


@dataclass(frozen=True)
class BacklogConfig:
    """The board (`group:BOARD NAME`), the list to pick from, and the label to move to."""

    board: str | None = None
    list: str = "Backlog"
    doing: str = "In Progress"


@dataclass(frozen=True)
class HandoffConfig:
    """Where a hand-off goes, who may see what of it, and the GitLab user name of the automation that may post one."""

    project: str | None = None
    internal: bool = True
    slack_channel: str | None = None
    slack_confidential: Literal["none", "six-fields"] = "none"
    bot: str | None = None


@dataclass(frozen=True)
class SlackConfig:
    """Where Slack is, and where acks are announced."""

    url: str = "https://slack.com/api/"
    channel: str = "#security-department"
    announce: bool = False


@dataclass(frozen=True)
class ShiftConfig:
    """Shift times, used where PagerDuty has no entry; lengths in hours."""

    time_zone: str = "UTC"
    weekday_hours: int = 12
    weekend_hours: int = 48
    handover: str = "08:00"


@dataclass(frozen=True)
class NetworkConfig:
    """Seconds a request may take, how often it is tried, and whose certificates are believed."""

    timeout: int = 20
    attempts: int = 4
    ca_bundle: str | None = None


@dataclass(frozen=True)
class CacheConfig:
    """Whether the roster's phone numbers are kept for outages."""

    contacts: bool = True


@dataclass(frozen=True)
class PersonConfig:
    """One person's names in GitLab and Slack; the key of the table is their e-mail in PagerDuty."""

    gitlab: str | None = None
    slack: str | None = None


@dataclass(frozen=True)
class Config:
    """Every setting (interface.md, "Configuration"). `warnings` are what the file holds that nobody reads."""

    pagerduty: PagerDutyConfig = PagerDutyConfig()
    roles: RolesConfig = RolesConfig()
    pages: PagesConfig = PagesConfig()
    gitlab: GitLabConfig = GitLabConfig()
    incidents: IncidentsConfig = IncidentsConfig()
    issues: IssuesConfig = IssuesConfig()
    backlog: BacklogConfig = BacklogConfig()
    handoff: HandoffConfig = HandoffConfig()
    slack: SlackConfig = SlackConfig()
    shift: ShiftConfig = ShiftConfig()
    network: NetworkConfig = NetworkConfig()
    cache: CacheConfig = CacheConfig()
    people: Mapping[str, PersonConfig] = field(default_factory=dict)
    profile: str = DEFAULT_PROFILE
    warnings: tuple[str, ...] = ()
    is_set_up: bool = False

    @property
    def role_names(self) -> dict[Role, RoleName]:
        """What each role's setting names."""
        return {role: role_name(getattr(self.roles, role)) for role in ROLES}

    @property
    def places(self) -> list[IssueQuery]:
        """Where labelled issues are looked for: `gitlab.groups` and `gitlab.projects`."""
        groups = [IssueQuery(each, "group") for each in self.gitlab.groups]
        return groups + [IssueQuery(each, "project") for each in self.gitlab.projects]

    @property
    def incident_sources(self) -> list[IssueQuery]:
        """Where page-created issues lie, and what marks them: `incidents.*`, else `gitlab.*`."""
        projects = [IssueQuery(each, "project") for each in self.incidents.projects]
        return [replace(place, labels=self.incidents.labels) for place in projects or self.places]

    def uses(self, service: Service) -> bool:
        """Whether anything that is configured needs a service; PagerDuty always is."""
        if service == "slack":
            return self.slack.announce or bool(self.handoff.slack_channel)
        wanted = self.incident_sources or self.backlog.board or self.handoff.project
        return service == "pagerduty" or bool(wanted)


SECTIONS: dict[str, type[Any]] = {
    "pagerduty": PagerDutyConfig,
    "roles": RolesConfig,
    "pages": PagesConfig,
    "gitlab": GitLabConfig,
    "incidents": IncidentsConfig,
    "issues": IssuesConfig,
    "backlog": BacklogConfig,
    "handoff": HandoffConfig,
    "slack": SlackConfig,
    "shift": ShiftConfig,
    "network": NetworkConfig,
    "cache": CacheConfig,
}
KEYS = {f"{section}.{each.name}": each for section, kind in SECTIONS.items() for each in fields(kind)}


def variable(key: str) -> str:
    """The environment variable that sets a key: `ONCALL_PAGERDUTY_URL`."""
    return "ONCALL_" + key.replace(".", "_").upper()
