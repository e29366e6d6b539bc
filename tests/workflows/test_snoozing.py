"""Snoozing: how long, by whose leave, acked first where it must be, and whom it wakes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Owner, Page, PageDetail
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.snoozing import LONGEST
from secops_oncall.errors import ExitCode, NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.acting import Asked
from secops_oncall.workflows.snoozing import Rest, Snoozed, Watch, rest, snooze
from tests.fakes import ME, NOW, FakeJournal, FakePagerDuty, a_page, an_entry

LISBON, BERLIN = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")
BEN, CHEN = Person("PBEN002", "Ben Okafor"), Person("PCHEN03", "Chen Wei")
CANARY, TRAVEL = "Q1CANARYTOKEN01", "Q1TRAVEL000002"
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
HOUR = timedelta(hours=1)
END = NOW + 7 * HOUR  # of my shift


def turn(person: Person, start: datetime, end: datetime) -> OnCall:
    return OnCall(person, start, end, "Security Responder", 1)


TURNS = [turn(ME.person, END - 12 * HOUR, END), turn(CHEN, END, END + 12 * HOUR)]


def mine(id: str = CANARY, **more: Any) -> PageDetail:
    known = {"assigned_to": (ME.person,), "acknowledged_by": (ME.person,), "owner": Owner(ME.id, ME.name, NOW)}
    return a_page(id, "acknowledged", **{**known, **more})


def bens() -> PageDetail:
    return mine(assigned_to=(BEN,), acknowledged_by=(BEN,), owner=Owner(BEN.id, BEN.name, NOW))


def nobody(pages: Sequence[Page]) -> Sequence[Page]:
    raise UsageError(", ".join(page.id for page in pages), "oncall snooze PAGE")


def put(
    pagerduty: FakePagerDuty, *refs: str, length: timedelta = HOUR, journal: FakeJournal | None = None, **asked: bool
) -> Snoozed:
    watch = Watch(ROLES, BERLIN)
    return snooze(pagerduty, journal or FakeJournal(), Asked(refs, **asked), Rest(length), nobody, watch, NOW)


class Answering(FakePagerDuty):
    """A PagerDuty whose writes end as a test says."""

    acks: tuple[Result, str, str] = (Result.DONE, "", "")
    snoozes: tuple[Result, str] = (Result.DONE, "")

    def acknowledge(self, pages: Sequence[Page]) -> list[Outcome]:
        super().acknowledge(pages)
        result, code, message = self.acks
        return [Outcome(page.id, result, page.number, code=code, message=message) for page in pages]

    def snooze(self, page: Page, rest: timedelta | datetime) -> tuple[Outcome, datetime | None]:
        done, until = super().snooze(page, rest)
        result, message = self.snoozes
        return replace(done, result=result, message=message), until if result is Result.DONE else None


@pytest.mark.parametrize(
    ("length", "until", "expected"),
    [
        ("2h", None, Rest(2 * HOUR)),
        ("1s", None, Rest(timedelta(seconds=1))),
        ("7d", None, Rest(LONGEST)),
        (None, "16:00", Rest(HOUR, NOW + HOUR)),  # Berlin is an hour ahead
        (None, "2026-11-23T16:00Z", Rest(2 * HOUR, NOW + 2 * HOUR)),
        (None, "90m", Rest(1.5 * HOUR, NOW + 1.5 * HOUR)),
    ],
)
def test_how_long(length: str | None, until: str | None, expected: Rest) -> None:
    assert rest(length, until, NOW, lambda: BERLIN) == expected


@pytest.mark.parametrize(
    ("length", "until", "said"),
    [
        (None, None, "either how long"),
        ("2h", "07:00", "either how long"),
        ("0h", None, "no time at all"),
        ("-2h", None, "no duration"),
        ("soon", None, "no duration"),
        ("07:00", None, "no duration"),
        ("8d", None, "longer than the week"),
        ("999999w" * 3, None, "longer than the week"),
        ("999999w" * 300, None, "out of all bounds"),
        (None, "later", "no time"),
        (None, "2026-11-23T13:00Z", "past"),
        (None, "2026-12-23T13:00Z", "longer than the week"),
        (None, "0001-01-01T00:00", "no time"),
        (None, "", "no time"),
    ],
)
def test_what_is_no_rest(length: str | None, until: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rest(length, until, NOW, lambda: BERLIN)


def test_the_zone_is_asked_for_a_time_only() -> None:
    def zone() -> ZoneInfo:
        raise AssertionError("nothing is to be asked")

    assert rest("2h", None, NOW, zone).length == 2 * HOUR


def test_a_gap_of_the_clock_is_refused_and_of_two_hours_the_first_is_taken() -> None:
    spring = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    with pytest.raises(UsageError, match="skips"):
        rest(None, "02:30", spring, lambda: BERLIN)
    autumn = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert rest(None, "02:30", autumn, lambda: BERLIN) == Rest(4.5 * HOUR, autumn + 4.5 * HOUR, "first")


def test_within_the_hour_that_comes_twice_the_second_is_what_is_still_to_come() -> None:
    now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # Berlin's clock shows 02:10 for the second time
    assert rest(None, "02:30", now, lambda: BERLIN) == Rest(HOUR / 3, now + HOUR / 3, "second")


def test_an_acked_page_of_mine_is_snoozed_and_told() -> None:
    pagerduty, journal = FakePagerDuty([mine()], turns=TURNS), FakeJournal()
    done = put(pagerduty, CANARY, journal=journal)
    assert pagerduty.writes == [("snooze", (CANARY,))]
    assert [(one.result, one.message) for one in done.outcomes] == [
        (Result.DONE, "back at 15:00 UTC (16:00 CET), in your shift")
    ]
    assert (done.warnings, done.exit_code) == ([], ExitCode.OK)
    assert [(one.kind, one.subject, one.data["until"]) for one in journal.written] == [
        ("snooze", CANARY, (NOW + HOUR).isoformat())
    ]


def test_a_triggered_page_is_acked_first() -> None:
    pagerduty, journal = FakePagerDuty([a_page(CANARY)], turns=TURNS), FakeJournal()
    assert put(pagerduty, CANARY, journal=journal).outcomes[0].result is Result.DONE
    assert [name for name, _ in pagerduty.writes] == ["acknowledge", "snooze"]
    assert [one.kind for one in journal.written] == ["ack", "snooze"]


def test_a_page_that_only_an_integration_acked_is_acked_first_so_that_it_is_somebody_s() -> None:
    pagerduty = FakePagerDuty([mine(acknowledged_by=(), owner=None)], turns=TURNS)
    (outcome,) = put(pagerduty, CANARY).outcomes
    assert (outcome.result, "acked, and yours now" in outcome.message) == (Result.DONE, True)
    assert [name for name, _ in pagerduty.writes] == ["acknowledge", "snooze"]


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (Result.DONE, "back at 15:00 UTC (16:00 CET), in your shift; acked, and yours now; "),
        (Result.UNKNOWN, "acked, and the snooze: no answer; "),
        (Result.FAILED, "acked, but not snoozed: no answer; "),
    ],
)
def test_an_ack_that_undid_a_colleague_s_resolve_is_told_with_the_snooze(ended: Result, said: str) -> None:
    pagerduty = Answering([a_page(CANARY, number=4117)], turns=TURNS)
    pagerduty.snoozes = (ended, "" if ended is Result.DONE else "no answer")
    pagerduty.undone = {CANARY: an_entry("resolve", 0, BEN)}
    done = put(pagerduty, CANARY)
    (outcome,) = done.outcomes
    assert outcome.message == (
        f"{said}Ben Okafor resolved it at 14:00 UTC, and the ack that came after opened it again: it is yours now"
    )
    assert outcome.hint == "oncall resolve 4117, unless Ben Okafor was wrong"
    assert (outcome.code == "reopened") is (ended is Result.DONE)
    assert ended is Result.FAILED or done.exit_code is ExitCode.PARTIAL


def test_that_it_can_t_be_told_is_a_warning() -> None:
    pagerduty = FakePagerDuty([a_page(CANARY)], turns=TURNS)
    pagerduty.failing = {"reopened": RemoteError("PagerDuty answers 500", "try again")}
    done = put(pagerduty, CANARY)
    assert (done.exit_code, done.warnings) == (
        ExitCode.OK,
        ["whether somebody had resolved it meanwhile, so that it is open again, is not known: PagerDuty answers 500"],
    )


@pytest.mark.parametrize("ack", [(Result.UNKNOWN, "remote"), (Result.FAILED, "remote"), (Result.REFUSED, "resolved")])
def test_without_its_ack_it_is_not_snoozed(ack: tuple[Result, str]) -> None:
    pagerduty = Answering([a_page(CANARY)], turns=TURNS)
    pagerduty.acks = (*ack, "no answer")
    (outcome,) = put(pagerduty, CANARY).outcomes
    assert (outcome.result, outcome.code, outcome.message) == (*ack, "no answer; so it was not snoozed")
    assert [name for name, _ in pagerduty.writes] == ["acknowledge"]


@pytest.mark.parametrize("force", [False, True])
def test_a_colleague_s_ack_in_between_makes_it_theirs(force: bool) -> None:
    pagerduty = Answering([a_page(CANARY)], turns=TURNS)
    pagerduty.acks = (Result.DONE, "joined", "acknowledged, but Ben Okafor acked first and owns it")
    (outcome,) = put(pagerduty, CANARY, force=force).outcomes
    assert outcome.result is (Result.DONE if force else Result.REFUSED)
    assert ("snooze" in dict(pagerduty.writes)) is force
    assert force or "Ben Okafor" in outcome.message


def test_acked_but_not_snoozed_says_both() -> None:
    pagerduty = Answering([a_page(CANARY)], turns=TURNS)
    pagerduty.snoozes = (Result.FAILED, "PagerDuty answers 400")
    assert put(pagerduty, CANARY).outcomes[0].message == "acked, but not snoozed: PagerDuty answers 400"


@pytest.mark.parametrize(("page", "code"), [(bens(), "owned"), (a_page(CANARY, "resolved"), "resolved")])
def test_what_is_not_to_be_snoozed(page: PageDetail, code: str) -> None:
    pagerduty = FakePagerDuty([page], turns=TURNS)
    done = put(pagerduty, CANARY)
    assert [(one.result, one.code) for one in done.outcomes] == [(Result.REFUSED, code)]
    assert (pagerduty.writes, done.exit_code) == ([], ExitCode.PARTIAL)
    assert code == "resolved" or "Ben Okafor" in done.outcomes[0].message


def test_force_snoozes_a_colleague_s_page_and_acks_nothing() -> None:
    pagerduty = FakePagerDuty([bens()], turns=TURNS)
    assert put(pagerduty, CANARY, force=True).exit_code is ExitCode.OK
    assert pagerduty.writes == [("snooze", (CANARY,))]


def test_without_a_page_it_is_the_one_that_i_acked() -> None:
    assert put(FakePagerDuty([mine(), a_page(TRAVEL)], turns=TURNS)).outcomes[0].id == CANARY
    with pytest.raises(UsageError, match=f"{CANARY}.*{TRAVEL}|{TRAVEL}.*{CANARY}"):
        put(FakePagerDuty([mine(), mine(TRAVEL)], turns=TURNS))
    with pytest.raises(UsageError, match="none to snooze"):
        put(FakePagerDuty([a_page(CANARY)], turns=TURNS))


def test_an_end_past_my_shift_is_a_warning_that_names_who_is_woken() -> None:
    done = put(FakePagerDuty([mine()], turns=TURNS), CANARY, length=9 * HOUR)
    assert done.outcomes[0].message == "back at 23:00 UTC (Tue 00:00 CET), in Chen Wei's shift"
    assert done.warnings == ["that is 2 h after your shift ends: it will wake Chen Wei"]


def test_an_end_with_my_shift_is_the_next_one_s_too() -> None:
    pagerduty = FakePagerDuty([mine()], turns=TURNS)
    done = snooze(pagerduty, FakeJournal(), Asked((CANARY,)), Rest(END - NOW, END), nobody, Watch(ROLES, BERLIN), NOW)
    assert done.outcomes[0].message == "back at 21:00 UTC (22:00 CET), in Chen Wei's shift"
    assert done.warnings == ["that is when your shift ends: it will wake Chen Wei"]


def test_nobody_on_call_then_is_a_warning() -> None:
    done = put(FakePagerDuty([mine()], turns=TURNS[:1]), CANARY, length=9 * HOUR)
    assert done.outcomes[0].message.endswith("when nobody is on call")
    assert done.warnings == ["nobody is on call when it comes back"]


def test_who_has_no_shift_is_not_warned_of_its_end() -> None:
    done = put(FakePagerDuty([mine()], turns=[turn(CHEN, NOW - HOUR, END)]), CANARY)
    assert (done.outcomes[0].message[-19:], done.warnings) == ("in Chen Wei's shift", [])


def test_a_rota_that_is_not_known_keeps_nothing_from_being_snoozed() -> None:
    pagerduty = FakePagerDuty([mine()], turns=TURNS)
    pagerduty.failing = {"on_call": NotFoundError("PagerDuty has no schedule 'Backup'", "check `roles`")}
    done = put(pagerduty, CANARY)
    assert (done.outcomes[0].result, done.outcomes[0].message) == (Result.DONE, "back at 15:00 UTC (16:00 CET)")
    assert (len(done.warnings), done.exit_code) == (1, ExitCode.OK)
    assert "no schedule 'Backup'" in done.warnings[0]


@pytest.mark.parametrize("page", [mine(), a_page(CANARY)], ids=["acked", "triggered"])
def test_a_dry_run_sends_nothing_and_tells_the_same(page: PageDetail) -> None:
    pagerduty, journal = FakePagerDuty([page], turns=TURNS), FakeJournal()
    done = put(pagerduty, CANARY, length=9 * HOUR, journal=journal, dry_run=True)
    assert (pagerduty.writes, journal.written) == ([], [])
    assert done.outcomes[0].result is Result.PLANNED
    assert "in Chen Wei's shift" in done.outcomes[0].message
    assert done.warnings


def test_a_journal_that_can_t_be_written_hides_nothing() -> None:
    journal = FakeJournal()
    journal.failing = RemoteError("disk full", "make room")
    done = put(FakePagerDuty([mine()], turns=TURNS), CANARY, journal=journal)
    assert (done.outcomes[0].result, [one.message for one in done.problems]) == (Result.DONE, ["disk full"])
