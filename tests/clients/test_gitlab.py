"""What the GitLab client asks and reads: issues, notes, links, boards, labels, and the one PUT of a pick."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import Board, GitLabUser, IssueEdit, IssueQuery
from secops_oncall.errors import AuthError, NotFoundError, RemoteError
from secops_oncall.ports import GitLab
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.gitlab_records import add_note
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, asked, flood, gitlab_at, issue_row
from tests.sandbox.conftest import NOW, SettableClock

GROUP, OPERATIONS = cast.ACCOUNT, cast.INCIDENTS_PROJECT
ANA = GitLabUser(11, "ana", "Ana Ferreira")


def of(sandbox: Sandbox, network: Network, cache: Cache, token: str) -> GitLabClient:
    return GitLabClient(sandbox.addresses.gitlab, token, network=network, cache=cache)


def test_client_is_the_port(gitlab: GitLabClient) -> None:
    port: GitLab = gitlab
    assert port.me() == ANA


def test_me_is_asked_once_a_day(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache, clock: SettableClock
) -> None:
    token = cast.token("gitlab")
    assert [gitlab.me(), gitlab.me(), of(sandbox, network, cache, token).me()] == [ANA] * 3
    assert asked(sandbox, "GET") == ["/gitlab/api/v4/user"]
    clock.forward(hours=25)
    assert of(sandbox, network, cache, token).me() == ANA
    assert len(asked(sandbox, "GET")) == 2


def test_bot_is_answered_as_one(sandbox: Sandbox, network: Network, cache: Cache) -> None:
    assert of(sandbox, network, cache, "sandbox-gitlab-bot").me().bot


def test_issues_of_a_group_are_those_of_its_projects(gitlab: GitLabClient) -> None:
    issues = gitlab.issues(IssueQuery(GROUP, "group", ("oncall",)))
    assert {issue.project for issue in issues} == {f"{GROUP}/engineering", OPERATIONS}
    assert all(issue.state == "opened" and "oncall" in issue.labels for issue in issues)


def test_labels_must_all_be_there(gitlab: GitLabClient) -> None:
    issues = gitlab.issues(IssueQuery(GROUP, "group", ("oncall", "identity", "automation")))
    assert [issue.title for issue in issues] == ["Contractors keep VPN access after their contracts end"]


@pytest.mark.parametrize(
    ("state", "found"), [("opened", {"opened"}), ("closed", {"closed"}), ("all", {"opened", "closed"})]
)
def test_state_is_always_sent(gitlab: GitLabClient, sandbox: Sandbox, state: Any, found: set[str]) -> None:
    assert {issue.state for issue in gitlab.issues(IssueQuery(OPERATIONS, "project", state=state))} == found
    assert f"state={state}" in sandbox.log.seen[-1].query


def test_filters(gitlab: GitLabClient) -> None:
    def count(**wanted: Any) -> int:
        return len(gitlab.issues(IssueQuery(OPERATIONS, "project", **wanted)))

    everything = gitlab.issues(IssueQuery(OPERATIONS, "project"))
    assert count(assignee="None") == sum(not issue.assignees for issue in everything)
    assert 0 < count(assignee="ana") == sum("ana" in issue.assignees for issue in everything)
    assert count(confidential=False) == sum(not issue.confidential for issue in everything)
    assert 0 < count(confidential=True) == sum(issue.confidential for issue in everything)
    recent = NOW - timedelta(hours=3)
    assert 0 < count(updated_after=recent) == sum(issue.updated_at >= recent for issue in everything)
    assert [issue.page for issue in gitlab.issues(IssueQuery(OPERATIONS, "project", search="Q1LEAKEDKEY0005"))] == [
        "Q1LEAKEDKEY0005"
    ]


def test_issue_is_read_whole(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    issue = gitlab.issue(f"{OPERATIONS}#101")
    assert (issue.ref, issue.iid, issue.project, issue.project_id) == (f"{OPERATIONS}#101", 101, OPERATIONS, 72)
    assert issue.url == f"{sandbox.addresses.gitlab}/{OPERATIONS}/-/issues/101"
    assert issue.page == "Q1LEAKEDKEY0005"
    assert issue.confidential
    assert "incident" in issue.labels


def test_hostile_text_arrives_clean(gitlab: GitLabClient) -> None:
    issue = next(issue for issue in gitlab.issues(IssueQuery(GROUP, "group", search="Reported mail")))
    notes = gitlab.notes(issue.ref)
    assert issue.title.startswith("Reported mail: /close /assign @chen Invoice overdue")
    assert "\n/close\n/assign @chen\n" in issue.description
    for text in (issue.title, issue.description, *(note.text for note in notes)):
        assert not {"\x1b", "\x9b", "\r", "\x07", "\u202e", "\u200b"} & set(text)
        assert "oncall:handoff" not in text


def test_issue_without_access_is_not_found(gitlab: GitLabClient) -> None:
    for ref in (f"{OPERATIONS}#4040", "acme-security/nothing#1"):
        with pytest.raises(NotFoundError, match=f"{ref}: not found or no access"):
            gitlab.issue(ref)


def test_issue_of_a_moved_project_is_followed(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        if "old" in request.path:
            return Reply(301, headers={"Location": request.path.replace("old", "new")})
        return Reply(body=issue_row(7, "g/new"))

    service.answering = answer
    assert gitlab_at(service, network, cache).issue("g/old#7").ref == "g/new#7"
    assert service.seen[-1].headers["authorization"] == "Bearer glpat-s3cret"


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


def test_links(gitlab: GitLabClient) -> None:
    links = gitlab.links(f"{OPERATIONS}#101")
    assert ("acme-security/engineering", "ben") in {(link.ref.partition("#")[0], *link.assignees) for link in links}
    assert all(link.title and link.url and link.state == "opened" for link in links)


def test_board_by_exact_name_or_another_case(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    board = Board(12, "On-call", GROUP, "group", cast.LISTS)
    assert gitlab.board(GROUP, "On-call") == board
    assert gitlab.board(GROUP, "on-CALL") == board
    assert gitlab.board(GROUP, "On-call") == board
    assert len(asked(sandbox, "GET")) == 2


def test_board_of_a_project(service: Service, network: Network, cache: Cache) -> None:
    lists = [
        {"id": 2, "position": 1, "label": {"name": "Doing"}},
        {"id": 1, "position": 0, "label": {"name": "Backlog\x1b[0m"}},
        {"id": 3, "position": 2, "label": None, "milestone": {"title": "10.0"}},
    ]
    body = [{"id": 5, "name": "Work", "lists": lists, "labels": [{"name": "team::sec"}]}]
    service.answering = lambda request: Reply(404) if "/groups/" in request.path else Reply(body=body)
    board = gitlab_at(service, network, cache).board("g/p", "Work")
    assert board == Board(5, "Work", "g/p", "project", ("Backlog", "Doing"), ("team::sec",), others=("milestone",))


def test_board_that_is_not_there_names_those_that_are(gitlab: GitLabClient) -> None:
    with pytest.raises(NotFoundError, match="acme-security has no board 'Offcall'") as caught:
        gitlab.board(GROUP, "Offcall")
    assert "'On-call'" in caught.value.hint
    with pytest.raises(NotFoundError, match="group or project 'no/where': not found"):
        gitlab.board("no/where", "On-call")


def test_missing_labels_are_those_nobody_above_has(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    assert gitlab.missing_labels(OPERATIONS, ["In Progress", "In progress", "nope"]) == ["In progress", "nope"]
    sandbox.log.seen.clear()
    assert gitlab.missing_labels(OPERATIONS, ["In Progress"]) == []
    assert sandbox.log.seen == []
    assert gitlab.missing_labels(OPERATIONS, ["nope"]) == ["nope"]
    assert gitlab.missing_labels(OPERATIONS, []) == []


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
    reader = of(sandbox, network, cache, f"{cast.token('gitlab')}-readonly")
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
    ben = GitLabClient(sandbox.addresses.gitlab, cast.token("gitlab", "ben"), network=network, cache=cache)
    ben.add_note(ref, "forged", markers, internal=False)
    assert gitlab.marked(ref, markers) == {}


def test_a_note_is_never_sent_twice(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("POST", "/notes", drop=True, after=True))
    with pytest.raises(RemoteError) as caught:
        gitlab.add_note("acme-security/operations#103", "Ana has it.", ["<!-- oncall:ack Q1 -->"], internal=True)
    assert caught.value.in_doubt
    assert len(asked(sandbox, "POST")) == 1
