"""What the sandbox's GitLab keeps: compact documents, which `gitlab_shapes` shows the way the API does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.store import Document, State

GROUP = "gitlab_group"
PROJECT = "gitlab_project"  # its parent is its group's id
LABEL = "gitlab_label"  # its parent, like a board's and a milestone's, is its place: `group/70` or `project/72`
BOARD = "gitlab_board"
MILESTONE = "gitlab_milestone"
REDIRECT = "gitlab_redirect"  # its id is a path that a project had before, in lower case
ISSUE = "gitlab_issue"  # its id is `key(project, iid)`, its parent its project's id
NOTE = "gitlab_note"  # its parent, like that of the next two, is its issue's global id
LABEL_EVENT = "gitlab_label_event"
STATE_EVENT = "gitlab_state_event"
LINK = "gitlab_link"
TIER = "gitlab_tier"  # a document `premium` makes this a Premium server; there is none on a Free one

TYPES = ("issue", "incident", "test_case", "task")
DEFAULT_COLOR = "#6699cc"  # of a label that an issue brought into being
_EVERYBODY: tuple[cast.Person | cast.Bot, ...] = (*cast.PEOPLE.values(), cast.SECURITY_BOT, cast.TOKEN_BOT)
USERS = {user.number: user for user in _EVERYBODY}
NUMBERS = {user.login: number for number, user in USERS.items()}
MEMBERS = frozenset(person.number for person in cast.PEOPLE.values())
# What everybody may do in the group and so in its projects, in GitLab's numbers: guest 10, developer 30, maintainer 40.
ROLES = {person.number: 40 if "Manager" in person.title else 30 for person in cast.PEOPLE.values()}
ROLES[cast.TOKEN_BOT.number] = 10


def stamp(at: datetime) -> str:
    """A moment as GitLab writes it; two of them sort as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def key(project: int, iid: int) -> str:
    """An issue's id in the store."""
    return f"{project}/{iid}"


def premium(state: State) -> bool:
    """Whether the server has GitLab's paid features: several assignees, scoped labels, blocking links."""
    return state.get(TIER, "premium") is not None


def new_issue(state: State, project: int, author: int, at: datetime, iid: int | None = None) -> Document:
    """An open issue without a title, not written yet; its iid is the project's next, unless one is given."""
    return {
        "id": state.next("gitlab_issue", 9001),
        "iid": iid or state.next(f"gitlab_iid/{project}"),
        "project": project,
        "title": "",
        "description": None,
        "state": "opened",
        "issue_type": "issue",
        "author": author,
        "assignees": [],
        "labels": [],
        "confidential": False,
        "discussion_locked": None,
        "due_date": None,
        "weight": None,
        "time_estimate": 0,
        "milestone": None,
        "moved_to": None,
        "notes": 0,
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "closed_at": None,
        "closed_by": None,
    }


def save(state: State, issue: Document) -> Document:
    """Write an issue back."""
    return state.put(ISSUE, key(issue["project"], issue["iid"]), issue, parent=issue["project"])


def add_label(state: State, place: str, name: str, color: str = DEFAULT_COLOR, description: str = "") -> Document:
    """A new label of a place (`group/70`, `project/72`)."""
    label: Document = {
        "id": state.next("gitlab_label", 501),
        "name": name,
        "color": color,
        "description": description or None,
        "project": place.startswith("project/"),
    }
    return state.put(LABEL, label["id"], label, parent=place)


def add_milestone(state: State, place: str, title: str) -> Document:
    """A new milestone of a place."""
    number = state.next("gitlab_milestone", 801)
    kind, _, id = place.partition("/")
    milestone: Document = {"id": number, "title": title, f"{kind}_id": int(id)}
    return state.put(MILESTONE, number, milestone, parent=place)


def add_board(state: State, place: str, name: str, lists: Sequence[str] = (), **more: Any) -> Document:
    """A new board of a place, with a list for each of some labels.

    `more` is its scope as GitLab has it (`labels` by name, `milestone` a document, `assignee` a user's number,
    `weight`), `hide_backlog_list`, and `others`: lists of an `assignee` or a `milestone`, behind the label lists.
    """
    others = more.pop("others", [])
    every = [{"label": label} for label in lists] + [{"label": None, **one} for one in others]
    numbered = [{"id": state.next("gitlab_list", 41), "position": at, **one} for at, one in enumerate(every)]
    number = state.next("gitlab_board", 21)
    return state.put(BOARD, number, {"id": number, "name": name, "lists": numbered, **more}, parent=place)


def labels_of(state: State, project: Document) -> dict[str, Document]:
    """The labels that issues of a project can have, by name: its own, and its group's."""
    places = (f"group/{project['group']}", f"project/{project['id']}")
    return {label["name"]: label for place in places for label in state.all(LABEL, place)}


def add_note(
    state: State,
    issue: Document,
    author: int,
    body: str,
    at: datetime,
    *,
    system: bool = False,
    internal: bool = False,
) -> Document:
    """Write a note, and its issue, which it touches; `system` notes aren't counted as comments."""
    note = {
        "id": state.next("gitlab_note", 30_001),
        "body": body,
        "author": author,
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "system": system,
        "internal": internal,
        "issue": issue["id"],
        "iid": issue["iid"],
        "project": issue["project"],
    }
    issue["notes"] += not system
    issue["updated_at"] = max(issue["updated_at"], stamp(at))
    save(state, issue)
    return state.put(NOTE, note["id"], note, parent=issue["id"])


def add_label_event(state: State, issue: Document, user: int, label: Document, action: str, at: datetime) -> None:
    """Record that a label was put on an issue (`add`) or taken off it (`remove`)."""
    event = {"user": user, "created_at": stamp(at), "issue": issue["id"], "label": label, "action": action}
    number = state.next("gitlab_event", 70_001)
    state.put(LABEL_EVENT, number, {"id": number, **event}, parent=issue["id"])


def add_state_event(state: State, issue: Document, user: int, to: str, at: datetime) -> None:
    """Record that an issue was `closed` or `reopened`."""
    event = {"user": user, "created_at": stamp(at), "issue": issue["id"], "state": to}
    number = state.next("gitlab_event", 70_001)
    state.put(STATE_EVENT, number, {"id": number, **event}, parent=issue["id"])


def add_link(state: State, source: Document, target: Document, kind: str, at: datetime) -> Document:
    """Relate two issues; `kind` is the link's type as the source has it."""
    link: Document = {
        "id": state.next("gitlab_link"),
        "source": [source["project"], source["iid"]],
        "target": [target["project"], target["iid"]],
        "type": kind,
        "created_at": stamp(at),
    }
    return state.put(LINK, link["id"], link)


def links_of(state: State, issue: Document) -> list[tuple[Document, list[int], str]]:
    """The links of an issue, oldest first: each with the other issue's project and iid, and its type seen from here."""
    here = [issue["project"], issue["iid"]]
    turned = {"relates_to": "relates_to", "blocks": "is_blocked_by", "is_blocked_by": "blocks"}
    return [
        (link, link["target"], link["type"]) if link["source"] == here else (link, link["source"], turned[link["type"]])
        for link in state.in_order(LINK)
        if here in (link["source"], link["target"])
    ]
