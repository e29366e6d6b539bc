"""What the journal tells of a hand-off's posts, and whom texts mention."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.people import Person
from secops_oncall.domain.posting import (
    OVERRULED,
    Spot,
    addressed,
    addresses,
    begin,
    begun_runs,
    end,
    flags,
    in_flight,
    is_unfinished,
    mentioned,
    mentioned_in_slack,
    overruled,
    posted,
    queued,
    reason,
    same,
    typed_since,
)
from secops_oncall.domain.said import TYPED
from tests.fakes import NOW

SLACK, NOTE = Spot("slack", "oncall:handoff:s"), Spot("gitlab-note", "handoff issue-1")
WAITS = Outcome("#secops", Result.QUEUED, place="slack")
NOTED = Outcome("1", Result.QUEUED, ref="acme/x#1", place="gitlab-note")
CHEN = Person("PCHEN03", "Chen Wei")
LATER = NOW + timedelta(minutes=1)


def done(told: Outcome) -> Outcome:
    return Outcome(told.id, Result.DONE, ref=told.ref, place=told.place)


def test_a_run_that_was_cut_off_leaves_what_it_began_and_what_was_to_follow() -> None:
    events = [begin("r1", "s", {NOTE: NOTED}, {SLACK: WAITS}, NOW)]
    assert [one.place for one in queued(events, NOW)] == ["gitlab-note", "slack"]
    events.append(end("r1", "s", {NOTE: done(NOTED)}, NOW, over=False))
    assert [one.place for one in queued(events, NOW)] == ["slack"]
    events.append(end("r1", "s", {}, NOW, over=True))
    assert queued(events, NOW) == []


def test_what_failed_has_to_go_out_too_and_what_has_no_place_has_not() -> None:
    failed, homeless = replace(NOTED, result=Result.FAILED), replace(WAITS, result=Result.REFUSED)
    events = [end("r1", "s", {NOTE: failed, SLACK: homeless}, NOW, over=True)]
    assert [(one.place, one.result.value) for one in queued(events, NOW)] == [("gitlab-note", "failed")]
    assert queued([*events, end("r2", "s", {NOTE: done(NOTED)}, LATER, over=True)], NOW) == []


def test_what_is_left_says_the_command_that_sends_it() -> None:
    shift, ben = "engineer/PANA001/2026-11-22T21:00:00Z", Person("PBEN002", "Ben Okafor", "ben@example.com")
    events = [
        addresses(shift, CHEN, NOW),
        addresses(shift, ben, NOW),
        addresses("t", CHEN, NOW),
        end("r1", shift, {SLACK: WAITS}, NOW, over=True),
    ]
    assert addressed(events, shift) == ben
    assert addressed(events, "u") is None
    assert [one.hint for one in queued(events, NOW, shift)] == ["oncall handoff post --to ben@example.com"]
    late = "oncall handoff post --shift 2026-11-22T21:00:00Z --to ben@example.com"
    assert [one.hint for one in queued(events, NOW, "t")] == [late]
    assert flags(None, Person("PCHEN03", "Chen Wei")) == " --to PCHEN03"


def test_a_reason_is_one_for_the_same_errors_and_a_run_has_left_something_until_everything_is_there() -> None:
    events = [
        Event(NOW, OVERRULED, "s", "ben knows", {"codes": ["E1", "E7"]}),
        end("r1", "s", {SLACK: WAITS}, NOW, over=True),
    ]
    assert reason(events, "s", ["E1"]) == "ben knows"
    assert reason(events, "s", ["E1", "E3"]) == reason(events, "t", ["E1"]) == ""
    over = [*events, end("r2", "s", {SLACK: done(WAITS)}, NOW, over=True)]
    assert reason(over, "s", ["E1"]) == "ben knows"
    assert (is_unfinished(events, "s"), is_unfinished(over, "s"), is_unfinished(over, "t")) == (True, False, False)


@pytest.mark.parametrize("codes", [None, 5, "E1 E7", [["E1"]], {}, {"E1": 1}])
def test_codes_that_are_none_make_no_reason(codes: object) -> None:
    assert reason([Event(NOW, OVERRULED, "s", "ben knows", {"codes": codes})], "s", ["E1"]) == ""


def test_what_became_of_every_place_is_what_the_last_run_tells() -> None:
    events = [
        begin("r1", "s", {NOTE: NOTED}, {SLACK: WAITS}, NOW),
        end("r1", "s", {NOTE: done(NOTED)}, NOW, over=False),
    ]
    assert [(one.place, one.result.value) for one in posted(events, "s")] == [
        ("gitlab-note", "done"),
        ("slack", "queued"),
    ]
    assert posted(events, "t") == []


def test_of_a_shift_s_runs_the_last_one_counts_and_old_ones_are_forgotten() -> None:
    events = [end("r1", "s", {SLACK: WAITS}, NOW, over=True), end("r2", "t", {NOTE: NOTED}, LATER, over=True)]
    assert [one.place for one in queued(events, NOW)] == ["slack", "gitlab-note"]
    assert [one.place for one in queued(events, LATER)] == ["gitlab-note"]
    events.append(end("r3", "s", {SLACK: done(WAITS)}, LATER, over=True))
    assert [one.place for one in queued(events, NOW)] == ["gitlab-note"]
    assert begun_runs(events, "s") == {"r1", "r3"}


def test_what_nobody_saw_the_answer_of_may_still_arrive_for_a_while() -> None:
    events = [begin("r1", "s", {SLACK: WAITS, NOTE: NOTED}, {}, NOW)]
    events.append(end("r1", "s", {NOTE: done(NOTED)}, NOW, over=False))
    assert in_flight(events, "s", NOW) == {SLACK: NOW + FLIGHT}
    assert in_flight(events, "s", NOW + FLIGHT) == in_flight(events, "t", NOW) == {}
    unknown = Outcome("#secops", Result.UNKNOWN, place="slack")
    assert in_flight([*events, end("r1", "s", {SLACK: unknown}, NOW, over=True)], "s", NOW) == {SLACK: NOW + FLIGHT}


def test_words_typed_while_it_was_posted_are_in_no_place() -> None:
    typed = Event(NOW, TYPED, "acme/x#1", data={"state": "it came back"})
    before, after = NOW - timedelta(seconds=1), LATER
    late = end("r1", "s", {SLACK: done(WAITS)}, LATER, over=True, read=before)
    assert typed_since([typed, late], "s")
    assert not typed_since([typed, end("r1", "s", {SLACK: done(WAITS)}, LATER, over=True, read=after)], "s")
    assert typed_since([typed, late, end("r2", "s", {SLACK: WAITS}, LATER, over=True, read=after)], "s"), "not arrived"
    assert not typed_since([typed, late], "t")


def test_shifts_that_went_out_in_spite_of_errors_are_counted_for_30_days() -> None:
    days = (("a", 31), ("b", 29), ("b", 1), ("c", 0))
    assert overruled([Event(NOW - timedelta(days=ago), OVERRULED, shift) for shift, ago in days], NOW) == 2


def test_texts_are_the_same_as_a_service_keeps_them() -> None:
    assert same("a  \r\nb\n", "a\nb")
    assert not same("a\n  b", "a\nb")


def test_mentions_are_of_people_and_not_of_addresses_or_code() -> None:
    assert mentioned(["@ana, @Chen. a@ben.example `@ben`", "@nobody @@ben"], ("ana", "ben", "chen")) == ["ana", "chen"]
    assert mentioned_in_slack(["<@U0ANA> and <@U0ANA>", "<!channel> &lt;@U0BEN&gt;"]) == ["U0ANA"]
