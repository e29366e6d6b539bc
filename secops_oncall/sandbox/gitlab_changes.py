"""What a write does to an issue of the sandbox's GitLab: its new values, and what GitLab records of the change."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from secops_oncall.sandbox.gitlab_records import (
    MILESTONE,
    NOTE,
    TYPES,
    USERS,
    add_label,
    add_label_event,
    add_note,
    add_state_event,
    labels_of,
    new_issue,
    premium,
    save,
    stamp,
)
from secops_oncall.sandbox.gitlab_requests import day, flag, invalid, listed, unprocessable, whole
from secops_oncall.sandbox.store import Document, State

_LONGEST_TITLE = 255
_LONGEST_DESCRIPTION = 1_048_576
_EVENTS = {"close": "closed", "reopen": "opened"}


def read(sent: Document) -> Document:
    """The parameters of a write that change an issue, each checked; 400 for one that GitLab would refuse."""
    return {name: _READERS[name](name, value) for name, value in sent.items() if name in _READERS}


def create(state: State, project: Document, issue: Document, wanted: Document, at: datetime) -> Document:
    """Give a blank issue its first values and write it."""
    before = dict(issue)
    _apply(state, project, issue, wanted, issue["author"], at)
    save(state, issue)
    _record_events(state, project, before, issue, issue["author"], at)
    _say(state, before, issue, issue["author"], at, ("assignees",))
    return issue


def update(state: State, project: Document, issue: Document, wanted: Document, author: int, at: datetime) -> Document:
    """Change an issue, and record it: events for labels and state, notes for the rest, nothing for no change."""
    before = dict(issue)
    _apply(state, project, issue, wanted, author, at)
    if issue != before:
        issue["updated_at"] = stamp(at)
        save(state, issue)
    _record_events(state, project, before, issue, author, at)
    _say(state, before, issue, author, at, tuple(_SENTENCES))
    return issue


def move(state: State, source: tuple[Document, Document], there: Document, author: int, at: datetime) -> Document:
    """A copy of an issue and its notes in another project; the issue itself is closed."""
    project, issue = source
    fresh = new_issue(state, there["id"], issue["author"], at)
    known = labels_of(state, there)
    copy = issue | {name: fresh[name] for name in ("id", "iid", "project")}
    copy |= {"labels": [name for name in issue["labels"] if name in known], "notes": 0, "updated_at": stamp(at)}
    for note in state.in_order(NOTE, issue["id"]):
        written = datetime.fromisoformat(note["created_at"])
        add_note(
            state,
            copy,
            note["author"],
            note["body"],
            written,
            system=note["system"],
            internal=note["internal"],
        )
    add_note(state, copy, author, f"moved from {project['path']}#{issue['iid']}", at, system=True)
    add_note(state, issue, author, f"moved to {there['path']}#{copy['iid']}", at, system=True)
    issue["moved_to"] = copy["id"]
    update(state, project, issue, {"state_event": "closed"}, author, at)
    return copy


def _apply(state: State, project: Document, issue: Document, wanted: Document, author: int, at: datetime) -> None:
    issue |= {field: wanted[field] for field in _PLAIN if field in wanted}
    if "milestone_id" in wanted:
        issue["milestone"] = state.get(MILESTONE, wanted["milestone_id"])
    _assign(state, issue, wanted)
    _label(state, project, issue, wanted)
    if "state_event" in wanted and wanted["state_event"] != issue["state"]:
        closed = wanted["state_event"] == "closed"
        issue["state"] = wanted["state_event"]
        issue["closed_at"], issue["closed_by"] = (stamp(at), author) if closed else (None, None)


def _assign(state: State, issue: Document, wanted: Document) -> None:
    """All of the assignees at once; a Free server keeps the first, and strangers change nothing (gitlab.md,
    "Writing issues"; GitLab's issuable_base_service.rb, filter_assignees)."""
    numbers = wanted.get("assignee_ids", wanted.get("assignee_id"))
    if numbers is None:
        return
    if numbers in ([], [0]):
        issue["assignees"] = []
        return
    known = [number for number in (numbers if premium(state) else numbers[:1]) if number in USERS]
    issue["assignees"] = known or issue["assignees"]


def _label(state: State, project: Document, issue: Document, wanted: Document) -> None:
    """The new set of labels; one that doesn't exist is made, in the project (gitlab.md, "Writing issues")."""
    added: list[str] = wanted.get("add_labels", [])
    kept: list[str] = (issue | wanted)["labels"]
    names = list(dict.fromkeys([*kept, *added]))
    removed = set(wanted.get("remove_labels", []))
    if premium(state):
        scopes = {_scope(name): name for name in added if _scope(name)}
        removed |= {name for name in names if scopes.get(_scope(name), name) != name}
    names = [name for name in names if name not in removed]
    known = labels_of(state, project)
    for name in names:
        if name not in known:
            add_label(state, f"project/{project['id']}", name)
    if set(names) != set(issue["labels"]):
        issue["labels"] = names


def _scope(label: str) -> str:
    return label.rpartition("::")[0]


def _record_events(
    state: State, project: Document, before: Document, issue: Document, author: int, at: datetime
) -> None:
    known = labels_of(state, project)
    for name in sorted(set(issue["labels"]) - set(before["labels"])):
        add_label_event(state, issue, author, known[name], "add", at)
    for name in sorted(set(before["labels"]) - set(issue["labels"])):
        add_label_event(state, issue, author, known[name], "remove", at)
    if issue["state"] != before["state"]:
        add_state_event(state, issue, author, "closed" if issue["state"] == "closed" else "reopened", at)


def _say(state: State, before: Document, issue: Document, author: int, at: datetime, fields: tuple[str, ...]) -> None:
    for field in fields:
        if issue[field] != before[field]:
            add_note(state, issue, author, _SENTENCES[field](before[field], issue[field]), at, system=True)


def _assignment(before: list[int], after: list[int]) -> str:
    parts = [("assigned to", set(after) - set(before)), ("unassigned", set(before) - set(after))]
    return " and ".join(
        f"{verb} {' and '.join('@' + USERS[number].login for number in sorted(numbers))}"
        for verb, numbers in parts
        if numbers
    )


def _due(before: str | None, after: str | None) -> str:
    if after is None:
        return "removed due date"
    at = date.fromisoformat(after)
    return f"changed due date to {at:%B} {at.day}, {at.year}"


def _title(name: str, value: Any) -> str:
    title = str(value or "").strip()
    if not title:
        raise unprocessable(name, "can't be blank")
    if len(title) > _LONGEST_TITLE:
        raise unprocessable(name, f"is too long (maximum is {_LONGEST_TITLE} characters)")
    return title


def _description(name: str, value: Any) -> str | None:
    text = None if value is None else str(value)
    if text and len(text) > _LONGEST_DESCRIPTION:
        raise unprocessable(name, f"is too long (maximum is {_LONGEST_DESCRIPTION} characters)")
    return text


def _one_of(*allowed: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise invalid(f"{name} does not have a valid value")
        return str(value)

    return check


def _event(name: str, value: Any) -> str:
    return _EVENTS[_one_of(*_EVENTS)(name, value)]


def _weight(name: str, value: Any) -> int | None:
    return None if value in (None, "") else whole(name, value)


def _users(name: str, value: Any) -> list[int]:
    return [whole(name, one) for one in listed(value)]


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "title": _title,
    "description": _description,
    "due_date": lambda _, value: day(value),
    "weight": _weight,
    "milestone_id": lambda name, value: whole(name, value or 0),
    "confidential": flag,
    "discussion_locked": flag,
    "issue_type": _one_of(*TYPES),
    "assignee_ids": _users,
    "assignee_id": _users,
    "labels": lambda _, value: listed(value),
    "add_labels": lambda _, value: listed(value),
    "remove_labels": lambda _, value: listed(value),
    "state_event": _event,
}
CHANGEABLE = frozenset(_READERS)
_PLAIN = ("title", "description", "due_date", "weight", "confidential", "discussion_locked", "issue_type")
_SENTENCES: dict[str, Callable[[Any, Any], str]] = {
    "assignees": _assignment,
    "title": lambda before, after: f"changed title from **{before}** to **{after}**",
    "description": lambda before, after: "changed the description",
    "due_date": _due,
    "confidential": lambda before, after: f"made the issue {'confidential' if after else 'visible to everyone'}",
    "discussion_locked": lambda before, after: f"{'locked' if after else 'unlocked'} the discussion in this issue",
}
