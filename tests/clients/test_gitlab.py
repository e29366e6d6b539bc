"""What the GitLab client asks for issues and reads of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.errors import NotFoundError
from secops_oncall.ports import GitLab
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import ANA, Reply, Request, Service, gitlab_at, issue_row
from tests.sandbox.conftest import NOW

GROUP, OPERATIONS = cast.ACCOUNT, cast.INCIDENTS_PROJECT


def test_client_is_the_port(gitlab: GitLabClient) -> None:
    port: GitLab = gitlab
    assert port.me() == ANA


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


def test_every_filter_goes_by_the_name_that_gitlab_has_for_it(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body=[])]
    gitlab = gitlab_at(service, network, cache)

    def sent(**wanted: Any) -> dict[str, str]:
        gitlab.issues(IssueQuery("g/p", "project", **wanted))
        sent = dict(parse_qsl(urlsplit(service.seen[-1].path).query, keep_blank_values=True))
        always = {"state": "opened", "scope": "all", "order_by": "created_at", "sort": "asc", "per_page": "100"}
        assert sent.items() >= always.items()
        return {name: value for name, value in sent.items() if name not in always}

    assert sent() == {}
    assert sent(labels=("a b", "c::d"), without=("Backlog", "In Progress")) == {
        "labels": "a b,c::d",
        "not[labels]": "Backlog,In Progress",
    }
    assert sent(milestone="18.1", weight=0) == {"milestone": "18.1", "weight": "0"}
    assert sent(milestone="Started", weight=-2) == {"milestone_id": "Started", "weight": "None"}
    assert sent(assignee="None") == {"assignee_id": "None"}
    assert sent(assignee="ana") == {"assignee_username[]": "ana"}
    assert sent(updated_after=NOW, confidential=False) == {
        "updated_after": "2026-11-23T14:30:00Z",
        "confidential": "false",
    }


def test_a_description_is_left_out_where_nobody_wants_it_but_the_page_in_it_is_read(gitlab: GitLabClient) -> None:
    described = gitlab.issues(IssueQuery(OPERATIONS, "project", search="Q1LEAKEDKEY0005"))
    bare = gitlab.issues(IssueQuery(OPERATIONS, "project", search="Q1LEAKEDKEY0005", described=False))
    assert described[0].description
    assert bare == [replace(described[0], description="")]
    assert bare[0].page == "Q1LEAKEDKEY0005"


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


def test_links(gitlab: GitLabClient) -> None:
    links = gitlab.links(f"{OPERATIONS}#101")
    assert ("acme-security/engineering", "ben") in {(link.ref.partition("#")[0], *link.assignees) for link in links}
    assert all(link.title and link.url and link.state == "opened" for link in links)


def test_merge_requests_that_are_related(
    service: Service, network: Network, cache: Cache, gitlab: GitLabClient
) -> None:
    assert gitlab.merge_requests(f"{OPERATIONS}#101") == []
    row = {
        **issue_row(3, "acme/infra"),
        "references": {"full": "acme/infra!3"},
        "title": "Rotate \x1b[31mkeys",
        "state": "merged",
        "assignees": [{"username": "eva"}],
    }
    service.replies = [Reply(body=[row])]
    (found,) = gitlab_at(service, network, cache).merge_requests("acme/operations#7")
    assert (found.ref, found.title, found.state, found.assignees) == ("acme/infra!3", "Rotate keys", "merged", ("eva",))
    path, _, query = service.seen[-1].path.partition("?")
    assert path == "/api/v4/projects/acme%2Foperations/issues/7/related_merge_requests"
    assert "per_page=100" in query


def test_a_token_that_may_not_list_merge_requests_gets_none(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(403, {"message": "403 Forbidden"})]
    assert gitlab_at(service, network, cache).merge_requests("acme/operations#7") == []
    service.replies = [Reply(404, {"message": "404 Not found"})]
    with pytest.raises(NotFoundError):
        gitlab_at(service, network, cache).merge_requests("acme/operations#7")
