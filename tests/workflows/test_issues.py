"""The labelled issues: any of the labels, every place, each issue once."""

from threading import Barrier

import pytest

from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.errors import ConfigError, NotFoundError, RemoteError
from secops_oncall.workflows.issues import list_issues
from tests.fakes import FakeGitLab, an_issue

ACME, TOOLS = IssueQuery("acme", "group"), IssueQuery("acme/tools", "project")


def refs(found: list[Issue]) -> list[str]:
    return [issue.ref for issue in found]


def test_an_issue_with_any_of_the_labels_is_listed_once_the_newest_activity_first() -> None:
    lab = FakeGitLab(
        [
            an_issue("acme/tools#1", labels=("oncall", "urgent"), minutes=30),
            an_issue("acme/tools#2", labels=("urgent",), minutes=10),
            an_issue("acme/web#3", labels=("oncall",), minutes=20),
            an_issue("acme/web#4", labels=("oncall-improvement",)),
            an_issue("acme/web#5", labels=("oncall",), state="closed"),
            an_issue("other/web#6", labels=("oncall",)),
        ]
    )
    assert refs(list_issues(lab, [ACME, TOOLS], ["oncall", "urgent"])) == ["acme/tools#2", "acme/web#3", "acme/tools#1"]
    assert refs(list_issues(lab, [TOOLS, ACME], ["oncall"])) == ["acme/web#3", "acme/tools#1"]
    assert list_issues(lab, [ACME], ["nothing of the kind"]) == []


def test_a_place_with_labels_of_its_own_keeps_them() -> None:
    lab = FakeGitLab([an_issue("acme/web#1", labels=("oncall",)), an_issue("acme/web#2", labels=("oncall", "secops"))])
    place = IssueQuery("acme", "group", ("secops",))
    assert refs(list_issues(lab, [place], ["oncall"])) == ["acme/web#2"]


def test_without_a_place_the_configuration_is_wrong_and_no_list_is_empty() -> None:
    with pytest.raises(ConfigError, match=r"gitlab\.groups and gitlab\.projects"):
        list_issues(FakeGitLab(), [], ["oncall"])


def test_a_place_that_fails_is_an_error_and_no_shorter_list() -> None:
    class Partly(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            if query.place == TOOLS.place:
                raise NotFoundError("acme/tools: not found or no access", "check its name")
            return super().issues(query)

    with pytest.raises(NotFoundError, match="acme/tools"):
        list_issues(Partly([an_issue("acme/web#1", labels=("oncall",))]), [ACME, TOOLS], ["oncall"])
    down = FakeGitLab()
    down.failing = {"issues": RemoteError("GitLab does not answer", "try again")}
    with pytest.raises(RemoteError):
        list_issues(down, [ACME], ["oncall"])


def test_it_takes_one_wave() -> None:
    together = Barrier(4)

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            together.wait(5)
            return super().issues(query)

    assert list_issues(Lab(), [ACME, TOOLS], ["oncall", "urgent"]) == []
