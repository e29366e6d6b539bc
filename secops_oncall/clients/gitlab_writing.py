"""Writing to GitLab's issues, each time in one request that is sent once, and finding again what was written."""

from collections.abc import Sequence

from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import OLDEST_FIRST, GitLabApi, Json, issue_at, place_at
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote, NewIssue

# The one that is looked for was made a moment ago as a rule.
_NEWEST_FIRST = {"order_by": "created_at", "sort": "desc"}


def edit(api: GitLabApi, issue: Issue, wanted: IssueEdit) -> Issue:
    """ONE request; answers the issue as GitLab has it then (doc/api/issues.md, "Edit an issue")."""
    path, body = f"{place_at('project', issue.project_id or issue.project)}/issues/{issue.iid}", changes(wanted)
    return api.get(
        issue.ref,
        lambda gl: gl.http_put(path, post_data=body, obey_rate_limit=False),
        lambda json: reading.issue(json, api.address),
    )


def changes(wanted: IssueEdit) -> Json:
    """An edit as GitLab's body has it; nobody at all is `[0]` there (gitlab.md, "Writing issues").

    Not `labels`, which would replace the whole set.
    """
    body: Json = {}
    if wanted.assignees is not None:
        body["assignee_ids"] = list(wanted.assignees) or [0]
    if wanted.add:
        body["add_labels"] = ",".join(wanted.add)
    if wanted.remove:
        body["remove_labels"] = ",".join(wanted.remove)
    if wanted.due_date is not None:
        body["due_date"] = wanted.due_date
    if wanted.description is not None:
        body["description"] = wanted.description
    if wanted.close:
        body["state_event"] = "close"
    return body


def create(api: GitLabApi, new: NewIssue, marker: str) -> Issue:
    """Make an issue, its marker at the end of its description (POST /projects/{id}/issues)."""
    body: Json = {"title": new.title, "description": f"{new.description}\n\n{marker}"}
    if new.labels:
        body["labels"] = ",".join(new.labels)
    if new.confidential:
        body["confidential"] = True
    if new.assignees:
        body["assignee_ids"] = list(new.assignees)
    path = f"{place_at('project', new.project)}/issues"
    return api.get(
        new.project,
        lambda gl: gl.http_post(path, post_data=body, obey_rate_limit=False),
        lambda json: reading.issue(json, api.address),
    )


def created(api: GitLabApi, me: GitLabUser, project: str, marker: str) -> Issue | None:
    """My own issue of any state whose raw description carries the marker; in anybody else's it counts for nothing.

    All of mine are looked through: GitLab's search doesn't see into comments on every server, since PostgreSQL's
    takes them for tags (GitLab's pg_full_text_searchable.rb).
    """

    def read(json: Json) -> Issue | None:
        is_it = marker in str(json.get("description") or "") and int((json.get("author") or {}).get("id") or 0) == me.id
        return reading.issue(json, api.address) if is_it else None

    asked = {"state": "all", "scope": "created_by_me", **_NEWEST_FIRST}
    found = api.every(project, f"{place_at('project', project)}/issues", read, asked)
    return next((issue for issue in found if issue), None)


def add_note(api: GitLabApi, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
    """Write a note; the answer tells whether it is internal, which GitLab need not honour (gitlab.md, "Notes")."""
    body = {"body": "\n".join([text, "", *markers]), "internal": internal}
    path = f"{issue_at(ref)}/notes"
    return api.get(ref, lambda gl: gl.http_post(path, post_data=body, obey_rate_limit=False), reading.note)


def update_note(api: GitLabApi, ref: str, id: int, text: str, mark: str) -> IssueNote:
    """Another text in a note of one's own: only its author can change it (PUT …/notes/{id}, gitlab.md, "Notes")."""
    body = {"body": f"{text}\n\n{mark}"}
    path = f"{issue_at(ref)}/notes/{id}"
    return api.get(ref, lambda gl: gl.http_put(path, post_data=body, obey_rate_limit=False), reading.note)


def marked(api: GitLabApi, me: GitLabUser, ref: str, markers: Sequence[str]) -> dict[str, IssueNote]:
    """My own notes by the marker in their raw body: anybody can write what looks like one of ours."""
    found = api.every(ref, f"{issue_at(ref)}/notes", reading.signed_note, OLDEST_FIRST)
    mine = [(body, note) for author, body, note in found if author == me.id]
    return {marker: note for body, note in mine for marker in markers if marker in body}
