"""Next steps as they are typed: absolute times, people, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.domain.traces import NextStep
from secops_oncall.errors import AuthError, RemoteError, UsageError
from secops_oncall.workflows.steps import People, Times, contingency, resolved, typed_step
from tests.fakes import ME, NOW, FakePagerDuty

NEW_YORK = ZoneInfo("America/New_York")  # 09:00 there
BEN, DANA = Person("PBEN002", "Ben Okafor", "ben@example.com"), Person("PDANA04", "Dana Cohen", "dana@example.com")
ROLE = RoleName("Security Responder", 1)
TURNS = [
    OnCall(who, NOW - timedelta(hours=start), NOW + timedelta(hours=12 - start), ROLE.name, ROLE.level)
    for start, who in enumerate([ME.person, BEN, DANA, Person("PBEN009", "Ben Ito")])
]


def people(*turns: OnCall, gitlab: dict[str, str] | None = None) -> People:
    return People(lambda: FakePagerDuty(turns=turns or TURNS[:3]), (ROLE,), NOW, gitlab or {})


def times(now: datetime = NOW) -> Times:
    return Times(now, lambda: NEW_YORK)


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("in 2h", NOW + timedelta(hours=2)),
        ("10:30", NOW + timedelta(minutes=90)),
        ("by 15:30 UTC", NOW + timedelta(minutes=90)),
        ("2026-11-23 15:30 UTC (10:30 EST)", NOW + timedelta(minutes=90)),
        ("Sun 04:00", datetime(2026, 11, 29, 9, 0, tzinfo=UTC)),
        ("2026-11-23T09:00", NOW),
    ],
)
def test_a_time_is_absolute_and_read_in_the_engineer_s_own_zone(typed: str, by: datetime) -> None:
    seconds_later = times(NOW + timedelta(seconds=30)) if typed.startswith("2026-11-23T") else times()
    assert typed_step(f"rotate the key | nobody I know | {typed}", seconds_later, people()) == NextStep(
        "rotate the key", "nobody I know", by
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x | Ben | soon", "'soon' is no time"),
        ("x | Ben | 99999999d", "'99999999d' is no time"),
        ("x | Ben | 999999w", "is no time"),
        ("x | Ben | 2026-03-08T02:30", "is no time: the clock skips 2026-03-08 02:30 America/New_York"),
        ("x | Ben | 2026-11-23T08:59", "2026-11-23 13:59 UTC is past"),
        ("x | Ben | 2h | 3h", "more parts than action | who | when"),
        (" | Ben | 2h", "has no action"),
        ("\u202e| Ben", "has no action"),
        ("", "has no action"),
    ],
)
def test_what_can_not_be_meant_is_refused(typed: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        typed_step(typed, times(), people())
    assert said in refused.value.message
    assert "action | who | when" in refused.value.hint


def test_of_a_time_that_the_clock_shows_twice_the_first_is_taken_and_said() -> None:
    clock = Times(datetime(2026, 10, 31, 12, 0, tzinfo=UTC), lambda: NEW_YORK)
    assert typed_step("x | Ben | 2026-11-01T01:30", clock, people()).by == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert clock.notes == ["the clock shows '2026-11-01T01:30' twice that day: the first is taken"]


def test_a_step_is_one_line_whatever_was_typed() -> None:
    assert typed_step("look at\r\nthe logs\x1b[2J | Ben\n | 2h", times(), people()) == NextStep(
        "look at the logs", BEN.name, NOW + timedelta(hours=2)
    )


def test_who_and_when_may_be_missing_and_then_nobody_is_asked() -> None:
    def never() -> FakePagerDuty:
        raise AssertionError("nobody is asked")

    nobody = People(never, (ROLE,), NOW, {})
    assert typed_step("just do it", Times(NOW, never), nobody) == NextStep("just do it")  # type: ignore[arg-type]
    assert typed_step("do it | | ", Times(NOW, never), nobody) == NextStep("do it")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ("ben", BEN.name),
        ("Ben Okafor", BEN.name),
        ("ben@example.com", BEN.name),
        ("PBEN002", BEN.name),
        ("@bokafor", BEN.name),
        ("@BOKAFOR", BEN.name),
        ("@ben", "@ben"),
        ("@", "@"),
        ("Infrastructure", "Infrastructure"),
        ("Okaf", "Okaf"),  # a part of one name may be a team's, or anything
        ("an", "an"),  # a part of Ana's and Dana's names
        ("Zoe", "Zoe"),
    ],
)
def test_a_name_that_fits_one_person_is_theirs_and_any_other_stays_as_it_was_typed(who: str, named: str) -> None:
    assert people(gitlab={"bokafor": "ben@example.com", "zoe": "zoe@example.com"}).named(who) == named


def test_a_name_that_fits_two_people_stays_as_it_was_typed() -> None:
    assert people(*TURNS).named("ben") == "ben"
    assert people(*TURNS).named("ben ito") == "Ben Ito"


@pytest.mark.parametrize("error", [RemoteError("down", "wait"), AuthError("no token", "export it")])
def test_a_name_stays_as_it_was_typed_where_pagerduty_can_not_be_asked(error: Exception) -> None:
    def down() -> FakePagerDuty:
        raise error

    assert People(down, (ROLE,), NOW, {"bokafor": "ben@example.com"}).named("ben") == "ben"


def test_pagerduty_is_asked_once() -> None:
    asked: list[int] = []
    ask: Callable[[], FakePagerDuty] = lambda: asked.append(1) or FakePagerDuty(turns=TURNS)  # type: ignore[func-returns-value]  # noqa: E731
    known = People(ask, (ROLE,), NOW, {})
    assert [known.named("Dana"), known.named("Okafor")] == [DANA.name, BEN.name]
    assert asked == [1]


def test_only_new_steps_get_their_people_s_names() -> None:
    before = [NextStep("a", "ben")]
    steps = resolved([*before, NextStep("b", "ben"), NextStep("c")], before, people())
    assert steps == (NextStep("a", "ben"), NextStep("b", BEN.name), NextStep("c"))


@pytest.mark.parametrize(
    "typed", ["a call comes => page Dana", "If a call comes=>page Dana", "if  a call\ncomes  =>  page Dana"]
)
def test_a_contingency_is_written_as_a_sentence(typed: str) -> None:
    assert contingency(typed) == "If a call comes, then page Dana"


@pytest.mark.parametrize("typed", ["", "=>", "a call =>", "=> page me", "page me", "if => page me"])
def test_half_a_contingency_is_none(typed: str) -> None:
    with pytest.raises(UsageError, match="is no contingency"):
        contingency(typed)
