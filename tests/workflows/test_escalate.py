"""Escalating: the ladder of a page, who is asked and how, and what is written down."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import pytest

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, PageDetail
from secops_oncall.domain.people import Contact, OnCall, Person, Role, RoleName
from secops_oncall.errors import Cancelled, ConfigError, NotFoundError, RejectedError, RemoteError, UsageError
from secops_oncall.ports import PagerDuty
from secops_oncall.workflows import roster
from secops_oncall.workflows.escalate import Call, call, log_attempt, rungs
from secops_oncall.workflows.focus import focus_on
from secops_oncall.workflows.outcomes import Acted
from tests.fakes import ME, NOW, FakeJournal, FakePagerDuty, a_page
from tests.workflows.tide import Tide

ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backups", None),
    "manager": RoleName("Responder", 2),
}
BEN, DANA = Person("PBEN002", "Ben Okafor", "ben@example.com"), Person("PDANA04", "Dana Cohen", "dana@example.com")
EVA, EVE = Person("PEVA005", "Eva Lindqvist", "eva@example.com"), Person("PEVE006", "Eve Adams", "eve@example.com")
HOUR = timedelta(hours=1)
PHONE = Contact("phone", "+4915550000105", "Mobile")
DOWN = RemoteError("PagerDuty: no answer", "try again")
NO_ABILITY = RejectedError("PagerDuty refused: no ability (2014)", "not in this account's plan", answered=402)
MINE = a_page(
    "QMINE01", "acknowledged", minutes=90, acknowledged_by=(ME.person,), policy="Responder", policy_id="PRESP"
)
OPEN = a_page("QOPEN01", minutes=4, policy="Responder", policy_id="PRESP")


def turn(person: Person, level: int | None, start: float = -5, end: float = 7) -> OnCall:
    policy, schedule = ("Responder", None) if level else (None, "Backups")
    start_at, end_at, id = NOW + start * HOUR, NOW + end * HOUR, "PRESP" if policy else None
    return OnCall(person, start_at, end_at, policy, level, schedule, "UTC", policy_id=id)


CREW = (turn(ME.person, 1), turn(DANA, 2), turn(BEN, None), turn(EVA, 1, 7, 19), turn(EVE, 1, 19, 31))


class World:
    """A PagerDuty, a journal, and somebody who answers what is asked."""

    def __init__(
        self, *pages: PageDetail, turns: Sequence[OnCall] = CREW, answers: Sequence[bool] = (True, True)
    ) -> None:
        self.pagerduty = FakePagerDuty(pages or (MINE, OPEN), turns=turns, contacts={EVA.id: (PHONE,)})
        self.journal = FakeJournal()
        self.questions: list[str] = []
        self._answers = list(answers)

    def confirm(self, question: str) -> None:
        self.questions.append(question)
        if not self._answers.pop(0):
            raise Cancelled("cancelled", "nothing more was sent")

    def choose(self, pages: Sequence[Page]) -> Sequence[Page]:
        raise UsageError(", ".join(page.id for page in pages), "oncall escalate PAGE")

    def call(self, to: str, page: str | None = "QOPEN01", *, dry_run: bool = False) -> Outcome:
        wanted = Call(page, to, dry_run)
        acted = call(self.pagerduty, self.journal, ROLES, wanted, self.choose, self.confirm, NOW)
        (outcome,) = acted.outcomes
        return outcome

    def log(self, text: str, page: str | None = "QOPEN01", *, dry_run: bool = False) -> Acted:
        return log_attempt(self.pagerduty, self.journal, page, text, self.choose, NOW, dry_run=dry_run)

    @property
    def escalations(self) -> list[Event]:
        return self.journal.events("escalation")


@pytest.mark.parametrize(
    ("to", "who"), [("manager", DANA), ("backup", BEN), ("Manager ", DANA), ("engineer", ME.person)]
)
def test_a_role_is_whoever_holds_it(to: str, who: Person) -> None:
    world = World()
    outcome = world.call(to)
    assert (outcome.result, outcome.message) == (Result.DONE, f"{who.name}, by a responder request")
    assert world.pagerduty.writes == [("request_responder", ("QOPEN01", who.id))]
    (question,) = world.questions
    assert who.name in question and str(OPEN.number) in question and OPEN.title in question


def test_everybody_on_a_level_is_asked() -> None:
    world = World(turns=[*CREW, turn(EVA, 2)])
    world.call("manager")
    assert sorted(world.pagerduty.writes[0][1][1:]) == [DANA.id, EVA.id]


@pytest.mark.parametrize("to", ["eva@example.com", "PEVA005", "eva lindqvist", "lind"])
def test_a_user_is_named_by_mail_id_or_name(to: str) -> None:
    world = World()
    world.call(to)
    assert world.pagerduty.writes == [("request_responder", ("QOPEN01", EVA.id))]


@pytest.mark.parametrize(
    ("to", "error", "said"),
    [
        ("ev", UsageError, "fits 2 people: Eva Lindqvist <eva@example.com>, Eve Adams <eve@example.com>"),
        ("bakup", NotFoundError, "no user 'bakup'"),
        ("", NotFoundError, "no user"),
    ],
)
def test_nobody_is_guessed(to: str, error: type[Exception], said: str) -> None:
    world = World()
    with pytest.raises(error, match=said):
        world.call(to)
    assert (world.pagerduty.writes, world.questions) == ([], [])


def test_the_nearest_name_is_told() -> None:
    for typed, meant in (("bakup", "'backup'"), ("eva lindkvist", "'Eva Lindqvist'")):
        with pytest.raises(NotFoundError) as caught:
            World().call(typed)
        assert meant in caught.value.hint


def test_a_role_that_nobody_holds_sends_nothing() -> None:
    world = World(turns=[turn(ME.person, 1)])
    with pytest.raises(NotFoundError, match="nobody is on call as backup"):
        world.call("backup")
    assert world.pagerduty.writes == []


def test_no_answers_no_and_nothing_is_sent_or_written() -> None:
    world = World(answers=[False])
    with pytest.raises(Cancelled):
        world.call("manager")
    assert (world.pagerduty.writes, world.escalations) == ([], [])


def test_a_dry_run_asks_and_sends_nothing() -> None:
    world = World()
    assert world.call("manager", dry_run=True).result is Result.PLANNED
    assert (world.pagerduty.writes, world.questions, world.escalations) == ([], [], [])


def test_a_resolved_page_needs_nobody() -> None:
    world = World(a_page("QDONE01", "resolved"))
    assert (world.call("manager", "QDONE01").result, world.pagerduty.writes) == (Result.REFUSED, [])


def test_without_a_page_it_is_the_one_that_i_acked_and_never_the_focus() -> None:
    world = World()
    world.journal.append(focus_on(OPEN, NOW))
    assert world.call("manager", None).id == "QMINE01"
    with pytest.raises(UsageError, match="QMINE01, QTWO001|QTWO001, QMINE01"):
        World(MINE, a_page("QTWO001", "acknowledged", acknowledged_by=(ME.person,))).call("manager", None)
    with pytest.raises(UsageError, match="none to escalate"):
        World(OPEN).call("manager", None)


def test_without_the_ability_the_level_is_offered_and_what_it_does_is_said() -> None:
    world = World()
    world.pagerduty.failing = {"request_responder": NO_ABILITY}
    outcome = world.call("manager")
    assert (outcome.result, outcome.message) == (Result.DONE, "Dana Cohen, by level 2: the page is theirs now")
    assert world.pagerduty.writes == [("escalate_to", ("QOPEN01", "2", DANA.id))]
    first, second = world.questions
    for word in ("level 2 of Responder", "re-assigns", "whole level (Dana Cohen)", "undo the ack", "directly"):
        assert word in second
    assert "Dana Cohen" in first


def test_the_level_is_asked_for_on_its_own() -> None:
    world = World(answers=[True, False])
    world.pagerduty.failing = {"request_responder": NO_ABILITY}
    with pytest.raises(Cancelled):
        world.call("manager")
    assert world.pagerduty.writes == []


def test_a_level_pages_everybody_on_it() -> None:
    world = World(turns=[*CREW, turn(EVE, 2)])
    world.pagerduty.failing = {"request_responder": NO_ABILITY}
    world.call("dana")
    assert sorted(world.pagerduty.writes[0][1][2:]) == sorted([DANA.id, EVE.id])
    assert "Eve Adams" in world.questions[1]


@pytest.mark.parametrize("to", ["backup", "eva"])
def test_who_is_on_no_level_can_only_be_called(to: str) -> None:
    world = World()
    world.pagerduty.failing = {"request_responder": NO_ABILITY}
    with pytest.raises(RejectedError, match="on no level of Responder") as caught:
        world.call(to)
    assert f"oncall escalate {OPEN.number}" in caught.value.hint
    assert world.pagerduty.writes == []


def test_another_refusal_is_told() -> None:
    world = World()
    world.pagerduty.failing = {"request_responder": RejectedError("no", "hint", answered=400)}
    with pytest.raises(RejectedError):
        world.call("manager")
    assert len(world.questions) == 1


def test_the_intent_is_written_down_first() -> None:
    world = World()
    world.pagerduty.failing = {"request_responder": DOWN}
    with pytest.raises(RemoteError):
        world.call("manager")
    assert [event.text for event in world.escalations] == ["asking Dana Cohen to help"]
    world.pagerduty.failing = {}
    world.call("manager")
    assert [event.data.get("result") for event in world.escalations] == [None, None, Result.DONE]


def test_an_attempt_is_in_the_journal_and_on_the_page() -> None:
    world = World()
    acted = world.log("called Ben:\x1b[31m no answer ")
    assert [(one.place, one.result) for one in acted.outcomes] == [
        ("journal", Result.DONE),
        ("pagerduty-note", Result.DONE),
    ]
    (event,) = world.escalations
    assert (event.subject, event.text) == ("QOPEN01", "called Ben: no answer")
    assert world.pagerduty.writes == [("note", ("QOPEN01", "Escalation 14:00 UTC: called Ben: no answer"))]


def test_an_attempt_needs_words() -> None:
    world = World()
    with pytest.raises(UsageError, match="empty"):
        world.log(" \u200b ")
    assert (world.escalations, world.pagerduty.writes) == ([], [])


def test_a_dry_run_records_nothing() -> None:
    world = World()
    assert {one.result for one in world.log("called Ben", dry_run=True).outcomes} == {Result.PLANNED}
    assert (world.escalations, world.pagerduty.writes) == ([], [])


def test_with_pagerduty_down_the_journal_still_has_it() -> None:
    world = World()
    world.pagerduty.failing = {"page": DOWN}
    acted = world.log("called Ben", "4117")
    assert [(one.place, one.result, one.number) for one in acted.outcomes] == [
        ("journal", Result.DONE, 4117),
        ("pagerduty-note", Result.FAILED, 4117),
    ]
    assert (acted.exit_code, [one.hint for one in acted.outcomes]) == (7, ["", DOWN.hint])
    assert [event.subject for event in world.escalations] == ["4117"]


def test_a_full_disk_does_not_keep_the_note_back() -> None:
    world = World()
    world.journal.failing = ConfigError("the disk is full", "free some")
    acted = world.log("called Ben")
    assert [(one.result, one.hint) for one in acted.outcomes] == [(Result.FAILED, "free some"), (Result.DONE, "")]


def ladder(world: World, page: str | None = "QOPEN01", **more: object) -> list[tuple[int, str | None]]:
    found = rungs(world.pagerduty, world.journal, ROLES, page, now=NOW, **more)  # type: ignore[arg-type]
    return [(step.n, step.person.name if step.person else None) for step in found.value.steps]


def test_the_ladder_of_a_page() -> None:
    world = World()
    assert ladder(world) == [
        (0, "Dana Cohen"),
        (1, "Ana Ferreira"),
        (2, "Ben Okafor"),
        (3, "Eva Lindqvist"),
        (4, "Eve Adams"),
    ]
    answer = rungs(world.pagerduty, world.journal, ROLES, "QOPEN01", now=NOW)
    steps = answer.value.steps
    assert steps[0].automatic_at == NOW + timedelta(minutes=11)
    assert [step.problem for step in steps] == ["no way to reach them in PagerDuty"] * 3 + [
        None,
        "no way to reach them in PagerDuty",
    ]
    assert (answer.kept_at, answer.problems) == (None, [])


def test_when_the_manager_is_paged_is_the_policy_s_own_delay() -> None:
    world = World(a_page("QOPEN01", minutes=4, assigned_to=(ME.person,), policy_id="PRESP", assigned_at=NOW))
    world.pagerduty.policies = {"PRESP": Levels((timedelta(minutes=30), timedelta(minutes=30)), 0, CREW)}
    found = rungs(world.pagerduty, world.journal, ROLES, "QOPEN01", now=NOW).value
    assert found.page and found.page.ack_deadline == NOW + timedelta(minutes=30)
    assert (found.steps[0].automatic_at, found.steps[1].automatic_at) == (NOW + timedelta(minutes=30), None)
    assert found.steps[0].why == "PagerDuty pages them at 14:30 UTC, in 30 min, unless acked"


def test_the_ladder_takes_two_waves_with_a_policy_to_be_read_and_people_to_be_reached() -> None:
    world, tide = World(a_page("QOPEN01", policy_id="PRESP", assigned_at=NOW)), Tide()
    with tide.running():
        rungs(cast(PagerDuty, tide.wrap(world.pagerduty)), world.journal, ROLES, "QOPEN01", now=NOW)
    assert len(tide.waves) == 2


def test_without_a_page_it_is_the_one_in_focus_else_any() -> None:
    world = World()
    assert rungs(world.pagerduty, world.journal, ROLES, None, now=NOW).value.page is None
    world.journal.append(focus_on(MINE, NOW))
    found = rungs(world.pagerduty, world.journal, ROLES, None, now=NOW).value
    assert found.page and found.page.id == "QMINE01"
    assert found.steps[0].automatic_at is None


def test_a_rehearsal_is_about_that_night() -> None:
    world = World()
    world.journal.append(focus_on(MINE, NOW))
    night = NOW + 8 * HOUR
    found = rungs(world.pagerduty, world.journal, ROLES, None, now=NOW, at=night, ack_minutes=20).value
    assert found.page is None
    assert (found.steps[0].problem, found.steps[0].automatic_at) == (
        "nobody is on call as manager",
        night + timedelta(minutes=20),
    )
    assert found.steps[1].person and found.steps[1].person.name == EVA.name


def test_a_page_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFoundError):
        ladder(World(), "4999")
    with pytest.raises(UsageError):
        ladder(World(), "no page!")


def test_in_an_outage_it_is_the_kept_roster_s() -> None:
    world = World()
    roster.keep_daily(world.pagerduty, ROLES, NOW, allowed=True)
    world.pagerduty.failing = dict.fromkeys(("page", "on_call", "contacts"), DOWN)
    answer = rungs(world.pagerduty, world.journal, ROLES, "QOPEN01", now=NOW + HOUR)
    assert [step.person.name for step in answer.value.steps if step.person][:3] == [DANA.name, ME.name, BEN.name]
    assert (answer.kept_at, answer.problems, answer.value.page) == (NOW, [DOWN], None)
    with pytest.raises(RemoteError):
        rungs(world.pagerduty, world.journal, ROLES, "QOPEN01", now=NOW, kept=False)


def test_a_page_that_cannot_be_read_costs_no_ladder() -> None:
    world = World()
    world.pagerduty.failing = {"page": DOWN}
    answer = rungs(world.pagerduty, world.journal, ROLES, "QOPEN01", now=NOW)
    assert (answer.problems, answer.kept_at, len(answer.value.steps)) == ([DOWN], None, 5)
