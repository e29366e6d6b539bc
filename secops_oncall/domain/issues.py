"""A GitLab issue, its notes, and the board whose Backlog list the engineer picks from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from secops_oncall.domain.marks import Mark
from secops_oncall.domain.people import INTERNAL
from secops_oncall.domain.refs import moved_to

TITLE = 255  # characters of any title in GitLab


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
    assignee_ids: tuple[int, ...] = field(default=(), metadata=INTERNAL)  # in the order of `assignees`
    milestone: str | None = field(default=None, metadata=INTERNAL)
    description: str = field(default="", metadata=INTERNAL)
    mark: Mark | None = field(default=None, metadata=INTERNAL)
    moved: bool = field(default=False, metadata=INTERNAL)  # to another project: this one is closed, and stays so


@dataclass(frozen=True)
class NewIssue:
    """An issue that is to be made; `description` is Markdown in which nothing from outside can act."""

    project: str
    title: str
    description: str
    labels: tuple[str, ...] = ()
    confidential: bool = False
    assignees: tuple[int, ...] = ()


@dataclass(frozen=True)
class IssueEdit:
    """What one request changes of an issue; whatever is not named stays as it is.

    `assignees` are the ids of all who are to have it, none of them unassigns; `due_date` is ISO-8601, empty for none;
    `description` replaces the whole of it, its marker included.
    """

    assignees: tuple[int, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    due_date: str | None = None
    close: bool = False
    description: str | None = None


@dataclass(frozen=True)
class LabelEvent:
    """A label that somebody put on an issue or took off it; an earlier event has the smaller `id`."""

    id: int
    at: datetime
    user: GitLabUser
    action: Literal["add", "remove"]
    label: str


@dataclass(frozen=True)
class Activity:
    """Something that happened to an issue, and whose doing (a user name) it was; `system` is GitLab's own note."""

    at: datetime
    who: str
    kind: Literal["comment", "system", "label", "state"]
    text: str
    internal: bool = False


@dataclass(frozen=True)
class OwnComment:
    """That I commented on an issue, which `project_id` and `iid` name."""

    project_id: int
    iid: int
    at: datetime


@dataclass(frozen=True)
class IssueNote:
    """A comment on an issue; `system` ones are GitLab's own. Whether its `mark` counts is a matter of its author."""

    id: int
    at: datetime
    author: str
    text: str
    internal: bool
    system: bool
    mark: Mark | None = field(default=None, metadata=INTERNAL)


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
    """What to list: issues with all `labels`, in a group or project; the defaults ask for every open one.

    `without` leaves out those with any of some labels; where not `described` the answers lack their descriptions, so
    that thousands of them are small.
    """

    place: str
    kind: Literal["group", "project"]
    labels: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    state: Literal["opened", "closed", "all"] = "opened"
    assignee: str | None = None  # a user name, or `None` as GitLab has it: unassigned
    search: str | None = None
    updated_after: datetime | None = None
    confidential: bool | None = None
    milestone: str | None = None
    weight: int | None = None
    described: bool = True


@dataclass(frozen=True)
class Board:
    """An issue board: `lists` are the labels of its label lists, in order; `others` the kinds of its other lists.

    GitLab's own Open and Closed lists are never in its answer (gitlab.md, "Boards"). `scope`, `milestone`, `assignee`
    and `weight` are what every issue of the board has.
    """

    id: int
    name: str
    place: str
    kind: Literal["group", "project"]
    lists: tuple[str, ...]
    scope: tuple[str, ...] = ()
    milestone: str | None = None
    assignee: str | None = None
    weight: int | None = None
    others: tuple[str, ...] = ()


def newest_activity_first(issues: Iterable[Issue]) -> list[Issue]:
    """Issues by the age of their last activity, each once: the same issue may be listed by several places."""
    distinct = {issue.id: issue for issue in issues}.values()
    return sorted(distinct, key=lambda issue: issue.updated_at, reverse=True)


def smallest_first(issues: Iterable[Issue]) -> list[Issue]:
    """Backlog items as they are best picked: smallest weight first, unweighted last, then oldest."""
    distinct = {issue.id: issue for issue in issues}.values()
    return sorted(distinct, key=lambda issue: (issue.weight is None, issue.weight or 0, issue.created_at))


def new_home(notes: Sequence[IssueNote], ref: str) -> str | None:
    """Where an issue lives now that was moved, as its latest note of GitLab's own says; None where none does."""
    project = ref.partition("#")[0]
    told = (moved_to(note.text, project) for note in reversed(notes) if note.system)
    return next(filter(None, told), None)
