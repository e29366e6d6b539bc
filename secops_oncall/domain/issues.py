"""A GitLab issue, its notes, and the board whose Backlog list the engineer picks from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from secops_oncall.domain.people import INTERNAL


@dataclass(frozen=True)
class GitLabUser:
    """Who a GitLab token belongs to; a `bot` would be assigned in the engineer's place."""

    id: int
    username: str
    name: str
    bot: bool = False


@dataclass(frozen=True)
class Issue:
    """One issue. `ref` is `group/project#12`; `time_estimate` in seconds; `page` the id that its description names."""

    ref: str
    iid: int
    project: str
    title: str
    url: str
    state: Literal["opened", "closed"]
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    author: str
    created_at: datetime
    updated_at: datetime
    confidential: bool
    due_date: str | None = None
    weight: int | None = None
    time_estimate: int | None = None
    change: Literal["new", "changed", "unchanged"] | None = None
    reviewed_at: datetime | None = None
    page: str | None = None
    id: int = 0
    project_id: int = field(default=0, metadata=INTERNAL)
    description: str = field(default="", metadata=INTERNAL)


@dataclass(frozen=True)
class IssueNote:
    """A comment on an issue; `system` ones are GitLab's own record of a change."""

    id: int
    at: datetime
    author: str
    text: str
    internal: bool
    system: bool


@dataclass(frozen=True)
class LinkedIssue:
    """An issue related to another one."""

    ref: str
    title: str
    url: str
    state: str
    confidential: bool
    assignees: tuple[str, ...]


@dataclass(frozen=True)
class IssueQuery:
    """What to list: issues with all `labels`, in a group or project; the defaults ask for every open one."""

    place: str
    kind: Literal["group", "project"]
    labels: tuple[str, ...] = ()
    state: Literal["opened", "closed", "all"] = "opened"
    assignee: str | None = None  # a user name, or `None` as GitLab has it: unassigned
    search: str | None = None
    updated_after: datetime | None = None
    confidential: bool | None = None


@dataclass(frozen=True)
class Board:
    """An issue board: `lists` are the labels of its label lists, in order.

    GitLab's own Open and Closed lists are never in its answer (gitlab.md, "Boards").
    """

    id: int
    name: str
    place: str
    kind: Literal["group", "project"]
    lists: tuple[str, ...]
    scope: tuple[str, ...] = ()  # labels that every issue of the board has


def newest_activity_first(issues: Iterable[Issue]) -> list[Issue]:
    """Issues by the age of their last activity, each once: the same issue may be listed by several places."""
    distinct = {issue.id: issue for issue in issues}.values()
    return sorted(distinct, key=lambda issue: issue.updated_at, reverse=True)


def smallest_first(issues: Iterable[Issue]) -> list[Issue]:
    """Backlog items as they are best picked: smallest weight first, unweighted last, then oldest."""
    distinct = {issue.id: issue for issue in issues}.values()
    return sorted(distinct, key=lambda issue: (issue.weight is None, issue.weight or 0, issue.created_at))
