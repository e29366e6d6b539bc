"""What happened to GitLab's issues: notes, label and state events, and what I said myself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from secops_oncall import threads
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab_api import OLDEST_FIRST, ForbiddenError, GitLabApi, issue_at
from secops_oncall.clients.gitlab_listing import PAGE
from secops_oncall.domain.issues import Activity, IssueNote, LabelEvent, LinkedIssue, OwnComment

# GitLab leaves out the whole day that it is asked for, and days begin in the server's own time zone, which may be
# nearly a day behind UTC (GitLab's events_finder.rb).
_DAYS_BEFORE = timedelta(days=2)


def notes(api: GitLabApi, ref: str) -> list[IssueNote]:
    """The notes of an issue, oldest first."""
    found = api.every(ref, f"{issue_at(ref)}/notes", reading.note, OLDEST_FIRST, "notes")
    return sorted(found, key=lambda note: (note.at, note.id))


def merge_requests(api: GitLabApi, ref: str) -> list[LinkedIssue]:
    """The merge requests that are related to an issue (doc/api/issues.md); none for a token that may not list them."""

    def ask(gl: Any) -> Any:
        path = f"{issue_at(ref)}/related_merge_requests"
        return gl.http_list(path, get_all=False, per_page=PAGE, obey_rate_limit=False)

    try:
        return api.get(ref, ask, lambda rows: [reading.linked(each, api.address) for each in rows])
    except ForbiddenError:
        return []


def label_events(api: GitLabApi, ref: str) -> list[LabelEvent]:
    """Label events, oldest first (doc/api/resource_label_events.md); those of labels that are gone are left out."""
    found = api.every(ref, f"{issue_at(ref)}/resource_label_events", reading.label_event, {})
    return sorted((event for event in found if event), key=lambda event: event.id)


def activity(api: GitLabApi, ref: str) -> list[Activity]:
    """Notes, label events and state events side by side, oldest first: label and state changes are in no note."""
    path = issue_at(ref)
    labels = threads.start(lambda: api.every(ref, f"{path}/resource_label_events", reading.labelled, {}))
    states = threads.start(lambda: api.every(ref, f"{path}/resource_state_events", reading.state_change, {}))
    said = api.every(ref, f"{issue_at(ref)}/notes", reading.said, OLDEST_FIRST)
    return sorted([*said, *labels.result(), *states.result()], key=lambda one: one.at)


def my_comments(api: GitLabApi, since: datetime) -> list[OwnComment]:
    """My comments on issues since a moment; AuthError for a token without the scope that this takes.

    `read_api` isn't enough (doc/api/events.md). Every comment is asked for: the filter `target_type=note` leaves out
    answers in a thread.
    """
    asked = {"action": "commented", "after": f"{since.astimezone(UTC) - _DAYS_BEFORE:%Y-%m-%d}"}
    found = api.every("your own events", "/events", reading.own_comment, asked)
    return [comment for comment in found if comment and comment.at >= since]
