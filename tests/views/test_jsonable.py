import io
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from types import MappingProxyType

import pytest

from secops_oncall.domain.events import Note
from secops_oncall.domain.handoff import ComingUp
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.people import INTERNAL
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.status import HandoffState, MyRole, ReviewCount, Status, Takeover
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import dumps, jsonable, print_json
from tests.views.samples import ANA, DETAIL, LEAK_ISSUE, LEAKED, NOW, PEOPLE, Consoles


class Level(IntEnum):
    HIGH = 1


@dataclass(frozen=True)
class Thing:
    name: str
    parts: tuple["Thing", ...] = ()
    secret: str = field(default="ours", metadata=INTERNAL)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        ("text", "text"),
        (Result.DONE, "done"),
        (Level.HIGH, 1),
        (datetime(2026, 11, 23, 14, 0, 59, 999, tzinfo=timezone(timedelta(hours=1))), "2026-11-23T13:00:59Z"),
        (date(2026, 11, 23), "2026-11-23"),
        (timedelta(minutes=2, microseconds=5), 120),
        ((1, [2], ()), [1, [2], []]),
        ({"b", "a"}, ["a", "b"]),
        (MappingProxyType({1: {"when": datetime(2026, 1, 1, tzinfo=UTC)}}), {"1": {"when": "2026-01-01T00:00:00Z"}}),
        (Thing("a", (Thing("b"),)), {"name": "a", "parts": [{"name": "b", "parts": []}]}),
    ],
)
def test_every_value_has_one_form(value: object, plain: object) -> None:
    assert jsonable(value) == plain


@pytest.mark.parametrize("value", [object(), Thing, b"bytes"])
def test_what_is_no_value_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        jsonable(value)


PAGE = (
    "id number title status urgency priority service created_at url assigned_to acknowledged_by owner owner_source"
    " ack_deadline snoozed_until issue whose_shift"
)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (LEAKED, PAGE),
        (
            DETAIL,
            f"{PAGE} details links alerts notes timeline acting engaged similar runbook conference_url "
            "related custom_fields pending_actions issue_candidates",
        ),
        (Outcome("Q1", Result.DONE), "id number ref place title url result code message"),
        (PEOPLE[0], "role id name email start end time_zone local_time awake contacts"),
        (Note("1", NOW, "risk", "text", None, None, None), "id at kind text page shift filed"),
        (Shift("1", NOW, None, "weekday", "backup", ANA, None), "id start end kind role user policy source gap swap"),
        (ComingUp(NOW, "unacks", None, "", None), "at kind page text whose_shift"),
        (
            Status(MyRole("1", "Ana", "none"), None, (), ReviewCount(0, 2)),
            "me shift pages reviews incidents backlog handoff coming_up queued stale takeover",
        ),
        (HandoffState("posted", 0), "state problems posted_at accepted waits url unposted"),
        (Takeover("engineer/PANA001/-", ANA, NOW, None), "shift outgoing posted_at url accepted"),
    ],
)
def test_the_fields_that_scripts_rely_on(value: object, names: str) -> None:
    """interface.md, "JSON fields"."""
    assert sorted(jsonable(value)) == sorted(names.split())


def test_an_issue_keeps_its_description_to_itself() -> None:
    names = (
        "ref iid project title url state labels assignees author created_at updated_at confidential due_date weight"
        " time_estimate change reviewed_at page"
    )
    assert set(jsonable(LEAK_ISSUE)) >= set(names.split())
    assert "description" not in jsonable(LEAK_ISSUE)


def test_what_is_inside_has_its_form_too() -> None:
    assert jsonable(LEAKED)["owner"] == {"id": "PANA001", "name": "Ana Ferreira", "acked_at": "2026-11-23T11:59:00Z"}
    assert jsonable(DETAIL)["timeline"][0] == {
        "at": "2026-11-23T11:52:00Z",
        "kind": "trigger",
        "who": "Push-protection scanner",
        "text": "Triggered by Push-protection scanner",
    }


def test_a_terminal_gets_ascii_and_a_pipe_utf8() -> None:
    value = {"name": "Zoë \x9b31m\u202e"}
    assert dumps(value, stream_is_terminal=True) == '{\n  "name": "Zo\\u00eb \\u009b31m\\u202e"\n}'
    assert dumps(value, stream_is_terminal=False) == '{\n  "name": "Zoë \x9b31m\u202e"\n}'


def test_a_lone_surrogate_is_no_crash() -> None:
    assert json.loads(dumps(["a\udcffb"], stream_is_terminal=False)) == ["a?b"]
    assert json.loads(dumps(["a\udcffb"], stream_is_terminal=True)) == ["a\udcffb"]


def test_a_pipe_without_utf8_keeps_every_name() -> None:
    raw = io.BytesIO()
    streams = Streams(io.TextIOWrapper(raw, encoding="ascii", write_through=True), environ={})
    print_json(streams, ["Zoë"])
    assert json.loads(raw.getvalue()) == ["Zoë"]


def test_it_is_the_whole_answer() -> None:
    consoles = Consoles(terminal=False)
    print_json(consoles.streams, [])
    assert (consoles.out, consoles.err) == ("[]\n", "")
