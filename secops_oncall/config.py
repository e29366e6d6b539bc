"""The settings: every key with its type and default, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from secops_oncall.config_document import DEFAULT_PROFILE, PAGERDUTY_URL
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.people import ROLES, Role, RoleName, role_name
from secops_oncall.domain.setup import Service


def meaning(text: str, default: Any) -> Any:
    """A setting that means this, and its default."""
    return field(default=default, metadata={"meaning": text})


@dataclass(frozen=True)
class PagerDutyConfig:
    """Where PagerDuty is; `email` is needed for an account-level key only."""

    url: str = meaning("PagerDuty's REST address; EU accounts have https://api.eu.pagerduty.com", PAGERDUTY_URL)
    email: str | None = meaning("who acts, for an account-level key: a user's own key needs none", None)
    auth: Literal["token", "bearer"] = meaning("how the key is sent: token, or bearer for OAuth", "token")


@dataclass(frozen=True)
class RolesConfig:
    """Who holds which role: a policy's level (`NAME:LEVEL`) or a schedule's name."""

    engineer: str = meaning(
        "who is paged first: a policy's level (NAME:LEVEL), or a schedule's name", "Security Responder:1"
    )
    backup: str = meaning("who stands in: a policy's level, or a schedule's name", "Security Responder Backup")
    manager: str = meaning("who is called next: a policy's level, or a schedule's name", "Security Responder:2")


@dataclass(frozen=True)
class PagesConfig:
    """`ack_minutes` serves where the policy's own delay can't be read."""

    ack_minutes: int = meaning("minutes until the next level is paged, where the policy doesn't tell", 15)
    assign_issue: bool = meaning("whether an ack assigns the page-created issue to me", False)


@dataclass(frozen=True)
class GitLabConfig:
    """Where GitLab is, and where labelled issues are looked for."""

    url: str = meaning("GitLab's address", "https://gitlab.com")
    groups: tuple[str, ...] = meaning("groups whose labelled issues are looked at", ())
    projects: tuple[str, ...] = meaning("projects whose labelled issues are looked at", ())


@dataclass(frozen=True)
class IncidentsConfig:
    """Where page-created issues lie, and the labels that mark them."""

    projects: tuple[str, ...] = meaning("where page-created issues lie; empty: where gitlab.* says", ())
    labels: tuple[str, ...] = meaning("what marks page-created issues", ())


@dataclass(frozen=True)
class IssuesConfig:
    """The label that is reviewed, and how often in a shift."""

    label: str = meaning("the label that is reviewed", "oncall")
    reviews_per_shift: int = meaning("how often it is reviewed in a shift", 2)
    improvement_project: str | None = meaning("where improvements are filed", None)
    improvement_label: str = meaning("what marks them", "oncall-improvement")


@dataclass(frozen=True)
class BacklogConfig:
    """The board (`group:BOARD NAME`), the list to pick from, and the label to move to."""

    board: str | None = meaning("the board to pick from: GROUP or GROUP/PROJECT, then :BOARD NAME", None)
    list: str = meaning("the list to pick from: a label's, or Open, which is GitLab's own", "Backlog")
    doing: str = meaning("the label that a pick moves to", "In Progress")


@dataclass(frozen=True)
class HandoffConfig:
    """Where a hand-off goes, who may see what of it, and the GitLab user name of the automation that may post one."""

    project: str | None = meaning("where each shift's hand-over issue is kept; unset: none", None)
    internal: bool = meaning("whether comments on issues that are not confidential are internal notes", True)
    slack_channel: str | None = meaning("the channel that hand-offs go to; unset: none", None)
    slack_confidential: Literal["none", "six-fields"] = meaning(
        "what of a confidential issue goes there: none (its reference), six-fields (a private channel)", "none"
    )
    bot: str | None = meaning("the GitLab user name of the automation that may post reminders", None)


@dataclass(frozen=True)
class SlackConfig:
    """Where Slack is, and where acks are announced."""

    url: str = meaning("Slack's address", "https://slack.com/api/")
    channel: str = meaning("the channel where acks are announced", "#security-department")
    announce: bool = meaning("whether acks are announced", False)


@dataclass(frozen=True)
class ShiftConfig:
    """Shift times, used where PagerDuty has no entry; lengths in hours."""

    time_zone: str = meaning("the time zone of shifts, where PagerDuty has no entry", "UTC")
    weekday_hours: int = meaning("how long a shift is on weekdays, where PagerDuty has no entry", 12)
    weekend_hours: int = meaning("how long a weekend's is, where PagerDuty has no entry", 48)
    handover: str = meaning("when shifts change hands, where PagerDuty has no entry", "08:00")


@dataclass(frozen=True)
class NetworkConfig:
    """Seconds a request may take, how often it is tried, and whose certificates are believed."""

    timeout: int = meaning("seconds that a request may take", 20)
    attempts: int = meaning("how often a request is tried", 4)
    ca_bundle: str | None = meaning("a file of the certificates to believe in place of the system's", None)


@dataclass(frozen=True)
class CacheConfig:
    """Whether the roster's phone numbers are kept for outages."""

    contacts: bool = meaning("whether the roster's phone numbers are kept for outages, for 7 days", True)


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

    def value(self, key: str) -> Any:
        """The value of a dotted key."""
        section, _, name = key.partition(".")
        return getattr(getattr(self, section), name)

    def uses(self, service: Service) -> bool:
        """Whether anything that is configured needs a service; PagerDuty always is."""
        if service == "slack":
            return self.slack.announce or bool(self.handoff.slack_channel)
        projects = (self.backlog.board, self.handoff.project, self.issues.improvement_project)
        return service == "pagerduty" or bool(self.incident_sources) or any(projects)


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
