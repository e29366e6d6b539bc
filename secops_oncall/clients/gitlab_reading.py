"""GitLab's JSON as the domain's issues, notes and boards: read defensively, every text cleaned.

Every function raises KeyError, TypeError or ValueError for JSON that lacks what GitLab always sends.
"""

from datetime import datetime
from typing import Any, Literal

from secops_oncall.domain.issues import Board, GitLabUser, Issue, IssueNote, LinkedIssue
from secops_oncall.domain.refs import issue_at, pages_in
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.domain.times import parse

Json = dict[str, Any]


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
        author=clean((json.get("author") or {}).get("username")),
        created_at=_moment(json["created_at"]),
        updated_at=_moment(json["updated_at"]),
        confidential=bool(json.get("confidential")),
        due_date=clean(json.get("due_date")) or None,
        weight=json.get("weight"),
        time_estimate=(json.get("time_stats") or {}).get("time_estimate") or None,
        page=next(iter(sorted(pages_in(description))), None),
        id=int(json["id"]),
        project_id=int(json["project_id"]),
        description=description,
    )


def note(json: Json) -> IssueNote:
    """A comment; `confidential` is the older name of `internal`."""
    return IssueNote(
        id=int(json["id"]),
        at=_moment(json["created_at"]),
        author=clean((json.get("author") or {}).get("username")),
        text=clean_lines(json.get("body")),
        internal=bool(json.get("internal") or json.get("confidential")),
        system=bool(json.get("system")),
    )


def signed_note(json: Json) -> tuple[int, str, IssueNote]:
    """A comment with its author's id and its raw body, which is looked through for markers and never shown."""
    return int((json.get("author") or {}).get("id") or 0), str(json.get("body") or ""), note(json)


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
    """A board. A list's label is null where it is one of an assignee, a milestone or a status."""
    lists = sorted(json.get("lists") or [], key=lambda one: one.get("position") or 0)
    return Board(
        id=int(json["id"]),
        name=clean(json["name"]),
        place=place,
        kind=kind,
        lists=tuple(clean(one["label"]["name"]) for one in lists if one.get("label")),
        scope=tuple(clean(label["name"]) for label in json.get("labels") or []),
    )


def reference(json: Json, base: str) -> str:
    """`group/project#12`; links have no `references` in older versions, so their URL tells it."""
    full = clean((json.get("references") or {}).get("full"))
    return full or str(issue_at(clean(json.get("web_url")), base) or f"#{int(json['iid'])}")


def _assignees(json: Json) -> tuple[str, ...]:
    return tuple(clean(one["username"]) for one in json.get("assignees") or [])


def _moment(text: object) -> datetime:
    found = parse(text)
    if found is None:
        raise ValueError(f"no time: {clean(text)}")
    return found
