"""Writing issues: what a PUT and a POST change, what is recorded of it, and what is refused."""

from typing import Any

import pytest
from gitlab.exceptions import GitlabCreateError, GitlabUpdateError

from secops_oncall.sandbox.gitlab_records import TIER, stamp
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock
from tests.sandbox.sessions import ENGINEERING, OPERATIONS, ask, gitlab_as


def issues_as(sandbox: Sandbox, login: str = "ana", project: str = OPERATIONS) -> Any:
    return gitlab_as(sandbox, login).projects.get(project, lazy=True).issues


def events(issue: Any) -> list[tuple[str, str, str]]:
    found = issue.resourcelabelevents.list(get_all=True)
    return [
        (one.attributes["user"]["username"], one.attributes["action"], one.attributes["label"]["name"]) for one in found
    ]


def system_notes(issue: Any) -> list[str]:
    found = issue.notes.list(get_all=True, sort="asc", activity_filter="only_activity")
    return [note.attributes["body"] for note in found]


def backlog_item(sandbox: Sandbox) -> int:
    return int(issues_as(sandbox).list(labels="Backlog", get_all=True)[0].iid)


def test_a_pick_is_one_request_and_leaves_its_traces(sandbox: Sandbox, clock: SettableClock) -> None:
    later, iid = clock.forward(minutes=3), backlog_item(sandbox)
    change = {"assignee_ids": [11], "add_labels": "In Progress", "remove_labels": "Backlog"}
    done = issues_as(sandbox).update(iid, change)
    assert [user["username"] for user in done["assignees"]] == ["ana"]
    assert "In Progress" in done["labels"]
    assert "Backlog" not in done["labels"]
    assert done["updated_at"] == stamp(later)
    issue = issues_as(sandbox).get(iid)
    assert events(issue)[-2:] == [("ana", "add", "In Progress"), ("ana", "remove", "Backlog")]
    assert system_notes(issue) == ["assigned to @ana"]


def test_only_the_first_of_two_who_pick_adds_the_label(sandbox: Sandbox) -> None:
    iid = backlog_item(sandbox)
    for login, number in (("ana", 11), ("ben", 12)):
        change = {"assignee_ids": [number], "add_labels": "In Progress", "remove_labels": "Backlog"}
        issues_as(sandbox, login).update(iid, change)
    issue = issues_as(sandbox).get(iid)
    assert [event for event in events(issue) if event[1:] == ("add", "In Progress")] == [("ana", "add", "In Progress")]
    assert issue.attributes["assignee"]["username"] == "ben"
    assert system_notes(issue) == ["assigned to @ana", "assigned to @ben and unassigned @ana"]


@pytest.mark.parametrize("nobody", [[0], []])
def test_assignees_are_replaced_and_can_be_nobody(sandbox: Sandbox, nobody: list[int]) -> None:
    assert issues_as(sandbox).update(101, {"assignee_ids": [12]})["assignee"]["username"] == "ben"
    assert issues_as(sandbox).update(101, {"assignee_ids": [4711]})["assignee"]["username"] == "ben"
    assert issues_as(sandbox).update(101, {"assignee_ids": nobody})["assignees"] == []


def test_labels_are_added_taken_off_and_replaced(sandbox: Sandbox) -> None:
    issues = issues_as(sandbox)
    assert issues.update(102, {"add_labels": "edr, security"})["labels"] == [
        *("edr", "incident", "security", "severity::2"),
    ]
    assert issues.update(102, {"remove_labels": "edr,never-was"})["labels"] == ["incident", "security", "severity::2"]
    assert issues.update(102, {"labels": ["Done"]})["labels"] == ["Done"]
    assert issues.update(102, {"labels": ""})["labels"] == []


def test_an_unknown_label_is_made_in_the_project(sandbox: Sandbox) -> None:
    issues_as(sandbox).update(102, {"add_labels": "In Progres"})
    gitlab = gitlab_as(sandbox)
    own = gitlab.projects.get(OPERATIONS, lazy=True).labels.list(include_ancestor_groups=False, get_all=True)
    assert [label.attributes["name"] for label in own] == ["In Progres"]
    assert own[0].attributes["is_project_label"] is True


def test_a_scoped_label_pushes_out_its_siblings_on_a_premium_server_only(sandbox: Sandbox) -> None:
    both = issues_as(sandbox).update(102, {"add_labels": "severity::1"})["labels"]
    assert {"severity::1", "severity::2"} <= set(both)
    with sandbox.store.state() as state:
        state.put(TIER, "premium", {})
    assert issues_as(sandbox).update(102, {"add_labels": "severity::3"})["labels"] == ["incident", "severity::3"]


def test_closing_and_reopening_are_events(sandbox: Sandbox) -> None:
    issues = issues_as(sandbox, "ben")
    closed = issues.update(102, {"state_event": "close"})
    assert (closed["state"], closed["closed_at"], closed["closed_by"]["username"]) == ("closed", stamp(NOW), "ben")
    issues.update(102, {"state_event": "close"})
    reopened = issues.update(102, {"state_event": "reopen"})
    assert (reopened["state"], reopened["closed_at"], reopened["closed_by"]) == ("opened", None, None)
    found = issues.get(102).resourcestateevents.list(get_all=True)
    assert [event.attributes["state"] for event in found] == ["closed", "reopened"]


def test_the_other_fields_change_and_are_told_in_notes(sandbox: Sandbox) -> None:
    issues = issues_as(sandbox)
    change = {"title": "New", "description": "Text", "due_date": "2026-12-01", "weight": 3, "confidential": True}
    done = issues.update(102, {**change, "discussion_locked": True})
    assert {name: done[name] for name in change} == change
    assert system_notes(issues.get(102)) == [
        "changed title from **Impossible travel: j.doe signed in from Lisbon and Lagos 9 minutes apart** to **New**",
        "changed the description",
        "changed due date to December 1, 2026",
        "made the issue confidential",
        "locked the discussion in this issue",
    ]
    assert issues.update(102, {"due_date": "", "weight": None})["due_date"] is None


def test_what_changes_nothing_touches_nothing(sandbox: Sandbox, clock: SettableClock) -> None:
    before = issues_as(sandbox).get(101).attributes
    clock.forward(minutes=9)
    change = {"add_labels": "incident", "assignee_ids": [11], "title": before["title"]}
    assert issues_as(sandbox).update(101, change)["updated_at"] == before["updated_at"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, "at least one parameter must be provided"),
        ({"updated_at": "2020-01-01"}, "at least one parameter must be provided"),
        ({"state_event": "closed"}, "state_event does not have a valid value"),
        ({"weight": -1}, "weight is invalid"),
        ({"title": " "}, "can't be blank"),
        ({"title": "x" * 256}, "is too long (maximum is 255 characters)"),
        ({"description": "x" * 1_048_577}, "is too long (maximum is 1048576 characters)"),
    ],
)
def test_a_change_that_gitlab_would_not_make_is_refused(
    sandbox: Sandbox, change: dict[str, object], problem: str
) -> None:
    before = issues_as(sandbox).get(102).attributes
    with pytest.raises(GitlabUpdateError) as caught:
        issues_as(sandbox).update(102, change)
    assert caught.value.response_code == 400
    assert problem in str(caught.value.error_message)
    assert issues_as(sandbox).get(102).attributes == before


def test_who_is_no_member_changes_nothing_and_assigns_nobody(sandbox: Sandbox) -> None:
    with pytest.raises(GitlabUpdateError) as caught:
        issues_as(sandbox, "bot").update(102, {"add_labels": "Done"})
    assert caught.value.response_code == 403
    made = issues_as(sandbox, "bot").create({"title": "By a bot", "assignee_ids": [11], "labels": "Done"})
    assert (made.attributes["assignees"], made.attributes["labels"]) == ([], [])


def test_a_new_issue_has_the_next_number_and_everything_that_was_sent(sandbox: Sandbox) -> None:
    sent = {"title": "On-Call Handover", "description": "- [x] written\n- [ ] read back", "confidential": True}
    made = issues_as(sandbox).create({**sent, "labels": ["handover", "Done"], "assignee_ids": [11], "weight": 1})
    found = issues_as(sandbox).get(105)
    assert made.attributes["iid"] == found.attributes["iid"] == 105
    assert {name: found.attributes[name] for name in sent} == sent
    assert found.attributes["labels"] == ["Done", "handover"]
    assert found.attributes["task_status"] == "1 of 2 checklist items completed"
    assert (found.attributes["created_at"], found.attributes["author"]["username"]) == (stamp(NOW), "ana")
    assert events(found) == [("ana", "add", "Done"), ("ana", "add", "handover")]
    assert system_notes(found) == ["assigned to @ana"]
    assert issues_as(sandbox).create({"title": "Another"}).iid == 106


def test_who_is_no_member_may_file_an_issue_but_neither_label_nor_assign_it(sandbox: Sandbox) -> None:
    sent = {"title": "Seen by a bot", "labels": "oncall", "assignee_ids": [11], "due_date": "2026-12-06"}
    made = issues_as(sandbox, "bot").create({**sent, "description": "text", "confidential": True}).attributes
    assert (made["title"], made["description"], made["confidential"]) == ("Seen by a bot", "text", True)
    assert (made["labels"], made["assignees"], made["due_date"]) == ([], [], None)


@pytest.mark.parametrize("none", ["", None, "next week"])
def test_a_due_date_is_cleared_by_none_and_by_what_gitlab_can_t_read(sandbox: Sandbox, none: str | None) -> None:
    assert issues_as(sandbox).update(102, {"due_date": "2026-12-06"})["due_date"] == "2026-12-06"
    assert issues_as(sandbox).update(102, {"due_date": none})["due_date"] is None


def test_a_moved_issue_is_closed_and_says_where_it_went(sandbox: Sandbox, clock: SettableClock) -> None:
    issue = issues_as(sandbox).get(102)
    issue.notes.create({"body": "Before"})
    later = clock.forward(minutes=5)
    moved = ask(sandbox, "/projects/72/issues/102/move", method="POST", json={"to_project_id": 71}).json()
    stayed = issues_as(sandbox).get(102)
    assert (stayed.attributes["state"], stayed.attributes["moved_to_id"]) == ("closed", moved["id"])
    assert (moved["project_id"], moved["title"], moved["state"]) == (71, issue.attributes["title"], "opened")
    assert system_notes(stayed)[-1] == f"moved to {moved['references']['full']}"
    there = issues_as(sandbox, project=ENGINEERING).get(moved["iid"])
    assert [note.attributes["body"] for note in there.notes.list(sort="asc", get_all=True)][-2:] == [
        "Before",
        f"moved from {OPERATIONS}#102",
    ]
    assert moved["updated_at"] == stamp(later)
    here = ask(sandbox, "/projects/72/issues/103/move", method="POST", json={"to_project_id": 72})
    assert here.status_code == 400


def test_an_issue_needs_a_title(sandbox: Sandbox) -> None:
    with pytest.raises(GitlabCreateError):
        issues_as(sandbox).create({"title": ""})
    answer = ask(sandbox, "/projects/72/issues", method="POST", json={"description": "None"})
    assert (answer.status_code, answer.json()) == (400, {"message": '400 (Bad request) "title" not given'})


def test_a_form_and_a_query_are_read_as_json_is(sandbox: Sandbox) -> None:
    path = "/projects/acme-security%2Foperations/issues"
    made = ask(sandbox, path, method="POST", data={"title": "From a form", "assignee_ids[]": ["12"], "labels": "a,b"})
    assert made.status_code == 201
    assert (made.json()["assignee"]["username"], made.json()["labels"]) == ("ben", ["a", "b"])
    changed = ask(sandbox, f"{path}/{made.json()['iid']}?add_labels=c&assignee_ids[]=", method="PUT")
    assert (changed.json()["labels"], changed.json()["assignees"]) == (["a", "b", "c"], [])


def test_json_that_is_none_is_refused(sandbox: Sandbox) -> None:
    assert ask(sandbox, "/projects/72/issues/102", method="PUT", data=b"{").status_code == 400
