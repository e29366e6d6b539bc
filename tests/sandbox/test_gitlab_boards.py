"""Boards: their lists of every kind, their scope, several of a name, and the labels of a group."""

from typing import Any

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import add_board, add_label, add_milestone
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.sessions import OPERATIONS, ask, gitlab_as


def boards_of(sandbox: Sandbox, place: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(sandbox, f"/{place}/boards").json()
    return found


def test_a_board_has_a_scope(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        next_one = add_milestone(state, "group/70", "18.1")
        scope: dict[str, Any] = {"labels": ["security"], "milestone": next_one, "assignee": 12, "weight": 3}
        add_board(state, "group/70", "Scoped", ["Backlog"], **scope, hide_backlog_list=True)
    plain, scoped = boards_of(sandbox, "groups/70")
    assert [label["name"] for label in scoped["labels"]] == ["security"]
    assert (scoped["milestone"]["title"], scoped["assignee"]["username"], scoped["weight"]) == ("18.1", "ben", 3)
    assert (scoped["hide_backlog_list"], plain["hide_backlog_list"]) == (True, False)
    assert (plain["labels"], plain["milestone"], plain["assignee"], plain["weight"]) == ([], None, None, None)


def test_a_list_of_an_assignee_or_a_milestone_has_no_label(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        others = [{"assignee": 12}, {"milestone": add_milestone(state, "project/72", "18.1")}]
        board = add_board(state, "project/72", "Mixed", ["Backlog"], others=others)
    lists = ask(sandbox, f"/projects/72/boards/{board['id']}/lists").json()
    assert [(one["label"] or {}).get("name") for one in lists] == ["Backlog", None, None]
    assert [one["position"] for one in lists] == [0, 1, 2]
    assert lists[1]["assignee"]["username"] == "ben"
    assert lists[2]["milestone"]["title"] == "18.1"
    assert "assignee" not in lists[0]
    assert "milestone" not in lists[0]


def test_several_boards_may_have_one_name(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        twins = [add_board(state, "project/72", name)["id"] for name in ("Team", "Team", "team")]
    assert [(board["id"], board["name"]) for board in boards_of(sandbox, "projects/72")] == list(
        zip(twins, ("Team", "Team", "team"), strict=True)
    )


def test_a_groups_labels_are_its_own_unless_those_of_its_projects_are_asked_for(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        add_label(state, "project/72", "only-here")
        add_label(state, "project/71", "Backlog")  # the same name as the group's
    labels = gitlab_as(sandbox).groups.get(cast.ACCOUNT, lazy=True).labels
    names = [label.attributes["name"] for label in labels.list(get_all=True)]
    every = [label.attributes["name"] for label in labels.list(get_all=True, only_group_labels=False)]
    below = labels.list(get_all=True, only_group_labels=True, include_descendant_groups=True)
    assert "only-here" not in names
    assert [label.attributes["name"] for label in below] == names
    assert sorted(every) == sorted([*names, "only-here", "Backlog"])


def test_issues_are_chosen_by_milestone_and_weight(sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        number = add_milestone(state, "group/70", "18.1")["id"]
    issues = gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True).issues
    issues.update(102, {"milestone_id": number, "weight": 0})
    issues.update(103, {"weight": 8})

    def found(**query: Any) -> list[int]:
        return sorted(issue.iid for issue in issues.list(get_all=True, iids=[102, 103, 104], **query))

    assert found(milestone="18.1") == found(milestone="Any") == found(milestone_id="Started") == [102]
    assert found(milestone="None") == found(milestone_id="None") == [103, 104]
    assert found(milestone="18.2") == found(milestone_id="Upcoming") == []
    assert found(weight=0) == [102]
    assert found(weight=8) == [103]
    assert found(weight="Any") == [102, 103]
    assert found(weight="None") == [104]
    assert issues.get(102).attributes["milestone"]["title"] == "18.1"
    issues.update(102, {"milestone_id": 0})
    assert issues.get(102).attributes["milestone"] is None
    assert ask(sandbox, "/projects/72/issues?milestone=a&milestone_id=None").status_code == 400
    assert ask(sandbox, "/projects/72/issues?weight=many").status_code == 400


def test_issues_without_labels_are_those_that_have_none_of_them(sandbox: Sandbox) -> None:
    issues = gitlab_as(sandbox).groups.get(cast.ACCOUNT, lazy=True).issues
    every = issues.list(get_all=True, state="opened")
    without = issues.list(get_all=True, query_parameters={"state": "opened", "not[labels]": "Backlog,In Progress"})
    expected = {issue.id for issue in every if not {"Backlog", "In Progress"} & set(issue.attributes["labels"])}
    assert {issue.id for issue in without} == expected
    bracketed = ask(sandbox, "/groups/70/issues?state=opened&per_page=100&not[labels][]=Backlog&not[labels][]=Done")
    assert all(not {"Backlog", "Done"} & set(row["labels"]) for row in bracketed.json())
