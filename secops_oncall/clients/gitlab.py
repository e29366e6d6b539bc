"""GitLab as the workflows know it: issues and what hangs on them, boards, labels, and picking an issue."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from secops_oncall import threads
from secops_oncall.cache import DAY, Cache, digest
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import GitLabApi, Json
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
from secops_oncall.domain.text import clean, quoted
from secops_oncall.domain.times import iso
from secops_oncall.errors import AuthError, NotFoundError, OncallError

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
        asked: dict[str, object] = {"state": query.state, "scope": "all", **_OLDEST_FIRST}
        optional: dict[str, object] = {
            "labels": ",".join(query.labels),
            "search": query.search,
            "updated_after": query.updated_after and iso(query.updated_after),
            "confidential": None if query.confidential is None else str(query.confidential).lower(),
            "not[labels]": ",".join(query.without),
            "milestone": query.milestone,
            "weight": query.weight,
            "assignee_id" if query.assignee == "None" else "assignee_username[]": query.assignee,
        }
        asked |= {key: value for key, value in optional.items() if value}
        what, read = f"{query.kind} {query.place}", self._read if query.described else _undescribed(self._read)
        return self._api.every(what, lambda gl: _place(gl, query.kind, query.place).issues, read, asked)

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

    def labels(self, place: IssueQuery) -> list[str]:
        """The names of all labels of a group, its projects and the groups above it, or of a project."""
        below = {"include_descendant_groups": "true", "only_group_labels": "false"} if place.kind == "group" else {}
        asked = {"include_ancestor_groups": "true", **below}
        what = f"{place.kind} {place.place}"
        return self._api.every(what, lambda gl: _place(gl, place.kind, place.place).labels, _label, asked)

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

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        """ONE request; answers the issue as GitLab has it then.

        Not `labels`, which would replace the whole set (doc/api/issues.md, "Edit an issue").
        """
        place, body = issue.project_id or issue.project, changes(edit)
        return self._api.get(
            issue.ref,
            lambda gl: _place(gl, "project", place).issues.update(issue.iid, body, obey_rate_limit=False),
            self._read,
        )

    def create(self, new: NewIssue, marker: str) -> Issue:
        """Make an issue, its marker at the end of its description (POST /projects/{id}/issues); it is sent once."""
        body = {
            "title": new.title,
            "description": f"{new.description}\n\n{marker}\n",
            "labels": ",".join(new.labels),
            "confidential": new.confidential,
        }
        return self._api.get(
            new.project,
            lambda gl: _place(gl, "project", new.project).issues.create(body, obey_rate_limit=False),
            self._read,
        )

    def created(self, project: str, marker: str) -> Issue | None:
        """My own issue whose raw description carries the marker: anybody can write what looks like one of ours."""
        key = marker.split()[-2]
        asked = {"state": "all", "scope": "created_by_me", "search": key, "in": "description", **_OLDEST_FIRST}
        found = self._api.every(project, lambda gl: _place(gl, "project", project).issues, _raw(self._read), asked)
        me = self.me().username
        return next((issue for body, issue in found if marker in body and issue.author == me), None)

    def label_events(self, ref: str) -> list[LabelEvent]:
        """Label events, oldest first (doc/api/resource_label_events.md); those of labels that are gone are left out."""
        found = self._api.every(ref, lambda gl: _issue(gl, ref).resourcelabelevents, reading.label_event, {})
        return sorted((event for event in found if event), key=lambda event: event.id)

    def activity(self, ref: str) -> list[Activity]:
        """Notes, label events and state events side by side, oldest first."""
        labels = threads.start(
            lambda: self._api.every(ref, lambda gl: _issue(gl, ref).resourcelabelevents, reading.labelled, {})
        )
        states = threads.start(
            lambda: self._api.every(ref, lambda gl: _issue(gl, ref).resourcestateevents, reading.state_change, {})
        )
        notes = self._api.every(ref, lambda gl: _issue(gl, ref).notes, reading.said, _OLDEST_FIRST)
        return sorted([*notes, *labels.result(), *states.result()], key=lambda one: one.at)

    def my_comments(self, since: datetime) -> list[OwnComment]:
        """My comments since the day before a moment (doc/api/events.md: `after` is a day, the scope `read_user`)."""
        asked = {"action": "commented", "target_type": "note", "after": f"{since - DAY:%Y-%m-%d}"}
        try:
            found = self._api.every("your own events", lambda gl: gl.events, reading.own_comment, asked)
        except AuthError:
            return []
        return [comment for comment in found if comment and comment.at >= since]

    def scopes(self) -> frozenset[str] | None:
        """The token's scopes (GET /personal_access_tokens/self); None for a token that can't look at itself."""
        key = f"{self._key}/scopes"
        kept: list[str] | None = self._cache.get(key, read=list)
        if kept is None:
            try:
                kept = self._api.get(
                    "your token",
                    lambda gl: gl.http_get("/personal_access_tokens/self", obey_rate_limit=False),
                    reading.scopes,
                )
            except OncallError:
                return None
            self._cache.put(key, kept)
        return frozenset(kept)

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
    return clean(json["name"])


def changes(edit: IssueEdit) -> Json:
    """An edit as GitLab's body has it; nobody at all is `[0]` there (gitlab.md, "Writing issues")."""
    body: Json = {"add_labels": ",".join(edit.add), "remove_labels": ",".join(edit.remove)}
    if edit.assignees is not None:
        body["assignee_ids"] = list(edit.assignees) or [0]
    if edit.close:
        body["state_event"] = "close"
    named = {key: value for key, value in body.items() if value}
    return named if edit.due_date is None else {**named, "due_date": edit.due_date}


def _undescribed(read: Callable[[Json], Issue]) -> Callable[[Json], Issue]:
    return lambda json: replace(read(json), description="")


def _raw(read: Callable[[Json], Issue]) -> Callable[[Json], tuple[str, Issue]]:
    """An issue with its description as it was sent, which is looked through for a marker and never shown."""
    return lambda json: (str(json.get("description") or ""), read(json))


def _kept_board(kept: Any) -> Board:
    listed = {name: tuple(kept[name]) for name in ("lists", "scope", "others")}
    return Board(**{**kept, **listed})


def _called(name: str, place: str, boards: list[Board]) -> Board:
    exact = [board for board in boards if board.name == name]
    alike = exact or [board for board in boards if board.name.casefold() == name.casefold()]
    if not alike:
        there = ", ".join(quoted(board.name) for board in boards) or "none"
        raise NotFoundError(f"{place} has no board {quoted(name)}", f"set `backlog.board`; there are: {there}")
    return alike[0]
