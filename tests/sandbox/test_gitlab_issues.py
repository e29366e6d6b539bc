"""Lists of issues: scopes, filters, order and pages, as GitLab has them."""

from collections.abc import Callable
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from gitlab.exceptions import GitlabGetError

from secops_oncall.sandbox import cast, scenario
from secops_oncall.sandbox.gitlab_records import new_issue, save, stamp
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.store import Store
from tests.sandbox.conftest import NOW
from tests.sandbox.sessions import OPERATIONS, ask, gitlab_as

List = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def listed(sandbox: Sandbox) -> List:
    """The group's issues that a query finds."""

    def of_group(login: str = cast.ME, **query: Any) -> list[dict[str, Any]]:
        group = gitlab_as(sandbox, login).groups.get(cast.ACCOUNT, lazy=True)
        return [issue.attributes for issue in group.issues.list(get_all=True, per_page=100, **query)]

    return of_group


def fill(sandbox: Sandbox, count: int) -> None:
    with sandbox.store.state() as state:
        for number in range(count):
            at = NOW - timedelta(minutes=number)
            save(state, new_issue(state, 71, 12, at) | {"title": f"Filled in {number}", "labels": ["filled"]})


def test_a_list_has_closed_issues_too_unless_a_state_is_named(listed: List) -> None:
    assert {issue["state"] for issue in listed()} == {"opened", "closed"}
    assert {issue["state"] for issue in listed(state="opened")} == {"opened"}
    assert len(listed(state="opened")) + len(listed(state="closed")) == len(listed(state="all")) == len(listed())


def test_issues_without_a_place_are_only_those_that_the_caller_created(sandbox: Sandbox) -> None:
    gitlab = gitlab_as(sandbox)
    assert {issue.attributes["author"]["username"] for issue in gitlab.issues.list(get_all=True)} == {"ana"}
    mine = gitlab.issues.list(scope="assigned_to_me", get_all=True)
    assert {issue.attributes["assignee"]["username"] for issue in mine} == {"ana"}
    assert len(gitlab.issues.list(scope="all", get_all=True)) > 50


def test_several_labels_mean_all_of_them(listed: List) -> None:
    both = listed(labels=["oncall", "detection"])
    assert both
    assert all({"oncall", "detection"} <= set(issue["labels"]) for issue in both)
    assert len(listed(labels="oncall")) > len(both)
    without = listed(**{"labels": "oncall", "not": {"labels": "detection,security"}})
    assert without
    assert not any({"detection", "security"} & set(issue["labels"]) for issue in without)
    assert listed(labels="Oncall") == []
    assert listed(labels="None") == []
    assert len(listed(labels="severity::*")) == len([one for one in listed() if "severity::" in str(one["labels"])])


def test_a_list_in_not_counts_its_last_value_only_since_no_brackets_are_sent(listed: List) -> None:
    """python-gitlab sends `not[labels]=a&not[labels]=b`, of which Rails keeps the last (gitlab.md, section 2)."""
    found = listed(**{"labels": "oncall", "not": {"labels": ["detection", "identity"]}})
    assert any("detection" in issue["labels"] for issue in found)
    assert not any("identity" in issue["labels"] for issue in found)


def test_people_are_named_by_id_by_login_or_by_nobody(listed: List) -> None:
    assert all(issue["assignees"] == [] for issue in listed(assignee_id="None"))
    assert all(issue["assignees"] for issue in listed(assignee_id="Any"))
    by_id = [issue["id"] for issue in listed(assignee_id=11)]
    assert by_id == [issue["id"] for issue in listed(**{"assignee_username[]": "ana"})] != []
    assert {issue["author"]["username"] for issue in listed(author_username="grace")} == {"grace"}
    assert {issue["author"]["username"] for issue in listed(author_id=17)} == {"grace"}


def test_what_gitlab_would_not_read_is_refused(sandbox: Sandbox) -> None:
    for query, problem in {
        "state=open": "state does not have a valid value",
        "order_by=age": "order_by does not have a valid value",
        "assignee_id=me": "assignee_id does not have a valid value",
        "assignee_id=11&assignee_username[]=ana": "assignee_id, assignee_username are mutually exclusive",
        "assignee_username[]=ana&assignee_username[]=ben": "assignee_username allows one value, but found 2: ana, ben",
        "updated_after=2026-11-23T10:00:00+01:00": "updated_after is invalid",
        "confidential=perhaps": "confidential is invalid",
    }.items():
        answer = ask(sandbox, f"/groups/70/issues?{query}")
        assert (answer.status_code, answer.json()) == (400, {"error": problem})


def test_text_is_found_in_title_and_description_or_where_it_is_looked_for(listed: List) -> None:
    assert [issue["iid"] for issue in listed(search="expire signing")] == [210]
    assert [issue["iid"] for issue in listed(search="Q1LEAKEDKEY0005")] == [101]
    assert listed(search="Q1LEAKEDKEY0005", **{"in": "title"}) == []


def test_times_and_numbers_narrow_a_list(listed: List) -> None:
    since = stamp(NOW - timedelta(hours=12))
    changed = listed(updated_after=since, labels="oncall")
    assert changed
    assert all(issue["updated_at"] >= since for issue in changed)
    assert all(issue["created_at"] >= since for issue in listed(created_after=since))
    assert all(issue["created_at"] <= since for issue in listed(created_before=since))
    assert len(listed(updated_before=since)) + len(listed(updated_after=since)) == len(listed())
    assert sorted(issue["iid"] for issue in listed(**{"iids[]": [101, 102]})) == [101, 102]


def test_newest_first_unless_another_order_is_asked_for(listed: List) -> None:
    created = [issue["created_at"] for issue in listed()]
    assert created == sorted(created, reverse=True)
    updated = [issue["updated_at"] for issue in listed(order_by="updated_at", sort="asc")]
    assert updated == sorted(updated)
    weights = [issue["weight"] for issue in listed(labels="Backlog", order_by="weight", sort="asc")]
    known = [weight for weight in weights if weight is not None]
    assert weights == sorted(known) + [None] * (len(weights) - len(known))
    assert len(known) < len(weights)


def test_confidential_issues_are_there_for_members_only(sandbox: Sandbox, listed: List) -> None:
    secret = listed(confidential=True)
    assert secret
    assert all(issue["confidential"] for issue in secret)
    assert not any(issue["confidential"] for issue in listed("bot"))
    assert len(listed("bot")) == len(listed()) - len(secret)
    with pytest.raises(GitlabGetError) as caught:
        gitlab_as(sandbox, "bot").projects.get(OPERATIONS, lazy=True).issues.get(101)
    assert caught.value.response_code == 404


def test_references_tell_where_the_list_was_asked(sandbox: Sandbox) -> None:
    seen = {
        path: ask(sandbox, f"{path}?iids[]=101&scope=all").json()[0]["references"]["relative"]
        for path in ("/projects/72/issues", "/groups/70/issues", "/issues")
    }
    assert list(seen.values()) == ["#101", "operations#101", "acme-security/operations#101"]


def test_labels_come_with_their_details_if_asked(listed: List) -> None:
    label = listed(with_labels_details=True, labels="Done")[0]["labels"][0]
    assert set(label) >= {"name", "color", "description", "description_html", "text_color"}


def test_addresses_are_the_servers_own(sandbox: Sandbox, listed: List) -> None:
    issue = listed(**{"iids[]": 101})[0]
    assert issue["web_url"] == f"{sandbox.addresses.gitlab}/acme-security/operations/-/issues/101"
    assert issue["references"]["full"] == "acme-security/operations#101"


def test_a_page_has_20_rows_and_never_more_than_100(sandbox: Sandbox) -> None:
    fill(sandbox, 101)
    first = ask(sandbox, "/groups/70/issues?labels=filled")
    assert len(first.json()) == 20
    headers = {name: first.headers[f"x-{name}"] for name in ("total", "total-pages", "page", "per-page", "next-page")}
    assert headers == {"total": "101", "total-pages": "6", "page": "1", "per-page": "20", "next-page": "2"}
    assert first.headers["x-prev-page"] == ""
    assert set(first.links) == {"first", "next", "last"}
    assert len(ask(sandbox, "/groups/70/issues?labels=filled&per_page=500").json()) == 100
    last = ask(sandbox, first.links["last"]["url"].partition("/api/v4")[2])
    assert (len(last.json()), last.headers["x-next-page"], set(last.links)) == (1, "", {"first", "prev", "last"})


def test_a_list_is_looked_for_again_once_anybody_wrote(sandbox: Sandbox) -> None:
    def titles(page: int = 1) -> list[str]:
        rows = ask(sandbox, f"/projects/72/issues?per_page=2&page={page}&order_by=updated_at").json()
        return [row["title"] for row in rows]

    first, second = titles(), titles(2)
    assert titles() == first != second
    ask(sandbox, "/projects/72/issues/102/notes", method="POST", json={"body": "touched"})
    ask(sandbox, "/projects/72/issues/102", method="PUT", json={"title": "Now the first"})
    assert titles()[0] == "Now the first"
    with Store(sandbox.store.path).state() as state:  # another process
        issue = state.get("gitlab_issue", "72/102")
        assert issue
        state.put("gitlab_issue", "72/102", issue | {"title": "And another title"}, parent=72)
    assert titles()[0] == "And another title"
    scenario.seed(sandbox.store, NOW)
    assert titles() == first


def test_the_next_page_of_a_place_with_a_path_is_where_the_link_says(sandbox: Sandbox) -> None:
    query = "?state=opened&labels=oncall&per_page=5"
    answer = ask(sandbox, f"/projects/acme-security%2Foperations/issues{query}")
    found = [issue["iid"] for issue in answer.json()]
    while "next" in answer.links:
        answer = ask(sandbox, answer.links["next"]["url"].partition("/api/v4")[2])
        found += [issue["iid"] for issue in answer.json()]
    assert len(found) == len(set(found)) == int(answer.headers["x-total"]) > 10


def test_ten_thousand_issues_are_ordinary_and_of_more_the_number_is_not_told(sandbox: Sandbox) -> None:
    fill(sandbox, 10_001)
    began = process_time()
    answer = ask(sandbox, "/groups/70/issues?labels=filled&per_page=100&page=50")
    assert process_time() - began < 1.5
    assert [answer.json()[0]["title"], answer.json()[-1]["title"]] == ["Filled in 4900", "Filled in 4999"]
    assert {"x-total", "x-total-pages"}.isdisjoint(name.lower() for name in answer.headers)
    assert set(answer.links) == {"first", "prev", "next"}
    assert ask(sandbox, "/groups/70/issues?search=filled&in=title&author_id=12&iids[]=1").headers["x-total"]
