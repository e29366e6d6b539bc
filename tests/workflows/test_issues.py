"""The labelled issues: any of the labels, every place, each issue once."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Activity, Issue, IssueQuery, OwnComment
from secops_oncall.domain.reviews import elsewhere, verdict
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.issues import CLOSER, MEMORY, IssueFilter, Listed, list_issues
from tests.fakes import NOW, FakeGitLab, FakeJournal, an_issue

ACME, TOOLS = IssueQuery("acme", "group"), IssueQuery("acme/tools", "project")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
FORBIDDEN = AuthError("may not", "another token")
DOWN = RemoteError("GitLab does not answer", "try again")


def listed(lab: FakeGitLab, places: list[IssueQuery], labels: list[str], *events: Event, **more: Any) -> Listed:
    return list_issues(lab, FakeJournal(*events), places, IssueFilter(tuple(labels), **more), NOW)


def refs(lab: FakeGitLab, places: list[IssueQuery], labels: list[str], **more: Any) -> list[str]:
    return [issue.ref for issue in listed(lab, places, labels, **more).issues]


def changes(lab: FakeGitLab, *events: Event) -> list[str | None]:
    return [issue.change for issue in listed(lab, [ACME], ["oncall"], *events).issues]


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
    assert refs(lab, [ACME, TOOLS], ["oncall", "urgent"]) == ["acme/tools#2", "acme/web#3", "acme/tools#1"]
    assert refs(lab, [TOOLS, ACME], ["oncall"]) == ["acme/web#3", "acme/tools#1"]


def test_a_place_with_labels_of_its_own_keeps_them() -> None:
    lab = FakeGitLab([an_issue("acme/web#1", labels=("oncall",)), an_issue("acme/web#2", labels=("oncall", "secops"))])
    place = IssueQuery("acme", "group", ("secops",))
    assert refs(lab, [place], ["oncall"]) == ["acme/web#2"]


def test_without_a_place_the_configuration_is_wrong_and_no_list_is_empty() -> None:
    with pytest.raises(ConfigError, match=r"gitlab\.groups and gitlab\.projects"):
        listed(FakeGitLab(), [], ["oncall"])


def test_a_place_that_fails_is_an_error_and_no_shorter_list() -> None:
    class Partly(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            if query.place == TOOLS.place:
                raise NotFoundError("acme/tools: not found or no access", "check its name")
            return super().issues(query)

    with pytest.raises(NotFoundError, match="acme/tools"):
        listed(Partly([an_issue("acme/web#1", labels=("oncall",))]), [ACME, TOOLS], ["oncall"])
    down = FakeGitLab()
    down.failing = {"issues": DOWN}
    with pytest.raises(RemoteError):
        listed(down, [ACME], ["oncall"])


def test_it_takes_one_wave_my_own_comments_among_it() -> None:
    together = Barrier(5)

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            together.wait(5)
            return super().issues(query)

        def my_comments(self, since: datetime) -> list[OwnComment]:
            together.wait(5)
            return super().my_comments(since)

    lab = Lab(labels=["oncall", "urgent"])
    assert listed(lab, [ACME, TOOLS], ["oncall", "urgent"], elsewhere("Ana", "by hand", NOW)).issues == []


def test_filters_reach_gitlab_and_descriptions_stay_there() -> None:
    asked: list[IssueQuery] = []

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            asked.append(query)
            return super().issues(query)

    lab = Lab(
        [
            an_issue("acme/web#1", labels=("oncall",), assignees=("ana",), minutes=200, updated_at=NOW - HOUR),
            an_issue("acme/web#2", labels=("oncall",), confidential=True),
            an_issue("acme/web#3", labels=("oncall",), state="closed", title="Closed leak"),
            an_issue("acme/web#4", labels=("oncall",), minutes=300),
        ]
    )
    assert refs(lab, [ACME], ["oncall"]) == ["acme/web#1", "acme/web#2", "acme/web#4"]
    assert not asked[-1].described
    assert refs(lab, [ACME], ["oncall"], mine=True) == ["acme/web#1"]
    assert refs(lab, [ACME], ["oncall"], unassigned=True) == ["acme/web#2", "acme/web#4"]
    assert refs(lab, [ACME], ["oncall"], state="closed") == ["acme/web#3"]
    assert refs(lab, [ACME], ["oncall"], state="all", search="leak") == ["acme/web#3"]
    assert refs(lab, [ACME], ["oncall"], since=NOW - 2 * HOUR) == ["acme/web#1", "acme/web#2"]
    assert refs(lab, [ACME], ["oncall"], confidential=False) == ["acme/web#1", "acme/web#4"]
    assert [query.confidential for query in asked[-2:]] == [None, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": ("",)},
        {"labels": ("a,b",)},
        {"labels": ("oncall", "None")},
        {"labels": ("any",)},
        {"labels": ("a",), "mine": True, "unassigned": True},
    ],
)
def test_a_filter_that_makes_no_sense_asks_nothing(wrong: dict[str, Any]) -> None:
    lab = FakeGitLab()
    lab.failing = {"issues": DOWN, "labels": DOWN, "me": DOWN}
    with pytest.raises(UsageError):
        list_issues(lab, FakeJournal(), [ACME], IssueFilter(**wrong), NOW)


def test_a_label_that_no_place_knows_is_an_error_that_says_which_one_is_near() -> None:
    lab = FakeGitLab([an_issue("acme/web#1", labels=("oncall",), state="closed")], labels=["On-Call", "Backlog"])
    assert refs(lab, [ACME], ["On-Call"]) == [], "it exists, and nothing has it"
    for label, hint in (("On-Cal", "On-Call"), ("BACKLOG", "Backlog"), ("quite another thing", "issues.label")):
        with pytest.raises(NotFoundError, match=f"no label '{label}' in acme, acme/tools") as error:
            listed(lab, [ACME, TOOLS], [label])
        assert hint in error.value.hint
    assert refs(lab, [ACME], ["severity::*"]) == []


def test_one_label_of_several_that_no_place_knows_is_an_error_too() -> None:
    lab = FakeGitLab([an_issue("acme/web#1", labels=("oncall",))], labels=["oncall"])
    with pytest.raises(NotFoundError, match="'urgnt'"):
        listed(lab, [ACME], ["oncall", "urgnt"])


def test_each_issue_is_new_changed_or_unchanged_since_i_looked() -> None:
    old, seen, moved = (
        an_issue(f"acme/web#{number}", labels=("oncall",), minutes=600, updated_at=NOW - number * HOUR)
        for number in (1, 2, 3)
    )
    looked = [verdict(seen, "noise", NOW - HOUR), verdict(replace(moved, updated_at=NOW - 4 * HOUR), "skip", NOW)]
    assert changes(FakeGitLab([old, seen, moved]), *looked) == ["new", "unchanged", "changed"]
    left = listed(FakeGitLab([old, seen, moved]), [ACME], ["oncall"], *looked, unreviewed=True).issues
    assert [issue.ref for issue in left] == ["acme/web#1", "acme/web#3"]


SEEN = an_issue("acme/web#7", labels=("oncall",), minutes=600, updated_at=NOW - 3 * HOUR, project_id=5)
LOOK = verdict(SEEN, "handled", NOW - 2 * HOUR)
MINE = Activity(NOW - HOUR, "ana", "comment", "closing tomorrow")
BENS = Activity(NOW - HOUR - SECOND, "ben", "label", "added urgent")
OLDER = Activity(NOW - 4 * HOUR, "ben", "comment", "hm")


def lab_with(*happened: Activity, at: datetime = NOW - HOUR, own: datetime | None = NOW - HOUR) -> FakeGitLab:
    lab = FakeGitLab([replace(SEEN, updated_at=at)])
    lab.own = [OwnComment(5, 7, own)] if own else []
    lab.happened = {SEEN.ref: list(happened)}
    return lab


def test_my_own_comment_does_not_make_an_issue_changed() -> None:
    assert changes(lab_with(OLDER, MINE), LOOK) == ["unchanged"]
    assert changes(lab_with(OLDER, MINE, at=NOW - HOUR + 2 * SECOND), LOOK) == ["unchanged"]


def test_but_what_somebody_else_did_before_or_behind_it_does() -> None:
    assert changes(lab_with(BENS, MINE), LOOK) == ["changed"]
    assert changes(lab_with(MINE, at=NOW), LOOK) == ["changed"], "the last activity is no comment of mine"
    assert changes(lab_with(MINE, own=None), LOOK) == ["changed"]
    elsewhere = lab_with(MINE)
    elsewhere.own = [OwnComment(6, 7, NOW - HOUR), OwnComment(5, 8, NOW - HOUR)]
    assert changes(elsewhere, LOOK) == ["changed"]


def test_only_an_issue_whose_last_activity_is_my_comment_is_looked_at_closer() -> None:
    for lab in (lab_with(MINE, own=None), lab_with(MINE, at=NOW), lab_with(MINE, at=SEEN.updated_at)):
        lab.failing = {"activity": DOWN}
        assert listed(lab, [ACME], ["oncall"], LOOK).problems == []


def test_the_closer_looks_are_one_wave() -> None:
    together = Barrier(3)

    class Lab(FakeGitLab):
        def activity(self, ref: str) -> list[Activity]:
            together.wait(5)
            return [MINE]

    seen = [replace(SEEN, ref=f"acme/web#{number}", id=number, iid=number) for number in (7, 8, 9)]
    lab = Lab([replace(issue, updated_at=NOW - HOUR) for issue in seen])
    lab.own = [OwnComment(5, issue.iid, NOW - HOUR) for issue in seen]
    assert changes(lab, *(verdict(issue, "skip", NOW - 2 * HOUR) for issue in seen)) == ["unchanged"] * 3


def test_my_comments_are_asked_for_since_my_oldest_look_at_most_two_weeks_back() -> None:
    asked: list[datetime] = []

    class Lab(FakeGitLab):
        def my_comments(self, since: datetime) -> list[OwnComment]:
            asked.append(since)
            return []

    lab = Lab([SEEN])
    assert (changes(lab), asked) == (["new"], []), "where I have never looked nothing can have changed since"
    changes(lab, LOOK, verdict(SEEN, "skip", NOW - HOUR), elsewhere("Ana", "by hand", NOW))
    changes(lab, verdict(replace(SEEN, id=8), "skip", NOW - 2 * MEMORY), LOOK)
    assert asked == [NOW - HOUR, NOW - MEMORY]


def test_a_token_that_may_not_list_my_comments_has_every_changed_issue_looked_at() -> None:
    for at, happened, change in (
        (NOW - HOUR, [OLDER, MINE], "unchanged"),
        (NOW - HOUR, [BENS, MINE], "changed"),
        (NOW, [MINE], "changed"),
        (NOW, [], "changed"),
    ):
        lab = lab_with(*happened, at=at)
        lab.failing = {"my_comments": FORBIDDEN}
        found = listed(lab, [ACME], ["oncall"], LOOK)
        assert ([issue.change for issue in found.issues], found.problems) == ([change], [])


def test_where_too_many_have_changed_for_that_it_is_said() -> None:
    seen = [replace(SEEN, ref=f"acme/web#{iid}", id=iid, iid=iid) for iid in range(1, CLOSER + 2)]
    lab = FakeGitLab([replace(issue, updated_at=NOW - HOUR) for issue in seen])
    lab.failing = {"my_comments": FORBIDDEN, "activity": DOWN}
    found = listed(lab, [ACME], ["oncall"], *(verdict(issue, "skip", NOW - 2 * HOUR) for issue in seen))
    assert ({issue.change for issue in found.issues}, found.problems) == ({"changed"}, [FORBIDDEN])


@pytest.mark.parametrize(("method", "problem"), [("my_comments", DOWN), ("activity", DOWN), ("activity", FORBIDDEN)])
def test_where_my_comments_can_not_be_told_from_others_that_is_said_beside_the_list(
    method: str, problem: OncallError
) -> None:
    lab = lab_with(MINE)
    lab.failing = {method: problem}
    found = listed(lab, [ACME], ["oncall"], LOOK)
    assert ([issue.change for issue in found.issues], found.problems) == (["changed"], [problem])


def test_thousands_are_listed_whole_and_in_order() -> None:
    many = [an_issue(f"acme/web#{number}", labels=("oncall",), minutes=number) for number in range(1, 5001)]
    found = refs(FakeGitLab(reversed(many)), [ACME, TOOLS], ["oncall"])
    assert found == [issue.ref for issue in many]
