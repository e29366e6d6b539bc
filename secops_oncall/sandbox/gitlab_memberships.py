"""Who belongs where in the sandbox's GitLab: the groups and projects of a token's user, and the members of each."""

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_places import PLACE, find
from secops_oncall.sandbox.gitlab_records import GROUP, PROJECT, ROLES, USERS
from secops_oncall.sandbox.gitlab_requests import caller, choice, flag, page, whole
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("memberships", __name__)

_OWNER = 50


@blueprint.get("/groups")
def _groups() -> ResponseReturnValue:
    """Every group that the user sees; those they have a role in, where one is asked for (doc/api/groups.md)."""
    least = _least_role(_OWNER if _asked("owned") else 0)
    found = _matching(GROUP) if _has(least) else []
    key = choice("order_by", ("name", "path", "id"), "name")
    return page(_sorted(found, lambda one: one[key], "asc"), gitlab_shapes.group)


@blueprint.get("/projects")
def _projects() -> ResponseReturnValue:
    """Every project that the user sees, newest first; those they are a member of, if asked (doc/api/projects.md)."""
    least = _least_role(_OWNER if _asked("owned") else min(ROLES.values()) if _asked("membership") else 0)
    found = _matching(PROJECT) if _has(least) else []
    if _asked("with_issues_enabled"):
        found = [one for one in found if one.get("issues", True)]
    if wire.arg("archived"):
        found = [one for one in found if one.get("archived", False) == _asked("archived")]
    key = choice("order_by", ("created_at", "id", "name", "path"), "created_at")
    show = gitlab_shapes.simple_project if _asked("simple") else gitlab_shapes.project
    return page(_sorted(found, lambda one: one["id" if key == "created_at" else key], "desc"), show)


@blueprint.get(f"{PLACE}/members/all")
def _members(kind: str, place: str) -> ResponseReturnValue:
    """The members of a place, inherited ones too: everybody here is the group's (doc/api/members.md)."""
    find(kind, place)
    words = wire.arg("query").lower()
    rows = [number for number in sorted(ROLES) if words in f"{USERS[number].name} {USERS[number].login}".lower()]
    return page(rows, gitlab_shapes.member)


def _asked(name: str) -> bool:
    return flag(name, wire.arg(name, "false"))


def _least_role(default: int) -> int:
    return whole("min_access_level", wire.arg("min_access_level", str(default)))


def _has(least: int) -> bool:
    return ROLES.get(caller().number, 0) >= least


def _matching(kind: str) -> list[Document]:
    words = wire.arg("search").lower()
    return [one for one in wire.state().all(kind) if words in one["name"].lower() or words in one["path"].lower()]


def _sorted(rows: list[Document], key: Callable[[Document], str | int], default: str) -> list[Document]:
    return sorted(rows, key=key, reverse=choice("sort", ("asc", "desc"), default) == "desc")
