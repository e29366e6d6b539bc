"""GitLab's lists to their end, and what becomes of every failure."""

import json
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients import gitlab_reading as reading
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.errors import AuthError, NotFoundError, RejectedError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, flood, gitlab_at, issue_row


def test_token_goes_as_bearer(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body={"id": 1, "username": "ana", "name": "Ana"})]
    gitlab_at(service, network, cache).me()
    assert service.seen[0].headers["authorization"] == "Bearer glpat-s3cret"
    assert service.seen[0].headers["user-agent"] == "secops-oncall"
    assert "private-token" not in service.seen[0].headers


def test_list_of_several_pages_is_two_waves(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    flood(sandbox, 450)
    add_fault(sandbox.store, Fault("GET", "/issues", times=-1, hold=0.3))
    issues = gitlab.issues(IssueQuery(cast.INCIDENTS_PROJECT, "project", ("flood",)))
    assert len({issue.iid for issue in issues}) == len(issues) == 450
    assert len(sandbox.log.seen) == 5
    assert sandbox.log.waves() == 2
    assert [issue.created_at for issue in issues] == sorted(issue.created_at for issue in issues)


def test_list_without_a_total_is_read_to_its_end(service: Service, network: Network, cache: Cache) -> None:
    """Over 10,000 rows GitLab tells no number of pages, only which one is next."""

    def answer(request: Request) -> Reply:
        number = int(request.path.replace("per_page", "").partition("page=")[2].partition("&")[0] or 1)
        link = f'<{service.address}/api/v4/projects/g%2Fp/issues?page={number + 1}&per_page=100>; rel="next"'
        return Reply(body=[issue_row(number, "g/p")], headers={"Link": link} if number < 4 else {})

    service.answering = answer
    issues = gitlab_at(service, network, cache).issues(IssueQuery("g/p", "project"))
    assert [issue.iid for issue in issues] == [1, 2, 3, 4]


def test_endless_list_is_an_error(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        link = f'<{service.address}/api/v4/projects/g%2Fp/issues?page=2&per_page=100>; rel="next"'
        return Reply(body=[issue_row(number, "g/p") for number in range(100)], headers={"Link": link})

    service.answering = answer
    with pytest.raises(RemoteError, match="not what its API sends"):
        gitlab_at(service, network, cache).issues(IssueQuery("g/p", "project"))
    assert len(service.seen) < 5


def test_row_that_comes_twice_is_one(service: Service, network: Network, cache: Cache) -> None:
    """The list grew while it was read: the last of the first page is the first of the second."""
    first, second = [issue_row(1, "g/p"), issue_row(2, "g/p")], [issue_row(2, "g/p"), issue_row(3, "g/p")]
    service.answering = lambda request: Reply(
        body=second if "&page=2" in request.path else first, headers={"X-Total-Pages": "2"}
    )
    assert [issue.iid for issue in gitlab_at(service, network, cache).issues(IssueQuery("g/p", "project"))] == [1, 2, 3]


def test_link_to_another_host_is_asked_of_ours(
    service: Service, elsewhere: Service, network: Network, cache: Cache
) -> None:
    """A GitLab behind a proxy may not know under which address it is reached."""
    link = f'<{elsewhere.address}/api/v4/projects/g%2Fp/issues?page=2&per_page=100>; rel="next"'
    service.replies = [Reply(body=[issue_row(1, "g/p")], headers={"Link": link}), Reply(body=[issue_row(2, "g/p")])]
    issues = gitlab_at(service, network, cache).issues(IssueQuery("g/p", "project"))
    assert [issue.iid for issue in issues] == [1, 2]
    assert elsewhere.seen == []


def test_link_that_is_no_path_of_the_api_gets_nothing(
    service: Service, elsewhere: Service, network: Network, cache: Cache
) -> None:
    link = f'<{elsewhere.address}/evil?page=2>; rel="next"'
    service.replies = [Reply(body=[issue_row(1, "g/p")], headers={"Link": link})]
    with pytest.raises(RemoteError, match="the token stays here"):
        gitlab_at(service, network, cache).issues(IssueQuery("g/p", "project"))
    assert elsewhere.seen == []


def test_short_page_of_notes_is_not_the_end(service: Service, network: Network, cache: Cache) -> None:
    """What the token may not read is left out after paging (gitlab.md, "Pagination")."""

    def answer(request: Request) -> Reply:
        number = 2 if "page=2" in request.path.replace("per_page", "") else 1
        link = f'<{service.address}{request.path.split("?")[0]}?page=2&per_page=100>; rel="next"'
        rows = [] if number == 1 else [{"id": 2, "created_at": "2026-11-23T10:00:00Z", "body": "hello"}]
        return Reply(body=rows, headers={"X-Total-Pages": "2", **({"Link": link} if number == 1 else {})})

    service.answering = answer
    assert [note.text for note in gitlab_at(service, network, cache).notes("g/p#1")] == ["hello"]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(401, {"message": "401 Unauthorized"}), AuthError, "rejects the token from ONCALL_GITLAB_TOKEN"),
        (Reply(403, {"message": "403 Forbidden"}), AuthError, "may not do this to group g: 403 Forbidden"),
        (Reply(403, "<html>", kind="text/html"), AuthError, "may not do this"),
        (Reply(404, {"message": "404 Group Not Found"}), NotFoundError, "g: not found or no access"),
        (Reply(400, {"message": {"bio": ["is too long", "is\x1b[2J bad"]}}), RejectedError, "bio is too long, is bad"),
        (Reply(400, {"error": "state does not have a valid value"}), RejectedError, "state does not have"),
        (Reply(409, {"message": "409 Conflict"}), RejectedError, "409 Conflict"),
        (Reply(412, {}), RejectedError, "refused group g"),
        (Reply(422, {"message": ["one", "two"]}), RejectedError, "one, two"),
        (Reply(200, "{nonsense"), RemoteError, "not what its API sends"),
        (Reply(200, {"id": 1}), RemoteError, "not what its API sends"),
        (Reply(200, [{"id": 1}]), RemoteError, "not what its API sends"),
        (Reply(200, [1]), RemoteError, "not what its API sends"),
        (Reply(200, ""), RemoteError, "not what its API sends"),
        (Reply(200, [], headers={"X-Total-Pages": "many"}), RemoteError, "not what its API sends"),
        (Reply(302, headers={"Location": "/same"}), RemoteError, "not what its API sends"),
    ],
)
def test_every_failure_is_one_of_ours_without_the_token(
    service: Service, network: Network, cache: Cache, reply: Reply, kind: type[Exception], words: str
) -> None:
    service.replies = [reply]
    with pytest.raises(kind, match=words) as caught:
        gitlab_at(service, network, cache).issues(IssueQuery("g", "group"))
    assert isinstance(caught.value, AuthError | NotFoundError | RemoteError)
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_rate_limit_does_not_wait_as_the_library_would(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(429, "Retry later", {"Retry-After": "3600"}, kind="text/plain")]
    with pytest.raises(RemoteError, match="429") as caught:
        gitlab_at(service, network, cache).me()
    assert caught.value.answered == 429
    assert len(service.seen) == 1, "an hour is longer than anybody waits"


def test_documented_samples_are_read(shared: Path) -> None:
    def sample(name: str) -> Any:
        return json.loads((shared / "samples" / "gitlab" / name).read_text("utf-8"))

    base = "http://gitlab.example.com"
    assert [reading.issue(row, base).ref for row in sample("group_issues.json")] == ["my-group/my-project#1"]
    reading.issue({**sample("project_issue.json"), **sample("issue_premium_fields.json")}, base)
    reading.issue(sample("issue_updated.json"), base)
    assert [reading.note(row).author for row in sample("issue_notes.json")]
    assert reading.linked(sample("issue_links.json")[0], "http://example.com").ref == "example/example#14"
    assert reading.board(sample("group_boards.json")[0], "g", "group").lists == ("Testing", "Ready", "Production")
    assert not reading.user(sample("user.json")).bot
