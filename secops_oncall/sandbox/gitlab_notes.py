"""The notes of an issue in the sandbox's GitLab: comments, internal ones among them, and its own record of changes."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_issues, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_records import NOTE, add_note, save, stamp
from secops_oncall.sandbox.gitlab_requests import (
    Caller,
    Refused,
    body,
    caller,
    choice,
    flag,
    invalid,
    not_found,
    now,
    page,
)
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("notes", __name__)
_NOTES = "/projects/<path:place>/issues/<int:iid>/notes"
_LONGEST = 1_000_000
_FILTERS = {"all_notes": (True, False), "only_comments": (False,), "only_activity": (True,)}


@blueprint.get(_NOTES)
def _list(place: str, iid: int) -> ResponseReturnValue:
    """Newest first unless told otherwise; what the caller may not read is left out after paging, so that a page
    can be short while more follow (gitlab.md, "Pagination")."""
    _, issue = gitlab_issues.find(place, iid)
    field = choice("order_by", ("created_at", "updated_at"), "created_at")
    falling = choice("sort", ("asc", "desc"), "desc") == "desc"
    kinds = _FILTERS[choice("activity_filter", _FILTERS, "all_notes")]
    rows = [note for note in wire.state().all(NOTE, issue["id"]) if note["system"] in kinds]
    rows.sort(key=lambda note: (note[field], note["id"]), reverse=falling)
    who = caller()
    return page(rows, lambda note: gitlab_shapes.note(note) if _readable(note, who) else None)


@blueprint.get(f"{_NOTES}/<int:number>")
def _one(place: str, iid: int, number: int) -> Response:
    return jsonify(gitlab_shapes.note(_find(place, iid, number)[1]))


@blueprint.post(_NOTES)
def _create(place: str, iid: int) -> ResponseReturnValue:
    """A comment; `internal` is not honoured, and nothing says so, for one who isn't a member (GitLab's
    notes/build_service.rb): it is public then."""
    _, issue = gitlab_issues.find(place, iid)
    who, sent = caller(), body()
    if issue["discussion_locked"] and not who.member:
        raise Refused(403, {"message": "403 Forbidden"})
    asked = sent.get("internal", sent.get("confidential", False))
    internal = who.member and flag("internal", asked or False)
    note = add_note(wire.state(), issue, who.number, _text(sent), now(), internal=internal)
    return jsonify(gitlab_shapes.note(note)), 201


@blueprint.put(f"{_NOTES}/<int:number>")
def _edit(place: str, iid: int, number: int) -> Response:
    """Another text, by the note's author alone; whether it is internal stays as it is (gitlab.md, "Notes")."""
    issue, note = _find(place, iid, number)
    text = _text(body())
    if note["author"] != caller().number or note["system"]:
        raise Refused(403, {"message": "403 Forbidden"})
    note |= {"body": text, "updated_at": stamp(now())}
    issue["updated_at"] = stamp(now())
    save(wire.state(), issue)
    wire.state().put(NOTE, number, note, parent=issue["id"])
    return jsonify(gitlab_shapes.note(note))


def _find(place: str, iid: int, number: int) -> tuple[Document, Document]:
    _, issue = gitlab_issues.find(place, iid)
    note = wire.state().get(NOTE, number)
    if note is None or note["issue"] != issue["id"] or not _readable(note, caller()):
        raise not_found("Note")
    return issue, note


def _readable(note: Document, who: Caller) -> bool:
    return not note["internal"] or who.member


def _text(sent: Document) -> str:
    """The body of a note as it was sent: what looks like a quick action stays text here."""
    if sent.get("body") is None:
        raise invalid("body is missing")
    text = str(sent["body"])
    if not text.strip() or len(text) > _LONGEST:
        problem = "is too long (maximum is 1000000 characters)" if text.strip() else "can't be blank"
        raise Refused(400, {"message": f'400 Bad request - Note {{:note=>["{problem}"]}}'})
    return text
