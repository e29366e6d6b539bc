"""What lies around an acked page: its issue, what still waits; and nothing of it spoils the ack."""

import time

import pytest

from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.pages import Page
from secops_oncall.errors import AuthError, RemoteError
from secops_oncall.workflows.after_ack import SOON, Around, Waiting, around
from tests.fakes import FakeGitLab, a_page, an_issue, plain

SOURCES = [IssueQuery("g/p", "project")]
ACKED = plain(a_page("Q1CANARYTOKEN01"))
NAMING = an_issue("g/p#1", "Page Q1CANARYTOKEN01")
DOWN = RemoteError("down", "try again")


def look(gitlab: FakeGitLab | None, waiting: Waiting | None = None, *, patience: float = 5) -> Around:
    return around(gitlab, SOURCES, [ACKED], waiting, patience)


def test_the_issues_that_name_it_and_my_pages_that_wait() -> None:
    waits, asked = plain(a_page("Q1HIGH")), []

    def waiting(patience: float) -> list[Page]:
        asked.append(patience)
        return [waits]

    found = look(FakeGitLab([NAMING, an_issue("g/p#2", "Page Q1HIGH")]), waiting)
    assert (found.issues, found.unacked, asked) == ({ACKED.id: [NAMING]}, [waits], [SOON])
    assert (found.issue_problems, found.page_problems, found.gitlab_asked) == ([], [], True)


def test_what_nobody_wants_to_hear_is_not_asked() -> None:
    found = look(FakeGitLab([NAMING]))
    assert (found.unacked, found.page_problems) == ([], [])


def test_services_that_fail_are_told_and_nothing_is_raised() -> None:
    def waiting(_: float) -> list[Page]:
        raise DOWN

    gitlab = FakeGitLab()
    gitlab.failing = {"issues": AuthError("no", "")}
    found = look(gitlab, waiting)
    assert (found.unacked, found.issues) == (None, {ACKED.id: []})
    assert [one.message for one in (*found.issue_problems, *found.page_problems)] == ["no", "down"]
    assert not look(None).gitlab_asked


def test_gitlab_is_not_waited_for_for_ever() -> None:
    class Slow(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            time.sleep(0.5)
            return super().issues(query)

    began = time.monotonic()
    found = look(Slow([NAMING]), patience=0.05)
    assert time.monotonic() - began < 0.4
    assert "not answered within 0.05 s" in found.issue_problems[0].message
    assert look(Slow([NAMING])).issues == {ACKED.id: [NAMING]}


@pytest.mark.parametrize("sources", [[], SOURCES])
def test_no_sources_are_no_issues(sources: list[IssueQuery]) -> None:
    found = around(FakeGitLab(), sources, [ACKED], None)
    assert found.issues == {ACKED.id: []}
