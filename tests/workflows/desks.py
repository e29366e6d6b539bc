"""A board, its issues, and desks to work at: what the tests of the Backlog begin with."""

from datetime import timedelta
from typing import Any

from secops_oncall.domain.issues import Board, Issue, IssueEdit
from secops_oncall.domain.people import OnCall, Role, RoleName
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows.backlog import BoardName, Desk
from secops_oncall.workflows.outcomes import Acted
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, an_issue

DOING = "In Progress"
NAME = BoardName("acme", "On-call", "Backlog", DOING)
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", DOING, "Blocked", "Review"))
REF, OTHER = "acme/engineering#1", "acme/engineering#2"
SILENT = RemoteError("GitLab: no answer within 10 s (time-out)", "try again")
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Responder", 2),
}


class Unanswered(FakeGitLab):
    """A GitLab whose answer to a change is lost; `arrives` says whether the request wasn't."""

    arrives = True
    error: OncallError = SILENT

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        if self.arrives:
            super().edit(issue, edit)
        raise self.error


def waiting(ref: str = REF, *more_labels: str, **more: Any) -> Issue:
    return an_issue(ref, **{"labels": ("Backlog", *more_labels), **more})


def held(ref: str = REF, *more_labels: str, **more: Any) -> Issue:
    return an_issue(ref, **{"labels": (DOING, *more_labels), "assignees": ("ana",), **more})


def lab(*issues: Issue, **more: Any) -> FakeGitLab:
    return FakeGitLab(issues, **{"boards": [BOARD], **more})


def on_call(hours: float, **more: Any) -> FakePagerDuty:
    """A PagerDuty that has me on call for so many more hours."""
    start, end = NOW - timedelta(hours=5), NOW + timedelta(hours=hours)
    return FakePagerDuty(turns=[OnCall(ME.person, start, end, "Responder", 1)], **more)


def desk(
    gitlab: GitLab,
    pagerduty: PagerDuty | None = None,
    journal: FakeJournal | None = None,
    name: BoardName = NAME,
) -> Desk:
    return Desk(gitlab, pagerduty, journal or FakeJournal(), name, ROLES)


def result(acted: Acted) -> tuple[str, str]:
    """What became of the one thing that it was about."""
    (outcome,) = acted.outcomes
    return outcome.result.value, outcome.code
