"""Times as people type them, over the changes of a clock."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.when import Typed, duration, moment

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # a Monday, 09:00 in New York
NEW_YORK = ZoneInfo("America/New_York")


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
        ("2026-12-01T08:00", "future", "2026-12-01T13:00+00:00"),
        ("2026-12-01 08:00", "future", "2026-12-01T13:00+00:00"),
        ("2026-12-01T08:00Z", "future", "2026-12-01T08:00+00:00"),
        ("2026-12-01T08:00+02:00", "future", "2026-12-01T06:00+00:00"),
        ("2026-12-01", "future", "2026-12-01T05:00+00:00"),
    ],
)
def test_moment(text: str, toward: Literal["future", "past"], found: str) -> None:
    assert moment(text, NOW, NEW_YORK, toward=toward) == Typed(datetime.fromisoformat(found))


@pytest.mark.parametrize("text", ["soon", "25:00", "10:60", "Foo 04:00", "", "10", "2026-13-01"])
def test_what_is_no_time(text: str) -> None:
    assert moment(text, NOW, NEW_YORK) is None


def test_a_time_that_the_clock_skips_is_refused() -> None:
    with pytest.raises(ValueError, match="skips 2027-03-14 02:30"):
        moment("2027-03-14T02:30", NOW, NEW_YORK)


def test_of_a_time_that_comes_twice_the_first_is_taken_and_said() -> None:
    typed = moment("2026-11-01T01:30", NOW, NEW_YORK)
    assert typed == Typed(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), ambiguous=True)
