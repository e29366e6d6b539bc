"""The notes of an issue in the sandbox's GitLab: comments, internal ones among them, and its own record of changes."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.sandbox import gitlab_changes, gitlab_issues, gitlab_mentions, gitlab_shapes, wire
from secops_oncall.sandbox.gitlab_mentions import Said
from secops_oncall.sandbox.gitlab_quick_actions import Deed, interpret
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
    return jsonify(gitlab_shapes.note(_find(place, iid, number)[2]))


@blueprint.post(_NOTES)
def _create(place: str, iid: int) -> ResponseReturnValue:
    """A comment; `internal` is not honoured, and nothing says so, for one who isn't a member (GitLab's
    notes/build_service.rb): it is public then. Its quick actions are carried out; nothing else in it, and it is none.
    """
    project, issue = gitlab_issues.find(place, iid)
    who, sent, state = caller(), body(), wire.state()
    if issue["discussion_locked"] and not who.member:
        raise Refused(403, {"message": "403 Forbidden"})
    asked = sent.get("internal", sent.get("confidential", False))
    internal = who.member and flag("internal", asked or False)
    deed = Deed(state, project, issue, who, now(), is_new=False)
    text = interpret(deed, _text(sent))
    if not text.strip():
        return _carried_out(deed)
    note = add_note(state, issue, who.number, text, now(), internal=internal)
    _carry_out(deed)
    gitlab_mentions.record(state, Said(issue, who.number, now(), text, note))
    return jsonify(gitlab_shapes.note(note) | {"commands_changes": deed.changes()}), 201


@blueprint.put(f"{_NOTES}/<int:number>")
def _edit(place: str, iid: int, number: int) -> ResponseReturnValue:
    """Another text, by the note's author alone; whether it is internal stays as it is (gitlab.md, "Notes").

    One that is nothing but quick actions now is gone.
    """
    project, issue, note = _find(place, iid, number)
    who, sent, state = caller(), _text(body()), wire.state()
    if note["author"] != who.number or note["system"]:
        raise Refused(403, {"message": "403 Forbidden"})
    deed = Deed(state, project, issue, who, now(), is_new=False)
    text = interpret(deed, sent)
    if not text.strip():
        state.delete(NOTE, number)
        issue["notes"] -= 1
        return _carried_out(deed)
    said = Said(issue, who.number, now(), text, note)
    gitlab_mentions.record(state, said, note["body"])
    note |= {"body": text, "updated_at": stamp(now())}
    issue["updated_at"] = stamp(now())
    save(state, issue)
    state.put(NOTE, number, note, parent=issue["id"])
    _carry_out(deed)
    return jsonify(gitlab_shapes.note(note) | {"commands_changes": deed.changes()})


def _carried_out(deed: Deed) -> ResponseReturnValue:
    """202 and no note where a text was nothing but quick actions; 400 where none of them could be carried out."""
    if not deed.said:
        raise Refused(400, {"message": "400 Bad request - Failed to apply commands."})
    shown = {"commands_changes": deed.changes(), "summary": [" ".join(deed.said)]}
    _carry_out(deed)
    return jsonify(shown), 202


def _carry_out(deed: Deed) -> None:
    gitlab_changes.update(deed.state, deed.project, deed.issue, deed.wanted, deed.who.number, deed.at)


def _find(place: str, iid: int, number: int) -> tuple[Document, Document, Document]:
    project, issue = gitlab_issues.find(place, iid)
    note = wire.state().get(NOTE, number)
    if note is None or note["issue"] != issue["id"] or not _readable(note, caller()):
        raise not_found("Note")
    return project, issue, note


def _readable(note: Document, who: Caller) -> bool:
    return not note["internal"] or who.member


def _text(sent: Document) -> str:
    """The body of a note as it was sent."""
    if sent.get("body") is None:
        raise invalid("body is missing")
    text = str(sent["body"])
    if not text.strip() or len(text) > _LONGEST:
        problem = "is too long (maximum is 1000000 characters)" if text.strip() else "can't be blank"
        raise Refused(400, {"message": f'400 Bad request - Note {{:note=>["{problem}"]}}'})
    return text
