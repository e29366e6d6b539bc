"""Who belongs where in the sandbox's GitLab: the groups and projects of a token's user, and the members of each."""

from collections.abc import Callable, Iterable

from flask import Blueprint
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_places import PLACE, find
from secops_oncall.sandbox.gitlab_records import GROUP, PROJECT, ROLES, USERS
from secops_oncall.sandbox.gitlab_requests import asked, caller, choice, page, query, whole
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("memberships", __name__)

_OWNER = 50


@blueprint.get("/groups")
def _groups() -> ResponseReturnValue:
    """Every group that the user sees; those they have a role in, where one is asked for (doc/api/groups.md)."""
    least = _least_role(_OWNER if asked("owned") else 0)
    return _listed(GROUP, least, lambda: _sorted(_matching(GROUP), ("name", "path", "id"), "asc"), gitlab_shapes.group)


@blueprint.get("/projects")
def _projects() -> ResponseReturnValue:
    """Every project that the user sees, newest first; those they are a member of, if asked (doc/api/projects.md)."""
    least = _least_role(_OWNER if asked("owned") else min(ROLES.values()) if asked("membership") else 0)
    show = gitlab_shapes.simple_project if asked("simple") else gitlab_shapes.project
    return _listed(PROJECT, least, _chosen_projects, show)


def _chosen_projects() -> list[Document]:
    found = _matching(PROJECT)
    if asked("with_issues_enabled"):
        found = [one for one in found if one.get("issues", True)]
    if wire.arg("archived"):
        found = [one for one in found if one.get("archived", False) == asked("archived")]
    return _sorted(found, ("created_at", "id", "name", "path"), "desc")


@blueprint.get(f"{PLACE}/members/all")
def _members(kind: str, place: str) -> ResponseReturnValue:
    """The members of a place, inherited ones too: everybody here is the group's (doc/api/members.md)."""
    find(kind, place)
    words = wire.arg("query").lower()
    rows = [number for number in sorted(ROLES) if words in f"{USERS[number].name} {USERS[number].login}".lower()]
    return page(rows, gitlab_shapes.member)


def _listed(
    kind: str, least: int, find: Callable[[], Iterable[Document]], show: Callable[[Document], Document]
) -> ResponseReturnValue:
    """The page that was asked for of what is found, for who has at least a role there."""
    if ROLES.get(caller().number, 0) < least:
        return page([], show)
    keys = wire.found_once((kind, *sorted(query())), lambda: (str(one["id"]) for one in find()))
    return page(keys, lambda key: show(wire.state().get(kind, key) or {}))


def _least_role(default: int) -> int:
    return whole("min_access_level", wire.arg("min_access_level", str(default)))


def _matching(kind: str) -> list[Document]:
    words = wire.arg("search").lower()
    return [one for one in wire.state().all(kind) if words in one["name"].lower() or words in one["path"].lower()]


def _sorted(rows: list[Document], keys: tuple[str, ...], default: str) -> list[Document]:
    """In the order that was asked for, else by the first of the keys; what was made later has the greater id."""
    key = choice("order_by", keys, keys[0]).replace("created_at", "id")
    falling = choice("sort", ("asc", "desc"), default) == "desc"
    return sorted(rows, key=lambda one: (one[key], one["id"]), reverse=falling)
