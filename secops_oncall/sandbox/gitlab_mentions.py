"""Who is mentioned in the sandbox's GitLab, and the to-do that each mention puts on somebody's list."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import cast, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_markdown import mentioned
from secops_oncall.sandbox.gitlab_records import GROUP, ISSUE, MEMBERS, NUMBERS, PROJECT, USERS, key, stamp
from secops_oncall.sandbox.gitlab_requests import caller, choice, page
from secops_oncall.sandbox.store import Document, State, Store

MENTION = "gitlab_mention"
TODO = "gitlab_todo"  # its parent is the number of the user whose it is

blueprint = Blueprint("todos", __name__)


@dataclass(frozen=True)
class Said:
    """A text of an issue: who wrote it, when, and in which note, if it isn't the description."""

    issue: Document
    author: int
    at: datetime
    text: str
    note: Document | None = None


def record(state: State, said: Said, before: str | None = None) -> None:
    """Keep whom a text mentions, and put it on their to-do lists; `before` is the text that it replaces."""
    known = {name.lower() for name in mentioned(before or "")}
    fresh = [name for name in mentioned(said.text) if name.lower() not in known]
    told: set[int] = set()
    for name in fresh:
        kind, numbers = _meant(state, name)
        if kind:
            _keep(state, said, name, kind)
            told |= numbers
    internal = said.issue["confidential"] or (said.note is not None and said.note["internal"])
    for number in sorted(told):
        if number in MEMBERS or not internal:
            _put_on_list(state, said, number)


def everybody(store: Store) -> list[Document]:
    """Every mention there was, in the order they were written."""
    with store.state() as state:
        return state.in_order(MENTION)


def _meant(state: State, name: str) -> tuple[str, set[int]]:
    """Whether a name is that of a `user`, a `group` or `all` (otherwise nothing), and the users who are meant."""
    low = name.lower()
    if low == "all":
        return "all", set(MEMBERS)
    if low in NUMBERS:
        return "user", {NUMBERS[low]}
    if any(group["path"].lower() == low for group in state.all(GROUP)):
        return "group", set(MEMBERS)
    return "", set()


def _keep(state: State, said: Said, name: str, kind: str) -> None:
    number = state.next("gitlab_mention")
    project = state.get(PROJECT, said.issue["project"]) or {}
    mention: Document = {
        "id": number,
        "at": stamp(said.at),
        "by": USERS[said.author].login,
        "name": name,
        "kind": kind,
        "issue": f"{project.get('path', '')}#{said.issue['iid']}",
        "note": said.note["id"] if said.note else None,
    }
    state.put(MENTION, number, mention)


def _put_on_list(state: State, said: Said, user: int) -> None:
    number = state.next("gitlab_todo", 101)
    todo: Document = {
        "id": number,
        "author": said.author,
        "issue": [said.issue["project"], said.issue["iid"]],
        "note": said.note["id"] if said.note else None,
        "body": said.text,
        "created_at": stamp(said.at),
    }
    state.put(TODO, number, todo, parent=user)


@blueprint.get("/todos")
def _todos() -> ResponseReturnValue:
    """The caller's, newest first; none is ever done here."""
    state = choice("state", ("pending", "done"), "pending")
    choice("type", ("", "Issue", "MergeRequest", "Epic"), "")
    action = choice("action", ("", "mentioned", "assigned", "marked", "directly_addressed"), "")
    wanted = state == "pending" and action in ("", "mentioned")
    rows = wire.state().in_order(TODO, caller().number) if wanted else []
    return page(rows[::-1], _shown)


def _shown(todo: Document) -> Document | None:
    issue, project = wire.state().get(ISSUE, key(*todo["issue"])), wire.state().get(PROJECT, todo["issue"][0])
    if issue is None or project is None:
        return None
    names = ("id", "description", "name", "name_with_namespace", "path", "path_with_namespace", "created_at")
    place = gitlab_shapes.project(project)
    anchor = f"#note_{todo['note']}" if todo["note"] else ""
    return {
        "id": todo["id"],
        "project": {name: place[name] for name in names},
        "author": gitlab_shapes.user(todo["author"]),
        "action_name": "mentioned",
        "target_type": "Issue",
        "target": gitlab_shapes.issue(issue, project),
        "target_url": cast.issue_url(issue["iid"], project["path"]) + anchor,
        "body": todo["body"],
        "state": "pending",
        "created_at": todo["created_at"],
        "updated_at": todo["created_at"],
    }
