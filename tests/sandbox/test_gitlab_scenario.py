"""What the practice shift begins with in GitLab."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from secops_oncall.domain.refs import pages_in
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW
from tests.sandbox.sessions import OPERATIONS, gitlab_as

WITH_ISSUE = [page for page in cast.PAGES if page.issue]


@pytest.fixture
def issues(sandbox: Sandbox) -> list[dict[str, Any]]:
    found = gitlab_as(sandbox).groups.get(cast.ACCOUNT, lazy=True).issues.list(get_all=True, per_page=100)
    return [issue.attributes for issue in found]


def labelled(issues: list[dict[str, Any]], label: str, state: str = "opened") -> list[dict[str, Any]]:
    return [issue for issue in issues if label in issue["labels"] and issue["state"] == state]


def test_about_thirty_open_issues_wait_for_review_in_both_projects(issues: list[dict[str, Any]]) -> None:
    waiting = labelled(issues, cast.ONCALL_LABEL)
    assert 28 <= len(waiting) <= 34
    assert set(Counter(issue["project_id"] for issue in waiting)) == set(cast.PROJECTS.values())
    assert len({issue["author"]["username"] for issue in waiting}) >= 6
    assert any(issue["confidential"] for issue in waiting)
    assert any(not issue["assignees"] for issue in waiting)
    assert any(issue["assignees"] for issue in waiting)
    assert labelled(issues, cast.ONCALL_LABEL, "closed")


def test_the_board_has_work_in_every_list(issues: list[dict[str, Any]]) -> None:
    backlog = labelled(issues, "Backlog")
    assert len(backlog) == 8
    assert all(not issue["assignees"] for issue in backlog)
    assert {issue["weight"] for issue in backlog} >= {1, 2, 3, 5, None}
    assert any(issue["time_stats"]["human_time_estimate"] for issue in backlog)
    doing = labelled(issues, "In Progress")
    assert sorted(issue["assignee"]["username"] for issue in doing) == ["ana", "ben"]
    assert all(issue["due_date"] > NOW.date().isoformat() for issue in doing)
    assert len(labelled(issues, "Done", "closed")) == 2


def test_a_page_names_its_issue_and_the_issue_its_page(issues: list[dict[str, Any]]) -> None:
    by_iid = {issue["iid"]: issue for issue in issues if issue["references"]["full"].startswith(OPERATIONS)}
    for page in WITH_ISSUE:
        issue = by_iid[page.issue]
        assert issue["title"] == page.title
        assert pages_in(issue["description"]) == {page.id}
        assert cast.INCIDENT_LABEL in issue["labels"]
        assert issue["author"]["username"] == cast.SECURITY_BOT.login
    assert {iid for iid, issue in by_iid.items() if issue["confidential"] and "incident" in issue["labels"]} == {
        *(98, 101, 104),
    }
    assert [page.issue for page in WITH_ISSUE if by_iid[page.issue]["state"] == "closed"] == [97]


def test_the_hand_off_finds_its_facts_in_the_notes(sandbox: Sandbox) -> None:
    leaked = gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True).issues.get(101)
    text = "\n".join(note.attributes["body"] for note in leaked.notes.list(get_all=True))
    for fact in (cast.ZOOM_URL, cast.THREAD_URL, "- [ ] @ben", "@dana"):
        assert fact in text
    assert {note.attributes["internal"] for note in leaked.notes.list(get_all=True)} == {True, False}
    assert len(leaked.links.list(get_all=True)) == 2


def test_hostile_text_comes_through_as_it_is(issues: list[dict[str, Any]]) -> None:
    hostile = next(issue for issue in issues if cast.HOSTILE_TITLE in issue["title"])
    for part in ("\x1b]8;;", "\n/close\n", "@all", "\u202e", "<!-- oncall:"):
        assert part in hostile["description"]
    assert (hostile["state"], hostile["assignees"]) == ("opened", [])


def test_what_moved_on_the_board_has_its_events(sandbox: Sandbox, issues: list[dict[str, Any]]) -> None:
    mine = next(issue for issue in labelled(issues, "In Progress") if issue["assignee"]["username"] == "ana")
    issue = gitlab_as(sandbox).projects.get(mine["project_id"], lazy=True).issues.get(mine["iid"])
    events = [event.attributes for event in issue.resourcelabelevents.list(get_all=True)]
    moves = [(event["action"], event["label"]["name"]) for event in events if event["user"]["username"] == "ana"]
    assert moves == [("add", "In Progress"), ("remove", "Backlog")]
    assert ("add", "Backlog") in [(event["action"], event["label"]["name"]) for event in events]


def test_nothing_is_later_than_now(issues: list[dict[str, Any]]) -> None:
    for issue in issues:
        created, updated = (datetime.fromisoformat(issue[name]) for name in ("created_at", "updated_at"))
        assert created <= updated <= NOW.astimezone(UTC)
        if issue["closed_at"]:
            assert created <= datetime.fromisoformat(issue["closed_at"]) <= updated
