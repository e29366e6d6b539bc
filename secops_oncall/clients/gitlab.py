"""GitLab as the workflows know it: issues and what hangs on them, boards, labels, and picking an issue."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Literal

from secops_oncall.cache import Cache, digest
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import GitLabApi, Json
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import Board, GitLabUser, Issue, IssueNote, IssueQuery, LinkedIssue
from secops_oncall.domain.text import quoted
from secops_oncall.domain.times import iso
from secops_oncall.errors import NotFoundError

# The order in which a list that changes while it is read loses the fewest rows.
_OLDEST_FIRST = {"order_by": "created_at", "sort": "asc"}
_KINDS: tuple[Literal["group", "project"], ...] = ("group", "project")


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
        self._cache = cache
        self._key = f"gitlab/{url}/{digest(token)}"
        self._read: Callable[[Json], Issue] = partial(reading.issue, base=self._api.address)
        self._known: GitLabUser | None = None

    def me(self) -> GitLabUser:
        """Who the token belongs to (GET /user), from the cache for a day; a bot is answered as one."""
        key = f"{self._key}/me"
        known: GitLabUser | None = self._known or self._cache.get(key, read=lambda kept: GitLabUser(**kept))
        if known is None:
            known = self._api.get("your user", lambda gl: gl.http_get("/user", obey_rate_limit=False), reading.user)
            self._cache.put(key, asdict(known))
        self._known = known
        return known

    def issues(self, query: IssueQuery) -> list[Issue]:
        """Every issue that a query names; all of its labels must be there (doc/api/issues.md).

        The state is always sent: without it closed issues come too (gitlab.md, "Listing issues").
        """
        asked = {"state": query.state, "scope": "all", **_OLDEST_FIRST}
        optional = {
            "labels": ",".join(query.labels),
            "search": query.search,
            "updated_after": query.updated_after and iso(query.updated_after),
            "confidential": None if query.confidential is None else str(query.confidential).lower(),
            "assignee_id" if query.assignee == "None" else "assignee_username[]": query.assignee,
        }
        asked |= {key: value for key, value in optional.items() if value}
        what = f"{query.kind} {query.place}"
        return self._api.every(what, lambda gl: _place(gl, query.kind, query.place).issues, self._read, asked)

    def issue(self, ref: str) -> Issue:
        """One issue by `group/project#12`; NotFoundError says "not found or no access", which are one to GitLab."""
        project, _, iid = ref.rpartition("#")
        try:
            return self._api.get(
                ref, lambda gl: _place(gl, "project", project).issues.get(iid, obey_rate_limit=False), self._read
            )
        except NotFoundError as error:
            raise NotFoundError(error.message, "oncall issues lists what your token sees") from None

    def notes(self, ref: str) -> list[IssueNote]:
        """The notes of the issue `group/project#12`, oldest first."""
        found = self._api.every(ref, lambda gl: _issue(gl, ref).notes, reading.note, _OLDEST_FIRST)
        return sorted(found, key=lambda note: (note.at, note.id))

    def links(self, ref: str) -> list[LinkedIssue]:
        """The issues that are linked to the issue `group/project#12` (doc/api/issue_links.md)."""
        read = partial(reading.linked, base=self._api.address)
        return self._api.every(ref, lambda gl: _issue(gl, ref).links, read, {})

    def board(self, place: str, name: str) -> Board:
        """The board of that name, else of one that differs in case only, from the cache for a day.

        Raises NotFoundError, with the names there are, where none is called so.
        """
        key = f"{self._key}/board/{place}/{name}"
        found: Board | None = self._cache.get(key, read=_kept_board)
        if found is None:
            found = _called(name, place, self._boards(place))
            self._cache.put(key, asdict(found))
        return found

    def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
        """Those of the labels that neither the project nor a group above it has; found ones are known for a day."""
        keys = {label: f"{self._key}/label/{project}/{label}" for label in labels}
        unknown = [label for label in labels if not self._cache.get(keys[label])]
        if not unknown:
            return []
        query = {"include_ancestor_groups": "true"}
        every = self._api.every(project, lambda gl: _place(gl, "project", project).labels, _label, query)
        for label in set(unknown).intersection(every):
            self._cache.put(keys[label], True)
        return [label for label in unknown if label not in every]

    def pick(self, issue: Issue, assignee: GitLabUser, *, add: Sequence[str], remove: Sequence[str]) -> Issue:
        """ONE request: assign, add labels, remove labels; answers the issue as GitLab has it then.

        Not `labels`, which would replace the whole set (doc/api/issues.md, "Edit an issue").
        """
        change = {"assignee_ids": [assignee.id], "add_labels": ",".join(add), "remove_labels": ",".join(remove)}
        body = {key: value for key, value in change.items() if value}
        place = issue.project_id or issue.project
        return self._api.get(
            issue.ref,
            lambda gl: _place(gl, "project", place).issues.update(issue.iid, body, obey_rate_limit=False),
            self._read,
        )

    def marked(self, ref: str, markers: Sequence[str]) -> dict[str, IssueNote]:
        """The notes of my own by the marker in their raw body: anybody can write what looks like one of ours."""
        me = self.me().id
        found = self._api.every(ref, lambda gl: _issue(gl, ref).notes, reading.signed_note, _OLDEST_FIRST)
        mine = [(body, note) for author, body, note in found if author == me]
        return {marker: note for body, note in mine for marker in markers if marker in body}

    def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
        """Write a note; the answer tells whether it is internal, which GitLab need not honour (gitlab.md, "Notes")."""
        body = {"body": "\n".join([text, "", *markers]), "internal": internal}
        return self._api.get(ref, lambda gl: _issue(gl, ref).notes.create(body, obey_rate_limit=False), reading.note)

    def _boards(self, place: str) -> list[Board]:
        """The boards of the group or project of that path: no two can have the same."""
        for kind in _KINDS:
            read = partial(reading.board, place=place, kind=kind)
            try:
                return self._api.every(place, partial(_boards, kind=kind, place=place), read, {})
            except NotFoundError:
                continue
        raise NotFoundError(f"group or project {quoted(place)}: not found or no access", "check `backlog.board`")


def _place(gl: Any, kind: Literal["group", "project"], place: str | int) -> Any:
    """A group or project by path or id, without asking for it."""
    return (gl.groups if kind == "group" else gl.projects).get(place, lazy=True)


def _boards(gl: Any, kind: Literal["group", "project"], place: str) -> Any:
    return _place(gl, kind, place).boards


def _issue(gl: Any, ref: str) -> Any:
    project, _, iid = ref.rpartition("#")
    return _place(gl, "project", project).issues.get(iid, lazy=True)


def _label(json: Json) -> str:
    return str(json["name"])


def _kept_board(kept: Any) -> Board:
    return Board(**{**kept, "lists": tuple(kept["lists"]), "scope": tuple(kept["scope"])})


def _called(name: str, place: str, boards: list[Board]) -> Board:
    exact = [board for board in boards if board.name == name]
    alike = exact or [board for board in boards if board.name.casefold() == name.casefold()]
    if not alike:
        there = ", ".join(quoted(board.name) for board in boards) or "none"
        raise NotFoundError(f"{place} has no board {quoted(name)}", f"set `backlog.board`; there are: {there}")
    return alike[0]
