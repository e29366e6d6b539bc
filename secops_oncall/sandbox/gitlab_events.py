"""What somebody did in the sandbox's GitLab: issues opened, closed and reopened, and comments (GitLab's Events API)."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_issues, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_records import ISSUE, NOTE, STATE_EVENT
from secops_oncall.sandbox.gitlab_requests import caller, choice, invalid, out_of_scope, page
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("events", __name__)
_ACTIONS = {"created": "opened", "commented": "commented on", "closed": "closed", "reopened": "reopened"}
_NEVER = ("updated", "pushed", "merged", "joined", "left", "destroyed", "expired", "approved")
_TARGETS = ("issue", "note", "milestone", "merge_request", "project", "snippet", "user", "wiki", "design")
_FIRST, _LAST = "0000-00-00", "9999-99-99"


@blueprint.get("/events")
def _mine() -> ResponseReturnValue:
    """The caller's own, newest first unless told otherwise; `read_api` is not enough (doc/api/events.md).

    `before` and `after` are days, and what happened on the day itself is left out (GitLab's events_finder.rb).
    """
    who = caller()
    if who.scope != "api":
        raise out_of_scope("api read_user")
    action = choice("action", ("", *_ACTIONS, *_NEVER), "")
    target = choice("target_type", ("", *_TARGETS), "")
    before, after = _day("before", _LAST), _day("after", _FIRST)
    falling = choice("sort", ("asc", "desc"), "desc") == "desc"
    rows = [
        event
        for event in _of(who.number)
        if after < event["created_at"][:10] < before
        and action in ("", event["action"])
        and target in ("", event["target_type"].lower())
    ]
    rows.sort(key=lambda event: (event["created_at"], event["id"]), reverse=falling)
    return page(rows, lambda event: _shown(event) if gitlab_issues.visible(event["issue"], who) else None)


def _day(name: str, otherwise: str) -> str:
    value = wire.arg(name)
    try:
        return date.fromisoformat(value).isoformat() if value else otherwise
    except ValueError as error:
        raise invalid(f"{name} is invalid") from error


def _of(number: int) -> Iterator[Document]:
    """The events of a user; each has the number of what it is about, times four, so that no two have the same."""
    issues = {issue["id"]: issue for issue in wire.state().all(ISSUE)}
    for issue in issues.values():
        if issue["author"] == number:
            yield _event("created", issue, issue, 1)
    for note in wire.state().all(NOTE):
        if note["author"] == number and not note["system"]:
            yield _event("commented", note, issues[note["issue"]], 2) | {"target_type": "Note", "note": note}
    for change in wire.state().all(STATE_EVENT):
        if change["user"] == number:
            yield _event(change["state"], change, issues[change["issue"]], 3)


def _event(action: str, about: Document, issue: Document, kind: int) -> Document:
    at = about["created_at"]
    return {"id": 4 * about["id"] + kind, "action": action, "created_at": at, "issue": issue, "target_type": "Issue"}


def _shown(event: Document) -> Document:
    issue, note = event["issue"], event.get("note")
    author = gitlab_shapes.user(caller().number)
    return {
        "id": event["id"],
        "title": None,
        "project_id": issue["project"],
        "action_name": _ACTIONS[event["action"]],
        "target_id": (note or issue)["id"],
        "target_iid": note["id"] if note else issue["iid"],
        "target_type": event["target_type"],
        "author_id": caller().number,
        "target_title": issue["title"],
        "created_at": event["created_at"],
        **({"note": gitlab_shapes.note(note)} if note else {}),
        "imported": False,
        "imported_from": "none",
        "author": author,
        "author_username": author["username"],
    }
