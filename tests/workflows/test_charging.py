"""Engaging, releasing, breaks and high impact: a note of its own each, nothing twice, and the owner never changes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from secops_oncall.domain import declared
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.notices import Notice
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.people import OnCall, Person
from secops_oncall.domain.telling import begin
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.workflows import charging
from secops_oncall.workflows.briefing import brief
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.telling import Where
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakePagerDuty, FakeSlack, an_issue
from tests.workflows.rooms import (
    ANA,
    BEN,
    CHANNEL,
    CHEN,
    DANA,
    HANDLES,
    ONE,
    REF,
    acked,
    desk,
    look,
    note,
    pager,
    turn,
)

ISSUE = an_issue(REF, ONE)
HERE = Where(CHANNEL, CHANNEL, whole=True)
BACK = NOW + timedelta(minutes=45)
AWAY = declared.goes_on_break(BEN, BACK, ANA, HANDLES)


def at_desk(
    *notes: IssueNote, pagerduty: FakePagerDuty | None = None, journal: FakeJournal | None = None
) -> tuple[Desk, FakeGitLab]:
    gitlab = FakeGitLab([ISSUE], notes={REF: notes})
    return desk(pagerduty or pager(acked()), gitlab, FakeSlack(), journal), gitlab


def outcome(what: object) -> tuple[str, str, str]:
    assert isinstance(what, Outcome)
    return what.result.value, what.code, what.message


def test_somebody_is_engaged_once() -> None:
    at, gitlab = at_desk()
    what = charging.engage(at, look(at), BEN, NOW)
    assert [one.result.value for one in charging.carry_out(at, what, HERE, NOW).outcomes] == ["done", "done"]
    assert [one.text for one in gitlab.comments[REF]] == ["**Engaged:** @ben"]
    assert outcome(charging.engage(at, look(at), BEN, NOW)) == ("already", "engage", "Ben Okafor is engaged")


def test_what_slack_has_not_got_yet_is_told_there_all_the_same() -> None:
    journal = FakeJournal()
    at, gitlab = at_desk(journal=journal)
    charging.carry_out(at, charging.engage(at, look(at), BEN, NOW), HERE, NOW)
    journal.written = journal.written[:3]  # what there is before the first request
    again = charging.carry_out(at, charging.engage(at, look(at), BEN, NOW), HERE, NOW)
    assert [one.result.value for one in again.outcomes] == ["already", "already"]
    assert len(gitlab.comments[REF]) == 1


def test_somebody_who_left_is_engaged_no_longer() -> None:
    at, gitlab = at_desk(note("engage", "ana", "**Engaged:** @ben"))
    charging.carry_out(at, charging.release(at, look(at), BEN, NOW), HERE, NOW)
    assert gitlab.comments[REF][-1].text == "**Left:** @ben"
    found = look(at)
    assert (found.charge.engaged, [each.person for each in found.charge.left]) == ((), [BEN])
    assert outcome(charging.release(at, found, BEN, NOW))[:2] == ("already", "release")


def test_who_never_took_part_is_not_released_and_who_did_without_a_word_is() -> None:
    at, gitlab = at_desk(note("update", "chen", "seen"))
    never = charging.release(at, look(at), BEN, NOW)
    assert outcome(never) == ("refused", "not_engaged", "nothing says that Ben Okafor is engaged")
    for there in (CHEN, ANA):  # who wrote, and who acked
        assert isinstance(charging.release(at, look(at), there, NOW), Notice)
    assert gitlab.writes == []


def test_on_a_break_the_other_acts_and_the_owner_stays() -> None:
    at, gitlab = at_desk()
    charging.carry_out(at, charging.go_on_break(at, look(at, whose=True), BEN, BACK, NOW), HERE, NOW)
    assert gitlab.comments[REF][-1].text == f"{AWAY}\n\n@ana is on a break until then."
    gone = look(at, whose=True).charge
    assert (gone.acting, gone.owner) == (BEN, ANA)
    already = charging.go_on_break(at, look(at, whose=True), BEN, BACK + timedelta(seconds=20), NOW)
    assert outcome(already) == ("already", "break", "Ben Okafor acts until you are back, 14:45 UTC")
    later = charging.go_on_break(at, look(at, whose=True), CHEN, BACK, NOW)
    charging.carry_out(at, later, HERE, NOW)
    assert look(at, whose=True).charge.acting == CHEN


def test_a_break_that_was_told_in_part_lasts_as_long_as_it_was_told_while_it_does() -> None:
    journal = FakeJournal()
    at, _ = at_desk(journal=journal)
    begun = charging.go_on_break(at, look(at, whose=True), BEN, BACK, NOW, "45m")
    assert not isinstance(begun, Outcome)
    journal.append(begin(begun, "", NOW))
    found, soon, typed = look(at, whose=True), NOW + timedelta(minutes=2), BACK + timedelta(minutes=2)
    assert charging.back_at(at, found, BEN, typed, "45m", soon) == BACK
    assert charging.back_at(at, found, BEN, typed, "47m", soon) == typed
    assert charging.back_at(at, found, CHEN, typed, "45m", soon) == typed
    later = BACK + timedelta(minutes=45)
    assert charging.back_at(at, found, BEN, later, "45m", BACK) == later


def test_back_means_acting_again() -> None:
    at, gitlab = at_desk(note("break", "ana", AWAY))
    charging.carry_out(at, charging.come_back(at, look(at, whose=True), NOW), HERE, NOW)
    assert gitlab.comments[REF][-1].text == "**Acting from now:** @ana | **Owner (unchanged):** @ana"
    assert outcome(charging.come_back(at, look(at, whose=True), NOW)) == ("already", "back", "you act on it")


def test_who_is_on_no_break_cannot_come_back() -> None:
    at, _ = at_desk(note("readback", "ben"))
    refused = outcome(charging.come_back(at, look(at, whose=True), NOW))
    assert refused == ("refused", "no_break", "you are on no break from it, and Ben Okafor acts on it")


@pytest.mark.parametrize(
    ("to", "back", "why"),
    [(ANA, BACK, "somebody else"), (BEN, NOW, "over"), (BEN, NOW - timedelta(minutes=1), "over")],
)
def test_a_break_that_makes_no_sense_is_refused(to: Person, back: datetime, why: str) -> None:
    at, _ = at_desk()
    with pytest.raises(UsageError, match=why):
        charging.go_on_break(at, look(at), to, back, NOW)


def test_who_doesnt_act_by_the_notes_goes_on_no_break() -> None:
    at, _ = at_desk(note("readback", "ben"))
    what = charging.go_on_break(at, look(at, whose=True), CHEN, BACK, NOW)
    assert outcome(what) == ("refused", "not_acting", "Ben Okafor acts on it since 13:50 UTC, not you")
    assert isinstance(what, Outcome) and what.hint == "oncall handoff accept, to take it over"


@pytest.mark.parametrize(
    ("turns", "refused"),
    [
        ([turn(ANA), turn(BEN, "backup")], True),
        ([turn(ANA)], False),
        ([turn(BEN, "backup")], True),
        ([OnCall(ANA, None, None, "Other", 1)], True),
    ],
    ids=["the owner is on call", "my turn", "not my turn", "another role"],
)
def test_of_anothers_incident_only_where_it_is_my_turn_and_they_have_gone(turns: list[OnCall], refused: bool) -> None:
    """A shift may have ended without a hand-off."""
    at, _ = at_desk(pagerduty=pager(acked(by=BEN), turns=turns))
    assert isinstance(charging.go_on_break(at, look(at, whose=True), CHEN, BACK, NOW), Outcome) is refused


def test_high_impact_engages_whoever_manages_with_a_brief() -> None:
    at, gitlab = at_desk()
    found = look(at, whose=True)
    assert charging.managers(at, found, NOW) == [DANA]
    charging.carry_out(at, charging.high_impact(at, found, [DANA], "* **Issue Summary**: x", NOW), HERE, NOW)
    first, _, rest = gitlab.comments[REF][-1].text.partition("\n\n")
    assert first == "**High impact:** yes | **Engaged:** Dana Cohen | **Owner (unchanged):** @ana"
    assert rest == "* **Issue Summary**: x"
    again = charging.high_impact(at, look(at, whose=True), [DANA], "another brief", NOW)
    assert outcome(again) == ("already", "high-impact", "Ana Ferreira said so, 14:00 UTC")


def test_without_a_manager_on_call_nobody_can_be_engaged() -> None:
    at, _ = at_desk(pagerduty=pager(acked(), turns=[turn(ANA)]))
    with pytest.raises(NotFoundError, match="nobody is on call as manager"):
        charging.managers(at, look(at), NOW)


def test_the_brief_is_the_incident_as_the_hand_off_has_it() -> None:
    at, _ = at_desk(note("engage", "ana", "**Engaged:** @ben"))
    whole = brief(at, look(at, whose=True), NOW)
    assert (whole.id, [page.id for page in whole.pages], whole.acting) == (REF, [ONE], ANA)
    assert whole.owner and whole.owner.id == ANA.id
    assert BEN in whole.engaged
    assert charging.call(whole) == "oncall escalate 4112 --to manager, to call them"


def test_of_an_incident_whose_pages_are_resolved_the_ladder_is_named() -> None:
    at, _ = at_desk()
    whole = brief(at, look(at, whose=True), NOW)
    done = replace(whole, pages=tuple(replace(page, status="resolved") for page in whole.pages))
    assert charging.call(done) == "oncall escalate"


def test_a_closed_incident_has_no_brief() -> None:
    closed = replace(ISSUE, state="closed", description="")
    at = desk(pager(), FakeGitLab([closed]))
    with pytest.raises(UsageError, match="is closed"):
        brief(at, look(at, whose=True), NOW)


def test_a_user_is_whoever_pagerduty_knows_by_that_name() -> None:
    at, _ = at_desk()
    found = look(at)
    assert charging.user(at, found, None) == ANA
    assert charging.user(at, found, "ben@example.com") == BEN
    with pytest.raises(NotFoundError):
        charging.user(at, found, "zoe")


@pytest.mark.parametrize(
    ("text", "why"), [(" \n", "empty"), ("<!-- oncall:x -->", "empty"), ("x" * 500_001, "500,000")]
)
def test_an_update_that_is_none(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        charging.words(text)


def test_an_update_is_kept_as_it_was_typed_but_for_what_drives_terminals() -> None:
    assert charging.words("\r\na\x1b[31m\r\n  b \u202e\n\n") == "a\n  b"
