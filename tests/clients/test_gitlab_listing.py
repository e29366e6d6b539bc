"""Long lists: whole, in order, each row once, side by side, in little memory, or an error that says how far it came."""

import gc
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakSet

import pytest

from secops_oncall import threads
from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab_api import GitLabApi
from secops_oncall.clients.gitlab_listing import AHEAD, PAGE
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.errors import NotFoundError, RemoteError
from tests.clients.conftest import Reply, Request, Service, gitlab_at, issue_row

ALL = IssueQuery("g", "group", described=False)


def number_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.path).query).get("page", ["1"])[0])


def page_of(count: int, number: int, *, counted: bool) -> Reply:
    """A page of so many issues, with GitLab's headers: more than 10,000 are not counted."""
    last = -(-count // PAGE)
    rows = [issue_row(row, "g/p") for row in range((number - 1) * PAGE + 1, min(number * PAGE, count) + 1)]
    following = {"X-Next-Page": str(number + 1) if number < last else ""}
    return Reply(
        body=rows, headers=following | ({"X-Total": str(count), "X-Total-Pages": str(last)} if counted else {})
    )


def test_ten_thousand_issues_are_listed_whole_and_in_order(service: Service, network: Network, cache: Cache) -> None:
    service.answering = lambda request: page_of(10_000, number_of(request), counted=True)
    issues = gitlab_at(service, network, cache).issues(ALL)
    assert [issue.iid for issue in issues] == list(range(1, 10_001))
    assert sorted(number_of(request) for request in service.seen) == list(range(1, 101))


def test_more_than_gitlab_counts_are_listed_whole_and_in_order(
    service: Service, network: Network, cache: Cache
) -> None:
    service.answering = lambda request: page_of(10_050, number_of(request), counted=False)
    issues = gitlab_at(service, network, cache).issues(ALL)
    assert [issue.iid for issue in issues] == list(range(1, 10_051))
    asked = [number_of(request) for request in service.seen]
    assert len(set(asked)) == len(asked) < 101 + AHEAD
    assert set(asked) >= set(range(1, 102))


@pytest.mark.parametrize("counted", [True, False])
def test_a_list_that_breaks_off_is_an_error_that_says_how_far_it_came(
    service: Service, network: Network, cache: Cache, counted: bool
) -> None:
    def answer(request: Request) -> Reply:
        number = number_of(request)
        return Reply(502, hold=0.1) if number > 9 else page_of(2_050, number, counted=counted)

    service.answering = answer
    with pytest.raises(RemoteError) as caught:
        gitlab_at(service, network, cache).issues(ALL)
    of = " of 2,050" if counted else ""
    host = service.address.removeprefix("http://")
    assert caught.value.message == f"GitLab ({host}): it answers 502, after 900{of} issues"
    assert str(caught.value) == caught.value.message
    assert (caught.value.hint, caught.value.answered) == ("try again in a minute", 502)
    assert max(number_of(request) for request in service.seen) <= 9 + threads.WORKERS


def test_a_list_that_ends_in_the_middle_for_another_reason_says_so_too(
    service: Service, network: Network, cache: Cache
) -> None:
    def answer(request: Request) -> Reply:
        return page_of(250, number_of(request), counted=True) if number_of(request) < 3 else Reply(404, hold=0.1)

    service.answering = answer
    with pytest.raises(NotFoundError, match="group g: not found or no access, after 200 of 250 issues"):
        gitlab_at(service, network, cache).issues(ALL)


def test_a_list_that_fails_at_once_says_nothing_of_progress(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(502)]
    with pytest.raises(RemoteError, match=r"it answers 502$"):
        gitlab_at(service, network, cache).issues(ALL)


def test_pages_that_only_repeat_themselves_are_an_error(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        rows = [issue_row(number, "g/p") for number in range(PAGE)]
        return Reply(body=rows, headers={"X-Next-Page": str(number_of(request) + 1)})

    service.answering = answer
    with pytest.raises(RemoteError, match="not what its API sends"):
        gitlab_at(service, network, cache).issues(ALL)
    assert len(service.seen) == 1 + AHEAD


class Row(dict[str, Any]):
    """A raw row that can be watched."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


class ManyPages:
    """A list of the SDK's: a page at a time, every row watched while anybody holds it."""

    total_pages, total = 60, 60 * PAGE

    def __init__(self, alive: "WeakSet[Row]", query_parameters: Mapping[str, Any]) -> None:
        self._alive = alive
        self._number = query_parameters.get("page", 1)
        self.next_page = self._number + 1 if self._number < self.total_pages else None

    def __iter__(self) -> Iterator[Row]:
        for number in range((self._number - 1) * PAGE, self._number * PAGE):
            row = Row(id=number, description="x" * 20)
            self._alive.add(row)
            yield row


def test_raw_rows_are_gone_as_soon_as_their_page_is_read(
    service: Service, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 10,000 issues with their descriptions these would be 200 MB and more."""
    alive: WeakSet[Row] = WeakSet()
    most = 0

    def pages(_: object, path: str, query_parameters: Mapping[str, Any], **__: object) -> ManyPages:
        return ManyPages(alive, query_parameters)

    def read(row: Mapping[str, Any]) -> int:
        nonlocal most
        most = max(most, len(alive))
        return int(row["id"])

    monkeypatch.setattr("gitlab.Gitlab.http_list", pages)
    api = GitLabApi(service.address, "glpat-s3cret", network, token_from="X")
    assert api.every("many", "/issues", read, {}) == list(range(60 * PAGE))
    gc.collect()
    assert len(alive) == 0
    assert most <= threads.WORKERS * 3
