"""Who belongs where in the sandbox's GitLab, and what tokens that differ from the plain one are worth."""

from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import PROJECT
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.sessions import ask, gitlab_as

PROJECTS = [f"{cast.ACCOUNT}/operations", f"{cast.ACCOUNT}/engineering"]  # the newest first
# What GitLab's own pages show of each (doc/api/groups.md, projects.md, members.md).
GROUP_KEYS = {"id", "name", "path", "full_name", "full_path", "parent_id", "visibility", "web_url", "created_at"}
SIMPLE_KEYS = {"id", "name", "path", "path_with_namespace", "name_with_namespace", "web_url", "namespace", "created_at"}
MEMBER_KEYS = {"id", "username", "name", "state", "avatar_url", "web_url", "created_at", "created_by", "expires_at"}


def paths(found: list[dict[str, Any]], key: str = "path_with_namespace") -> list[str]:
    return [one[key] for one in found]


@pytest.mark.parametrize(
    ("login", "query", "expected"),
    [
        ("ana", "", 1),
        ("ana", "?min_access_level=30", 1),
        ("ana", "?min_access_level=40", 0),
        ("dana", "?min_access_level=40", 1),
        ("dana", "?owned=true", 0),
        ("bot", "?min_access_level=10", 1),
        ("bot", "?min_access_level=20", 0),
        ("ana", "?search=SECURITY", 1),
        ("ana", "?search=nothing", 0),
    ],
)
def test_groups_are_listed_by_the_role_that_one_has_there(
    sandbox: Sandbox, login: str, query: str, expected: int
) -> None:
    answer = ask(sandbox, f"/groups{query}", login=login)
    assert (len(answer.json()), answer.headers["X-Total"]) == (expected, str(expected))
    assert all(one.keys() >= GROUP_KEYS for one in answer.json())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["acme-security/archive", "acme-security/wiki", *PROJECTS]),
        ("?membership=true&with_issues_enabled=true&archived=false", PROJECTS),
        ("?archived=true", ["acme-security/archive"]),
        ("?search=oper", PROJECTS[:1]),
        ("?order_by=path&sort=asc&with_issues_enabled=1&archived=0", PROJECTS[::-1]),
        ("?min_access_level=40", []),
    ],
)
def test_projects_are_listed_as_asked(sandbox: Sandbox, query: str, expected: list[str]) -> None:
    with sandbox.store.state() as state:
        for number, name, more in ((98, "wiki", {"issues": False}), (99, "archive", {"archived": True})):
            project = {"id": number, "path": f"{cast.ACCOUNT}/{name}", "name": name, "group": 70, "group_name": "Acme"}
            state.put(PROJECT, number, {**project, **more}, parent=70)
    assert paths(ask(sandbox, f"/projects{query}").json()) == expected


def test_a_simple_project_says_less(sandbox: Sandbox) -> None:
    simple, whole = (ask(sandbox, f"/projects{query}").json()[0] for query in ("?simple=true", ""))
    assert simple.keys() >= SIMPLE_KEYS
    assert whole.keys() - simple.keys() == {"archived", "issues_enabled", "issues_access_level", "permissions"}


def test_lists_are_paged_and_their_parameters_checked(sandbox: Sandbox) -> None:
    first = ask(sandbox, "/projects?per_page=1")
    assert (paths(first.json()), first.headers["X-Next-Page"]) == (PROJECTS[:1], "2")
    assert paths(ask(sandbox, "/projects?per_page=1&page=2").json()) == PROJECTS[1:]
    for query in ("order_by=size", "sort=up", "min_access_level=high", "membership=perhaps"):
        assert ask(sandbox, f"/projects?{query}").status_code == 400


@pytest.mark.parametrize("place", ["groups/acme-security", "projects/acme-security%2Foperations", "groups/70"])
def test_members_are_everybody_and_the_tokens_bot(sandbox: Sandbox, place: str) -> None:
    found = ask(sandbox, f"/{place}/members/all").json()
    assert [one["username"] for one in found] == [*cast.PEOPLE, cast.TOKEN_BOT.login]
    levels = {one["username"]: one["access_level"] for one in found}
    assert (levels["ana"], levels["dana"], levels[cast.TOKEN_BOT.login]) == (30, 40, 10)
    assert all(one.keys() >= MEMBER_KEYS and not one["public_email"] for one in found)


def test_members_by_name_and_of_no_place(sandbox: Sandbox) -> None:
    group = gitlab_as(sandbox).groups.get(cast.ACCOUNT, lazy=True)
    assert [one.attributes["name"] for one in group.members_all.list(query="okaf")] == ["Ben Okafor"]
    assert ask(sandbox, "/groups/nowhere/members/all").status_code == 404


@pytest.mark.parametrize(("kind", "word"), [("expired", "expired"), ("revoked", "revoked")])
def test_a_token_that_is_worth_nothing_says_why(sandbox: Sandbox, kind: str, word: str) -> None:
    answer = ask(sandbox, "/user", login=f"ana-{kind}")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert word in answer.json()["error_description"]


def test_a_token_tells_its_last_day_and_an_oauth_token_nothing(sandbox: Sandbox) -> None:
    path = "/personal_access_tokens/self"
    days = [ask(sandbox, path, login=f"ana{kind}").json()["expires_at"] for kind in ("", "-expiring", "-endless")]
    assert days == ["2027-02-21", "2026-11-26", None]
    answer = ask(sandbox, path, login="ana-oauth")
    assert (answer.status_code, ask(sandbox, "/user", login="ana-oauth").status_code) == (400, 200)
