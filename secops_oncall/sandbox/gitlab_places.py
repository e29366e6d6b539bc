"""Groups and projects of the sandbox's GitLab, their labels and their boards."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_board_shapes, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_records import BOARD, GROUP, ISSUE, LABEL, MILESTONE, PROJECT, REDIRECT, labels_of
from secops_oncall.sandbox.gitlab_requests import Moved, asked, not_found, page
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("places", __name__)
_KINDS = {"groups": (GROUP, "Group"), "projects": (PROJECT, "Project")}
PLACE = "/<any(groups, projects):kind>/<path:place>"


def find(kind: str, place: str) -> Document:
    """A group or project (`groups`, `projects`) by id or full path, whatever its case; 404 where there is none.

    A project that moved is redirected to where it is now (GitLab's doc/api/rest, "Redirects").
    """
    documents, word = _KINDS[kind]
    state = wire.state()
    if place.isdecimal():
        found = state.get(documents, int(place))
    else:
        found = next((one for one in state.all(documents) if one["path"].lower() == place.lower()), None)
    if found is None:
        redirect = state.get(REDIRECT, place.lower()) if kind == "projects" else None
        moved = state.get(documents, redirect["project"]) if redirect else None
        raise Moved(place, moved["path"]) if moved else not_found(word)
    return found


def projects_in(kind: str, place: str) -> list[Document]:
    """The projects of a group, or the one that is named."""
    found = find(kind, place)
    return wire.state().all(PROJECT, found["id"]) if kind == "groups" else [found]


@blueprint.get(PLACE)
def _one(kind: str, place: str) -> Response:
    show = gitlab_shapes.group if kind == "groups" else gitlab_shapes.project
    return jsonify(show(find(kind, place)))


@blueprint.get(f"{PLACE}/labels")
def _labels(kind: str, place: str) -> ResponseReturnValue:
    """A project's labels and, unless told otherwise, those of the groups above it (gitlab.md, "Writing issues").

    A group's own alone, unless those of its projects are asked for; no group of the sandbox has groups below it.
    """
    found = find(kind, place)
    labels = _visible_labels(kind, found)
    words = wire.arg("search").lower()
    rows = [label for label in labels if words in label["name"].lower()]
    counted = asked("with_counts")
    issues = (
        [one for each in projects_in(kind, place) for one in wire.state().all(ISSUE, each["id"])] if counted else []
    )
    return page(rows, lambda label: gitlab_shapes.place_label(label, _counts(label, issues) if counted else {}))


def _visible_labels(kind: str, found: Document) -> list[Document]:
    places = [_key(kind, found)]
    if kind == "projects" and asked("include_ancestor_groups", "true"):
        places.append(f"group/{found['group']}")
    if kind == "groups" and not asked("only_group_labels", "true"):
        places += [f"project/{project['id']}" for project in projects_in(kind, str(found["id"]))]
    labels = (label for place in places for label in wire.state().all(LABEL, place))
    return sorted(labels, key=lambda label: (str(label["name"]).lower(), int(label["id"])))


def _counts(label: Document, issues: list[Document]) -> dict[str, int]:
    states = [issue["state"] for issue in issues if label["name"] in issue["labels"]]
    return {
        "open_issues_count": states.count("opened"),
        "closed_issues_count": states.count("closed"),
        "open_merge_requests_count": 0,
    }


def _key(kind: str, found: Document) -> str:
    return f"{kind.removesuffix('s')}/{found['id']}"


def _boards(kind: str, found: Document) -> list[Document]:
    return wire.state().in_order(BOARD, _key(kind, found))


def _board(kind: str, found: Document, number: int) -> Document:
    board = next((one for one in _boards(kind, found) if one["id"] == number), None)
    if board is None:
        raise not_found("Board")
    return board


def _list_labels(kind: str, found: Document) -> dict[str, Document]:
    if kind == "projects":
        return labels_of(wire.state(), found)
    return {label["name"]: label for label in wire.state().all(LABEL, _key(kind, found))}


@blueprint.get(f"{PLACE}/boards")
def _list_boards(kind: str, place: str) -> ResponseReturnValue:
    found = find(kind, place)
    labels = _list_labels(kind, found)
    return page(_boards(kind, found), lambda board: gitlab_board_shapes.board(board, found, labels))


@blueprint.get(f"{PLACE}/boards/<int:number>")
def _one_board(kind: str, place: str, number: int) -> Response:
    found = find(kind, place)
    return jsonify(gitlab_board_shapes.board(_board(kind, found, number), found, _list_labels(kind, found)))


@blueprint.get(f"{PLACE}/boards/<int:number>/lists")
def _lists(kind: str, place: str, number: int) -> ResponseReturnValue:
    """The label lists of a board: never Open and Closed, which the API doesn't show (gitlab.md, "Boards")."""
    found = find(kind, place)
    labels = _list_labels(kind, found)
    rows = _board(kind, found, number)["lists"]
    return page(rows, lambda one: gitlab_board_shapes.board_list(one, labels, kind == "groups"))


@blueprint.get(f"{PLACE}/milestones")
def _milestones(kind: str, place: str) -> ResponseReturnValue:
    return page(wire.state().all(MILESTONE, _key(kind, find(kind, place))), gitlab_shapes.milestone)
