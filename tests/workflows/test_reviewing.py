"""A review from its beginning to its end: what is seen, what goes on, what counts, and for which shift."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Activity, Issue, IssueQuery
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.domain.reviews import Reading, verdict
from secops_oncall.errors import ConfigError, NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.reviewing import (
    ReviewSettings,
    Walk,
    begin,
    finish,
    give,
    made_elsewhere,
    my_duty,
    read,
)
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, an_issue

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START, END = NOW - 6 * HOUR, NOW + 6 * HOUR
ROLES = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
SETTINGS = ReviewSettings([IssueQuery("acme", "group")], "oncall", ROLES)  # type: ignore[arg-type]
DOWN = RemoteError("PagerDuty does not answer", "try again")


def turn(start: datetime = START, end: datetime | None = END, person: Person = ME.person) -> OnCall:
    return OnCall(person, start, end, "Security Responder", 1)


def on_duty(*turns: OnCall) -> FakePagerDuty:
    return FakePagerDuty(turns=turns or [turn()])


def labelled(number: int, hours: float = 3) -> Issue:
    return an_issue(f"acme/web#{number}", labels=("oncall",), minutes=6000, updated_at=NOW - hours * HOUR)


def started(lab: FakeGitLab, journal: FakeJournal, pagerduty: FakePagerDuty | None = None, now: datetime = NOW) -> Walk:
    return begin(lab, pagerduty or on_duty(), journal, SETTINGS, now)


def iids(walk: Walk) -> list[int]:
    return [issue.iid for issue in walk.issues]


def test_every_issue_gets_its_verdict_and_the_review_counts() -> None:
    lab, journal = FakeGitLab([labelled(1), labelled(2)]), FakeJournal()
    walk = started(lab, journal)
    assert (iids(walk), walk.seen, walk.me, walk.duty.by, walk.duty.done) == ([1, 2], 0, "ana", ME.name, 0)
    assert [issue.change for issue in walk.issues] == ["new", "new"]
    give(journal, walk.issues[:1], "human", NOW)
    give(journal, walk.issues[1:], "noise", NOW)
    duty = finish(journal, walk.duty, [], NOW)
    [review] = duty.reviews
    assert (duty.done, review.counts, review.seen, review.new, review.by) == (1, True, 2, 2, ME.name)
    assert review.verdicts == {"acme/web#1": "human", "acme/web#2": "noise"}
    again = started(lab, journal, now=NOW + HOUR)
    assert (again.seen, [issue.change for issue in again.issues]) == (0, ["unchanged", "unchanged"])
    assert again.looks[1].verdict == "human"


def test_it_begins_with_one_wave() -> None:
    together = Barrier(2)

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            together.wait(5)
            return super().issues(query)

    class Duty(FakePagerDuty):
        def on_call(self, *asked: object) -> list[OnCall]:
            together.wait(5)
            return super().on_call(*asked)  # type: ignore[arg-type]

    assert iids(begin(Lab([labelled(1)]), Duty(turns=[turn()]), FakeJournal(), SETTINGS, NOW)) == [1]


def test_an_interrupted_review_goes_on_with_what_it_has_not_seen() -> None:
    lab, journal = FakeGitLab([labelled(1, 3), labelled(2, 4), labelled(3, 5)]), FakeJournal()
    walk = started(lab, journal)
    give(journal, walk.issues[:2], "handled", NOW)
    lab.kept["acme/web#4"] = labelled(4, 1)  # appeared since
    lab.kept["acme/web#2"] = replace(lab.kept["acme/web#2"], updated_at=NOW + MINUTE)  # changed again since
    on = started(lab, journal, now=NOW + 2 * MINUTE)
    assert (iids(on), on.seen) == ([1, 2, 4, 3], 1)
    assert [issue.change for issue in on.issues] == ["new", "changed", "new", "new"]
    give(journal, on.issues[1:], "skip", NOW + 3 * MINUTE)
    [review] = finish(journal, on.duty, [], NOW + 3 * MINUTE).reviews
    assert (review.seen, review.new, review.changed) == (4, 3, 1)


def test_a_review_that_was_begun_in_another_shift_is_begun_anew() -> None:
    lab = FakeGitLab([labelled(1)])
    walk = started(lab, FakeJournal(verdict(labelled(1), "noise", START - MINUTE)))
    assert (walk.seen, walk.issues[0].change) == (0, "unchanged")


def test_an_empty_list_counts() -> None:
    journal = FakeJournal()
    walk = started(FakeGitLab(labels=["oncall"]), journal)
    assert finish(journal, walk.duty, [], NOW).done == 1


def test_one_that_is_too_soon_is_kept_and_does_not_count_yet() -> None:
    lab, journal = FakeGitLab(labels=["oncall"]), FakeJournal()
    finish(journal, started(lab, journal).duty, [], NOW)
    walk = started(lab, journal, now=NOW + 59 * MINUTE)
    assert walk.duty.counts_from(NOW + HOUR) == NOW + HOUR
    duty = finish(journal, walk.duty, [], NOW + 59 * MINUTE)
    assert ([review.counts for review in duty.reviews], duty.done, duty.counts_from(NOW + HOUR)) == (
        [True, False],
        1,
        NOW + HOUR,
    )
    assert finish(journal, duty, [], NOW + HOUR).done == 2


@pytest.mark.parametrize("pagerduty", [on_duty(turn(person=Person("PBEN", "Ben", ""))), None])
def test_without_a_shift_it_can_be_made_and_counts_for_none(pagerduty: FakePagerDuty | None) -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal()
    walk = begin(lab, pagerduty, journal, SETTINGS, NOW)
    assert (walk.duty.shift, walk.duty.covers(NOW), walk.problems) == (None, False, ())
    give(journal, walk.issues, "noise", NOW)
    assert begin(lab, pagerduty, journal, SETTINGS, NOW + HOUR).seen == 1, "it goes on all the same"
    duty = finish(journal, walk.duty, [], NOW)
    assert ([review.counts for review in duty.reviews], duty.done) == ([False], 0)
    assert duty.by == (ME.name if pagerduty else "Ana Ferreira")


def test_a_review_after_the_shift_counts_for_none() -> None:
    journal, over = FakeJournal(), on_duty(turn(end=NOW - HOUR))
    walk = started(FakeGitLab(labels=["oncall"]), journal, over)
    assert walk.duty.shift is not None
    assert finish(journal, walk.duty, [], NOW).done == 0
    finish(journal, walk.duty, [], NOW - 2 * HOUR)
    assert my_duty(over, journal, SETTINGS, NOW).duty.done == 1


def test_where_pagerduty_is_down_the_journal_knows_the_shift() -> None:
    lab, journal, pagerduty = FakeGitLab(labels=["oncall"]), FakeJournal(), on_duty()
    my_duty(pagerduty, journal, SETTINGS, NOW - HOUR)
    pagerduty.failing = {"on_call": DOWN}
    walk = started(lab, journal, pagerduty)
    assert (walk.problems, walk.duty.since) == ((DOWN,), START)
    assert finish(journal, walk.duty, [], NOW).done == 1
    assert my_duty(pagerduty, FakeJournal(), SETTINGS, NOW).duty.shift is None


def test_a_list_that_lacks_a_place_is_no_review() -> None:
    lab = FakeGitLab([labelled(1)])
    lab.failing = {"issues": RemoteError("GitLab does not answer", "try again")}
    with pytest.raises(RemoteError, match="GitLab"):
        started(lab, FakeJournal())
    with pytest.raises(NotFoundError, match="no label"):
        started(FakeGitLab(labels=["on-call"]), FakeJournal())


def test_a_verdict_that_can_not_be_written_is_an_error() -> None:
    journal = FakeJournal()
    journal.failing = ConfigError("the disk is full", "make room")
    with pytest.raises(ConfigError):
        give(journal, [labelled(1)], "noise", NOW)


def test_an_issue_is_read_with_all_that_happened_to_it() -> None:
    said = Activity(NOW - HOUR, "ben", "comment", "mine?")
    lab = FakeGitLab([labelled(1)])
    lab.happened = {"acme/web#1": [said]}
    seen = replace(labelled(1), change="changed", reviewed_at=NOW - 5 * HOUR, description="")
    assert read(lab, seen) == Reading(replace(labelled(1), change="changed", reviewed_at=NOW - 5 * HOUR), (said,))


def test_what_happened_while_it_was_read_is_never_taken_for_seen() -> None:
    """Activity is read again where the issue is newer than the one that was listed."""
    late = Activity(NOW, "ben", "comment", "one more thing")

    class Lab(FakeGitLab):
        asked = 0

        def activity(self, ref: str) -> list[Activity]:
            self.asked += 1
            return [] if self.asked == 1 else [late]

    lab = Lab([replace(labelled(1), updated_at=NOW)])
    found = read(lab, labelled(1))
    assert (found.issue.updated_at, found.activity) == (NOW, (late,))
    assert read(lab, found.issue).activity == (late,)
    assert lab.asked == 3, "once where nothing is newer"


def test_one_made_elsewhere_counts_by_the_same_rule_and_says_why() -> None:
    journal = FakeJournal()
    duty = made_elsewhere(on_duty(), journal, SETTINGS, " on the board ", NOW).duty
    assert [(review.why, review.source, review.counts, review.by) for review in duty.reviews] == [
        ("on the board", "elsewhere", True, ME.name)
    ]
    assert made_elsewhere(on_duty(), journal, SETTINGS, "again", NOW + MINUTE).duty.done == 1
    for nothing in ("", " \t"):
        with pytest.raises(UsageError, match="--why"):
            made_elsewhere(on_duty(), FakeJournal(), SETTINGS, nothing, NOW)


def test_one_that_others_end_meanwhile_loses_nothing() -> None:
    """By hand, by another review of the same issues, or by a clock that is fast: I have seen them all."""
    lab, journal = FakeGitLab([labelled(1), labelled(2), labelled(3)]), FakeJournal()
    walk = started(lab, journal)
    given = give(journal, walk.issues[:2], "noise", NOW)
    made_elsewhere(on_duty(), journal, SETTINGS, "in another terminal", NOW + HOUR)
    on = started(lab, journal, now=NOW + MINUTE)
    assert (on.seen, on.given) == (2, tuple(given)), "as it was told when it was left"
    theirs = finish(journal, on.duty, [*on.given, *give(journal, on.issues[2:], "human", NOW + MINUTE)], NOW + MINUTE)
    given += give(journal, walk.issues[2:], "noise", NOW + 2 * MINUTE)
    mine = finish(journal, walk.duty, given, NOW + 2 * MINUTE)
    for duty, third in ((theirs, "human"), (mine, "noise")):
        assert duty.made and duty.made.verdicts == {"acme/web#1": "noise", "acme/web#2": "noise", "acme/web#3": third}
    assert started(lab, journal, now=NOW + 3 * MINUTE).seen == 0


def test_what_is_told_of_a_review_is_what_the_list_says_of_it() -> None:
    journal = FakeJournal()
    made_elsewhere(on_duty(), journal, SETTINGS, "with a clock that is fast", NOW + HOUR / 2)
    duty = made_elsewhere(on_duty(), journal, SETTINGS, "with one that is right", NOW).duty
    assert duty.made and (duty.made.why, duty.made.counts, duty.done) == ("with one that is right", True, 1)
    assert duty.made in my_duty(on_duty(), journal, SETTINGS, NOW).duty.reviews


def test_a_review_elsewhere_saw_what_was_there() -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal(Event(START, "note", text="x"))
    made_elsewhere(on_duty(), journal, SETTINGS, "by hand", NOW)
    walk = started(lab, journal, now=NOW + MINUTE)
    assert (walk.seen, walk.issues[0].change) == (0, "unchanged")
