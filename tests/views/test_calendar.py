"""The calendar file, read by a real calendar library."""

from datetime import UTC, timedelta

from icalendar import Calendar

from secops_oncall.domain.people import Person
from secops_oncall.domain.shifts import Shift
from secops_oncall.views.calendar import calendar
from tests.views.samples import ANA, HOSTILE, NOW

LONG = Person("PLONG01", "Ünïcödé; Née, \\ " + "é" * 90)
HOURS = timedelta(hours=12)
ONE = Shift("engineer/PANA001/2026-11-23T14:00:00Z", NOW, NOW + HOURS, "weekday", "engineer", ANA, "Responder")
TWO = Shift("backup/PLONG01/x", NOW + HOURS, NOW + 5 * HOURS, "weekend", "backup", LONG, None, swap=True)


def test_a_calendar_reads_it() -> None:
    read = Calendar.from_ical(calendar([ONE, TWO], NOW))
    assert (read["VERSION"], str(read["METHOD"])) == ("2.0", "PUBLISH")
    one, two = read.walk("VEVENT")
    assert str(one["UID"]) == "engineer-PANA001-2026-11-23T14:00:00Z@oncall"
    assert (one.decoded("DTSTART"), one.decoded("DTEND"), one.decoded("DTSTAMP")) == (NOW, NOW + HOURS, NOW)
    assert one.decoded("DTSTART").utcoffset() == NOW.astimezone(UTC).utcoffset()
    assert (str(one["SUMMARY"]), str(one["DESCRIPTION"])) == (
        "On call: engineer, weekday 12 h",
        "Ana Ferreira: Responder",
    )
    assert str(two["SUMMARY"]) == "On call: backup, weekend 48 h, swapped"
    assert str(two["DESCRIPTION"]) == f"{LONG.name}: backup"
    assert not read.errors and not one.errors and not two.errors


def test_lines_end_and_are_folded_as_they_must_be() -> None:
    text = calendar([ONE, TWO], NOW)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_hostile_names_stay_text() -> None:
    shift = Shift("x", NOW, NOW + HOURS, "weekday", "engineer", Person("P1", f"{HOSTILE}\r\nEND:VEVENT"), None)
    (event,) = Calendar.from_ical(calendar([shift], NOW)).walk("VEVENT")
    assert str(event["DESCRIPTION"]).endswith("end END:VEVENT: engineer")


def test_gaps_and_what_has_no_end_are_no_events() -> None:
    gap = Shift("g", NOW, NOW + HOURS, "weekday", "engineer", None, None, "config", gap=True)
    endless = Shift("e", NOW, None, "weekday", "manager", ANA, None)
    assert not Calendar.from_ical(calendar([gap, endless], NOW)).walk("VEVENT")
