"""GitLab's JSON as the domain's issues, notes and boards: read defensively, every text cleaned.

Every function raises KeyError, TypeError or ValueError for JSON that lacks what GitLab always sends.
"""

from typing import Any, Literal

from secops_oncall.domain.issues import (
    Activity,
    Board,
    GitLabUser,
    Issue,
    IssueNote,
    LabelEvent,
    LinkedIssue,
    OwnComment,
)
from secops_oncall.domain.marks import mark_in
from secops_oncall.domain.refs import issue_at, pages_in
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.domain.times import moment

Json = dict[str, Any]

NO_ONE_MILESTONE = ("None", "Any", "Upcoming", "Started")  # asked for by `milestone_id` (doc/api/issues.md)
NO_WEIGHT, _ANY_WEIGHT = -2, -1  # as a board has them
_OTHER_LISTS = ("assignee", "milestone", "iteration")
_BOARD_MILESTONES = {"No Milestone": "None", "Any Milestone": None}  # GitLab's milestone.rb: titles without an id


def user(json: Json) -> GitLabUser:
    """The user of a token; a project's or group's token belongs to a bot."""
    return GitLabUser(int(json["id"]), clean(json["username"]), clean(json.get("name")), bool(json.get("bot")))


def issue(json: Json, base: str) -> Issue:
    """An issue of the GitLab at `base`; Premium's fields may be missing."""
    ref, description = reference(json, base), clean_lines(json.get("description"))
    state: Literal["opened", "closed"] = "closed" if json["state"] == "closed" else "opened"
    return Issue(
        ref=ref,
        iid=int(json["iid"]),
        project=ref.rpartition("#")[0],
        title=clean(json.get("title")),
        url=clean(json.get("web_url")),
        state=state,
        labels=tuple(clean(label) for label in json.get("labels") or []),
        assignees=_assignees(json),
        author=_username(json.get("author")),
        created_at=moment(json["created_at"]),
        updated_at=moment(json["updated_at"]),
        confidential=bool(json.get("confidential")),
        due_date=clean(json.get("due_date")) or None,
        weight=json.get("weight"),
        time_estimate=(json.get("time_stats") or {}).get("time_estimate") or None,
        page=next(iter(sorted(pages_in(description))), None),
        id=int(json["id"]),
        project_id=int(json["project_id"]),
        assignee_ids=tuple(int(one.get("id") or 0) for one in json.get("assignees") or []),
        milestone=clean((json.get("milestone") or {}).get("title")) or None,
        description=description,
        mark=mark_in(str(json.get("description") or "")),
        moved=json.get("moved_to_id") is not None,
    )


def note(json: Json) -> IssueNote:
    """A comment; `confidential` is the older name of `internal`."""
    return IssueNote(
        id=int(json["id"]),
        at=moment(json["created_at"]),
        author=_username(json.get("author")),
        text=clean_lines(json.get("body")),
        internal=bool(json.get("internal") or json.get("confidential")),
        system=bool(json.get("system")),
        mark=mark_in(str(json.get("body") or "")),
    )


def signed_note(json: Json) -> tuple[int, str, IssueNote]:
    """A comment with its author's id and its raw body, which is looked through for markers and never shown."""
    return int((json.get("author") or {}).get("id") or 0), str(json.get("body") or ""), note(json)


def said(json: Json) -> Activity:
    """A comment or a system note, as something that happened."""
    read = note(json)
    return Activity(read.at, read.author, "system" if read.system else "comment", read.text, read.internal)


def label_event(json: Json) -> LabelEvent | None:
    """A label that was put on or taken off; None for one that was deleted since, whose name nobody tells any more."""
    if not json.get("label"):
        return None
    action: Literal["add", "remove"] = "remove" if json["action"] == "remove" else "add"
    by = json.get("user") or {"id": 0, "username": "", "name": ""}
    return LabelEvent(int(json["id"]), moment(json["created_at"]), user(by), action, clean(json["label"]["name"]))


def labelled(json: Json) -> Activity:
    """A label event, as something that happened."""
    verb = "removed" if json["action"] == "remove" else "added"
    name = clean((json.get("label") or {}).get("name")) or "a label that is gone"
    return Activity(moment(json["created_at"]), _username(json.get("user")), "label", f"{verb} {name}")


def state_change(json: Json) -> Activity:
    """That an issue was closed or reopened."""
    return Activity(moment(json["created_at"]), _username(json.get("user")), "state", clean(json["state"]))


def own_comment(json: Json) -> OwnComment | None:
    """An event of my own, if it is a comment on an issue (doc/api/events.md)."""
    told = json.get("note") or {}
    if told.get("noteable_type") != "Issue" or not told.get("noteable_iid"):
        return None
    return OwnComment(int(json["project_id"]), int(told["noteable_iid"]), moment(json["created_at"]))


def scopes(json: Json) -> list[str]:
    """What a token may do."""
    return [clean(scope) for scope in json["scopes"]]


def linked(json: Json, base: str) -> LinkedIssue:
    """An issue that another one is linked to."""
    return LinkedIssue(
        ref=reference(json, base),
        title=clean(json.get("title")),
        url=clean(json.get("web_url")),
        state=clean(json.get("state")),
        confidential=bool(json.get("confidential")),
        assignees=_assignees(json),
    )


def board(json: Json, place: str, kind: Literal["group", "project"]) -> Board:
    """A board. A list's label is null where it is one of an assignee, a milestone, an iteration or a status."""
    lists = sorted(json.get("lists") or [], key=lambda one: one.get("position") or 0)
    kinds = (next((kind for kind in _OTHER_LISTS if one.get(kind)), "status") for one in lists if not one.get("label"))
    return Board(
        id=int(json["id"]),
        name=clean(json["name"]),
        place=place,
        kind=kind,
        lists=tuple(clean(one["label"]["name"]) for one in lists if one.get("label")),
        scope=tuple(clean(label["name"]) for label in json.get("labels") or []),
        milestone=_scoped_milestone(json.get("milestone") or {}),
        assignee=_username(json.get("assignee")) or None,
        weight=None if json.get("weight") == _ANY_WEIGHT else json.get("weight"),
        others=tuple(kinds),
    )


def _scoped_milestone(json: Json) -> str | None:
    """The milestone of a board's scope; one without an id is none of the team's, but a rule."""
    title = clean(json.get("title"))
    return title or None if "id" in json else _BOARD_MILESTONES.get(title, title or None)


def reference(json: Json, base: str) -> str:
    """`group/project#12`; links have no `references` in older versions, so their URL tells it."""
    full = clean((json.get("references") or {}).get("full"))
    return full or str(issue_at(clean(json.get("web_url")), base) or f"#{int(json['iid'])}")


def _username(json: Json | None) -> str:
    return clean((json or {}).get("username"))


def _assignees(json: Json) -> tuple[str, ...]:
    return tuple(clean(one["username"]) for one in json.get("assignees") or [])
