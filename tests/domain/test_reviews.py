"""Reviews: what I saw of each issue and when, which reviews count, and what a new one still has to see."""

from dataclasses import replace
from datetime import timedelta

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.reviews import begun, counting, elsewhere, ended, past, reviews, verdict
from tests.fakes import NOW, an_issue

HOUR = timedelta(hours=1)
OLD = an_issue("g/p#1", minutes=600, updated_at=NOW - 3 * HOUR)
OTHER = an_issue("g/p#2", minutes=600, updated_at=NOW - 3 * HOUR)


def change(issue: Issue, *events: Event) -> str | None:
    return past(events).judged(issue).change


def test_an_issue_that_i_never_saw_is_new_however_old_it_is() -> None:
    assert change(OLD) == change(OLD, verdict(OTHER, "noise", NOW - HOUR)) == "new"
    assert past([]).judged(OLD).reviewed_at is None


def test_an_issue_changes_with_its_activity_since_i_saw_it() -> None:
    seen = verdict(OLD, "handled", NOW - HOUR)
    assert change(OLD, seen) == "unchanged"
    exact = replace(OLD, updated_at=OLD.updated_at + timedelta(milliseconds=7))
    assert change(exact, verdict(exact, "handled", NOW - HOUR)) == "unchanged"
    assert past([seen]).judged(OLD).reviewed_at == NOW - HOUR
    assert change(replace(OLD, updated_at=NOW - 2 * HOUR), seen) == "changed", "the list that I looked at was older"
    again = verdict(replace(OLD, updated_at=NOW - 2 * HOUR), "skip", NOW)
    assert change(replace(OLD, updated_at=NOW - 2 * HOUR), again, seen) == "unchanged"


def test_a_review_elsewhere_saw_whatever_was_there() -> None:
    done = elsewhere("Ana", "on the board, with Ben", NOW - HOUR)
    assert change(OLD, done) == "unchanged"
    assert change(replace(OLD, updated_at=NOW), done) == "changed"
    assert change(replace(OLD, created_at=NOW, updated_at=NOW), done) == "new"
    assert change(OLD, done, verdict(replace(OLD, updated_at=NOW - 9 * HOUR), "skip", NOW - 2 * HOUR)) == "unchanged"


def test_a_review_that_has_ended_tells_what_was_found_without_a_title() -> None:
    seen = [
        verdict(replace(OLD, change="new", title="Breach"), "human", NOW),
        verdict(replace(OTHER, change="changed"), "noise", NOW),
    ]
    [review] = reviews([ended(seen, "Ana", NOW), *seen])
    assert (review.by, review.seen, review.new, review.changed, review.source) == ("Ana", 2, 1, 1, "oncall")
    assert review.verdicts == {"g/p#1": "human", "g/p#2": "noise"}
    assert not [event for event in seen if "Breach" in f"{event.text}{event.data}"]


def test_a_review_counts_an_hour_after_the_last_one_that_did() -> None:
    at = [timedelta(0), timedelta(minutes=40), timedelta(minutes=59, seconds=59), HOUR, 2 * HOUR - timedelta(seconds=1)]
    every = reviews([ended([], "Ana", NOW + each) for each in at])
    assert [review.at - NOW for review in counting(every)] == [timedelta(0), HOUR]
    assert counting([]) == []


def test_a_review_that_was_interrupted_goes_on_with_what_it_has_not_seen() -> None:
    first, second = verdict(OLD, "noise", NOW - 2 * HOUR), verdict(OTHER, "human", NOW)
    assert begun([first], NOW - 3 * HOUR) == {1: first}
    assert begun([first, ended([first], "Ana", NOW - HOUR)], NOW - 3 * HOUR) == {}
    assert begun([first, ended([first], "Ana", NOW - HOUR), second], NOW - 3 * HOUR) == {2: second}
    assert begun([first], NOW - HOUR) == {}, "it was begun in another shift"
    changed_my_mind = verdict(OLD, "handled", NOW)
    assert begun([first, changed_my_mind], NOW - 3 * HOUR) == {1: changed_my_mind}
