"""How the sandbox's GitLab shows its boards, their lists and their scope."""

from secops_oncall.sandbox import gitlab_shapes
from secops_oncall.sandbox.store import Document


def board(found: Document, place: Document, labels: dict[str, Document]) -> Document:
    """An issue board; `place` is its group or project, and `labels` those of the place by name."""
    is_group = "group" not in place
    scoped = [gitlab_shapes.label(labels[name]) for name in found.get("labels", []) if name in labels]
    return {
        "id": found["id"],
        "name": found["name"],
        "hide_backlog_list": found.get("hide_backlog_list", False),
        "hide_closed_list": False,
        "group" if is_group else "project": _place(place, is_group),
        "lists": [board_list(one, labels, is_group) for one in found["lists"]],
        "milestone": gitlab_shapes.milestone(found["milestone"]) if found.get("milestone") else None,
        "labels": scoped,
        "assignee": gitlab_shapes.user(found["assignee"]) if found.get("assignee") else None,
        "weight": found.get("weight"),
    }


def _place(place: Document, is_group: bool) -> Document:
    shown = gitlab_shapes.group(place) if is_group else gitlab_shapes.project(place)
    more = ("name_with_namespace", "path", "path_with_namespace", "http_url_to_repo")
    names = ("id", "name", "web_url") if is_group else ("id", "name", *more, "web_url")
    return {name: shown[name] for name in names}


def board_list(found: Document, labels: dict[str, Document], is_group: bool) -> Document:
    """A list of a board; one of an assignee or a milestone has no label."""
    named = labels.get(found["label"] or "")
    limits = {} if is_group else {"max_issue_count": 0, "max_issue_weight": 0, "limit_metric": None}
    whose = {"assignee": gitlab_shapes.user(found["assignee"])} if "assignee" in found else {}
    when = {"milestone": gitlab_shapes.milestone(found["milestone"])} if "milestone" in found else {}
    shown = gitlab_shapes.label(named) if named else None
    return {"id": found["id"], "label": shown, "position": found["position"], **whose, **when, **limits}
