"""The open work from lists: what is listed, whose it is, and what an outage leaves of it."""

from secops_oncall.domain import said
from secops_oncall.domain.people import Person
from secops_oncall.errors import RemoteError
from secops_oncall.workflows.incidents import Work, list_work
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue
from tests.workflows.rooms import ANA, BEN, ONE, REF, acked, desk, note, pager, turn

ISSUE = an_issue(REF, ONE)
DOWN = RemoteError("GitLab does not answer", "try again")


def listed(pagerduty: FakePagerDuty, gitlab: FakeGitLab | None, *, notes: bool = False) -> Work:
    at = desk(pagerduty, gitlab or FakeGitLab())
    return list_work(pagerduty, gitlab, at.journal, at.settings, NOW, notes=notes)


def test_issues_and_pages_without_one_and_what_of_them_is_mine() -> None:
    bare = a_page("Q1BARE0002", minutes=3)
    other = an_issue("acme/operations#102", "Q1OTHER003", assignees=("ben",))
    work = listed(pager(acked(), bare), FakeGitLab([ISSUE, other]))
    assert {each.id for each in work.incidents} == {REF, bare.id, other.ref}
    assert [each.id for each in work.mine] == [REF]
    assert (work.user, work.covered, work.problems) == ("ana", True, [])


def test_no_notes_are_read_unless_they_are_asked_for() -> None:
    gitlab = FakeGitLab([ISSUE], notes={REF: [note("handoff", "ana"), note("readback", "ben", minutes=5)]})
    gitlab.failing = {"notes": AssertionError("nobody asked for it")}  # type: ignore[dict-item]
    assert listed(pager(acked()), gitlab).incidents[0].acting is None
    gitlab.failing = {}
    (told,) = listed(pager(acked()), gitlab, notes=True).incidents
    assert told.acting == BEN
    assert told.owner and told.owner.id == ANA.id


def test_notes_that_cannot_be_read_are_told_and_the_list_is_there() -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.failing = {"notes": DOWN}
    work = listed(pager(acked()), gitlab, notes=True)
    assert ([each.id for each in work.incidents], work.incidents[0].acting) == ([REF], None)
    assert [problem.message for problem in work.problems] == [DOWN.message]


def test_with_gitlab_down_there_are_the_pages() -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.failing = {"issues": DOWN, "me": DOWN}
    work = listed(pager(acked()), gitlab, notes=True)
    assert [each.id for each in work.incidents] == [ONE]
    assert [problem.message for problem in work.problems] == [DOWN.message]
    assert [each.id for each in listed(pager(acked()), None).incidents] == [ONE]


def test_with_nobody_on_call_everything_is_uncovered() -> None:
    work = listed(pager(acked(), turns=[turn(BEN, "backup")]), FakeGitLab([ISSUE]))
    assert (work.covered, [each.uncovered for each in work.incidents]) == (False, [True])


def test_what_was_typed_for_the_hand_off_stands_there() -> None:
    pagerduty, journal = pager(acked()), FakeJournal()
    journal.append(said.event(REF, {"posture": "active"}, NOW))
    at = desk(pagerduty, FakeGitLab([ISSUE]), journal=journal)
    (work,) = list_work(pagerduty, at.gitlab, journal, at.settings, NOW).incidents
    assert work.posture == "active"


def test_somebody_who_is_not_on_call_is_known_by_the_people_table() -> None:
    gitlab = FakeGitLab([ISSUE], notes={REF: [note("readback", "ben")]})
    (work,) = listed(pager(acked(), turns=[turn(ANA)]), gitlab, notes=True).incidents
    assert work.acting == Person("", "ben", "ben@example.com")
