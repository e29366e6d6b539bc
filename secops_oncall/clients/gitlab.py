"""GitLab as the workflows know it: issues and what hangs on them, boards, labels, and what is written to them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from secops_oncall.cache import Cache, digest
from secops_oncall.clients import gitlab_activity, gitlab_writing
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import OLDEST_FIRST, GitLabApi, Json, issue_at, place_at
from secops_oncall.clients.gitlab_boards import Boards
from secops_oncall.clients.gitlab_identity import Identity
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import (
    Activity,
    Board,
    GitLabUser,
    Issue,
    IssueEdit,
    IssueNote,
    IssueQuery,
    LabelEvent,
    LinkedIssue,
    NewIssue,
    OwnComment,
)
from secops_oncall.domain.times import iso
from secops_oncall.errors import NotFoundError


class GitLabClient:
    """`ports.GitLab` over REST v4 (GitLab's doc/api; facts in the design's gitlab.md).

    `url` is the instance, with its path if it has one; `token_from` where the token was found. Raises ConfigError
    for an address that must not get a token.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        network: Network,
        cache: Cache,
        token_from: str = "ONCALL_GITLAB_TOKEN",  # noqa: S107 - a variable's name
    ) -> None:
        self._api = GitLabApi(url, token, network, token_from=token_from)
        key = f"gitlab/{url}/{digest(token)}"
        self._identity = Identity(self._api, cache, key)
        self._boards = Boards(self._api, cache, key)
        self._read: Callable[[Json], Issue] = partial(reading.issue, base=self._api.address)

    def me(self) -> GitLabUser:
        """Who the token belongs to, from the cache for a day."""
        return self._identity.me()

    def scopes(self) -> frozenset[str] | None:
        """What the token may do, from the cache for a day; None where GitLab doesn't tell."""
        return self._identity.scopes()

    def issues(self, query: IssueQuery) -> list[Issue]:
        """Every issue that a query names; all of its labels must be there (doc/api/issues.md)."""
        what, read = f"{query.kind} {query.place}", self._read if query.described else _undescribed(self._read)
        path = f"{place_at(query.kind, query.place)}/issues"
        return self._api.every(what, path, read, _asked(query), "issues")

    def issue(self, ref: str) -> Issue:
        """One issue by `group/project#12`; NotFoundError says "not found or no access", which are one to GitLab."""
        try:
            return self._api.get(ref, lambda gl: gl.http_get(issue_at(ref), obey_rate_limit=False), self._read)
        except NotFoundError as error:
            raise NotFoundError(error.message, "oncall issues lists what your token sees") from None

    def notes(self, ref: str) -> list[IssueNote]:
        """The notes of the issue `group/project#12`, oldest first."""
        return gitlab_activity.notes(self._api, ref)

    def links(self, ref: str) -> list[LinkedIssue]:
        """The issues that are linked to the issue `group/project#12` (doc/api/issue_links.md)."""
        read = partial(reading.linked, base=self._api.address)
        return self._api.every(ref, f"{issue_at(ref)}/links", read, {})

    def merge_requests(self, ref: str) -> list[LinkedIssue]:
        """The merge requests that are related to the issue `group/project#12`, each as `group/project!3`."""
        return gitlab_activity.merge_requests(self._api, ref)

    def board(self, place: str, name: str) -> Board:
        """The board of that name on a group or project, from the cache for a day."""
        return self._boards.board(place, name)

    def labels(self, place: IssueQuery) -> list[str]:
        """The names of all labels that issues of a group or project can have."""
        return self._boards.labels(place)

    def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
        """Those of the labels that neither the project nor a group above it has: a PUT would create them."""
        return self._boards.missing_labels(project, labels)

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        """ONE request that changes an issue; answers the issue as GitLab has it then."""
        return gitlab_writing.edit(self._api, issue, edit)

    def create(self, new: NewIssue, marker: str) -> Issue:
        """Make an issue whose description carries a marker. It is sent once."""
        return gitlab_writing.create(self._api, new, marker)

    def created(self, project: str, marker: str) -> Issue | None:
        """The issue of my own in a project whose description carries a marker."""
        return gitlab_writing.created(self._api, self.me(), project, marker)

    def label_events(self, ref: str) -> list[LabelEvent]:
        """Every label that was put on an issue or taken off it, oldest first."""
        return gitlab_activity.label_events(self._api, ref)

    def activity(self, ref: str) -> list[Activity]:
        """Everything that happened to an issue, oldest first; one wave."""
        return gitlab_activity.activity(self._api, ref)

    def my_comments(self, since: datetime) -> list[OwnComment]:
        """My comments on issues since a moment; AuthError for a token that may not list them."""
        return gitlab_activity.my_comments(self._api, since)

    def update_note(self, ref: str, id: int, text: str, mark: str) -> IssueNote:
        """Give a note of my own another text; it keeps its mark."""
        return gitlab_writing.update_note(self._api, ref, id, text, mark)

    def user(self, username: str) -> GitLabUser | None:
        """The user of that name, from the cache for a day; None for a stranger."""
        return self._identity.user(username)

    def marked(self, ref: str, markers: Sequence[str]) -> dict[str, IssueNote]:
        """The notes of my own on an issue by the marker that each carries."""
        return gitlab_writing.marked(self._api, self.me(), ref, markers)

    def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
        """Write a note that carries markers; answers it as GitLab has it then. It is sent once."""
        return gitlab_writing.add_note(self._api, ref, text, markers, internal=internal)


def _asked(query: IssueQuery) -> dict[str, str]:
    """A query as GitLab's parameters (doc/api/issues.md).

    The state is always sent: without it closed issues come too (gitlab.md, "Listing issues").
    """
    optional: dict[str, str | None] = {
        "labels": ",".join(query.labels) or None,
        "not[labels]": ",".join(query.without) or None,
        "search": query.search or None,
        "updated_after": iso(query.updated_after) if query.updated_after else None,
        "confidential": None if query.confidential is None else str(query.confidential).lower(),
        "milestone_id" if query.milestone in reading.NO_ONE_MILESTONE else "milestone": query.milestone,
        "weight": "None" if query.weight == reading.NO_WEIGHT else _text(query.weight),
        "assignee_id" if query.assignee == "None" else "assignee_username[]": query.assignee,
    }
    sent = {name: value for name, value in optional.items() if value is not None}
    return {"state": query.state, "scope": "all", **OLDEST_FIRST, **sent}


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _undescribed(read: Callable[[Json], Issue]) -> Callable[[Json], Issue]:
    return lambda json: replace(read(json), description="")
