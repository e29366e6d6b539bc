"""The settings: every key with its type and default, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from secops_oncall.config_document import DEFAULT_PROFILE, PAGERDUTY_URL
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.people import ROLES, Role, RoleName, role_name
from secops_oncall.domain.setup import Service


def _key(default: Any, meaning: str) -> Any:
    """A key of a section, with what it is for in a few words."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class PagerDutyConfig:
    """Where PagerDuty is; `email` is needed for an account-level key only."""

    url: str = _key(PAGERDUTY_URL, "PagerDuty's REST API; EU accounts: https://api.eu.pagerduty.com")
    email: str | None = _key(None, "whom an account-level key acts for")
    auth: Literal["token", "bearer"] = _key("token", "how the key is sent: token or bearer")


@dataclass(frozen=True)
class RolesConfig:
    """Who holds which role: a policy's level (`NAME:LEVEL`) or a schedule's name."""

    engineer: str = _key("Security Responder:1", "a policy's level (NAME:LEVEL) or a schedule's name")
    backup: str = _key("Security Responder Backup", "the same")
    manager: str = _key("Security Responder:2", "the same")


@dataclass(frozen=True)
class PagesConfig:
    """`ack_minutes` serves where the policy's own delay can't be read."""

    ack_minutes: int = _key(15, "minutes to ack, where the policy's own delay can't be read")
    assign_issue: bool = _key(False, "an ack assigns the page's issue, too")


@dataclass(frozen=True)
class GitLabConfig:
    """Where GitLab is, and where labelled issues are looked for."""

    url: str = _key("https://gitlab.com", "GitLab")
    groups: tuple[str, ...] = _key((), "where labelled issues are looked for")
    projects: tuple[str, ...] = _key((), "where labelled issues are looked for, besides the groups")


@dataclass(frozen=True)
class IncidentsConfig:
    """Where page-created issues lie, and the labels that mark them."""

    projects: tuple[str, ...] = _key((), "where page-created issues lie; gitlab.* where there are none")
    labels: tuple[str, ...] = _key((), "what marks page-created issues")


@dataclass(frozen=True)
class IssuesConfig:
    """The label that is reviewed, and how often in a shift."""

    label: str = _key("oncall", "the label that is reviewed")
    reviews_per_shift: int = _key(2, "how often in a shift")
    improvement_project: str | None = _key(None, "where improvements are filed")
    improvement_label: str = _key("oncall-improvement", "what marks improvements")


@dataclass(frozen=True)
class BacklogConfig:
    """The board (`group:BOARD NAME`), the list to pick from, and the label to move to."""

    board: str | None = _key(None, "group:BOARD NAME, or group/project:BOARD NAME")
    list: str = _key("Backlog", "the list to pick from: a label's, or Open")
    doing: str = _key("In Progress", "the label that a pick moves to")


@dataclass(frozen=True)
class HandoffConfig:
    """Where a hand-off goes, who may see what of it, and the GitLab user name of the automation that may post one."""

    project: str | None = _key(None, "where each shift's hand-over issue is kept")
    internal: bool = _key(True, "hand-off comments on open issues are internal notes")
    slack_channel: str | None = _key(None, "where a hand-off is told")
    slack_confidential: Literal["none", "six-fields"] = _key(
        "none", "what of a confidential issue goes there: none or six-fields"
    )
    bot: str | None = _key(None, "GitLab user name of the automation that may post a hand-off")


@dataclass(frozen=True)
class SlackConfig:
    """Where Slack is, and where acks are announced."""

    url: str = _key("https://slack.com/api/", "Slack's Web API")
    channel: str = _key("#security-department", "where acks are announced")
    announce: bool = _key(False, "acks are announced there")


@dataclass(frozen=True)
class ShiftConfig:
    """Shift times, used where PagerDuty has no entry; lengths in hours."""

    time_zone: str = _key("UTC", "the shifts' time zone, where PagerDuty has no entry")
    weekday_hours: int = _key(12, "hours of a shift on weekdays")
    weekend_hours: int = _key(48, "hours of the weekend's shift")
    handover: str = _key("08:00", "when a shift begins, HH:MM")


@dataclass(frozen=True)
class NetworkConfig:
    """Seconds a request may take, how often it is tried, and whose certificates are believed."""

    timeout: int = _key(20, "seconds that a request may take, a write half as many")
    attempts: int = _key(4, "how often a request is tried")
    ca_bundle: str | None = _key(None, "a file of the certificates to believe, or a folder")


@dataclass(frozen=True)
class CacheConfig:
    """Whether the roster's phone numbers are kept for outages."""

    contacts: bool = _key(True, "the roster's phone numbers are kept for outages, 7 days")


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
