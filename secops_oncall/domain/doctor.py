"""What the doctor says: a finding for each check of a service or of this machine, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from secops_oncall.domain import text
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.people import Role, RoleName
from secops_oncall.domain.setup import Service

CONFIG, AUTH, NOT_FOUND, REMOTE = 3, 4, 5, 6  # exit codes (interface.md), in the order in which they are best mended
MOST = 4  # as many names stand in one line
AGAIN = "mend that, then oncall doctor again"


@dataclass(frozen=True)
class Checks:
    """The findings about a service, or (None) about this machine and its configuration."""

    service: Service | None = None

    def fine(self, check: str, found: str) -> Finding:
        return Finding(check, self.service, "ok", found)

    def warning(self, check: str, found: str, fix: str) -> Finding:
        return Finding(check, self.service, "warning", found, fix)

    def error(self, check: str, found: str, fix: str, exit_code: int) -> Finding:
        return Finding(check, self.service, "error", found, fix, exit_code)

    def unchecked(self, checks: Sequence[str]) -> Finding:
        """What could not be looked at, in one line: what it waits for is said above it."""
        return self.warning("the rest", f"not checked: {', '.join(checks)}", AGAIN)


@dataclass(frozen=True)
class Mapped:
    """One person of the `people` table: by e-mail in PagerDuty, with the names in the other services."""

    email: str
    gitlab: str | None = None
    slack: str | None = None


@dataclass(frozen=True)
class Settings:
    """What the settings say that the services can confirm; `places` is where labelled issues are looked for.

    `incidents` is where page-created issues lie. `ack_channel` is None where acks are not announced. `uses` are the
    services that anything configured needs.
    """

    roles: dict[Role, RoleName]
    ack_minutes: int = 15
    email: str | None = None
    places: tuple[IssueQuery, ...] = ()
    incidents: tuple[IssueQuery, ...] = ()
    label: str = "oncall"
    incident_labels: tuple[str, ...] = ()
    improvement_project: str | None = None
    improvement_label: str = "oncall-improvement"
    board: str | None = None
    backlog: str = "Backlog"
    doing: str = "In Progress"
    handoff_project: str | None = None
    handoff_channel: str | None = None
    confides: bool = False
    ack_channel: str | None = None
    people: tuple[Mapped, ...] = ()
    uses: frozenset[Service] = frozenset()


def worst(findings: Iterable[Finding]) -> int:
    """The exit code that findings come to: that of the error to mend first, 0 where there is none."""
    return min((one.exit_code for one in findings if one.exit_code), default=0)


def some(names: Sequence[str], most: int = MOST) -> str:
    """Names as one text, as many as a finding has room for."""
    return text.some(names, most)
