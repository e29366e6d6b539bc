"""Times as people type them, over the changes of a clock."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.when import Typed, duration, moment

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # a Monday, 09:00 in New York
NEW_YORK, LISBON = ZoneInfo("America/New_York"), ZoneInfo("Europe/Lisbon")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("0m", timedelta(0)),
        ("2 h", None),
        ("-2h", None),
        ("h", None),
        ("", None),
        ("2x", None),
    ],
)
def test_duration(text: str, length: timedelta | None) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    ("text", "toward", "found"),
    [
        ("2h", "future", "2026-11-23T16:00+00:00"),
        ("2h", "past", "2026-11-23T12:00+00:00"),
        ("10:30", "future", "2026-11-23T15:30+00:00"),
        ("09:00", "future", "2026-11-24T14:00+00:00"),
        ("09:00", "past", "2026-11-23T14:00+00:00"),
        ("10:30", "past", "2026-11-22T15:30+00:00"),
        ("Sun 04:00", "future", "2026-11-29T09:00+00:00"),
        ("sunday 4:00", "past", "2026-11-22T09:00+00:00"),
        ("Mon 08:00", "future", "2026-11-30T13:00+00:00"),
        ("Thurs 04:00", "future", "2026-11-26T09:00+00:00"),
        ("2026-12-01T08:00", "future", "2026-12-01T13:00+00:00"),
        ("2026-12-01 08:00", "future", "2026-12-01T13:00+00:00"),
        ("2026-12-01T08:00Z", "future", "2026-12-01T08:00+00:00"),
        ("2026-12-01T08:00+02:00", "future", "2026-12-01T06:00+00:00"),
        ("2026-12-01 08:00 UTC", "future", "2026-12-01T08:00+00:00"),
        ("13:30 UTC", "future", "2026-11-24T13:30+00:00"),
        ("13:30 utc", "past", "2026-11-23T13:30+00:00"),
        ("15:30Z", "future", "2026-11-23T15:30+00:00"),
        ("Sun 04:00 UTC", "future", "2026-11-29T04:00+00:00"),
        ("2026-12-01", "future", "2026-12-01T05:00+00:00"),
    ],
)
def test_moment(text: str, toward: Literal["future", "past"], found: str) -> None:
    assert moment(text, NOW, NEW_YORK, toward=toward) == Typed(datetime.fromisoformat(found))


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "UTC",
        "2hUTC",
        "15:30 EST",
        "25:00",
        "10:60",
        "Foo 04:00",
        "Sunnyday 04:00",
        "Mondays 04:00",
        "Su 04:00",
        "",
        "10",
        "2026-13-01",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert moment(text, NOW, NEW_YORK) is None


def test_a_time_that_the_clock_skips_is_refused() -> None:
    with pytest.raises(ValueError, match="skips 2027-03-14 02:30"):
        moment("2027-03-14T02:30", NOW, NEW_YORK)


def test_of_a_time_that_comes_twice_the_first_is_taken_and_said() -> None:
    typed = moment("2026-11-01T01:30", NOW, NEW_YORK)
    assert typed == Typed(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "first")


FIRST, SECOND = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "toward", "found"),
    [
        ("00:10", "future", Typed(FIRST, "first")),
        ("01:10", "future", Typed(SECOND, "second")),
        ("01:30", "future", Typed(SECOND + DAY)),
        ("01:40", "future", Typed(SECOND + DAY)),
        ("00:10", "past", Typed(FIRST - DAY)),
        ("00:40", "past", Typed(FIRST, "first")),
        ("01:10", "past", Typed(FIRST, "first")),
        ("01:40", "past", Typed(FIRST, "first")),
    ],
)
def test_of_the_two_it_is_the_first_that_lies_on_the_asked_side_of_now(
    now: str, toward: Literal["future", "past"], found: Typed
) -> None:
    """Lisbon's clock shows 01:30 at 00:30 and at 01:30 UTC."""
    at = datetime.fromisoformat(f"2026-10-25T{now}+00:00")
    assert moment("01:30", at, LISBON, toward=toward) == found
    assert moment("Sun 01:30", at, LISBON, toward=toward) in (found, Typed(SECOND + 7 * DAY), Typed(FIRST - 7 * DAY))


def test_a_date_and_time_within_that_hour_is_the_one_to_come() -> None:
    now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert moment("2026-10-25T01:30", now, LISBON) == Typed(SECOND, "second")
    assert moment("2026-10-25T01:30", now + DAY, LISBON) == Typed(FIRST, "first")


@pytest.mark.parametrize(
    ("now", "toward", "found"),
    [("06:59", "future", None), ("07:10", "future", "2027-03-15T06:30"), ("06:59", "past", "2027-03-13T07:30")],
)
def test_a_skipped_time_is_refused_only_where_it_would_be_the_one(
    now: str, toward: Literal["future", "past"], found: str | None
) -> None:
    """New York's clock goes from 02:00 to 03:00 at 07:00 UTC."""
    at = datetime.fromisoformat(f"2027-03-14T{now}+00:00")
    if found is None:
        with pytest.raises(ValueError, match="skips 2027-03-14 02:30"):
            moment("02:30", at, NEW_YORK, toward=toward)
    else:
        assert moment("02:30", at, NEW_YORK, toward=toward) == Typed(datetime.fromisoformat(f"{found}+00:00"))


@pytest.mark.parametrize("text", ["9999-12-31T23:59", "0001-01-01T00:00", "9999-12-31 23:59 UTC"])
@pytest.mark.parametrize("toward", ["future", "past"])
def test_a_time_at_an_end_of_the_calendar_is_none(text: str, toward: Literal["future", "past"]) -> None:
    assert moment(text, NOW, NEW_YORK, toward=toward) is None
