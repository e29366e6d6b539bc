"""Quick actions in notes and descriptions: what they do, with whose rights, and what GitLab answers."""

from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import TIER
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW
from tests.sandbox.sessions import OPERATIONS, ask, gitlab_as

ISSUE = "/projects/72/issues/102"


def say(sandbox: Sandbox, body: str, login: str = "ana") -> tuple[int, Any]:
    answer = ask(sandbox, f"{ISSUE}/notes", method="POST", login=login, json={"body": body})
    return answer.status_code, answer.json()


def now(sandbox: Sandbox, path: str = ISSUE) -> dict[str, Any]:
    found: dict[str, Any] = ask(sandbox, path).json()
    return found


def comments(sandbox: Sandbox) -> list[str]:
    notes = ask(sandbox, f"{ISSUE}/notes?activity_filter=only_comments&per_page=100").json()
    return [note["body"] for note in notes]


@pytest.mark.parametrize(
    ("body", "changes", "summary", "after"),
    [
        ("/close", {"state_event": "close"}, "Closed this issue.", {"state": "closed"}),
        ("/assign @Chen", {"assignee_ids": [13]}, "Assigned @chen.", {"assignee": "chen"}),
        ("/assign me", {"assignee_ids": [11]}, "Assigned @ana.", {"assignee": "ana"}),
        ("/confidential", {"confidential": True}, "Made this issue confidential.", {"confidential": True}),
        ("/due 2026-12-06", {"due_date": "2026-12-06"}, "Set the due date to Dec 6, 2026.", {"due_date": "2026-12-06"}),
        ("/due in 2 days", {"due_date": "2026-11-25"}, "Set the due date to Nov 25, 2026.", {"due_date": "2026-11-25"}),
        ("/title Taken over", {"title": "Taken over"}, 'Changed the title to "Taken over".', {"title": "Taken over"}),
        ("/lock", {"discussion_locked": True}, "Locked the discussion.", {"discussion_locked": True}),
        (
            "/assign @nobody",
            {},
            "Could not apply assign command. Failed to find users for @nobody.",
            {"assignee": None},
        ),
        ("/due someday", {}, "Failed to set due date because the date format is invalid.", {"due_date": None}),
    ],
)
def test_a_note_of_quick_actions_alone_is_carried_out_and_is_no_note(
    sandbox: Sandbox, body: str, changes: dict[str, Any], summary: str, after: dict[str, Any]
) -> None:
    before = comments(sandbox)
    ask(sandbox, ISSUE, method="PUT", json={"assignee_ids": [], "due_date": ""})
    assert say(sandbox, body) == (202, {"commands_changes": changes, "summary": [summary]})
    issue = now(sandbox)
    seen = issue | {"assignee": (issue["assignee"] or {}).get("username")}
    assert {name: seen[name] for name in after} == after
    assert comments(sandbox) == before


def test_labels_are_added_taken_off_and_replaced_and_none_is_made(sandbox: Sandbox) -> None:
    before = set(now(sandbox)["labels"])
    status, answer = say(sandbox, '/label ~Backlog ~"In Progress" ~no-such-label')
    assert (status, answer["summary"]) == (202, ["Added ~Backlog ~In Progress labels."])
    assert len(answer["commands_changes"]["add_label_ids"]) == 2
    assert set(now(sandbox)["labels"]) == before | {"Backlog", "In Progress"}
    say(sandbox, '/unlabel "In Progress"')
    assert set(now(sandbox)["labels"]) == before | {"Backlog"}
    say(sandbox, "/relabel Done")
    assert now(sandbox)["labels"] == ["Done"]
    assert say(sandbox, "/unlabel")[1]["summary"] == ["Removed all labels."]
    assert now(sandbox)["labels"] == []
    assert say(sandbox, "/label ~no-such-label") == (400, {"message": "400 Bad request - Failed to apply commands."})


def test_what_stands_beside_quick_actions_is_the_note(sandbox: Sandbox) -> None:
    status, note = say(sandbox, "Handing over.\r\n\r\n/assign @chen\r\n/Label ~runbook\r\n\r\nGood night.")
    assert (status, note["body"]) == (201, "Handing over.\n\nGood night.")
    assert note["commands_changes"]["assignee_ids"] == [13]
    assert now(sandbox)["assignee"]["username"] == "chen"
    assert "runbook" in now(sandbox)["labels"]
    assert comments(sandbox)[0] == note["body"]
    events = ask(sandbox, f"{ISSUE}/resource_label_events?per_page=100").json()
    assert (events[-1]["user"]["username"], events[-1]["label"]["name"]) == ("ana", "runbook")


@pytest.mark.parametrize("body", ["/reopen", "/unassign", "/close", "/page @ana", "/move acme-security/engineering"])
def test_what_can_t_be_done_is_refused(sandbox: Sandbox, body: str) -> None:
    """To an issue that is closed, for `/close`; and nothing moves or pages here."""
    ask(
        sandbox,
        ISSUE,
        method="PUT",
        json={"assignee_ids": [], "state_event": "close" if body == "/close" else "reopen"},
    )
    before = now(sandbox)
    assert say(sandbox, body) == (400, {"message": "400 Bad request - Failed to apply commands."})
    assert now(sandbox) == before


def test_several_are_assigned_on_a_premium_server_only(sandbox: Sandbox) -> None:
    say(sandbox, "/assign @ben and @chen")
    assert [user["username"] for user in now(sandbox)["assignees"]] == ["ben"]
    with sandbox.store.state() as state:
        state.put(TIER, "premium", {})
    say(sandbox, "/assign @chen, @eva")
    assert [user["username"] for user in now(sandbox)["assignees"]] == ["ben", "chen", "eva"]
    assert say(sandbox, "/unassign")[1]["summary"] == ["Removed assignee @ben and @chen and @eva."]
    assert now(sandbox)["assignees"] == []


def test_quick_actions_have_the_rights_of_who_writes_them(sandbox: Sandbox) -> None:
    assert say(sandbox, "/close\n/assign @bot\n/label ~Done\n/lock\n/confidential", login="bot")[0] == 400
    assert now(sandbox)["state"] == "opened"
    made = ask(sandbox, "/projects/72/issues", method="POST", login="bot", json={"title": "The bot's own"}).json()
    path = f"/projects/72/issues/{made['iid']}"
    sent = {"body": "Mine.\n/close\n/label ~Done\n/title Done"}
    assert ask(sandbox, f"{path}/notes", method="POST", login="bot", json=sent).status_code == 201
    assert (now(sandbox, path)["state"], now(sandbox, path)["labels"]) == ("closed", [])
    assert now(sandbox, path)["title"] == "Done"


def test_quick_actions_in_a_description_act_when_it_is_written(sandbox: Sandbox) -> None:
    text = "What happened: much.\n\n/assign @chen\n/label ~runbook\n/confidential\n/close\n/title Hijacked\n"
    sent = {"title": "New", "description": text, "labels": "security"}
    made = ask(sandbox, "/projects/72/issues", method="POST", json=sent).json()
    assert made["description"] == "What happened: much."
    assert (made["assignee"]["username"], made["labels"], made["confidential"]) == (
        "chen",
        ["runbook", "security"],
        True,
    )
    assert (made["state"], made["title"]) == ("opened", "New")  # neither of a new one
    path = f"/projects/72/issues/{made['iid']}"
    changed = ask(sandbox, path, method="PUT", json={"description": "Now:\n/close\n/title Hijacked"}).json()
    assert (changed["description"], changed["state"], changed["title"]) == ("Now:", "closed", "Hijacked")
    kept = ask(sandbox, path, method="PUT", json={"description": "- /reopen\n\n> /reopen"}).json()
    assert (kept["description"], kept["state"]) == ("- /reopen\n\n> /reopen", "closed")


def test_a_note_that_is_edited_acts_again_and_is_gone_where_nothing_else_is_left(sandbox: Sandbox) -> None:
    _, note = say(sandbox, "A note.")
    path = f"{ISSUE}/notes/{note['id']}"
    count = now(sandbox)["user_notes_count"]
    edited = ask(sandbox, path, method="PUT", json={"body": "Better.\n/close"}).json()
    assert (edited["body"], edited["commands_changes"]) == ("Better.", {"state_event": "close"})
    assert now(sandbox)["state"] == "closed"
    assert ask(sandbox, path, method="PUT", json={"body": "/reopen"}).status_code == 202
    assert ask(sandbox, path).status_code == 404
    assert (now(sandbox)["state"], now(sandbox)["user_notes_count"]) == ("opened", count - 1)


def test_the_practice_shift_s_own_hostile_text_has_acted_on_nothing(sandbox: Sandbox) -> None:
    issues = gitlab_as(sandbox).groups.get(cast.ACCOUNT, lazy=True).issues.list(get_all=True, search="Reported mail")
    (hostile,) = [issue.attributes for issue in issues]
    assert "/close" in hostile["description"]
    assert (hostile["state"], hostile["assignees"], hostile["labels"]) == ("opened", [], [cast.ONCALL_LABEL])
    issue = gitlab_as(sandbox).projects.get(OPERATIONS, lazy=True).issues.get(hostile["iid"])
    assert issue.attributes["updated_at"] < NOW.isoformat()
    assert any("/close" in note.attributes["body"] for note in issue.notes.list(get_all=True))
