"""Listing pages: what is asked side by side, and what an outage leaves of the answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.pages import Page, PageQuery, PendingAction, Status
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.errors import AuthError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.pages import PageFilter, Pages, list_pages, page_issues
from tests.fakes import GONE, MANAGER, ME, NOW, FakeGitLab, FakePagerDuty, PartlyGitLab, a_page, an_issue

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor")
ENGINEER = RoleName("Security Responder", 1)
ONE, TWO, THREE, FOUR = "Q1ONE00001", "Q1TWO00002", "Q1THREE003", "Q1FOUR0004"
REF = "acme/operations#101"
OPERATIONS, INFRA, LOST = (
    IssueQuery(f"acme/{name}", "project", ("incident",)) for name in ("operations", "infra", "gone")
)
DOWN = RemoteError("GitLab does not answer", "try again")


def listed(
    pagerduty: FakePagerDuty,
    lab: FakeGitLab | None = None,
    *sources: IssueQuery,
    minutes: int = 15,
    engineer: RoleName | None = ENGINEER,
    **wanted: Any,
) -> Pages:
    places, query = sources or (OPERATIONS,), PageFilter(**wanted)
    roles: dict[str, Any] = {"engineer": engineer, "manager": MANAGER}
    return list_pages(pagerduty, lab, places, query, ack_minutes=minutes, now=NOW, **roles)


def ids(found: Pages) -> list[str]:
    return [page.id for page in found.pages]


def test_pages_are_my_teams_and_mine_the_most_urgent_first_and_each_once() -> None:
    mine = a_page(ONE, assigned_to=(ANA,), minutes=30)
    both = a_page(TWO, assigned_to=(ANA,), minutes=9)
    acked = a_page(THREE, "acknowledged", minutes=1)
    elses = a_page("Q1ELSE0004", minutes=2)
    pagerduty = FakePagerDuty([mine, both, acked, elses], teams={ONE: "PTOTHER", "Q1ELSE0004": "PTOTHER"})
    assert ids(listed(pagerduty)) == [TWO, ONE, THREE]
    assert ids(listed(pagerduty, mine=True)) == [TWO, ONE]
    assert ids(listed(pagerduty, all_teams=True)) == ["Q1ELSE0004", TWO, ONE, THREE]


def test_without_teams_pages_are_mine() -> None:
    pagerduty = FakePagerDuty([a_page(ONE, assigned_to=(ANA,)), a_page(TWO)], me=replace(ME, teams=()))
    assert ids(listed(pagerduty)) == [ONE]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"statuses": ("triggered",)}, [ONE]),
        ({"statuses": ("acknowledged",)}, [TWO]),
        ({"statuses": ("resolved",)}, [THREE]),
        ({"urgency": "low"}, [TWO]),
        ({"service": "vpn"}, [ONE]),
        ({"search": "TOKEN"}, [TWO]),
        ({"search": "nothing of the kind"}, []),
        ({"since": NOW - timedelta(minutes=20)}, [ONE]),
        ({"statuses": ("triggered", "resolved")}, [ONE, THREE]),
        ({"statuses": ("acknowledged", "resolved"), "since": NOW - timedelta(hours=50)}, [TWO, THREE, FOUR]),
        ({"statuses": ("acknowledged", "resolved"), "since": NOW - timedelta(minutes=5)}, [THREE]),
    ],
)
def test_a_filter(wanted: dict[str, Any], found: list[str]) -> None:
    pages = [
        a_page(ONE, minutes=9, service="VPN gateway"),
        a_page(TWO, "acknowledged", urgency="low", title="Canary token opened"),
        a_page(THREE, "resolved", minutes=50_000, resolved_at=NOW - timedelta(minutes=4)),
        a_page(FOUR, "resolved", minutes=60_000, resolved_at=NOW - timedelta(hours=13)),
    ]
    assert ids(listed(FakePagerDuty(pages), **wanted)) == found


@pytest.mark.parametrize("statuses", [("resolved",), ("triggered", "resolved")])
@pytest.mark.parametrize(("teams", "wanted"), [(ME.teams, {"mine": True}), ((), {})], ids=["mine", "of no team"])
def test_resolved_pages_that_nobody_can_list_are_no_empty_list(
    teams: tuple[str, ...], wanted: dict[str, Any], statuses: tuple[Status, ...]
) -> None:
    """A resolved page is assigned to nobody, so that none of them is mine (pagerduty.md, 1.2)."""
    pagerduty = FakePagerDuty([a_page(ONE, "resolved")], me=replace(ME, teams=teams))
    with pytest.raises(UsageError, match="resolved") as caught:
        listed(pagerduty, statuses=statuses, **wanted)
    assert "--all-teams" in caught.value.hint


def test_nothing_to_list_is_an_empty_list() -> None:
    assert listed(FakePagerDuty(), FakeGitLab()) == Pages([], [])


def test_a_page_has_its_deadline_and_the_issue_that_names_it() -> None:
    lab = FakeGitLab([an_issue(REF, f"See {ONE}"), an_issue("acme/elsewhere#1", TWO)])
    late = PendingAction("escalate", NOW + timedelta(minutes=2))
    found = listed(FakePagerDuty([a_page(ONE, minutes=4), a_page(TWO, minutes=5, pending=(late,))]), lab, minutes=20)
    first, second = found.pages
    assert first.issue
    assert (first.issue.ref, first.issue.state, first.ack_deadline) == (REF, "opened", NOW + timedelta(minutes=16))
    assert (second.issue, second.ack_deadline) == (None, late.at)


def test_a_hand_over_issue_only_tells_of_a_page() -> None:
    told = an_issue("acme/operations#9", f"{ONE}", title="On-Call Handover 2026-11-23 02:00/14:00 UTC", minutes=90)
    lab = FakeGitLab([told, an_issue(REF, ONE)])
    (page,) = listed(FakePagerDuty([a_page(ONE)]), lab).pages
    assert page.issue and page.issue.ref == REF


def test_listing_takes_one_wave() -> None:
    """My pages, my teams', the turns and the issues wait for each other here: one by one they would wait for ever."""
    together = Barrier(4)

    class Responders(FakePagerDuty):
        def pages(self, query: PageQuery) -> list[Page]:
            together.wait(5)
            return super().pages(query)

        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            together.wait(5)
            return super().on_call(roles, since, until)

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            together.wait(5)
            return super().issues(query)

    assert ids(listed(Responders([a_page(ONE)]), Lab())) == [ONE]


@pytest.mark.parametrize("error", [DOWN, AuthError("GitLab rejects the token", "export …")], ids=["down", "refused"])
def test_without_gitlab_the_pages_are_there_and_that_is_told_once(error: OncallError) -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    lab.failing = {"issues": error}
    found = listed(FakePagerDuty([a_page(ONE)]), lab, OPERATIONS, INFRA)
    assert (ids(found), found.problems) == ([ONE], [error])
    assert found.pages[0].issue is None


def test_one_place_that_is_not_there_costs_only_its_own_issues() -> None:
    lab = PartlyGitLab([an_issue(REF, ONE)])
    found = listed(FakePagerDuty([a_page(ONE)]), lab, LOST, OPERATIONS)
    assert found.problems == [GONE]
    assert found.pages[0].issue and found.pages[0].issue.ref == REF


def test_where_no_gitlab_is_used_nothing_is_missing() -> None:
    assert page_issues(None, [OPERATIONS]) == ([], [])
    found = listed(FakePagerDuty([a_page(ONE)]), None)
    assert (ids(found), found.problems) == ([ONE], [])


@pytest.mark.parametrize("method", ["me", "pages"])
def test_without_pagerduty_there_is_no_list(method: str) -> None:
    pagerduty = FakePagerDuty([a_page(ONE)])
    pagerduty.failing = {method: RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError, match="PagerDuty"):
        listed(pagerduty, FakeGitLab())
