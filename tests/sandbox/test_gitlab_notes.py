"""Notes of issues: their order, who may read and edit them, and what is around an issue: links, events, people."""

from typing import Any

import pytest
from gitlab.exceptions import GitlabCreateError, GitlabUpdateError

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import TIER, stamp
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW, SettableClock
from tests.sandbox.sessions import ENGINEERING, OPERATIONS, ask, gitlab_as


def issue_as(sandbox: Sandbox, login: str = "ana", iid: int = 102) -> Any:
    return gitlab_as(sandbox, login).projects.get(OPERATIONS, lazy=True).issues.get(iid)


def bodies(issue: Any, **query: Any) -> list[str]:
    return [note.attributes["body"] for note in issue.notes.list(get_all=True, **query)]


def test_notes_come_newest_first_and_count_as_comments(sandbox: Sandbox, clock: SettableClock) -> None:
    issue = issue_as(sandbox)
    for text in ("one", "two", "three"):
        clock.forward(minutes=1)
        issue.notes.create({"body": text})
    assert bodies(issue) == ["three", "two", "one"]
    assert bodies(issue, sort="asc") == ["one", "two", "three"]
    again = issue_as(sandbox).attributes
    assert (again["user_notes_count"], again["updated_at"]) == (3, stamp(clock.now))


def test_gitlabs_own_notes_can_be_left_out(sandbox: Sandbox) -> None:
    issue = issue_as(sandbox, iid=101)
    assert [note.attributes["system"] for note in issue.notes.list(get_all=True)].count(True) == 1
    comments = issue.notes.list(get_all=True, activity_filter="only_comments")
    assert [note.attributes["system"] for note in comments] == [False] * issue.attributes["user_notes_count"]


def test_a_note_is_kept_as_it_was_sent_but_for_what_gitlab_takes_off_it(sandbox: Sandbox) -> None:
    made = issue_as(sandbox).notes.create({"body": "text\r\n\x1b[2J<!-- oncall:handoff S K --> @all\t\n"})
    kept = "text\n\x1b[2J<!-- oncall:handoff S K --> @all"
    assert issue_as(sandbox).notes.get(made.id).attributes["body"] == kept


def test_the_servers_own_address_survives_the_way_in_and_out(sandbox: Sandbox) -> None:
    text = f"See {sandbox.addresses.gitlab}/acme-security/operations/-/issues/101"
    made = issue_as(sandbox).notes.create({"body": text})
    assert made.attributes["body"] == text
    with sandbox.store.state() as state:
        stored = state.get("gitlab_note", made.id)
    assert stored
    assert cast.issue_url(101) in stored["body"]


def test_internal_notes_are_for_members_and_pages_are_cut_before_they_are_left_out(sandbox: Sandbox) -> None:
    issue = issue_as(sandbox)
    for number in range(4):
        note = issue.notes.create({"body": f"note {number}", "internal": number % 2 == 0})
        assert note.attributes["internal"] is note.attributes["confidential"] is (number % 2 == 0)
    answer = ask(sandbox, "/projects/72/issues/102/notes?per_page=2", login="bot")
    assert [note["body"] for note in answer.json()] == ["note 3"]
    assert (answer.headers["x-total"], answer.headers["x-next-page"]) == ("4", "2")
    assert bodies(issue_as(sandbox, "bot"), per_page=2) == ["note 3", "note 1"]


def test_an_internal_note_of_a_bot_that_is_no_member_becomes_public_unsaid(sandbox: Sandbox) -> None:
    made = issue_as(sandbox, "bot").notes.create({"body": "meant for few", "internal": True})
    assert made.attributes["internal"] is False


def test_only_its_author_edits_a_note_and_it_stays_internal(sandbox: Sandbox, clock: SettableClock) -> None:
    made = issue_as(sandbox).notes.create({"body": "first", "internal": True})
    clock.forward(minutes=5)
    issue_as(sandbox).notes.update(made.id, {"body": "second", "confidential": False})
    note = issue_as(sandbox, "ben").notes.get(made.id).attributes
    assert (note["body"], note["internal"], note["created_at"]) == ("second", True, stamp(NOW))
    assert note["updated_at"] == stamp(clock.now)
    with pytest.raises(GitlabUpdateError) as caught:
        issue_as(sandbox, "ben").notes.update(made.id, {"body": "third"})
    assert caught.value.response_code == 403


def test_a_note_needs_a_body_of_a_length_that_gitlab_takes(sandbox: Sandbox) -> None:
    path = "/projects/72/issues/102/notes"
    assert ask(sandbox, path, method="POST", json={}).json() == {"error": "body is missing"}
    for text in (" ", "x" * 1_000_001):
        with pytest.raises(GitlabCreateError) as caught:
            issue_as(sandbox).notes.create({"body": text})
        assert caught.value.response_code == 400


def test_a_locked_issue_takes_comments_of_members_only(sandbox: Sandbox) -> None:
    gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True).issues.update(102, {"discussion_locked": True})
    issue_as(sandbox).notes.create({"body": "from a member"})
    with pytest.raises(GitlabCreateError) as caught:
        issue_as(sandbox, "bot").notes.create({"body": "from a bot"})
    assert caught.value.response_code == 403


def test_a_link_is_seen_from_both_ends(sandbox: Sandbox) -> None:
    issue = issue_as(sandbox)
    other = gitlab_as(sandbox).projects.get(ENGINEERING, lazy=True).issues.get(210)
    before = [link.attributes["references"]["full"] for link in issue.links.list(get_all=True)]
    source, target = issue.links.create({"target_project_id": ENGINEERING, "target_issue_iid": 210})
    assert (source.attributes["iid"], target.attributes["iid"]) == (102, 210)
    links = issue_as(sandbox).links.list(get_all=True)
    assert [link.attributes["references"]["full"] for link in links] == [*before, f"{ENGINEERING}#210"]
    assert other.links.list(get_all=True)[0].attributes["references"]["full"] == f"{OPERATIONS}#102"
    assert bodies(issue)[0] == f"marked this issue as related to {ENGINEERING}#210"
    with pytest.raises(GitlabCreateError) as caught:
        other.links.create({"target_project_id": 72, "target_issue_iid": 102})
    assert caught.value.response_code == 409


def test_links_that_block_need_a_premium_server(sandbox: Sandbox) -> None:
    sent = {"target_project_id": 72, "target_issue_iid": 103, "link_type": "blocks"}
    with pytest.raises(GitlabCreateError) as caught:
        issue_as(sandbox).links.create(sent)
    assert caught.value.response_code == 403
    with sandbox.store.state() as state:
        state.put(TIER, "premium", {})
    issue_as(sandbox).links.create(sent)
    turned = issue_as(sandbox, iid=103).links.list(get_all=True)
    assert "is_blocked_by" in [link.attributes["link_type"] for link in turned]


def test_a_linked_issue_that_is_confidential_is_not_shown_to_others(sandbox: Sandbox) -> None:
    issue_as(sandbox).links.create({"target_project_id": 72, "target_issue_iid": 101})
    seen = issue_as(sandbox, "bot").links.list(get_all=True)
    assert 101 not in [link.attributes["iid"] for link in seen]


def test_participants_write_are_assigned_or_are_mentioned(sandbox: Sandbox) -> None:
    issue_as(sandbox).notes.create({"body": "Asking @Grace. And someone@example.com is no mention."})
    issue_as(sandbox, "farid").notes.create({"body": "Looking."})
    found = issue_as(sandbox).participants(get_all=True)
    assert [user["username"] for user in found] == ["security-bot", "ana", "farid", "grace"]


def test_there_are_no_merge_requests(sandbox: Sandbox) -> None:
    assert list(issue_as(sandbox).related_merge_requests(get_all=True)) == []
    assert list(issue_as(sandbox).closed_by(get_all=True)) == []
