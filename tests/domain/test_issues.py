"""The orders in which issues are shown."""

from datetime import timedelta

from secops_oncall.domain.issues import Board, Issue, IssueQuery, newest_activity_first, smallest_first
from tests.fakes import NOW, an_issue


def issue(iid: int, *, minutes: int = 60, active: int = 0, weight: int | None = None) -> Issue:
    return an_issue(f"acme/tools#{iid}", minutes=minutes, updated_at=NOW - timedelta(minutes=active), weight=weight)


def iids(issues: list[Issue]) -> list[int]:
    return [each.iid for each in issues]


def test_newest_activity_first_and_each_issue_once() -> None:
    quiet, busy = issue(1, minutes=5, active=50), issue(2, minutes=99, active=1)
    assert iids(newest_activity_first(iter([quiet, busy, quiet]))) == [2, 1]
    assert newest_activity_first([]) == []


def test_issues_of_several_projects_may_have_the_same_number() -> None:
    """`iid` counts in a project, `id` in all of GitLab (gitlab.md, "Identity")."""
    one, other = an_issue("acme/tools#1", id=501), an_issue("acme/web#1", id=502)
    assert [each.ref for each in smallest_first([other, one, other])] == ["acme/web#1", "acme/tools#1"]
    assert len(newest_activity_first([one, other])) == 2


def test_smallest_weight_first_nothing_known_last_then_oldest() -> None:
    unknown, old_unknown = issue(1, minutes=5), issue(2, minutes=50)
    none, small, old_small, big = (
        issue(3, weight=0),
        issue(4, weight=1),
        issue(5, weight=1, minutes=90),
        issue(6, weight=8),
    )
    assert iids(smallest_first([unknown, big, small, old_unknown, old_small, none])) == [3, 5, 4, 6, 2, 1]


def test_an_issue_that_moved_between_pages_of_a_list_stands_as_it_was_read_last() -> None:
    before, after = issue(1, weight=1), issue(1, weight=5)
    assert [each.weight for each in smallest_first([before, issue(2, weight=3), after])] == [3, 5]


def test_a_query_asks_for_open_issues_unless_told_otherwise() -> None:
    query = IssueQuery("acme", "group")
    assert (query.state, query.labels, query.assignee, query.confidential) == ("opened", (), None, None)
    assert Board(1, "On-call", "acme", "group", ("Backlog",)).scope == ()
