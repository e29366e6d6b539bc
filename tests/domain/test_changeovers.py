"""When a schedule changes hands: learnt from its entries, on its own clock, else as the configuration has it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.changeovers import ShiftRules, is_weekend, learn
from secops_oncall.domain.people import OnCall, Person

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entry(start: datetime, hours: float, who: str = "PANA", zone: str | None = None) -> OnCall:
    end = (start + hours * HOUR).astimezone(UTC)
    return OnCall(Person(who, who), start.astimezone(UTC), end, "Responder", 1, schedule_zone=zone)


def rota(first: datetime, days: int, zone: str | None = None) -> Iterator[OnCall]:
    """12 hours from Monday to Friday, 48 over a weekend, on the clock of the first moment's zone."""
    at, number = first, 0
    while at < first + timedelta(days=days):
        hours = 48 if at.weekday() == 5 else 12
        after = (at.replace(tzinfo=None) + hours * HOUR).replace(tzinfo=at.tzinfo)
        yield OnCall(
            Person(f"P{number % 6}", "x"),
            at.astimezone(UTC),
            after.astimezone(UTC),
            "Responder",
            1,
            schedule_zone=zone,
        )
        at, number = after, number + 1


def test_a_rota_is_learnt_with_its_weekend() -> None:
    found = learn(list(rota(MONDAY, 14)))
    assert found.source == "pagerduty"
    working = {(day, time(hour)) for day in range(5) for hour in (9, 21)}
    assert found.clocks == working | {(5, time(9))}


def test_an_errand_is_no_changeover() -> None:
    errands = [entry(MONDAY + timedelta(days=day, hours=5), 2, "PBEN") for day in (0, 2)]
    sunday = entry(MONDAY - timedelta(days=1), 12, "PBEN")
    assert (6, time(9)) not in learn([*rota(MONDAY - timedelta(days=9), 23), sunday]).clocks
    assert learn([*rota(MONDAY, 14), *errands]).clocks == learn(list(rota(MONDAY, 14))).clocks


def test_a_swap_hides_no_changeover_of_the_working_days() -> None:
    """Ana took the night after her day: nobody else's entry shows Monday's 21:00."""
    few = [
        entry(MONDAY - 12 * HOUR, 12, "PBEN"),
        entry(MONDAY, 24),
        entry(MONDAY + 24 * HOUR, 12, "PBEN"),
    ]
    assert learn(few).between(MONDAY, MONDAY + 24 * HOUR) == [MONDAY + 12 * HOUR]


def test_a_weekly_rota_changes_once_a_week() -> None:
    weeks = [entry(MONDAY + timedelta(weeks=number), 7 * 24, f"P{number}") for number in range(-1, 3)]
    assert learn(weeks).clocks == {(0, time(9))}
    assert learn(weeks).between(MONDAY, MONDAY + timedelta(weeks=2)) == [MONDAY + timedelta(weeks=1)]


def weekends(begins: int, hours: int, weeks: int = 4) -> Iterator[OnCall]:
    """12 hours each from 09:00, and a weekend that begins so many hours after Monday's; with a swap of three turns."""
    at, number = MONDAY, 0
    while at < MONDAY + timedelta(weeks=weeks):
        friday = (at - MONDAY) % timedelta(weeks=1) == begins * HOUR
        length = hours if friday else 12 if number != 2 else 36
        yield entry(at, length, f"P{number % 6}")
        at, number = at + length * HOUR, number + 1


@pytest.mark.parametrize(
    ("begins", "hours"),
    [(96, 48), (96, 72), (108, 60), (120, 48)],
    ids=["Friday to Sunday", "Friday to Monday", "Friday night to Monday", "Saturday to Monday"],
)
def test_a_weekend_is_one_turn_whenever_it_begins(begins: int, hours: int) -> None:
    found = learn(list(weekends(begins, hours)))
    start = MONDAY + timedelta(weeks=1, hours=begins)
    assert found.between(start, start + hours * HOUR) == []
    assert found.at(start)
    assert found.at(start + hours * HOUR)
    swapped = MONDAY + 24 * HOUR
    assert found.between(swapped, swapped + 36 * HOUR) == [swapped + 12 * HOUR, swapped + 24 * HOUR]


def test_somebody_s_night_before_the_weekend_is_a_turn_of_its_own() -> None:
    """Once in four weeks one person holds Friday's night and the weekend behind it."""
    held = list(weekends(120, 48))
    night = next(one for one in held if one.start == MONDAY + timedelta(weeks=1, hours=108))
    swapped = [entry(MONDAY + timedelta(weeks=1, hours=108), 60)]
    rest = [one for one in held if one.start not in (night.start, night.end)]
    assert learn([*rest, *swapped]).clocks == learn(held).clocks


@pytest.mark.parametrize(
    ("start", "hours", "weekend"),
    [
        (0, 12, False),
        (24, 48, False),
        (72, 72, True),  # from Thursday on it lies there by a third
        (108, 12, False),  # Friday's night
        (96, 48, True),
        (104, 64, True),
        (120, 12, True),
        (120, 24, True),
        (120, 48, True),
        (156, 12, False),  # Sunday's night
        (144, 48, True),  # Sunday to Tuesday
        (96, 73, False),
        (0, 168, False),
    ],
)
def test_what_a_weekend_is(start: int, hours: int, weekend: bool) -> None:
    first = MONDAY + start * HOUR
    assert is_weekend(first, first + hours * HOUR, UTC) is weekend


def test_a_weekend_is_measured_on_the_schedule_s_clock() -> None:
    """Three days and an hour pass in Berlin from Friday, 23 October 2026, to Monday."""
    first, last = (datetime(2026, 10, day, 9, tzinfo=BERLIN).astimezone(UTC) for day in (23, 26))
    assert is_weekend(first, last, BERLIN)
    assert not is_weekend(first, last, UTC)


@pytest.mark.parametrize("day", [date(2026, 10, 19), date(2026, 3, 23)], ids=["autumn", "spring"])
def test_the_schedule_s_own_clock_counts_when_it_is_changed(day: date) -> None:
    first = datetime.combine(day, time(8), BERLIN)
    found = learn(list(rota(first, 14, "Europe/Berlin")))
    assert {at for _, at in found.clocks} == {time(8), time(20)}
    monday = first.replace(tzinfo=None) + timedelta(days=7)
    (evening,) = found.between(monday.replace(tzinfo=BERLIN), monday.replace(hour=23, tzinfo=BERLIN))
    assert evening.astimezone(BERLIN).hour == 20
    assert evening.utcoffset() == timedelta(0)


def test_without_entries_the_configuration_has_it() -> None:
    rules = ShiftRules(BERLIN, 8 * HOUR, 24 * HOUR, time(7))
    found = learn([entry(MONDAY, 12)], rules)
    assert (found.source, found.zone) == ("config", BERLIN)
    assert {at for day, at in found.clocks if day == 0} == {time(7), time(15), time(23)}
    assert {(5, time(7)), (6, time(7))} <= found.clocks
    assert ShiftRules().clocks == {(day, time(hour)) for day in range(5) for hour in (8, 20)} | {(5, time(8))}


def test_a_zone_that_nobody_knows_is_passed_over() -> None:
    assert learn([entry(MONDAY, 12, zone="No/Where"), entry(MONDAY + 12 * HOUR, 12, "PBEN")]).zone is UTC
