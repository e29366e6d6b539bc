"""The lines of an export: what goes out comes back, and what is no export is refused with the reason."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain import exporting, flight
from secops_oncall.domain.backlog import picks
from secops_oncall.domain.events import Event, focus, notes, shifts
from secops_oncall.domain.exporting import (
    SCHEMA,
    Header,
    event_line,
    header_line,
    read_event,
    read_header,
)
from secops_oncall.domain.reviews import ended, needing, past, reviews, unended

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=8,
)
CHECKED = {*exporting._DATA, *exporting._TEXTS, "until", "issue"}
KEYS = st.text().filter(lambda key: key not in CHECKED)
EVENTS = st.builds(
    Event,
    at=st.datetimes(
        NOW.replace(year=1971, tzinfo=None),
        NOW.replace(year=2099, tzinfo=None),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
    ),
    kind=st.text(min_size=1),
    subject=st.text(),
    text=st.text(),
    data=st.dictionaries(KEYS, JSON, max_size=4),
    uid=st.uuids().map(lambda uid: uid.hex),
)
GOOD = {"uid": "0" * 32, "at": NOW.isoformat(), "kind": "note", "subject": "", "text": "x", "data": {}}
FIRST = {"format": "oncall-journal", "schema": SCHEMA, "account": "PANA", "exported_at": "2026-11-23T14:00:00Z"}
FIRST |= {"events": 3}


def line(value: object) -> bytes:
    return json.dumps(value).encode()


@settings(deadline=None)
@given(EVENTS)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    told = event_line(event)
    assert told.isascii() and "\n" not in told
    assert read_event(told.encode()) == event


@settings(deadline=None)
@given(st.none() | st.text(), st.integers(min_value=0))
def test_a_header_comes_back_as_it_was(account: str | None, events: int) -> None:
    header = Header(account, NOW, events)
    assert read_header(header_line(header).encode()) == header


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "something"}, "no export of a journal"),
        ({"schema": SCHEMA + 1}, f"a newer oncall (schema {SCHEMA + 1}, this one reads {SCHEMA})"),
        ({"schema": "1"}, "`schema` must be a whole number"),
        ({"schema": True}, "`schema` must be a whole number"),
        ({"account": 5}, "`account` must be a text"),
        ({"exported_at": "yesterday"}, "`exported_at` must be a time"),
        ({"events": None}, "`events` must be a whole number"),
    ],
)
def test_a_header_that_is_none(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_header(line({**FIRST, **change}))
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"uid": 5}, "`uid` must be a text"),
        ({"uid": "../../etc"}, "`uid` must be 8 to 64 hexadecimal digits"),
        ({"at": "yesterday"}, "`at` must be a time from 1970 to 2099"),
        ({"at": "0001-01-01T00:00:00+00:00"}, "`at` must be a time from 1970 to 2099"),
        ({"at": "9999-12-31T23:00:00+00:00"}, "`at` must be a time from 1970 to 2099"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "`at` must be a time"),
        ({"at": None}, "`at` must be a text"),
        ({"kind": ""}, "`kind` must not be empty"),
        ({"kind": ["note"]}, "`kind` must be a text"),
        ({"subject": None}, "`subject` must be a text"),
        ({"text": 1}, "`text` must be a text"),
        ({"data": []}, "`data` must be an object"),
        ({"more": 1}, "nobody reads 'more'"),
        ({"data": {"number": "4117"}}, "`data.number` must be a whole number"),
        ({"data": {"until": "2026-11-23T14:00:00"}}, "`data.until` must be a time with its zone"),
        ({"data": {"until": 5}}, "`data.until` must be a time with its zone"),
        ({"data": {"until": "0001-01-01T00:00:00+00:00"}}, "`data.until` must be a time from 1970 to 2099"),
        ({"kind": "shift", "data": {"start": "9999-12-31T23:00:00+00:00"}}, "`data.start` must be a time from 1970"),
        ({"data": {"kind": ["risk"]}}, "`data.kind` must be a text"),
        ({"data": {"kind": "weird"}}, "`data.kind` of a note must be one of note, automate, question, risk, process"),
        ({"data": {"verdicts": []}}, "`data.verdicts` must be an object"),
        ({"kind": "review", "data": {"verdicts": {"a/b#1": ["human"]}}}, "`data.verdicts` must hold texts alone"),
        ({"kind": "review", "data": {"ended": {}}}, "`data.ended` must be a list"),
        ({"kind": "review", "data": {"ended": [[]]}}, "`data.ended` must hold texts alone"),
        ({"kind": "verdict", "data": {"issue": "a/b#1"}}, "`data.issue` must be a whole number"),
    ],
)
def test_an_event_that_is_none(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_event(line({**GOOD, **change}))
    assert str(refused.value).startswith(why)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "it is no JSON: Expecting value at column 1"),
        (b'{"uid": ', "it is no JSON"),
        (b"\xff\xfe{}", "it is no UTF-8 text"),
        (b"[]", "it is no JSON object"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"at": NaN}', "NaN is no number"),
        (b'{"n": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
    ],
    ids=["empty", "cut", "UTF-16", "list", "deep", "NaN", "long number"],
)
def test_a_line_that_is_none(raw: bytes, why: str) -> None:
    for read in (read_event, read_header):
        with pytest.raises(ValueError) as refused:
            read(raw)
        assert str(refused.value).startswith(why)


def test_a_line_without_an_end_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "LONGEST", 100)
    with pytest.raises(ValueError, match="the line is too long"):
        read_event(b" " * 100)


@settings(deadline=None)
@given(
    st.sampled_from(["note", "focus", "shift", "filed", "filing", "verdict", "review", "pick", "drop", "comment"]),
    st.dictionaries(
        st.sampled_from(["number", "until", "issue", "verdicts", "ended", "seen", *sorted(exporting._TEXTS)]),
        JSON | st.just("2026-11-23T15:00:00+00:00"),
    ),
)
def test_whatever_is_let_in_breaks_no_fold(kind: str, data: dict[str, Any]) -> None:
    try:
        event = read_event(line({**GOOD, "kind": kind, "data": data}))
    except ValueError:
        return
    notes([event]), shifts([event]), focus([event], NOW), past([event], NOW), reviews([event]), needing([event])
    (
        picks([event]),
        flight.flying(flight.unended([event], event.kind, event.subject), NOW),
        ended(unended([event], event.at), "me", NOW),
    )
