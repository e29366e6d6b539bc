"""What somebody did, as GitLab's Events API lists it."""

from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import SettableClock
from tests.sandbox.sessions import OPERATIONS, ask, gitlab_as


def did(sandbox: Sandbox, query: str = "", login: str = "grace") -> list[tuple[str, int]]:
    """The actions of a user and the iids of the issues they were about."""
    rows = ask(sandbox, f"/events?per_page=100&{query}", login=login).json()
    return [(row["action_name"], row.get("note", {}).get("noteable_iid") or row["target_iid"]) for row in rows]


@pytest.fixture
def busy(sandbox: Sandbox, clock: SettableClock) -> Sandbox:
    """Grace comments on Tuesday, closes and reopens on Wednesday, and comments again on Thursday."""
    issues = gitlab_as(sandbox, "grace").projects.get(OPERATIONS, lazy=True).issues
    clock.forward(days=1)
    issues.get(102, lazy=True).notes.create({"body": "Tuesday"})
    clock.forward(days=1)
    issues.update(102, {"state_event": "close", "add_labels": "runbook"})
    issues.update(102, {"state_event": "reopen"})
    clock.forward(days=1)
    issues.get(103, lazy=True).notes.create({"body": "Thursday", "internal": True})
    return sandbox


MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (f"2026-11-{day}" for day in range(23, 27))
NEWS = [("commented on", 103), ("reopened", 102), ("closed", 102), ("commented on", 102)]


def test_my_own_events_come_newest_first_and_days_leave_themselves_out(busy: Sandbox) -> None:
    assert did(busy, f"after={MONDAY}&before={THURSDAY}") == NEWS[1:]
    assert did(busy, f"after={TUESDAY}") == NEWS[:3]
    assert did(busy, f"after={WEDNESDAY}") == NEWS[:1]
    assert did(busy, f"after={MONDAY}&before={WEDNESDAY}") == NEWS[3:]
    assert did(busy, f"after={MONDAY}&sort=asc") == NEWS[::-1]
    assert did(busy)[:4] == NEWS


def test_events_are_chosen_by_action_and_target(busy: Sandbox) -> None:
    since = f"after={TUESDAY}"
    assert did(busy, f"{since}&action=commented") == NEWS[:1]
    assert did(busy, f"{since}&action=closed") == NEWS[2:3]
    assert did(busy, f"{since}&target_type=note") == NEWS[:1]
    assert did(busy, f"{since}&target_type=issue") == NEWS[1:3]
    assert did(busy, f"{since}&action=pushed") == []
    ask(busy, "/projects/72/issues", method="POST", login="grace", json={"title": "New"})
    assert did(busy, f"{since}&action=created")[0][0] == "opened"


def test_nobody_sees_what_others_did(busy: Sandbox) -> None:
    assert did(busy, f"after={MONDAY}", login="eva") == []


def test_a_comment_is_shown_whole_with_its_issue(busy: Sandbox) -> None:
    row: dict[str, Any] = ask(busy, "/events?action=commented&per_page=1", login="grace").json()[0]
    note = row["note"]
    assert (row["project_id"], row["target_type"], row["target_id"]) == (72, "Note", note["id"])
    assert (note["noteable_type"], note["noteable_iid"], note["body"]) == ("Issue", 103, "Thursday")
    assert (row["author_username"], row["author"]["id"]) == ("grace", cast.PEOPLE["grace"].number)
    assert row["created_at"].startswith(THURSDAY)


def test_events_have_pages_and_ids_of_their_own(busy: Sandbox) -> None:
    answer = ask(busy, f"/events?after={TUESDAY}&per_page=2&page=2", login="grace")
    assert (len(answer.json()), answer.headers["x-total"]) == (1, "3")
    rows = ask(busy, "/events?per_page=100", login="grace").json()
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_token_that_only_reads_the_api_may_not_list_events(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "/events", login="ana-readonly")
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("query", ["after=yesterday", "before=2026-13-01", "action=shouted", "target_type=epics"])
def test_what_is_no_day_or_no_word_of_gitlabs_is_refused(sandbox: Sandbox, query: str) -> None:
    assert ask(sandbox, f"/events?{query}").status_code == 400
