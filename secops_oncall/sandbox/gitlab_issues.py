"""Issues of the sandbox's GitLab: found, listed, created and changed."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_changes, gitlab_filters, gitlab_mentions, gitlab_places, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_mentions import Said
from secops_oncall.sandbox.gitlab_quick_actions import Deed, interpret
from secops_oncall.sandbox.gitlab_records import ISSUE, PROJECT, key, labels_of, new_issue
from secops_oncall.sandbox.gitlab_requests import (
    Caller,
    Refused,
    asked,
    body,
    caller,
    invalid,
    not_found,
    now,
    page,
    query,
)
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("issues", __name__)
_ISSUES = "/projects/<path:place>/issues"
_MEMBERS_ONLY = ("labels", "assignee_ids", "assignee_id", "due_date", "weight", "discussion_locked")


def find(place: str, iid: int) -> tuple[Document, Document]:
    """A project and its issue; 404 where there is none, or where the caller may not see it."""
    project = gitlab_places.find("projects", place)
    issue = wire.state().get(ISSUE, key(project["id"], iid))
    if issue is None or not visible(issue, caller()):
        raise not_found()
    return project, issue


def visible(issue: Document, who: Caller) -> bool:
    """Whether somebody sees an issue: of confidential ones others than members see those that are theirs."""
    return not issue["confidential"] or who.member or who.has(issue)


@blueprint.get("/issues")
def _mine() -> ResponseReturnValue:
    """Of every project, but only what the caller created, unless a scope is named (gitlab.md, "Listing issues")."""
    return _list(wire.state().all(PROJECT), "created_by_me", "")


@blueprint.get(f"{gitlab_places.PLACE}/issues")
def _of_place(kind: str, place: str) -> ResponseReturnValue:
    return _list(gitlab_places.projects_in(kind, place), "all", kind.removesuffix("s"))


def _list(projects: list[Document], scope: str, seen_from: str) -> Response:
    by_id = {project["id"]: project for project in projects}
    detailed = asked("with_labels_details")
    labels = {project["id"]: labels_of(wire.state(), project) for project in projects} if detailed else {}

    def show(key: str) -> Document | None:
        issue = wire.state().get(ISSUE, key)
        if issue is None:
            return None
        shown = gitlab_shapes.issue(issue, by_id[issue["project"]], seen_from)
        if detailed:
            shown["labels"] = [gitlab_shapes.label(labels[issue["project"]][name]) for name in shown["labels"]]
        return shown

    return page(_listed(projects, scope), show)


def _listed(projects: list[Document], scope: str) -> list[str]:
    every = ("issues", caller(), scope, *(project["id"] for project in projects), *sorted(query()))
    return wire.found_once(every, lambda: (key(each["project"], each["iid"]) for each in _matching(projects, scope)))


def _matching(projects: list[Document], scope: str) -> list[Document]:
    tests, who = gitlab_filters.asked(scope), caller()
    found = (issue for project in projects for issue in wire.state().all(ISSUE, project["id"]))
    return gitlab_filters.ordered(
        issue for issue in found if all(test(issue) for test in tests) and visible(issue, who)
    )


@blueprint.get(f"{_ISSUES}/<int:iid>")
def _one(place: str, iid: int) -> Response:
    project, issue = find(place, iid)
    return _single(project, issue)


@blueprint.post(_ISSUES)
def _create(place: str) -> ResponseReturnValue:
    project = gitlab_places.find("projects", place)
    sent = body()
    if "title" not in sent:
        raise Refused(400, {"message": '400 (Bad request) "title" not given'})
    if not caller().member:
        sent = {name: value for name, value in sent.items() if name not in _MEMBERS_ONLY}
    at = now()
    wanted = gitlab_changes.read(sent)
    blank = new_issue(wire.state(), project["id"], caller().number, at)
    wanted = _acted(project, blank, wanted, is_new=True)
    issue = gitlab_changes.create(wire.state(), project, blank, wanted, at)
    gitlab_mentions.record(wire.state(), Said(issue, caller().number, at, issue["description"] or ""))
    return _single(project, issue), 201


@blueprint.put(f"{_ISSUES}/<int:iid>")
def _update(place: str, iid: int) -> Response:
    """What the body names, in one go; there is no version to compare (gitlab.md, "Writing issues")."""
    project, issue = find(place, iid)
    if not caller().member:
        raise Refused(403, {"message": "403 Forbidden"})
    sent = body()
    if not gitlab_changes.CHANGEABLE & sent.keys():
        names = ", ".join(sorted(gitlab_changes.CHANGEABLE))
        raise invalid(f"{names} are missing, at least one parameter must be provided")
    wanted = _acted(project, issue, gitlab_changes.read(sent), is_new=False)
    before = issue["description"]
    issue = gitlab_changes.update(wire.state(), project, issue, wanted, caller().number, now())
    gitlab_mentions.record(wire.state(), Said(issue, caller().number, now(), issue["description"] or ""), before)
    return _single(project, issue)


def _acted(project: Document, issue: Document, wanted: Document, *, is_new: bool) -> Document:
    """What a write wants, and what the quick actions in its description do, which are taken out of it."""
    if wanted.get("description") is None:
        return wanted
    deed = Deed(wire.state(), project, issue, caller(), now(), is_new=is_new)
    text = interpret(deed, wanted["description"])
    return wanted | deed.wanted | {"description": text}


@blueprint.post(f"{_ISSUES}/<int:iid>/move")
def _move(place: str, iid: int) -> ResponseReturnValue:
    """Into another project, under its next number; what stays is closed and says where it went."""
    project, issue = find(place, iid)
    if not caller().member:
        raise Refused(403, {"message": "403 Forbidden"})
    there = gitlab_places.find("projects", str(body().get("to_project_id", "")))
    if there["id"] == project["id"]:
        raise Refused(400, {"message": "400 Bad request - Cannot move issue to project it originates from!"})
    return _single(there, gitlab_changes.move(wire.state(), (project, issue), there, caller().number, now())), 201


def _single(project: Document, issue: Document) -> Response:
    return jsonify(gitlab_shapes.issue(issue, project) | {"subscribed": caller().has(issue)})


@blueprint.get(f"{_ISSUES}/<int:iid>/related_merge_requests")
@blueprint.get(f"{_ISSUES}/<int:iid>/closed_by")
def _merge_requests(place: str, iid: int) -> ResponseReturnValue:
    """None: the sandbox has no merge requests."""
    find(place, iid)
    return page([], lambda row: row)
