"""Accepting a hand-off: every place has the read-back exactly once, whatever happens on the way."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.accepting import Answer, Reply, acceptance, begun, marks
from secops_oncall.domain.accepting import accepted as event_of
from secops_oncall.domain.answered import AGAIN, COMMAND, acted_on, left
from secops_oncall.domain.documents import Comment
from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.people import Person
from secops_oncall.domain.readback import ReadBack
from secops_oncall.domain.received import Acceptance, Handed
from secops_oncall.domain.slack import Message
from secops_oncall.errors import AuthError, OncallError, RejectedError, RemoteError
from secops_oncall.workflows.accepting import accept, pages_of, reassign, rivals
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.receiving import find
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakePagerDuty, FakeSlack, a_page
from tests.handed import ANA, CHEN, PROJECT, WORK, a_note, accepted, an_incident, inbox, lab, posted

REF, FILED = f"{WORK}#101", f"{PROJECT}#7"
WORDS = ReadBack("the key is dead", "read the logs with Ben", "a call comes")
THREAD = Message("#secops", "5.1")
SILENT = RemoteError("no answer within 10 s (time-out)", "try again")
BROKEN = RemoteError("it answers 500", "try again", answered=500)
REFUSED = RejectedError("it is locked", "unlock it", answered=422)


class World:
    """What Chen accepts with."""

    def __init__(self, gitlab: FakeGitLab | None = None) -> None:
        self.gitlab, self.slack, self.journal = gitlab or lab(), FakeSlack(), FakeJournal()

    @property
    def handed(self) -> Handed:
        return find(inbox(self.gitlab), NOW).handed[0]

    def answer(self, handed: Handed) -> Answer:
        own = marks(handed)
        notes = [Comment(place.issue, own[place.issue.ref], "read back", True) for place in handed.places]
        reply = Reply("#secops", THREAD, {f"oncall:readback:{handed.shift}": "*Read-back*"})
        return Answer(handed, tuple(notes), handed.handover.issue if handed.handover else None, reply)

    def accept(self, **more: Any) -> Acted:
        answer = self.answer(self.handed)
        return accept(self.gitlab, lambda: self.slack, self.journal, answer, WORDS, CHEN, NOW, **more)

    def counted(self) -> dict[str, int]:
        """How many read-backs there are, in each place."""
        notes = {ref: sum(n.mark is not None and n.mark.kind == "readback" for n in some) for ref, some in self.notes}
        return {**notes, "slack": len(self.slack.posted.get("#secops/5.1", ()))}

    @property
    def notes(self) -> Any:
        return [(ref, self.gitlab.comments.get(ref, [])) for ref in (REF, FILED)]


ONCE = {REF: 1, FILED: 1, "slack": 1}


def results(acted: Acted) -> list[tuple[str, str, str]]:
    return [(one.place, one.ref or one.id, one.result.value) for one in acted.outcomes]


def test_every_place_has_it_and_the_hand_over_issue_is_closed() -> None:
    world = World()
    acted = world.accept()
    assert results(acted) == [
        ("gitlab-note", REF, "done"),
        ("gitlab-note", FILED, "done"),
        ("gitlab", FILED, "done"),
        ("slack-thread", "#secops", "done"),
    ]
    assert world.counted() == ONCE
    assert world.gitlab.kept[FILED].state == "closed"
    assert not world.handed.waits
    assert (acted.exit_code, acted.problems) == (0, [])


def test_what_was_said_is_in_the_journal_before_anything_is_sent_and_that_it_is_accepted_after() -> None:
    world = World()
    world.journal.failing = REFUSED
    with pytest.raises(OncallError):
        world.accept()
    assert (world.gitlab.writes, world.slack.posted) == ([], {})
    world.journal.failing = None
    handed = world.handed
    world.accept()
    assert [event.kind for event in world.journal.written] == ["readback", "answered", "accepted"]
    known = begun(world.journal.written, handed)
    assert known and (known.words, known.at) == (WORDS, NOW)
    assert acceptance(world.journal.written, handed.shift) == Acceptance(CHEN, NOW, WORDS)
    later = Event(NOW + timedelta(minutes=1), "posted", handed.shift)
    assert acceptance([*world.journal.written, later], handed.shift) is None


def test_what_was_begun_of_less_is_no_read_back_of_more() -> None:
    world = World()
    world.accept()
    world.gitlab.comments[REF].append(a_note("addendum", -1, text="it came back", id=77))
    assert begun(world.journal.written, world.handed) is None


def test_a_second_time_nothing_is_sent() -> None:
    world = World()
    world.accept()
    world.gitlab.writes.clear()
    assert {result for _, _, result in results(world.accept())} == {"already", "done"}
    assert [write[0] for write in world.gitlab.writes] == ["edit"]
    assert world.counted() == ONCE


def test_what_is_known_to_be_there_is_not_looked_for() -> None:
    world = World()
    world.gitlab.failing["marked"] = SILENT
    answer = replace(world.answer(world.handed), answered=frozenset({REF, FILED}), close=None, reply=None)
    acted = accept(world.gitlab, lambda: world.slack, world.journal, answer, WORDS, CHEN, NOW)
    assert results(acted) == [("gitlab-note", REF, "already"), ("gitlab-note", FILED, "already")]


def test_a_colleagues_read_back_is_not_mine() -> None:
    notes = {REF: [posted(), accepted(5, "ben")], FILED: [accepted(5, "ben")]}
    world = World(lab(notes=notes))
    world.accept()
    assert world.counted() == {REF: 2, FILED: 2, "slack": 1}


@pytest.mark.parametrize("method", ["marked", "add_note", "edit"])
@pytest.mark.parametrize("error", [SILENT, BROKEN, REFUSED, AuthError("no", "a token")])
def test_whatever_fails_in_gitlab_the_next_run_repeats_only_what_is_missing(method: str, error: OncallError) -> None:
    world = World()
    world.gitlab.failing[method] = error
    acted = world.accept()
    assert acted.exit_code != 0
    assert {one.hint for one in acted.outcomes if one.result is Result.FAILED} <= {AGAIN, error.hint}
    told = "done" if method == "edit" else "queued"
    assert ("slack-thread", "#secops", told) in results(acted), "Slack tells of no read-back that is nowhere"
    assert world.gitlab.kept[FILED].state == "opened"
    del world.gitlab.failing[method]
    assert world.accept().exit_code == 0
    assert world.counted() == ONCE
    assert world.gitlab.kept[FILED].state == "closed"


@pytest.mark.parametrize(("lacking", "told"), [(REF, "done"), (FILED, "queued")])
def test_slack_is_told_once_the_whole_is_read_back_and_not_before(lacking: str, told: str) -> None:
    world = World(Deaf(lab().kept.values(), notes=lab().comments, me=lab().me()))
    world.gitlab.refused = lacking  # type: ignore[attr-defined]
    acted = world.accept()
    assert results(acted)[-1] == ("slack-thread", "#secops", told)
    assert acted.outcomes[-1].hint == ("" if told == "done" else AGAIN)
    world.gitlab.refused = ""  # type: ignore[attr-defined]
    assert (world.accept().exit_code, world.counted()) == (0, ONCE)


def test_what_is_missing_is_in_the_journal_until_it_has_gone_out_and_what_is_there_is_acted_on() -> None:
    world = World(Deaf(lab().kept.values(), notes=lab().comments, me=lab().me()))
    world.gitlab.refused = FILED  # type: ignore[attr-defined]
    world.accept()
    events = world.journal.written
    assert [(one.place, one.ref or one.id, one.hint) for one in left(events, NOW)] == [
        ("gitlab-note", FILED, COMMAND),
        ("slack-thread", "#secops", COMMAND),
    ]
    assert acted_on(events, CHEN.id) == {str(an_incident().id)}
    assert len(left(events[:1], NOW)) == 3, "a run that was cut off has ended nothing"
    assert left(events, NOW + timedelta(minutes=1)) == []
    world.gitlab.refused = ""  # type: ignore[attr-defined]
    world.accept()
    assert left(world.journal.written, NOW) == []


def test_what_somebody_else_has_taken_over_since_is_theirs() -> None:
    world = World()
    world.accept()
    by = Acceptance(ANA, NOW + timedelta(hours=1), WORDS)
    late = NOW + timedelta(hours=12)
    assert str(an_incident().id) in acted_on(world.journal.written, CHEN.id)
    assert acted_on([*world.journal.written, event_of("engineer/PCHEN03/x", by, late)], CHEN.id) == set()
    before = replace(by, at=NOW - timedelta(hours=1))
    told = [*world.journal.written, event_of("engineer/PCHEN03/x", before, late)]
    assert acted_on(told, CHEN.id) != set(), "it was another hand-off, before"


@pytest.mark.parametrize(("minutes", "theirs"), [(5, False), (-1, True)])
def test_whoever_has_read_it_back_last_acts_though_neither_knew_of_the_other(minutes: float, theirs: bool) -> None:
    world = World()
    handed, whose = world.handed, find(inbox(world.gitlab), NOW).whose
    world.accept()
    assert rivals(world.gitlab, world.journal, handed, whose, CHEN, NOW) == ([], False, [])
    others = [accepted(minutes, "ben", id=99), accepted(minutes, "mallory"), accepted(minutes, "ana")]
    world.gitlab.comments[FILED] += others
    found, is_theirs, lost = rivals(world.gitlab, world.journal, handed, whose, CHEN, NOW)
    assert ([person.name for person in found], is_theirs, lost) == (["ben"], theirs, [])
    assert (acted_on(world.journal.written, CHEN.id) == set()) is theirs


class Deaf(FakeGitLab):
    """A GitLab with an issue on which nobody may write."""

    refused = ""

    def add_note(self, ref: str, *arguments: Any, **more: Any) -> Any:
        if ref == self.refused:
            raise REFUSED
        return super().add_note(ref, *arguments, **more)


class Lossy(FakeGitLab):
    """A GitLab that does what it is asked, and whose answers are lost so often."""

    lost = 0

    def add_note(self, *arguments: Any, **more: Any) -> Any:
        return self._answer(super().add_note(*arguments, **more))

    def edit(self, *arguments: Any) -> Any:
        return self._answer(super().edit(*arguments))

    def _answer(self, answer: Any) -> Any:
        if self.lost:
            self.lost -= 1
            raise SILENT
        return answer


def test_an_answer_that_is_lost_is_looked_up() -> None:
    known = lab()
    world = World(Lossy(known.kept.values(), notes=known.comments, me=known.me()))
    world.gitlab.lost = 3  # type: ignore[attr-defined]
    assert {result for _, _, result in results(world.accept())} == {"done"}
    assert world.counted() == ONCE


def test_a_close_that_is_not_answered_and_not_there_is_told() -> None:
    world = World()
    world.gitlab.failing["edit"] = BROKEN
    assert ("gitlab", FILED, "failed") in results(world.accept())
    world.gitlab.failing["edit"] = SILENT
    assert ("gitlab", FILED, "unknown") in results(world.accept())
    world.gitlab.failing["issue"] = BROKEN
    assert ("gitlab", FILED, "unknown") in results(world.accept())


@pytest.mark.parametrize(
    ("failing", "lost", "result"),
    [
        ({"post": SILENT}, None, "unknown"),
        ({"post": BROKEN}, None, "failed"),
        ({"post": REFUSED}, None, "failed"),
        ({"find": SILENT}, None, "unknown"),
        ({"find": REFUSED}, None, "failed"),
        ({}, SILENT, "done"),
    ],
)
def test_slack(failing: Mapping[str, OncallError], lost: OncallError | None, result: str) -> None:
    world = World()
    world.slack.failing.update(failing)
    world.slack.lost = lost
    acted = world.accept()
    assert results(acted)[-1] == ("slack-thread", "#secops", result)
    assert world.gitlab.kept[FILED].state == "closed", "the thread is told, and decides nothing"
    world.slack.failing.clear()
    world.slack.lost = None
    world.accept()
    assert world.counted() == ONCE


def test_a_token_for_slack_that_is_not_there_is_told() -> None:
    world = World()

    def none() -> FakeSlack:
        raise AuthError("there is no Slack token", "export ONCALL_SLACK_TOKEN=…")

    acted = accept(world.gitlab, none, world.journal, world.answer(world.handed), WORDS, CHEN, NOW)
    assert (acted.outcomes[-1].result, acted.outcomes[-1].code) == (Result.FAILED, "auth")


def test_a_rehearsal_sends_nothing_and_keeps_nothing() -> None:
    world = World()
    assert {result for _, _, result in results(world.accept(dry_run=True))} == {"planned"}
    assert (world.gitlab.writes, world.slack.posted, world.journal.written) == ([], {}, [])


def test_an_internal_note_that_gitlab_made_public_is_told_and_the_issue_stays_open() -> None:
    world = World()
    world.gitlab.keeps_internal = False
    assert {one.result for one in world.accept().outcomes if one.place == "gitlab-note"} == {Result.FAILED}
    assert world.gitlab.kept[FILED].state == "opened"


def held(id: str, *people: Person) -> Any:
    return a_page(id, "acknowledged", assigned_to=people)


def test_the_pages_of_whoever_hands_off_can_be_mine() -> None:
    ben = Person("PBEN002", "Ben Okafor")
    pagerduty = FakePagerDuty([held("Q1", ANA), held("Q2", ben), held("Q3", ANA, CHEN), held("Q4", CHEN)])
    journal = FakeJournal()
    pages = pages_of(pagerduty, ANA, CHEN)
    assert [page.id for page in pages] == ["Q1", "Q3"]
    planned = reassign(pagerduty, journal, pages, CHEN, NOW, dry_run=True)
    assert ([one.result for one in planned.outcomes], pagerduty.writes) == ([Result.PLANNED] * 2, [])
    acted = reassign(pagerduty, journal, pages, CHEN, NOW)
    assert [(one.id, one.result) for one in acted.outcomes] == [("Q1", Result.DONE), ("Q3", Result.DONE)]
    assert pagerduty.writes == [("reassign", ("PCHEN03", "Q1", "Q3"))]
    assert [(event.kind, event.subject) for event in journal.written] == [("reassign", "Q1"), ("reassign", "Q3")]
    assert reassign(pagerduty, journal, [], CHEN, NOW) == Acted([])
