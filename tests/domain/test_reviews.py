"""Reviews: what I saw of each issue and when, which reviews count, and what a new one still has to see."""

from dataclasses import replace
from datetime import timedelta

from secops_oncall.domain.events import Event, KnownShift
from secops_oncall.domain.issues import Activity, Issue
from secops_oncall.domain.reviews import (
    Duty,
    Look,
    Reading,
    counting,
    elsewhere,
    ended,
    judged,
    latest,
    needing,
    news,
    past,
    reviews,
    unended,
    verdict,
    walk,
)
from tests.fakes import NOW, an_issue

HOUR = timedelta(hours=1)
OLD = an_issue("g/p#1", minutes=600, updated_at=NOW - 3 * HOUR)
OTHER = an_issue("g/p#2", minutes=600, updated_at=NOW - 3 * HOUR)


def change(issue: Issue, *events: Event) -> str | None:
    return past(events, NOW).judged(issue).change


def test_an_issue_that_i_never_saw_is_new_however_old_it_is() -> None:
    assert change(OLD) == change(OLD, verdict(OTHER, "noise", NOW - HOUR)) == "new"
    assert past([], NOW).judged(OLD).reviewed_at is None


def test_an_issue_changes_with_its_activity_since_i_saw_it() -> None:
    seen = verdict(OLD, "handled", NOW - HOUR)
    assert change(OLD, seen) == "unchanged"
    exact = replace(OLD, updated_at=OLD.updated_at + timedelta(milliseconds=7))
    assert change(exact, verdict(exact, "handled", NOW - HOUR)) == "unchanged"
    assert past([seen], NOW).judged(OLD).reviewed_at == NOW - HOUR
    assert past([seen], NOW).of(OLD) == Look(NOW - HOUR, OLD.updated_at, "handled")
    assert change(replace(OLD, updated_at=NOW - 2 * HOUR), seen) == "changed", "the list that I looked at was older"
    again = verdict(replace(OLD, updated_at=NOW - 2 * HOUR), "skip", NOW)
    assert change(replace(OLD, updated_at=NOW - 2 * HOUR), again, seen) == "unchanged"


def test_a_review_elsewhere_saw_whatever_was_there() -> None:
    done = elsewhere("Ana", "on the board, with Ben", NOW - HOUR)
    assert change(OLD, done) == "unchanged"
    assert change(replace(OLD, updated_at=NOW), done) == "changed"
    assert change(replace(OLD, created_at=NOW, updated_at=NOW), done) == "new"
    assert change(OLD, verdict(replace(OLD, updated_at=NOW - 9 * HOUR), "skip", NOW - 2 * HOUR), done) == "unchanged"


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
    assert [review.counts for review in judged(every)] == [True, False, False, True, False]
    assert [review.at - NOW for review in counting(every)] == [timedelta(0), HOUR]
    assert counting([]) == []


def test_a_review_that_was_interrupted_goes_on_with_what_it_has_not_seen() -> None:
    first, second = verdict(OLD, "noise", NOW - 2 * HOUR), verdict(OTHER, "human", NOW)
    assert unended([first], NOW - 3 * HOUR) == [first]
    assert unended([first, ended([first], "Ana", NOW - HOUR)], NOW - 3 * HOUR) == []
    assert unended([first, ended([first], "Ana", NOW - HOUR), second], NOW - 3 * HOUR) == [second]
    assert unended([first], NOW - HOUR) == [], "it was begun in another shift"
    changed_my_mind = verdict(OLD, "handled", NOW)
    assert latest(unended([first, second, changed_my_mind], NOW - 3 * HOUR)) == {1: changed_my_mind, 2: second}
    done = ended([first, second, changed_my_mind], "Ana", NOW)
    assert reviews([done])[0].verdicts == {"g/p#1": "handled", "g/p#2": "human"}
    assert unended([first, second, changed_my_mind, done], NOW - 3 * HOUR) == []


def test_neither_another_review_nor_a_fast_clock_ends_one_that_is_under_way() -> None:
    first, second, third = (verdict(an_issue(f"g/p#{n}"), "noise", NOW - n * HOUR) for n in (1, 2, 3))
    theirs, by_hand = ended([second], "Ana", NOW + HOUR), elsewhere("Ana", "on the board", NOW + HOUR)
    assert unended([first, second, theirs, by_hand, third], NOW - 3 * HOUR) == [first, third]
    assert unended([first, second, theirs, third], NOW - 3 * HOUR, [second]) == [first, second, third], (
        "my own all same"
    )
    before = replace(theirs, at=NOW - 2 * HOUR, data={"source": "oncall"})
    assert unended([first, second, third, before], NOW - 9 * HOUR) == [first], "that doesn't tell which it ended"


def test_what_changes_is_never_hidden_by_a_clock_that_was_fast() -> None:
    ahead = elsewhere("Ana", "on the board", NOW + HOUR)
    assert change(replace(OLD, updated_at=NOW - timedelta(minutes=1)), ahead) == "new"
    later = Event(NOW - 2 * HOUR, "note", text="by a clock that is right")
    assert change(OLD, ahead, later) == "unchanged"
    assert change(replace(OLD, updated_at=NOW - HOUR), ahead, later) == "changed"
    seen, again = verdict(OLD, "skip", NOW + HOUR), verdict(replace(OLD, updated_at=NOW), "human", NOW)
    assert change(replace(OLD, updated_at=NOW), seen, again) == "unchanged"


def test_what_needs_a_human_does_until_a_verdict_says_otherwise() -> None:
    human, noise = verdict(OLD, "human", NOW - HOUR), verdict(OTHER, "noise", NOW - HOUR)
    assert needing([human, noise]) == ["g/p#1"]
    assert needing([human, verdict(OLD, "skip", NOW)]) == ["g/p#1"], "to skip it changes nothing"
    assert needing([human, verdict(OLD, "handled", NOW)]) == needing([]) == []
    [review] = reviews([ended([human, noise], "Ana", NOW)])
    assert review.human == ["g/p#1"]


def test_news_are_what_others_did_since_my_look() -> None:
    look = Look(NOW - HOUR, NOW - HOUR)
    old, mine, bens = (
        Activity(NOW - 2 * HOUR, "ben", "comment", "old"),
        Activity(NOW, "ana", "label", "added x"),
        Activity(NOW, "ben", "state", "closed"),
    )
    assert news([old, mine, bens], look, "ana") == [bens]
    assert news([old, mine, bens], None, "ana") == [], "where I have never looked everything is new"


def test_a_review_elsewhere_says_why() -> None:
    [review] = reviews([elsewhere("Ana", "on the board, with Ben", NOW)])
    assert (review.source, review.why, review.seen) == ("elsewhere", "on the board, with Ben", 0)


def test_a_review_goes_through_what_is_new_or_changed_before_the_unchanged() -> None:
    every = [
        an_issue(f"g/p#{number}", change=change)
        for number, change in enumerate(("unchanged", "new", "unchanged", "changed"), start=1)
    ]
    order, seen = walk(every, {})
    assert ([issue.iid for issue in order], seen) == ([2, 4, 1, 3], 0)


def test_a_review_that_goes_on_begins_behind_what_has_its_verdict_and_has_not_changed_since() -> None:
    first, second, third = (an_issue(f"g/p#{number}", change="unchanged") for number in (1, 2, 3))
    given = {
        3: verdict(replace(third, change="new"), "noise", NOW - HOUR),
        1: verdict(replace(first, change="changed"), "human", NOW),
        9: verdict(an_issue("g/p#9"), "skip", NOW),  # closed since
    }
    order, seen = walk([first, second, third], given)
    assert ([(issue.iid, issue.change) for issue in order], seen) == (
        [(3, "new"), (1, "changed"), (2, "unchanged")],
        2,
    )
    order, seen = walk([replace(first, change="changed"), second, third], given)
    assert ([issue.iid for issue in order], seen) == ([3, 1, 2], 1)


def test_a_duty_counts_the_reviews_of_its_own_shift() -> None:
    at = [-2 * HOUR, -HOUR, HOUR, 2 * HOUR, 9 * HOUR]
    every = [ended([], "Ana", NOW + each) for each in at]
    duty = Duty("Ana", 2, KnownShift("engineer/x", "engineer", NOW - HOUR, NOW + 8 * HOUR), NOW - 3 * HOUR)
    told = duty.having(every)
    assert [review.counts for review in told.reviews] == [False, True, True, True, False]
    assert (told.done, told.counts_from(NOW + 3 * HOUR), told.made) == (3, NOW + 3 * HOUR, None)
    assert told.counts_from(NOW) == NOW, "what lies ahead makes none wait"
    assert (duty.done, duty.counts_from(NOW)) == (0, None)
    assert [duty.having(every, one).made for one in every] == list(told.reviews)
    assert (told.covers(NOW), told.covers(NOW + 8 * HOUR)) == (True, False)
    off = replace(duty, shift=None).having(every)
    assert (off.done, off.counts_from(NOW), len(off.reviews), off.covers(NOW)) == (0, None, 5, False)


def test_what_others_did_between_two_readings() -> None:
    old, mine, bens = (Activity(NOW, who, "comment", who) for who in ("chen", "ana", "ben"))
    before, after = Reading(OLD, (old,)), Reading(OLD, (old, mine, bens))
    assert after.meanwhile(before, "ana") == [bens]
