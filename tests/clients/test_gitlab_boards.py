"""Boards by name, their scope and lists, and the labels that there are."""

from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.errors import ConfigError, NotFoundError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import add_board, add_label, add_milestone
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Service, asked, gitlab_at

GROUP, OPERATIONS = cast.ACCOUNT, cast.INCIDENTS_PROJECT


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


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ({"milestone": {"id": 7, "title": "18.1"}, "weight": 3}, ("18.1", 3)),
        ({"milestone": {"id": 8, "title": "No Milestone"}, "weight": 0}, ("No Milestone", 0)),
        ({"milestone": {"title": "No Milestone"}, "weight": -2}, ("None", -2)),
        ({"milestone": {"title": "Started"}, "weight": -1}, ("Started", None)),
        ({"milestone": {"title": "Any Milestone"}}, (None, None)),
        ({"milestone": None, "weight": None}, (None, None)),
    ],
)
def test_a_board_s_scope_may_be_a_rule(
    service: Service, network: Network, cache: Cache, shown: dict[str, Any], read: tuple[str | None, int | None]
) -> None:
    service.replies = [Reply(body=[{"id": 5, "name": "Work", "assignee": {"username": "ben"}, **shown}])]
    board = gitlab_at(service, network, cache).board("g", "Work")
    assert (board.milestone, board.weight, board.assignee, board.lists) == (*read, "ben", ())
    assert gitlab_at(service, network, cache).board("g", "Work") == board  # from the cache


def test_boards_of_the_same_name_are_told_apart_by_nobody(service: Service, network: Network, cache: Cache) -> None:
    names = ["On-call", "on-call", "On-call", "Team"]
    service.replies = [Reply(body=[{"id": number, "name": name} for number, name in enumerate(names)])]
    gitlab = gitlab_at(service, network, cache)
    with pytest.raises(ConfigError, match="g has 2 boards called 'On-call'"):
        gitlab.board("g", "On-call")
    with pytest.raises(ConfigError, match="g has 3 boards called 'ON-CALL'") as caught:
        gitlab.board("g", "ON-CALL")
    assert "'Team'" in caught.value.hint
    assert gitlab.board("g", "on-call").id == 1


def test_labels_of_a_group_are_asked_for_with_those_below_and_named_once(
    service: Service, network: Network, cache: Cache
) -> None:
    rows = [{"id": number, "name": name} for number, name in enumerate(("oncall", "Backlog", "oncall\x1b[0m"))]
    service.replies = [Reply(body=rows)]
    gitlab = gitlab_at(service, network, cache)
    assert gitlab.labels(IssueQuery("g", "group")) == ["oncall", "Backlog"]
    for one in ("include_ancestor_groups=true", "include_descendant_groups=true", "only_group_labels=false"):
        assert one in service.seen[0].path
    assert gitlab.labels(IssueQuery("g/p", "project")) == ["oncall", "Backlog"]
    assert "/projects/g%2Fp/labels?" in service.seen[1].path
    assert "descendant" not in service.seen[1].path


def test_a_board_with_a_scope_and_lists_of_every_kind(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        soon = add_milestone(state, "project/72", "18.1")
        others = [{"assignee": 12}, {"milestone": soon}]
        scope: dict[str, Any] = {"labels": ["security"], "milestone": soon, "assignee": 12, "weight": 3}
        add_board(state, "project/72", "Scoped", ["Backlog", "In Progress"], others=others, **scope)
    board = gitlab.board(OPERATIONS, "Scoped")
    assert (board.kind, board.lists, board.others) == ("project", ("Backlog", "In Progress"), ("assignee", "milestone"))
    assert (board.scope, board.milestone, board.assignee, board.weight) == (("security",), "18.1", "ben", 3)


def test_labels_of_a_group_are_those_of_its_projects_too(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        add_label(state, "project/72", "only-here")
        add_label(state, "project/71", "Backlog")  # the same name as the group's
    labels = gitlab.labels(IssueQuery(GROUP, "group"))
    assert {"only-here", *cast.LISTS} <= set(labels)
    assert labels.count("Backlog") == 1
    assert "only-here" not in gitlab.labels(IssueQuery(f"{GROUP}/engineering", "project"))
