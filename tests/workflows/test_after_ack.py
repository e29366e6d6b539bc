"""What lies around an acked page: its issue, what still waits; and nothing of it spoils the ack."""

from collections.abc import Callable
from threading import Barrier, Event

import pytest

from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.errors import AuthError, RemoteError
from secops_oncall.workflows.after_ack import SOON, Around, Behind, Waiting, around, side_by_side
from tests.fakes import FakeGitLab, a_page, an_issue, plain

SOURCES = [IssueQuery("g/p", "project")]
ACKED = plain(a_page("Q1CANARYTOKEN01"))
NAMING = an_issue("g/p#1", "Page Q1CANARYTOKEN01")
DOWN = RemoteError("down", "try again")


def look(gitlab: FakeGitLab | None, waiting: Waiting | None = None) -> Around:
    return around(Behind(gitlab, SOURCES, [ACKED]), waiting)


class Slow(FakeGitLab):
    """A GitLab that answers when something has happened."""

    wait: Callable[[float], object]

    def issues(self, query: IssueQuery) -> list[Issue]:
        self.wait(20)
        return super().issues(query)


def test_the_issues_that_name_it_and_my_pages_that_wait() -> None:
    waits, asked = plain(a_page("Q1HIGH")), []

    def waiting(patience: float) -> list[Page]:
        asked.append(patience)
        return [waits]

    found = look(FakeGitLab([NAMING, an_issue("g/p#2", "Page Q1HIGH")]), waiting)
    assert (found.issues, found.unacked, asked) == ({ACKED.id: [NAMING]}, [waits], [SOON])
    assert (found.issue_problems, found.page_problems) == ([], [])


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


def test_gitlab_is_not_waited_for_for_ever_and_may_be_asked_again_what_it_has_found_since() -> None:
    gitlab, answers = Slow([NAMING]), Event()
    gitlab.wait = answers.wait
    behind = Behind(gitlab, SOURCES, [ACKED])
    found, problems = behind.within(0.05)
    assert (found, problems[0].message) == ({ACKED.id: []}, "GitLab has not answered in time")
    answers.set()
    assert behind.within(5) == ({ACKED.id: [NAMING]}, [])


def test_what_waits_and_the_issues_are_waited_for_at_the_same_time() -> None:
    gitlab, both = Slow([NAMING]), Barrier(2)
    gitlab.wait = both.wait

    def waiting(_: float) -> list[Page]:
        both.wait(20)
        return []

    found = look(gitlab, waiting)
    assert (found.issue_problems, found.page_problems, both.broken) == ([], [], False)


def test_no_deed_waits_for_another_and_each_is_told_in_its_turn() -> None:
    begun = Barrier(2, timeout=5)

    def deed(name: str) -> list[Outcome]:
        begun.wait()
        return [Outcome(name, Result.DONE)]

    deeds = [lambda: deed("first"), lambda: deed("second")]
    assert [one.id for outcomes in side_by_side(deeds) for one in outcomes] == ["first", "second"]


@pytest.mark.parametrize("sources", [[], SOURCES])
def test_no_sources_are_no_issues(sources: list[IssueQuery]) -> None:
    assert Behind(FakeGitLab(), sources, [ACKED]).within(5) == ({ACKED.id: []}, [])
