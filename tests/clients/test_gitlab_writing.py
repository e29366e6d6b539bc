"""What is written to GitLab: one PUT of a pick, an issue, a note, each sent once and found again."""

from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import IssueEdit, IssueQuery, NewIssue
from secops_oncall.errors import AuthError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import ANA, Reply, Service, asked, gitlab_at, gitlab_with, issue_row

GROUP, ENGINEERING = cast.ACCOUNT, f"{cast.ACCOUNT}/engineering"
MARKER = "<!-- oncall:improvement 0f3a-7c -->"
NEW = NewIssue(ENGINEERING, "Rotate keys by hand no more", "What happened: …", ("oncall-improvement",))


def test_an_edit_is_one_put_that_names_only_what_changes(service: Service, network: Network, cache: Cache) -> None:
    answer = {**issue_row(7, "g/p"), "assignees": [{"username": "ana"}], "labels": ["In Progress"]}
    service.replies = [Reply(body=answer)]
    picked = gitlab_at(service, network, cache).edit(
        reading.issue(issue_row(7, "g/p"), "https://gitlab.com"),
        IssueEdit((ANA.id,), ("In Progress",), ("Backlog", "Later")),
    )
    assert [(seen.method, seen.path, seen.body) for seen in service.seen] == [
        (
            "PUT",
            "/api/v4/projects/3/issues/7",
            {"assignee_ids": [11], "add_labels": "In Progress", "remove_labels": "Backlog,Later"},
        )
    ]
    assert (picked.assignees, picked.labels) == (("ana",), ("In Progress",))


def test_an_edit_keeps_what_it_does_not_name(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    waiting = gitlab.issues(IssueQuery(GROUP, "group", ("Backlog",), assignee="None"))[0]
    sandbox.log.seen.clear()
    picked = gitlab.edit(waiting, IssueEdit((gitlab.me().id,), ("In Progress",), ("Backlog",)))
    assert set(picked.labels) == set(waiting.labels) - {"Backlog"} | {"In Progress"}
    assert (picked.assignees, picked.title, picked.description) == (("ana",), waiting.title, waiting.description)
    assert len(asked(sandbox, "PUT")) == 1
    assert gitlab.issue(waiting.ref) == replace(picked)


def test_an_edit_is_not_sent_again_when_it_is_not_answered(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    waiting = gitlab.issues(IssueQuery(GROUP, "group", ("Backlog",)))[0]
    for fault, answered in (
        (Fault("PUT", "/issues/", drop=True, after=True), None),
        (Fault("PUT", "/issues/", 500), 500),
    ):
        sandbox.log.seen.clear()
        add_fault(sandbox.store, fault)
        with pytest.raises(RemoteError) as caught:
            gitlab.edit(waiting, IssueEdit((ANA.id,), remove=("Backlog",)))
        assert caught.value.answered == answered
        assert len(asked(sandbox, "PUT")) == 1


def test_read_only_token_is_told_its_scope(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache
) -> None:
    waiting = gitlab.issues(IssueQuery(GROUP, "group", ("Backlog",)))[0]
    reader = gitlab_with(sandbox, network, cache, "ana-readonly")
    with pytest.raises(AuthError, match="lacks the scope `api`"):
        reader.edit(waiting, IssueEdit((ANA.id,), ("In Progress",)))


def test_a_note_that_carries_markers_is_internal_and_found_again(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    ref, markers = "acme-security/operations#103", ["<!-- oncall:ack Q1 -->", "<!-- oncall:ack Q2 -->"]
    note = gitlab.add_note(ref, "Ana has it.", markers, internal=True)
    assert (note.internal, note.author, note.text) == (True, "ana", "Ana has it.")
    assert gitlab.marked(ref, [*markers, "<!-- oncall:ack Q3 -->"]) == dict.fromkeys(markers, note)


def test_a_marker_in_anybody_else_s_note_counts_for_nothing(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache
) -> None:
    ref, markers = "acme-security/operations#103", ["<!-- oncall:ack Q1 -->"]
    ben = gitlab_with(sandbox, network, cache, "ben")
    ben.add_note(ref, "forged", markers, internal=False)
    assert gitlab.marked(ref, markers) == {}


def test_a_note_is_never_sent_twice(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("POST", "/notes", drop=True, after=True))
    with pytest.raises(RemoteError) as caught:
        gitlab.add_note("acme-security/operations#103", "Ana has it.", ["<!-- oncall:ack Q1 -->"], internal=True)
    assert caught.value.in_doubt
    assert len(asked(sandbox, "POST")) == 1


@pytest.mark.parametrize(
    ("edit", "body"),
    [
        (IssueEdit(assignees=()), {"assignee_ids": [0]}),
        (IssueEdit(assignees=(11, 12)), {"assignee_ids": [11, 12]}),
        (IssueEdit(due_date="2026-12-06"), {"due_date": "2026-12-06"}),
        (IssueEdit(due_date=""), {"due_date": ""}),
        (IssueEdit(close=True, remove=("In Progress",)), {"remove_labels": "In Progress", "state_event": "close"}),
        (
            IssueEdit((11,), ("In Progress",), ("Backlog",), "2026-12-06"),
            {
                "assignee_ids": [11],
                "add_labels": "In Progress",
                "remove_labels": "Backlog",
                "due_date": "2026-12-06",
            },
        ),
    ],
)
def test_an_edit_s_body_has_what_it_names_and_nothing_else(
    service: Service, network: Network, cache: Cache, edit: IssueEdit, body: dict[str, Any]
) -> None:
    service.replies = [Reply(body=issue_row(7, "g/p"))]
    gitlab_at(service, network, cache).edit(reading.issue(issue_row(7, "g/p"), "https://gitlab.com"), edit)
    assert [seen.body for seen in service.seen] == [body]


def test_an_issue_is_created_in_one_request_and_found_by_its_marker(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    assert gitlab.created(ENGINEERING, MARKER) is None
    made = gitlab.create(NEW, MARKER)
    assert (made.project, made.title, made.labels, made.confidential) == (
        ENGINEERING,
        NEW.title,
        ("oncall-improvement",),
        False,
    )
    assert (made.author, made.description) == ("ana", NEW.description)  # no marker in what is shown
    assert len(asked(sandbox, "POST")) == 1
    assert gitlab.created(ENGINEERING, MARKER) == made
    assert gitlab.created(ENGINEERING, MARKER.replace("7c", "7d")) is None
    gitlab.edit(made, IssueEdit(close=True))
    found = gitlab.created(ENGINEERING, MARKER)
    assert found
    assert (found.id, found.state) == (made.id, "closed")


def test_a_risk_is_created_confidential(gitlab: GitLabClient) -> None:
    assert gitlab.create(replace(NEW, confidential=True, labels=()), MARKER).confidential


def test_a_forged_marker_in_another_s_issue_counts_for_nothing(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache
) -> None:
    gitlab_with(sandbox, network, cache, "ben").create(NEW, MARKER)
    assert gitlab.created(ENGINEERING, MARKER) is None


def test_a_server_that_lists_others_issues_as_mine_is_not_believed(
    service: Service, network: Network, cache: Cache
) -> None:
    def row(number: int, author: int) -> dict[str, Any]:
        told = {"author": {"id": author, "username": "ana"}, "description": f"text\n{MARKER}"}
        return {**issue_row(number, "g/p"), **told}

    user = Reply(body={"id": 11, "username": "ana", "name": "Ana Ferreira"})
    service.replies = [user, Reply(body=[row(3, 12), {**row(4, 11), "author": None}, row(5, 11)])]
    found = gitlab_at(service, network, cache).created("g/p", MARKER)
    assert found
    assert found.iid == 5
    assert all(word in service.seen[1].path for word in ("scope=created_by_me", "state=all", "sort=desc"))


def test_an_issue_is_never_sent_twice_and_found_where_the_answer_was_lost(
    gitlab: GitLabClient, sandbox: Sandbox
) -> None:
    add_fault(sandbox.store, Fault("POST", "/issues", drop=True, after=True))
    with pytest.raises(RemoteError) as caught:
        gitlab.create(NEW, MARKER)
    assert caught.value.in_doubt
    assert len(asked(sandbox, "POST")) == 1
    found = gitlab.created(ENGINEERING, MARKER)
    assert found
    assert found.title == NEW.title
