"""Moments and spans, for people and for programs."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from secops_oncall.domain.times import clock, clock_ahead, effort, iso, moment, parse, span, stamp, stamps

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=6, seconds=59), "6 min"),
        (timedelta(minutes=-6), "6 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(days=40, hours=4), "40 d"),
    ],
)
def test_span(length: timedelta, words: str) -> None:
    assert span(length) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(86_400, "24 h"), (9000, "2 h 30 min"), (28_800, "8 h"), (900, "15 min"), (30, "30 s"), (432_000, "120 h")],
)
def test_work_is_counted_in_hours_since_nobody_knows_how_many_a_day_has(seconds: int, words: str) -> None:
    assert effort(timedelta(seconds=seconds)) == words


def test_iso_is_utc_and_comes_back() -> None:
    there = datetime(2026, 11, 23, 6, 0, tzinfo=timezone(timedelta(hours=-8)))
    assert iso(there) == "2026-11-23T14:00:00Z"
    assert parse(iso(there)) == there
    assert iso(there.replace(year=1)) == "0001-11-23T14:00:00Z"


ENDS = ["0001-01-01T00:00:00Z", "0001-06-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"]


@pytest.mark.parametrize("text", [None, "", "soon", 12, "2026-13-01", *ENDS])
def test_what_is_no_time_or_one_that_no_zone_can_tell_is_none(text: object) -> None:
    assert parse(text) is None


def test_clock_says_the_day_where_it_is_another() -> None:
    assert clock(NOW, NOW) == "14:00 UTC"
    assert clock(NOW - timedelta(days=1), NOW) == "2026-11-22 14:00 UTC"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "14:00 UTC"),
        (23.5, "13:30 UTC"),
        (24, "Tue 14:00 UTC"),
        (167, "Mon 13:00 UTC"),
        (168, "2026-11-30 14:00 UTC"),
        (-1, "13:00 UTC"),
        (-15, "2026-11-22 23:00 UTC"),
    ],
)
def test_a_clock_of_the_coming_week_has_a_week_day_instead_of_a_date(hours: float, words: str) -> None:
    assert clock_ahead(NOW + timedelta(hours=hours), NOW) == words


def test_a_time_that_must_be_there_is_none_or_an_error() -> None:
    assert moment("2026-11-23T14:00:00Z") == datetime(2026, 11, 23, 14, tzinfo=UTC)
    for text in (None, "", "soon"):
        with pytest.raises(ValueError, match="no time"):
            moment(text)


def test_what_is_stamped_is_read_again() -> None:
    there = datetime(2026, 11, 23, 15, 30, 59, tzinfo=timezone(timedelta(hours=1)))
    assert stamp(there) == "2026-11-23 14:30 UTC"
    assert stamps(f"from {stamp(there)} (15:30 CET) to 2026-13-01 99:99 UTC") == [there.replace(second=0)]
