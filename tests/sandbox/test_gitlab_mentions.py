"""Mentions: who is told of them, whose to-do list they come to, and how a test looks at them."""

from typing import Any

import requests

from secops_oncall.sandbox.gitlab_records import MEMBERS
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.sessions import ask

ISSUE = "/projects/72/issues/102"


def mentions(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    base = sandbox.addresses.gitlab.replace("/gitlab", "/sandbox")
    return [(one["by"], one["kind"], one["name"]) for one in requests.get(f"{base}/mentions", timeout=20).json()]


def say(sandbox: Sandbox, body: str, **more: Any) -> dict[str, Any]:
    answer = ask(sandbox, f"{ISSUE}/notes", method="POST", json={"body": body, **more})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def listed(sandbox: Sandbox, login: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(sandbox, f"/todos?{query}", login=login).json()
    return found


def test_the_practice_shift_begins_with_nobody_mentioned(sandbox: Sandbox) -> None:
    assert mentions(sandbox) == []
    assert listed(sandbox, "dana") == []


def test_a_mention_is_a_to_do_of_whom_it_names(sandbox: Sandbox) -> None:
    note = say(sandbox, "@ben please look; @nobody knows, `@chen` sleeps.")
    assert mentions(sandbox) == [("ana", "user", "ben")]
    (todo,) = listed(sandbox, "ben")
    assert (todo["action_name"], todo["target_type"], todo["state"]) == ("mentioned", "Issue", "pending")
    assert (todo["author"]["username"], todo["target"]["iid"], todo["body"]) == ("ana", 102, note["body"])
    assert todo["target_url"].endswith(f"/acme-security/operations/-/issues/102#note_{note['id']}")
    assert todo["project"]["path_with_namespace"] == "acme-security/operations"
    assert listed(sandbox, "chen") == listed(sandbox, "ana") == []
    assert listed(sandbox, "ben", "state=done") == listed(sandbox, "ben", "action=assigned") == []


def test_all_and_a_group_are_everybody(sandbox: Sandbox) -> None:
    say(sandbox, "@all")
    say(sandbox, "@Acme-Security @ben")
    assert mentions(sandbox) == [("ana", "all", "all"), ("ana", "group", "Acme-Security"), ("ana", "user", "ben")]
    assert [len(listed(sandbox, login)) for login in ("ben", "hugo", "ana", "bot")] == [2, 2, 2, 0]
    assert len(MEMBERS) == 8


def test_who_may_not_read_it_is_not_told(sandbox: Sandbox) -> None:
    say(sandbox, "@group_70_bot_5f2c and @ben", internal=True)
    assert mentions(sandbox) == [("ana", "user", "group_70_bot_5f2c"), ("ana", "user", "ben")]
    assert (len(listed(sandbox, "bot")), len(listed(sandbox, "ben"))) == (0, 1)
    say(sandbox, "@group_70_bot_5f2c")
    assert len(listed(sandbox, "bot")) == 1


def test_a_description_mentions_too_and_a_changed_text_only_whom_it_didn_t_before(sandbox: Sandbox) -> None:
    sent = {"title": "New", "description": "With @ben."}
    made = ask(sandbox, "/projects/72/issues", method="POST", json=sent).json()
    path = f"/projects/72/issues/{made['iid']}"
    ask(sandbox, path, method="PUT", json={"description": "With @ben and @chen."})
    ask(sandbox, path, method="PUT", json={"title": "Another"})
    assert mentions(sandbox) == [("ana", "user", "ben"), ("ana", "user", "chen")]
    note = say(sandbox, "@eva")
    ask(sandbox, f"{ISSUE}/notes/{note['id']}", method="PUT", json={"body": "@Eva, @farid"})
    assert mentions(sandbox)[2:] == [("ana", "user", "eva"), ("ana", "user", "farid")]


def test_what_was_refused_mentions_nobody(sandbox: Sandbox) -> None:
    sent = {"body": "@all", "internal": "perhaps"}
    assert ask(sandbox, f"{ISSUE}/notes", method="POST", json=sent).status_code == 400
    assert ask(sandbox, f"{ISSUE}/notes", method="POST", json={"body": "/assign @chen"}).status_code == 202
    assert mentions(sandbox) == []
