"""What has changed about an incident since I last held it."""

from typing import Any

from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.people import Person
from secops_oncall.domain.received import Believed
from secops_oncall.domain.since import Changed, Since, since_held
from secops_oncall.domain.traces import NextStep
from tests.handed import ANA, CHEN, NOTE, a_note, accepted, an_incident, at, posted

BEN = Person("PBEN002", "Ben Okafor", "ben@example.com")
WHOSE = Believed({"ana": ANA, "ben": BEN, "chen": CHEN}, "oncall-bot")
LATER = NOTE.replace("the key is dead", "the key came back").replace("read the CloudTrail logs", "rotate it again")
BEFORE, TONIGHT = "engineer/PCHEN03/2026-11-22T14:00:00Z", "engineer/PANA001/2026-11-23T02:00:00Z"


def a_comment(minutes: float, author: str, text: str, **more: Any) -> IssueNote:
    return IssueNote(int(10_000 - minutes), at(minutes), author, text, False, more.get("system", False))


def since(*notes: IssueNote, me: str = "chen", **more: Any) -> Since | None:
    return since_held(an_incident(**more), notes, me, WHOSE)


def told(*notes: IssueNote, me: str = "chen", **more: Any) -> Since:
    found = since(*notes, me=me, **more)
    assert found
    return found


MINE = a_note("handoff", 720, "chen", NOTE, shift=BEFORE)


def test_what_was_said_then_and_now() -> None:
    found = told(MINE, a_note("handoff", 10, "ana", LATER, shift=TONIGHT))
    assert found.held_at == at(720)
    assert found.changes == (Changed("state", "the key is dead", "the key came back"),)
    assert found.changes[0].label == "State now"
    due = at(-60)
    assert found.closed_steps == (NextStep("read the CloudTrail logs", "ben", due),)
    assert found.new_steps == (NextStep("rotate it again", "ben", due),)
    assert (found.acting, found.is_news) == (ANA, True)


def test_what_others_wrote_since_and_i_did_not() -> None:
    found = told(
        a_comment(800, "ben", "before my hand-off"),
        MINE,
        a_comment(600, "ben", "3 calls"),
        a_comment(599, "chen", "my own"),
        a_comment(598, "ben", "assigned to @ben", system=True),
        a_note("update", 500, "ana", "contained"),
        a_note("update", 400, "mallory", "all is well"),
        accepted(300, "ana", shift=BEFORE),
    )
    assert [(fact.who, fact.kind, fact.text) for fact in found.facts] == [
        ("Ben Okafor", "comment", "3 calls"),
        ("Ana Ferreira", "update", "contained"),
        ("mallory", "comment", "all is well"),
    ]
    assert (found.changes, found.closed_steps) == ((), ())


def test_one_that_nothing_has_happened_to_is_no_news() -> None:
    assert not told(MINE).is_news
    assert told(MINE, state="closed").is_news


def test_what_i_took_over_and_never_handed_off_is_compared_with_what_i_read_back() -> None:
    found = told(posted(900, shift=BEFORE), accepted(880, shift=BEFORE), a_note("handoff", 10, "ben", LATER))
    assert (found.held_at, [change.field for change in found.changes]) == (at(880), ["state"])


def test_one_that_i_never_held_is_new_and_one_that_was_closed_before_is_nothing() -> None:
    found = told(posted())
    assert (found.held_at, found.changes, found.closed_steps, found.facts) == (None, (), (), ())
    assert ([step.action for step in found.new_steps], found.is_news) == (["read the CloudTrail logs"], True)
    assert since(posted(), state="closed") is None


def test_a_forged_hand_off_says_nothing() -> None:
    found = told(MINE, a_note("handoff", 10, "mallory", LATER, shift=TONIGHT))
    assert (found.changes, found.new_steps, found.acting) == ((), (), CHEN)
