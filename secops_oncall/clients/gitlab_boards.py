"""GitLab's boards by name, and the labels that there are: ids and names that change seldom."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Literal

from secops_oncall.cache import Cache
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import GitLabApi, Json, place_at
from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.domain.text import clean, quoted
from secops_oncall.errors import ConfigError, NotFoundError

_KINDS: tuple[Literal["group", "project"], ...] = ("group", "project")


class Boards:
    """The boards and labels that a token sees, in a cache; `key` tells it from another token's."""

    def __init__(self, api: GitLabApi, cache: Cache, key: str) -> None:
        self._api = api
        self._cache = cache
        self._key = key

    def board(self, place: str, name: str) -> Board:
        """The board of that name, else of one that differs in case only.

        Raises NotFoundError, with the names there are, where none is called so, and ConfigError where several are.
        """
        key = f"{self._key}/board/{place}/{name}"
        found: Board | None = self._cache.get(key, read=_kept_board)
        if found is None:
            found = _called(name, place, boards_of(self._api, place))
            self._cache.put(key, asdict(found))
        return found

    def labels(self, query: IssueQuery) -> list[str]:
        """The names of all labels of a group or project: `labels_of`."""
        return labels_of(self._api, query)

    def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
        """Those of the labels that neither the project nor a group above it has; found ones are known for a day."""
        keys = {label: f"{self._key}/label/{project}/{label}" for label in labels}
        unknown = [label for label in labels if not self._cache.get(keys[label])]
        if not unknown:
            return []
        there = labels_of(self._api, IssueQuery(project, "project"))
        for label in set(unknown).intersection(there):
            self._cache.put(keys[label], True)
        return [label for label in unknown if label not in there]


def boards_of(api: GitLabApi, place: str) -> list[Board]:
    """The boards of the group or project of that path: no two can have the same. NotFoundError where there is none."""
    for kind in _KINDS:
        read = partial(reading.board, place=place, kind=kind)
        try:
            return api.every(place, f"{place_at(kind, place)}/boards", read, {})
        except NotFoundError:
            continue
    raise NotFoundError(f"group or project {quoted(place)}: not found or no access", "check `backlog.board`")


def labels_of(api: GitLabApi, query: IssueQuery) -> list[str]:
    """The names of all labels of a group, its projects and the groups around it, or of a project, each once.

    A group lists its own alone, unless it is asked for the others (doc/api/group_labels.md).
    """
    kind, place = query.kind, query.place
    below = {"include_descendant_groups": "true", "only_group_labels": "false"} if kind == "group" else {}
    asked = {"include_ancestor_groups": "true", **below}
    found = api.every(f"{kind} {place}", f"{place_at(kind, place)}/labels", _label, asked)
    return list(dict.fromkeys(found))


def _label(json: Json) -> str:
    return clean(json["name"])


def _kept_board(kept: Any) -> Board:
    listed = {name: tuple(kept[name]) for name in ("lists", "scope", "others")}
    return Board(**{**kept, **listed})


def _called(name: str, place: str, boards: list[Board]) -> Board:
    exact = [board for board in boards if board.name == name]
    alike = exact or [board for board in boards if board.name.casefold() == name.casefold()]
    there = ", ".join(quoted(board.name) for board in boards) or "none"
    if not alike:
        raise NotFoundError(f"{place} has no board {quoted(name)}", f"set `backlog.board`; there are: {there}")
    if len(alike) > 1:
        what = f"{place} has {len(alike)} boards called {quoted(name)}, and `backlog.board` may mean either"
        raise ConfigError(what, f"rename one of them in GitLab, or set another board; there are: {there}")
    return alike[0]
