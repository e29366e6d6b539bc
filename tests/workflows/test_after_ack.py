"""What lies around an acked page: its issue, what still waits; and nothing of it spoils the ack."""

import time
from typing import Any

import pytest

from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.errors import AuthError, RemoteError
from secops_oncall.workflows.after_ack import Around, around
from tests.fakes import ME, FakeGitLab, FakePagerDuty, a_page, an_issue, plain

SOURCES = [IssueQuery("g/p", "project")]
ACKED = plain(a_page("Q1CANARYTOKEN01"))
NAMING = an_issue("g/p#1", "Page Q1CANARYTOKEN01")
DOWN = RemoteError("down", "try again")


def look(pagerduty: FakePagerDuty, gitlab: FakeGitLab | None, *, waiting: bool = True, patience: float = 5) -> Around:
    return around(pagerduty, gitlab, SOURCES, [ACKED], 15, waiting=waiting, patience=patience)


def test_the_issues_that_name_it_and_my_pages_that_wait_most_urgent_first() -> None:
    mine: dict[str, Any] = {"assigned_to": (ME.person,)}
    pages = [
        a_page("Q1CANARYTOKEN01", **mine),  # a list may be older than the ack
        a_page("Q1LOW", urgency="low", minutes=1, **mine),
        a_page("Q1HIGH", minutes=9, **mine),
        a_page("Q1OTHERS"),
    ]
    found = look(FakePagerDuty(pages), FakeGitLab([NAMING, an_issue("g/p#2", "Page Q1HIGH")]))
    assert found.issues == {ACKED.id: [NAMING]}
    assert [page.id for page in found.unacked or ()] == ["Q1HIGH", "Q1LOW"]
    assert found.unacked
    assert found.unacked[0].ack_deadline
    assert (found.issue_problems, found.page_problems, found.gitlab_asked) == ([], [], True)


def test_what_nobody_wants_to_hear_is_not_asked() -> None:
    pagerduty = FakePagerDuty()
    pagerduty.failing = {"pages": DOWN}
    found = look(pagerduty, FakeGitLab([NAMING]), waiting=False)
    assert (found.unacked, found.page_problems) == ([], [])


def test_services_that_fail_are_told_and_nothing_is_raised() -> None:
    pagerduty, gitlab = FakePagerDuty(), FakeGitLab()
    pagerduty.failing, gitlab.failing = {"pages": DOWN}, {"issues": AuthError("no", "")}
    found = look(pagerduty, gitlab)
    assert (found.unacked, found.issues) == (None, {ACKED.id: []})
    assert [one.message for one in (*found.issue_problems, *found.page_problems)] == ["no", "down"]
    assert not look(FakePagerDuty(), None).gitlab_asked


def test_gitlab_is_not_waited_for_for_ever() -> None:
    class Slow(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            time.sleep(0.5)
            return super().issues(query)

    began = time.monotonic()
    found = look(FakePagerDuty(), Slow([NAMING]), patience=0.05)
    assert time.monotonic() - began < 0.4
    assert "not answered within 0.05 s" in found.issue_problems[0].message
    assert look(FakePagerDuty(), Slow([NAMING])).issues == {ACKED.id: [NAMING]}


@pytest.mark.parametrize("sources", [[], SOURCES])
def test_no_sources_are_no_issues(sources: list[IssueQuery]) -> None:
    found = around(FakePagerDuty(), FakeGitLab(), sources, [ACKED], 15, waiting=True)
    assert found.issues == {ACKED.id: []}
