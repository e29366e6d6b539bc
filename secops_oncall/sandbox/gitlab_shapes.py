"""How the sandbox's GitLab shows its documents: the keys of every answer, as GitLab's own pages document them."""

import re

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ROLES, USERS
from secops_oncall.sandbox.store import Document

_API = f"{cast.GITLAB_ORIGIN}/api/v4"
_DEVELOPER = 30  # what a project says of everybody's role in it, unless a test says otherwise
_JOINED = "2021-03-01T08:00:00.000Z"
_TASK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s", re.MULTILINE)
_ESTIMATE = (("mo", 576_000), ("w", 144_000), ("d", 28_800), ("h", 3600), ("m", 60), ("s", 1))  # 8 h a day, 5 d a week

_AS_STORED = (
    *("id", "iid", "title", "description", "state", "created_at", "updated_at", "closed_at", "confidential"),
    *("discussion_locked", "issue_type", "due_date", "weight"),
)
_NEVER: Document = {  # what no issue of the sandbox has
    "merge_requests_count": 0,
    "upvotes": 0,
    "downvotes": 0,
    "severity": "UNKNOWN",
    "imported": False,
    "imported_from": "none",
    "service_desk_reply_to": None,
}


def user(number: int) -> Document:
    """A user as other things name them."""
    found = USERS[number]
    return {
        "id": number,
        "username": found.login,
        "name": found.name,
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{cast.GITLAB_ORIGIN}/{found.login}",
    }


def member(number: int) -> Document:
    """A user as a member of a place; an e-mail is shown to nobody who doesn't own the group (doc/api/members.md)."""
    return user(number) | {
        "public_email": None,
        "created_at": _JOINED,
        "created_by": user(cast.PEOPLE[cast.MANAGER].number),
        "expires_at": None,
        "access_level": ROLES[number],
        "membership_state": "active",
    }


def current_user(number: int) -> Document:
    """The user of a token (`GET /user`)."""
    found = USERS[number]
    email = found.email if isinstance(found, cast.Person) else f"{found.login}@noreply.gitlab.sandbox.invalid"
    empty = dict.fromkeys(("bio", "bio_html", "skype", "linkedin", "twitter", "website_url", "organization"), "")
    return user(number) | {
        "email": email,
        "commit_email": email,
        "public_email": None,
        "bot": isinstance(found, cast.Bot),
        "job_title": found.title if isinstance(found, cast.Person) else "",
        "created_at": _JOINED,
        "confirmed_at": _JOINED,
        "last_sign_in_at": _JOINED,
        "current_sign_in_at": _JOINED,
        "last_activity_on": _JOINED[:10],
        "location": None,
        "theme_id": 1,
        "color_scheme_id": 1,
        "projects_limit": 100,
        "identities": [],
        "can_create_group": False,
        "can_create_project": False,
        "two_factor_enabled": True,
        "external": False,
        "private_profile": False,
        **empty,
    }


def group(found: Document) -> Document:
    """A group (`GET /groups/:id`)."""
    return {
        "id": found["id"],
        "name": found["name"],
        "path": found["path"],
        "description": "",
        "visibility": "internal",
        "full_name": found["name"],
        "full_path": found["path"],
        "parent_id": None,
        "created_at": _JOINED,
        "web_url": f"{cast.GITLAB_ORIGIN}/groups/{found['path']}",
    }


def project(found: Document) -> Document:
    """A project (`GET /projects/:id`)."""
    enabled = found.get("issues", True)
    access = {"issues_enabled": enabled, "issues_access_level": "enabled" if enabled else "disabled"}
    role = {"access_level": found.get("role", _DEVELOPER), "notification_level": 3}
    may = {"permissions": {"project_access": None, "group_access": role}}
    return simple_project(found) | {"archived": found.get("archived", False), **access, **may}


def simple_project(found: Document) -> Document:
    """A project as lists have it with `simple`: without whether it has issues."""
    web = f"{cast.GITLAB_ORIGIN}/{found['path']}"
    return {
        "id": found["id"],
        "description": "",
        "name": found["name"],
        "name_with_namespace": f"{found['group_name']} / {found['name']}",
        "path": found["path"].rsplit("/", 1)[-1],
        "path_with_namespace": found["path"],
        "created_at": _JOINED,
        "default_branch": "main",
        "visibility": "internal",
        "http_url_to_repo": f"{web}.git",
        "web_url": web,
        "namespace": {"id": found["group"], "kind": "group", "full_path": found["path"].rsplit("/", 1)[0]},
    }


def label(found: Document) -> Document:
    """A label as issues, boards and events name it."""
    return {
        "id": found["id"],
        "name": found["name"],
        "description": found["description"],
        "description_html": found["description"] or "",
        "text_color": "#FFFFFF",
        "color": found["color"],
    }


def place_label(found: Document, counts: dict[str, int]) -> Document:
    """A label of a project or group; `counts` are its numbers of open and closed issues, where they were asked for."""
    return label(found) | counts | {"subscribed": False, "priority": None, "is_project_label": found["project"]}


def milestone(found: Document) -> Document:
    """A milestone of a project or a group."""
    kind = "groups" if "group_id" in found else "projects"
    return {
        "id": found["id"],
        "iid": found["id"],
        **{name: found[name] for name in ("group_id", "project_id") if name in found},
        "title": found["title"],
        "description": "",
        "state": "active",
        "created_at": _JOINED,
        "updated_at": _JOINED,
        "due_date": None,
        "start_date": None,
        "expired": False,
        "web_url": f"{cast.GITLAB_ORIGIN}/{kind}/-/milestones/{found['id']}",
    }


def issue(found: Document, project: Document, seen_from: str = "project") -> Document:
    """An issue in a list; `seen_from` (`project`, `group` or "") decides how short `references.relative` is."""
    assignees = [user(number) for number in found["assignees"]]
    return {
        **{name: found[name] for name in _AS_STORED},
        **_NEVER,
        **_tasks(found["description"]),
        "project_id": found["project"],
        "closed_by": user(found["closed_by"]) if found["closed_by"] else None,
        "labels": sorted(found["labels"]),
        "milestone": milestone(found["milestone"]) if found.get("milestone") else None,
        "moved_to_id": found.get("moved_to"),
        "assignees": assignees,
        "author": user(found["author"]),
        "type": found["issue_type"].upper(),
        "assignee": assignees[0] if assignees else None,
        "user_notes_count": found["notes"],
        "web_url": cast.issue_url(found["iid"], project["path"]),
        "time_stats": {
            "time_estimate": found["time_estimate"],
            "total_time_spent": 0,
            "human_time_estimate": _human(found["time_estimate"]),
            "human_total_time_spent": None,
        },
        "_links": _links(found),
        "references": _references(found, project, seen_from),
    }


def _links(found: Document) -> Document:
    here = f"{_API}/projects/{found['project']}"
    return {
        "self": f"{here}/issues/{found['iid']}",
        "notes": f"{here}/issues/{found['iid']}/notes",
        "award_emoji": f"{here}/issues/{found['iid']}/award_emoji",
        "project": here,
        "closed_as_duplicate_of": None,
    }


def _references(found: Document, project: Document, seen_from: str) -> Document:
    short = f"#{found['iid']}"
    full = f"{project['path']}{short}"
    relative = {"project": short, "group": full.split("/", 1)[-1]}
    return {"short": short, "relative": relative.get(seen_from, full), "full": full}


def _tasks(description: str | None) -> Document:
    """How many task items a description has, and how many of them are ticked."""
    marks = _TASK.findall(description or "")
    tasks, done = len(marks), sum(mark != " " for mark in marks)
    status = {"task_status": f"{done} of {tasks} checklist items completed"} if tasks else {}
    return {"task_completion_status": {"count": tasks, "completed_count": done}, "has_tasks": tasks > 0, **status}


def _human(seconds: int) -> str | None:
    parts = []
    for unit, length in _ESTIMATE:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or None


def note(found: Document) -> Document:
    """A note of an issue."""
    author = current_user(found["author"])
    return {
        "id": found["id"],
        "type": None,
        "body": found["body"],
        "attachment": None,
        "author": user(found["author"]) | {"email": author["email"], "created_at": author["created_at"]},
        "created_at": found["created_at"],
        "updated_at": found["updated_at"],
        "system": found["system"],
        "noteable_id": found["issue"],
        "noteable_type": "Issue",
        "project_id": found["project"],
        "noteable_iid": found["iid"],
        "resolvable": False,
        "confidential": found["internal"],
        "internal": found["internal"],
        "imported": False,
        "imported_from": "none",
        "commands_changes": {},
    }


def label_event(found: Document) -> Document:
    """That a label was added or removed."""
    return _event(found) | {"label": label(found["label"]), "action": found["action"]}


def state_event(found: Document) -> Document:
    """That an issue was closed or reopened."""
    return _event(found) | {"state": found["state"]}


def _event(found: Document) -> Document:
    return {
        "id": found["id"],
        "user": user(found["user"]),
        "created_at": found["created_at"],
        "resource_type": "Issue",
        "resource_id": found["issue"],
    }


def link(found: Document, other: Document, project: Document, kind: str) -> Document:
    """A related issue, with the link that relates it."""
    return issue(other, project) | {
        "issue_link_id": found["id"],
        "link_type": kind,
        "link_created_at": found["created_at"],
        "link_updated_at": found["created_at"],
    }
