"""How far a hand-off is, as both sides see it: whoever handed it off, and whoever is to take it over."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.domain.accepting import acceptance, accepted
from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.people import by_user
from secops_oncall.domain.posting import Spot, begin, end
from secops_oncall.domain.readback import ReadBack
from secops_oncall.domain.received import EXPIRES, Acceptance, Believed
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.status import HandoffState, Takeover
from secops_oncall.errors import RejectedError, RemoteError
from secops_oncall.workflows import handing
from secops_oncall.workflows.handing import Hands, Seen, hands
from secops_oncall.workflows.receiving import Known
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal
from tests.handed import (
    ANA,
    CHEN,
    CHEN_ME,
    PROJECT,
    SETTINGS,
    SHIFT,
    WORK,
    a_handover,
    a_note,
    an_incident,
    at,
    lab,
    posted,
    turns,
)
from tests.handed import accepted as read_back

REF, FILED = f"{WORK}#101", f"{PROJECT}#7"
URL = a_handover().url
WORDS = ReadBack("dead", "read", "a call comes")
BY_CHEN = Acceptance(CHEN, at(5), WORDS)
DOWN = RemoteError("GitLab: no answer within 20 s", "try again")
HERS = Shift(SHIFT, at(735), at(15), "weekday", "engineer", ANA, "Responder")
HIS = Shift("engineer/PCHEN03/2026-11-23T14:00:00Z", at(15), None, "weekday", "engineer", CHEN, "Responder")
WAITS = Takeover(SHIFT, ANA, at(10), URL)


class Side:
    """What one of the two knows before any note is read; `gitlab` is what is asked then."""

    def __init__(self, me: Any, shift: Shift | None, *events: Event, gitlab: FakeGitLab | None = None) -> None:
        self.me, self.shift, self.gitlab = me, shift, gitlab or lab()
        self.journal = FakeJournal(*events)

    def hands(self, *filed: Issue, lacks: int = 2, asked: bool = True, project: str | None = PROJECT) -> Hands:
        user = self.me.email.partition("@")[0]
        whose = Believed(by_user(SETTINGS.people, turns(), user, self.me), "oncall-bot")
        known = Known(self.me, user, whose, turns(), [])
        settings = replace(SETTINGS, destinations=Destinations(project))
        seen = Seen(known, self.shift, filed, self.journal.events())
        return hands(self.gitlab if asked else None, self.journal, settings, seen, lacks, NOW)


def ana(*events: Event, **more: Any) -> Side:
    return Side(ME, HERS, *events, **more)


def chen(*events: Event, **more: Any) -> Side:
    return Side(CHEN_ME, HIS, *events, **more)


def noted(*answers: Any, incident: Sequence[Any] = (), **more: Any) -> FakeGitLab:
    """GitLab with what stands below the hand-over issue, and below the incident's."""
    return lab(an_incident(), a_handover(**more), notes={REF: [posted(), *incident], FILED: list(answers)})


def deaf() -> FakeGitLab:
    """One that can be asked for no notes."""
    gitlab = lab()
    gitlab.failing["notes"] = DOWN
    return gitlab


def a_run(minutes: float, result: Result = Result.DONE, run: str = "1") -> list[Event]:
    """A post of Ana's to the incident's issue, as her journal has it."""
    spot, told = Spot("gitlab-note", "handoff issue-101"), Outcome("101", result, ref=REF, place="gitlab-note")
    return [
        begin(run, SHIFT, {spot: told}, {}, at(minutes)),
        end(run, SHIFT, {spot: told}, at(minutes), over=True),
    ]


def test_before_it_is_posted_it_lacks_what_it_lacks_and_nothing_is_asked() -> None:
    assert ana(gitlab=deaf()).hands() == Hands(HandoffState("not_posted", 2))
    assert Side(ME, None).hands() == Hands(None)


def test_posted_it_waits_and_whoever_handed_it_off_is_told_so() -> None:
    side = ana()
    assert side.hands(a_handover()) == Hands(HandoffState("posted", 0, at(10), url=URL))
    assert side.journal.written == []


def test_whoever_is_named_or_on_call_is_told_that_it_waits_for_them() -> None:
    assert chen().hands(a_handover()) == Hands(HandoffState("not_posted", 2), WAITS)
    off_call = Side(replace(CHEN_ME, id="PELSE01"), None)
    assert off_call.hands(a_handover()).takeover == WAITS, "it is assigned to them"
    swapped = a_handover(assignees=("ana", "ben"))
    assert chen(gitlab=noted()).hands(swapped).takeover == WAITS, "they are the engineer now"


def test_who_has_nothing_to_do_with_it_is_told_nothing() -> None:
    ben = replace(CHEN_ME, id="PBEN002", name="Ben Okafor", email="ben@example.com")
    assert Side(ben, None, gitlab=deaf()).hands(a_handover()) == Hands()


def test_once_it_is_read_back_both_sides_know_and_the_journal_need_not_ask_again() -> None:
    side = ana(gitlab=noted(read_back(5), incident=[read_back(5)]))
    own = HandoffState("accepted", 0, at(10), BY_CHEN, url=URL)
    assert side.hands(a_handover()) == Hands(own)
    assert acceptance(side.journal.written, SHIFT) == BY_CHEN
    side.gitlab = deaf()
    assert side.hands(a_handover()) == Hands(own)
    assert chen(gitlab=noted(read_back(5), incident=[read_back(5)])).hands(a_handover()).takeover is None


def test_what_cannot_be_kept_is_told_and_asked_again() -> None:
    side = ana(gitlab=noted(read_back(5), incident=[read_back(5)]))
    side.journal.failing = RejectedError("the disk is full", "make room", answered=0)
    found = side.hands(a_handover())
    assert (found.own and found.own.state, len(found.problems)) == ("accepted", 1)


def test_an_addendum_waits_on_both_sides_though_the_issue_is_closed() -> None:
    late = a_note("addendum", 2, text="it came back", id=77)
    closed = a_handover(state="closed", updated_at=at(2))
    gitlab = noted(read_back(5), late, incident=[read_back(5)])
    known = accepted(SHIFT, BY_CHEN, at(5))
    mine = ana(known, Event(at(2), "posted", SHIFT), gitlab=gitlab).hands(closed).own
    assert mine and (mine.state, mine.waits, mine.accepted) == ("accepted", True, BY_CHEN)
    assert chen(known, gitlab=gitlab).hands(closed).takeover == replace(WAITS, accepted=CHEN), "he acts already"


def test_notes_are_read_again_only_once_something_has_happened_to_a_closed_issue() -> None:
    closed = a_handover(state="closed", updated_at=at(5))
    nothing = Hands(HandoffState("not_posted", 2))
    side = chen(accepted(SHIFT, BY_CHEN, at(5)), gitlab=noted(read_back(5), incident=[read_back(5)]))
    assert side.hands(closed) == nothing
    side.gitlab = deaf()
    assert side.hands(closed) == nothing
    soon = replace(closed, updated_at=at(4.9))
    assert side.hands(soon).problems == [DOWN]
    late = a_note("addendum", 4.9, text="it came back", id=77)
    side.gitlab = noted(read_back(5), late, incident=[read_back(5)])
    assert side.hands(soon).takeover == replace(WAITS, accepted=CHEN), "within a minute of the read-back"


def test_what_was_added_to_an_incident_alone_waits_for_whoever_added_it() -> None:
    late = a_note("addendum", 2, text="it came back", id=77, key="issue-101/1")
    spot, told = Spot("gitlab-note", "addendum issue-101/1"), Outcome("101", Result.DONE, ref=REF, place="gitlab-note")
    added = end("2", SHIFT, {spot: told}, at(2), over=True)
    gitlab = noted(read_back(5), incident=[read_back(5), late])
    mine = ana(accepted(SHIFT, BY_CHEN, at(5)), added, gitlab=gitlab).hands(a_handover(state="closed")).own
    assert mine and (mine.state, mine.waits) == ("accepted", True)
    gitlab = noted(read_back(5), incident=[read_back(5), late, read_back(1, key="issue-101/77")])
    mine = ana(accepted(SHIFT, BY_CHEN, at(5)), added, gitlab=gitlab).hands(a_handover(state="closed")).own
    assert mine and (mine.state, mine.waits) == ("accepted", False)


@pytest.mark.parametrize(("filed", "minutes"), [((), 4), ((), 9), ((a_handover(),), 4)])
def test_words_typed_since_it_was_posted_are_told_until_they_are_posted_too(
    filed: Sequence[Issue], minutes: float
) -> None:
    typed = Event(at(minutes), "handoff_field", REF, data={"state": "it came back"})
    for events, unposted in (((*a_run(10), typed), True), ((*a_run(10), typed, *a_run(2, run="2")), False)):
        own = ana(*events, gitlab=noted()).hands(*filed).own
        assert own and (own.state, own.unposted) == ("posted", unposted)


def test_of_a_hand_off_that_another_machine_has_posted_its_time_tells() -> None:
    typed = Event(at(4), "handoff_field", REF, data={"state": "it came back"})
    own = ana(typed, gitlab=noted()).hands(a_handover()).own
    assert own and own.unposted
    before = ana(replace(typed, at=at(12)), gitlab=noted()).hands(a_handover()).own
    assert before and not before.unposted


@pytest.mark.parametrize("author", ["mallory", "ana", "oncall-bot"])
def test_a_read_back_that_counts_for_nothing_changes_nothing(author: str) -> None:
    forged = read_back(5, author)
    gitlab = noted(forged, incident=[forged])
    mine = ana(gitlab=gitlab).hands(a_handover()).own
    assert mine and mine.state == "posted"
    assert chen(gitlab=gitlab).hands(a_handover()).takeover == WAITS


def test_a_strangers_hand_over_issue_is_none() -> None:
    forged = a_handover(author="mallory")
    assert ana().hands(forged).own == HandoffState("not_posted", 2)
    assert chen().hands(forged).takeover is None


def test_a_team_without_hand_over_issues_is_told_by_one_incident_where_this_machine_has_posted_it() -> None:
    gitlab = lab(an_incident(), notes={REF: [posted()]})
    assert ana(gitlab=gitlab).hands(project=None).own == HandoffState("not_posted", 2)
    mine = ana(*a_run(10), gitlab=gitlab).hands(project=None).own
    assert mine == HandoffState("posted", 0, at(10))
    gitlab = lab(an_incident(), notes={REF: [posted(), read_back(5)]})
    assert ana(*a_run(10), gitlab=gitlab).hands(project=None).own == HandoffState("accepted", 0, at(10), BY_CHEN)


@pytest.mark.parametrize("result", [Result.QUEUED, Result.UNKNOWN, Result.FAILED])
def test_what_has_not_arrived_anywhere_is_not_posted(result: Result) -> None:
    assert ana(*a_run(10, result)).hands().own == HandoffState("not_posted", 2)


def test_without_gitlab_the_journal_tells_what_it_knows() -> None:
    assert ana(*a_run(10)).hands(asked=False).own == HandoffState("posted", 0, at(10))
    assert ana(*a_run(10), accepted(SHIFT, BY_CHEN, at(5))).hands(asked=False).own == HandoffState(
        "accepted", 0, at(10), BY_CHEN
    )


def test_notes_that_can_not_be_read_are_told_and_it_counts_as_waiting() -> None:
    found = ana(gitlab=deaf()).hands(a_handover())
    assert (found.own, found.problems) == (HandoffState("posted", 0, at(10), url=URL), [DOWN])


def test_one_that_is_too_old_waits_for_nobody() -> None:
    old = a_handover(60 * 49)
    assert chen(gitlab=noted()).hands(old).takeover is None


def test_what_is_asked_for_reaches_back_longer_than_anything_waits() -> None:
    assert handing.RECENT > EXPIRES
