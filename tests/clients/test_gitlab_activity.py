"""What happened to an issue: its notes, label events and state events, and what I said anywhere."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import Activity, GitLabUser, IssueEdit, OwnComment
from secops_oncall.errors import AuthError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.gitlab_records import add_label_event, add_note, labels_of
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import ANA, Reply, Request, Service, flood, gitlab_at, gitlab_with
from tests.sandbox.conftest import NOW, SettableClock

OPERATIONS = cast.INCIDENTS_PROJECT


def test_notes_are_whole_and_oldest_first(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    ref = f"{OPERATIONS}#5000"
    flood(sandbox, 1)
    with sandbox.store.state() as state:
        issue = state.get("gitlab_issue", "72/5000")
        assert issue is not None
        for number in range(120):
            add_note(state, issue, 12, f"n{number}\r\nmore", NOW - timedelta(minutes=number), internal=number == 0)
    notes = gitlab.notes(ref)
    assert [note.text for note in notes] == [f"n{number}\nmore" for number in reversed(range(120))]
    assert (notes[-1].author, notes[-1].internal, notes[-1].system) == ("ben", True, False)


def event_row(number: int, **more: Any) -> dict[str, Any]:
    """A label event as GitLab shows it."""
    user = {"id": 11, "username": "ana", "name": "Ana Ferreira"}
    label = {"id": 1, "name": "In Progress"}
    return {"id": number, "user": user, "created_at": "2026-11-23T10:00:00Z", "label": label, "action": "add", **more}


def test_label_events_are_read_to_the_last_page_in_the_order_they_happened(
    gitlab: GitLabClient, sandbox: Sandbox
) -> None:
    flood(sandbox, 1)
    with sandbox.store.state() as state:
        issue = state.get("gitlab_issue", "72/5000")
        project = state.get("gitlab_project", 72)
        assert issue
        assert project
        doing = labels_of(state, project)["In Progress"]
        for number in range(130):
            add_label_event(state, issue, 11 + number % 2, doing, "remove" if number % 2 else "add", NOW)
    events = gitlab.label_events(f"{OPERATIONS}#5000")
    assert [event.action for event in events] == ["add", "remove"] * 65
    assert [event.id for event in events] == sorted(event.id for event in events)
    assert (events[1].user.username, events[1].label, events[1].at) == ("ben", "In Progress", NOW)


def test_an_event_of_a_label_or_a_user_that_is_gone_is_no_stumbling_block(
    service: Service, network: Network, cache: Cache
) -> None:
    rows = [event_row(3), event_row(1, label=None), event_row(2, user=None, label={"name": "Back\x1b[2Jlog"})]
    service.replies = [Reply(body=rows)]
    events = gitlab_at(service, network, cache).label_events("g/p#1")
    assert [(event.id, event.user, event.label) for event in events] == [
        (2, GitLabUser(0, "", ""), "Backlog"),
        (3, ANA, "In Progress"),
    ]


def test_activity_is_notes_label_events_and_state_events_in_one_order(
    gitlab: GitLabClient, sandbox: Sandbox, clock: SettableClock
) -> None:
    issue = gitlab.issue(f"{OPERATIONS}#102")
    before = gitlab.activity(issue.ref)
    for step in (IssueEdit(add=("runbook",)), IssueEdit(remove=("runbook",)), IssueEdit(close=True)):
        clock.forward(minutes=1)
        gitlab.edit(issue, step)
    clock.forward(minutes=1)
    gitlab.add_note(issue.ref, "Done.", [], internal=True)
    sandbox.log.seen.clear()
    add_fault(sandbox.store, Fault("GET", "/issues/102", hold=0.3, times=3))
    happened = gitlab.activity(issue.ref)
    minutes = [NOW + timedelta(minutes=number) for number in range(1, 5)]
    assert happened[: len(before)] == before
    assert happened[len(before) :] == [
        Activity(minutes[0], "ana", "label", "added runbook"),
        Activity(minutes[1], "ana", "label", "removed runbook"),
        Activity(minutes[2], "ana", "state", "closed"),
        Activity(minutes[3], "ana", "comment", "Done.", internal=True),
    ]
    assert (len(sandbox.log.seen), sandbox.log.waves()) == (3, 1)


def test_activity_tells_of_what_is_gone_what_can_be_told(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        rows = [event_row(1, label=None, user=None, action="remove")] if "label_events" in request.path else []
        return Reply(body=rows)

    service.answering = answer
    assert gitlab_at(service, network, cache).activity("g/p#1") == [
        Activity(datetime(2026, 11, 23, 10, tzinfo=UTC), "", "label", "removed a label that is gone")
    ]


def test_activity_that_can_t_be_read_whole_is_an_error(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("GET", "resource_state_events", status=502, times=-1))
    with pytest.raises(RemoteError, match="502"):
        gitlab.activity(f"{OPERATIONS}#102")


def comment_row(number: int, at: str, **note: Any) -> dict[str, Any]:
    """An event of mine as GitLab shows it: a comment."""
    told = {"id": number, "noteable_type": "Issue", "noteable_iid": number, **note}
    return {"id": number, "project_id": 72, "action_name": "commented on", "created_at": at, "note": told}


def test_my_comments_are_those_on_issues_since_a_moment(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [
        Reply(
            body=[
                comment_row(1, "2026-11-23T09:59:59Z"),
                comment_row(2, "2026-11-23T10:00:00Z"),
                comment_row(3, "2026-11-23T11:00:00Z", noteable_type="MergeRequest"),
                comment_row(4, "2026-11-23T11:00:00Z", noteable_iid=None),
                {"id": 5, "project_id": 72, "action_name": "opened", "created_at": "2026-11-23T11:00:00Z"},
            ]
        )
    ]
    since = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert gitlab_at(service, network, cache).my_comments(since) == [OwnComment(72, 2, since)]
    assert service.seen[0].path.startswith("/api/v4/events?")


def test_my_comments_are_asked_for_from_a_day_that_is_early_enough_on_any_server(
    service: Service, network: Network, cache: Cache
) -> None:
    """`after` leaves out the whole day, which may begin 12 hours after UTC's and is not the engineer's either."""
    service.replies = [Reply(body=[])]
    west = timezone(timedelta(hours=-8))
    gitlab_at(service, network, cache).my_comments(datetime(2026, 11, 22, 17, tzinfo=west))
    assert parse_qs(urlsplit(service.seen[0].path).query)["after"] == ["2026-11-21"]


def test_a_token_that_may_not_list_events_has_no_empty_list_but_an_error(
    service: Service, network: Network, cache: Cache
) -> None:
    told = {"error": "insufficient_scope", "error_description": "…", "scope": "api read_user"}
    service.replies = [Reply(403, told), Reply(401, {"message": "401 Unauthorized"})]
    gitlab = gitlab_at(service, network, cache)
    for why in ("lacks the scope `api read_user`", "rejects the token"):
        with pytest.raises(AuthError, match=why):
            gitlab.my_comments(NOW)


def test_my_comments_over_the_whole_of_gitlab(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache, clock: SettableClock
) -> None:
    clock.forward(days=2)
    for ref in (f"{OPERATIONS}#102", "acme-security/engineering#210"):
        gitlab.add_note(ref, "Looking.", [], internal=True)
    gitlab_with(sandbox, network, cache, "ben").add_note(f"{OPERATIONS}#103", "So am I.", [], internal=False)
    expected = [OwnComment(71, 210, clock.now), OwnComment(72, 102, clock.now)]
    assert sorted(gitlab.my_comments(clock.now), key=lambda one: one.project_id) == expected
    assert gitlab.my_comments(clock.now + timedelta(seconds=1)) == []
    with pytest.raises(AuthError):
        gitlab_with(sandbox, network, cache, "ana-readonly").my_comments(clock.now)
