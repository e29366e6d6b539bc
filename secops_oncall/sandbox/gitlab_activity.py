"""What surrounds an issue in the sandbox's GitLab: label and state events, linked issues, participants."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_issues, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_markdown import mentioned
from secops_oncall.sandbox.gitlab_records import (
    ISSUE,
    LABEL_EVENT,
    NOTE,
    NUMBERS,
    PROJECT,
    STATE_EVENT,
    add_link,
    add_note,
    key,
    links_of,
    premium,
)
from secops_oncall.sandbox.gitlab_requests import Refused, body, caller, invalid, not_found, now, page, whole
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("activity", __name__)
_ISSUE = "/projects/<path:place>/issues/<int:iid>"
_LINK_TYPES = ("relates_to", "blocks", "is_blocked_by")


@blueprint.get(f"{_ISSUE}/resource_label_events")
def _label_events(place: str, iid: int) -> ResponseReturnValue:
    _, issue = gitlab_issues.find(place, iid)
    return page(wire.state().in_order(LABEL_EVENT, issue["id"]), gitlab_shapes.label_event)


@blueprint.get(f"{_ISSUE}/resource_state_events")
def _state_events(place: str, iid: int) -> ResponseReturnValue:
    _, issue = gitlab_issues.find(place, iid)
    return page(wire.state().in_order(STATE_EVENT, issue["id"]), gitlab_shapes.state_event)


@blueprint.get(f"{_ISSUE}/participants")
def _participants(place: str, iid: int) -> ResponseReturnValue:
    """Its author, its assignees, who wrote a comment, and whom the description or a comment mentions."""
    _, issue = gitlab_issues.find(place, iid)
    comments = [note for note in wire.state().in_order(NOTE, issue["id"]) if not note["system"]]
    texts = [issue["description"] or "", *(note["body"] for note in comments)]
    named = (NUMBERS.get(login.lower()) for text in texts for login in mentioned(text))
    numbers = [issue["author"], *issue["assignees"], *(note["author"] for note in comments), *named]
    return page([number for number in dict.fromkeys(numbers) if number], gitlab_shapes.user)


@blueprint.get(f"{_ISSUE}/links")
def _links(place: str, iid: int) -> Response:
    """All of them: this list has no pages (GitLab's issue_links.rb). Those the caller may not see are left out."""
    _, issue = gitlab_issues.find(place, iid)
    state, who = wire.state(), caller()
    shown = []
    for link, (number, other_iid), kind in links_of(state, issue):
        other, project = state.get(ISSUE, key(number, other_iid)), state.get(PROJECT, number)
        if other and project and gitlab_issues.visible(other, who):
            shown.append(gitlab_shapes.link(link, other, project, kind))
    return jsonify(shown)


@blueprint.post(f"{_ISSUE}/links")
def _link(place: str, iid: int) -> ResponseReturnValue:
    """Relate it to `target_issue_iid` of `target_project_id`; only a Premium server has links that block."""
    sent = body()
    for name in ("target_project_id", "target_issue_iid"):
        if name not in sent:
            raise invalid(f"{name} is missing")
    kind = sent.get("link_type", "relates_to")
    if kind not in _LINK_TYPES:
        raise invalid("link_type does not have a valid value")
    here = gitlab_issues.find(place, iid)
    there = gitlab_issues.find(str(sent["target_project_id"]), whole("target_issue_iid", sent["target_issue_iid"]))
    _check_link(here[1], there[1], kind)
    link = add_link(wire.state(), here[1], there[1], kind, now())
    for (project, issue), (_, other) in ((here, there), (there, here)):
        reference = f"{project['path'] if other['project'] != issue['project'] else ''}#{issue['iid']}"
        add_note(
            wire.state(), other, caller().number, f"marked this issue as related to {reference}", now(), system=True
        )
    source, target = gitlab_shapes.issue(here[1], here[0]), gitlab_shapes.issue(there[1], there[0])
    return jsonify({"id": link["id"], "source_issue": source, "target_issue": target, "link_type": kind}), 201


def _check_link(issue: Document, other: Document, kind: str) -> None:
    if not caller().member:
        raise not_found()
    if kind != "relates_to" and not premium(wire.state()):
        raise Refused(403, {"message": "Blocked issues not available for current license"})
    ends = [other["project"], other["iid"]]
    if any(end == ends for _, end, _ in links_of(wire.state(), issue)):
        raise Refused(409, {"message": "Issue(s) already assigned"})
