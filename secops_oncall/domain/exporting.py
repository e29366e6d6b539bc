"""The journal as lines of JSON for another machine: a first line that says what it is, then one for each event."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from secops_oncall.domain.events import NOTE_KINDS, Event
from secops_oncall.domain.text import quoted
from secops_oncall.domain.times import iso, parse

FORMAT = "oncall-journal"
SCHEMA = 1  # of these lines, whatever the journal's file is like
LONGEST = 128_000_000  # bytes of a line: a note of 10 million characters fits
_UID = re.compile(r"[0-9a-f]{8,64}")
_FIELDS = {"uid": str, "at": str, "kind": str, "subject": str, "text": str, "data": dict}
_WORDS = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}
# What the folds over the journal rely on, by the key in `data`.
_TEXTS = {"activity", "by", "change", "channel", "code", "due", "end", "failed"}
_TEXTS |= {"key", "kind", "marker", "project", "result", "role", "sent", "source", "start", "verdict"}
_DATA = {"number": int, "seen": int, "new": int, "changed": int, "verdicts": dict, "ended": list}
_YEARS = range(1970, 2100)  # a clock may begin with 1970; near the ends of the calendar no time of a zone can be told


@dataclass(frozen=True)
class Header:
    """The first line. `account` is the PagerDuty id of whose journal it is, where that is known."""

    account: str | None
    exported_at: datetime
    events: int
    schema: int = SCHEMA


def header_line(header: Header) -> str:
    """The first line of an export."""
    at = iso(header.exported_at)
    told = {"format": FORMAT, "schema": header.schema, "account": header.account, "exported_at": at}
    return json.dumps({**told, "events": header.events})


def event_line(event: Event) -> str:
    """One event, to the microsecond; ASCII alone, so that nothing on its way can change it."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = {"uid": event.uid, "at": at, "kind": event.kind, "subject": event.subject, "text": event.text}
    return json.dumps({**told, "data": dict(event.data)})


def read_header(line: bytes) -> Header:
    """The first line of an export; ValueError says why it is none, or none that this program reads."""
    told = _read(line)
    if told.get("format") != FORMAT:
        raise ValueError(f'this is no export of a journal: it begins without "format": "{FORMAT}"')
    _check(told, {"schema": int, "events": int, "exported_at": str})
    schema: int = told["schema"]
    if schema > SCHEMA:
        raise ValueError(f"it was exported by a newer oncall (schema {schema}, this one reads {SCHEMA})")
    account, at = told.get("account"), parse(told["exported_at"])
    if account is not None:
        _check(told, {"account": str})
    if at is None:
        raise ValueError("`exported_at` must be a time")
    return Header(account, at, told["events"], schema)


def read_event(line: bytes) -> Event:
    """The event on a line; ValueError says what is wrong with it."""
    told = _read(line)
    _check(told, _FIELDS)
    if unknown := sorted(told.keys() - _FIELDS):
        raise ValueError(f"nobody reads {quoted(unknown[0])}")
    at = parse(told["at"])
    if at is None or at.year not in _YEARS:
        raise ValueError("`at` must be a time from 1970 to 2099")
    if not _UID.fullmatch(told["uid"]):
        raise ValueError("`uid` must be 8 to 64 hexadecimal digits")
    if not told["kind"]:
        raise ValueError("`kind` must not be empty")
    _check_data(told["kind"], told["data"])
    return Event(at, told["kind"], told["subject"], told["text"], told["data"], told["uid"])


def _read(line: bytes) -> dict[str, Any]:
    if len(line) >= LONGEST:
        raise ValueError("the line is too long")
    try:
        told = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(told, dict):
        raise ValueError("it is no JSON object")
    return told


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _check_data(kind: str, data: Mapping[str, Any]) -> None:
    """What the folds rely on, so that no line can break a command later on."""
    wanted = {**_DATA, "issue": int} if kind == "verdict" else _DATA
    _check(data, {name: type for name, type in wanted.items() if name in data}, "data.")
    _check(data, {name: str for name in _TEXTS if data.get(name) is not None}, "data.")
    for name, values in (("verdicts", data.get("verdicts", {}).values()), ("ended", data.get("ended", ()))):
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"`data.{name}` must hold texts alone")
    if kind == "note" and data.get("kind", "note") not in NOTE_KINDS:
        raise ValueError(f"`data.kind` of a note must be one of {', '.join(NOTE_KINDS)}")
    if "until" in data and not _is_aware(data["until"]):
        raise ValueError("`data.until` must be a time with its zone")
    for name in ("activity", "end", "start", "until"):
        if _is_far(data.get(name)):
            raise ValueError(f"`data.{name}` must be a time from 1970 to 2099")


def _check(told: Mapping[str, Any], wanted: Mapping[str, type], where: str = "") -> None:
    for name, kind in wanted.items():
        if not isinstance(told.get(name), kind) or isinstance(told[name], bool):
            raise ValueError(f"`{where}{name}` must be {_WORDS[kind]}")


def _is_far(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).year not in _YEARS
    except ValueError:
        return False


def _is_aware(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
