"""Who gets in, how places and users are named, and what the sandbox's GitLab says of itself."""

from typing import Any

import pytest
import requests
from gitlab.exceptions import GitlabAuthenticationError, GitlabUpdateError

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import REDIRECT, TIER, add_label
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.sessions import ENGINEERING, OPERATIONS, ask, gitlab_as


def names(found: list[Any]) -> list[str]:
    return [one.attributes["name"] for one in found]


def test_a_person_is_known_by_either_header_and_is_no_bot(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox, "ben")
    gitlab.auth()
    assert gitlab.user is not None
    assert (gitlab.user.attributes["username"], gitlab.user.attributes["bot"]) == ("ben", False)
    assert ask(sandbox, "/user", login="bot").json()["bot"] is True


@pytest.mark.parametrize("token", ["", "glpat-of-somewhere-else", "sandbox-gitlab-nobody", "sandbox-slack-ana"])
def test_without_a_known_token_nothing_is_told(sandbox: Sandbox, token: str) -> None:
    url = f"{sandbox.addresses.gitlab}/api/v4/version"
    answer = requests.get(url, headers={"PRIVATE-TOKEN": token} if token else {}, timeout=20)
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})
    with pytest.raises(GitlabAuthenticationError):
        gitlab_as(sandbox, "nobody").auth()


def test_a_token_that_only_reads_says_so_and_writes_nothing(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox, "ana-readonly")
    assert gitlab.personal_access_tokens.get("self").attributes["scopes"] == ["read_api"]
    assert gitlab.projects.get(OPERATIONS, lazy=True).issues.get(102).attributes["iid"] == 102
    answer = ask(
        sandbox, "/projects/72/issues/102", login="ana-readonly", method="PUT", json={"title": "changed by a reader"}
    )
    assert answer.status_code == 403
    assert answer.json()["error"] == "insufficient_scope"
    assert "message" not in answer.json()
    with pytest.raises(GitlabUpdateError) as caught:
        gitlab.projects.get(OPERATIONS, lazy=True).issues.update(102, {"title": "changed by a reader"})
    assert caught.value.response_code == 403


def test_a_place_has_an_id_and_a_path_that_must_be_encoded(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox)
    assert gitlab.projects.get(OPERATIONS).attributes["id"] == gitlab.projects.get(72).attributes["id"] == 72
    assert gitlab.groups.get(cast.ACCOUNT).attributes["id"] == gitlab.groups.get(70).attributes["id"] == 70
    assert ask(sandbox, "/projects/Acme-Security%2foperations/issues/102").json()["iid"] == 102
    assert ask(sandbox, "/projects/acme-security/operations/issues/102").status_code == 404


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/projects/9", "404 Project Not Found"),
        ("/projects/acme-security%2Fnone/issues", "404 Project Not Found"),
        ("/groups/none/issues", "404 Group Not Found"),
        ("/projects/72/issues/9999", "404 Not found"),
        ("/projects/72/issues/102/notes/1", "404 Note Not Found"),
        ("/groups/70/boards/1", "404 Board Not Found"),
    ],
)
def test_what_is_not_there_is_named_as_gitlab_does(sandbox: Sandbox, path: str, message: str) -> None:
    answer = ask(sandbox, path)
    assert (answer.status_code, answer.json()) == (404, {"message": message})


def test_a_project_that_moved_is_pointed_to(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        state.put(REDIRECT, "acme-security/soc", {"project": 72})
    path = "/projects/Acme-Security%2fsoc/issues/102?with_labels_details=true"
    answer = ask(sandbox, path, allow_redirects=False)
    assert answer.status_code == 301
    there = f"{sandbox.addresses.gitlab}/api/v4/projects/acme-security%2Foperations/issues/102?with_labels_details=true"
    assert answer.headers["Location"] == there
    assert there in answer.json()["message"]
    assert ask(sandbox, path).json()["references"]["full"] == f"{OPERATIONS}#102"
    assert ask(sandbox, path, method="PUT", json={"title": "x"}, allow_redirects=False).status_code == 301
    assert ask(sandbox, "/projects/72/issues/102").json()["title"] != "x"


def test_an_unknown_path_is_answered_in_json(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "/nothing/here")
    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


def test_users_are_found_by_their_whole_name_whatever_its_case(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox)
    assert [user.id for user in gitlab.users.list(username="CHEN", get_all=True)] == [13]
    assert gitlab.users.list(username="che", get_all=True) == []
    assert len(gitlab.users.list(get_all=True)) == len(cast.PEOPLE) + 2


def test_the_version_is_an_enterprise_one(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox)
    assert gitlab.version()[0].endswith("-ee")
    assert ask(sandbox, "/metadata").json()["enterprise"] is True


def test_a_project_has_the_labels_of_its_group_and_its_own(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        add_label(state, "project/72", "only-here")
    project = gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True)
    assert {"only-here", cast.ONCALL_LABEL, *cast.LISTS} <= set(names(project.labels.list(get_all=True)))
    assert names(project.labels.list(include_ancestor_groups=False, get_all=True)) == ["only-here"]
    assert names(project.labels.list(search="in prog", get_all=True)) == ["In Progress"]
    elsewhere = gitlab_as(sandbox).projects.get(ENGINEERING, lazy=True).labels.list(get_all=True)
    assert "only-here" not in names(elsewhere)
    of_group = gitlab_as(sandbox).groups.get(cast.ACCOUNT, lazy=True).labels.list(get_all=True)
    assert "only-here" not in names(of_group)


def test_labels_are_counted_only_if_asked(sandbox: Sandbox) -> None:
    project = gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True)
    label = project.labels.list(search="Done", with_counts=True, get_all=True)[0].attributes
    assert (label["open_issues_count"], label["closed_issues_count"]) == (0, 1)
    assert "open_issues_count" not in project.labels.list(search="Done", get_all=True)[0].attributes


def test_the_board_is_the_groups_and_never_shows_open_and_closed(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox)
    boards = gitlab.groups.get(cast.ACCOUNT, lazy=True).boards.list(get_all=True)
    assert [board.attributes["name"] for board in boards] == ["On-call"]
    lists = boards[0].lists.list(get_all=True)
    assert [one.attributes["label"]["name"] for one in lists] == list(cast.LISTS)
    one = gitlab.groups.get(cast.ACCOUNT, lazy=True).boards.get(boards[0].id)
    assert [each["label"]["name"] for each in one.attributes["lists"]] == list(cast.LISTS)
    assert gitlab.projects.get(OPERATIONS, lazy=True).boards.list(get_all=True) == []


def test_several_assignees_need_a_premium_server(sandbox: Sandbox) -> None:
    issues = gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True).issues
    issues.update(102, {"assignee_ids": [12, 13]})
    assert [user["id"] for user in issues.get(102).attributes["assignees"]] == [12]
    with sandbox.store.state() as state:
        state.put(TIER, "premium", {})
    issues.update(102, {"assignee_ids": [12, 13]})
    assert [user["id"] for user in issues.get(102).attributes["assignees"]] == [12, 13]
