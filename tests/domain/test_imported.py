"""Whatever an import lets in breaks no fold over the journal: odd types in every field of every kind."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain import (
    accepting,
    answered,
    attention,
    backlog,
    comments,
    events,
    flight,
    improvements,
    posting,
    reviews,
    said,
    telling,
)
from secops_oncall.domain.events import Event
from secops_oncall.domain.exporting import read_event
from secops_oncall.domain.people import Person
from secops_oncall.domain.received import Handed
from tests.domain.test_telling import WORDS as NOTICE

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SUBJECT = NOTICE.key
KINDS = [
    "accepted",
    "ack",
    "addressed",
    "announce",
    "announced",
    "answered",
    "comment",
    "done",
    "drop",
    "escalation",
    "filed",
    "filing",
    "focus",
    "handoff_field",
    "handoff_late",
    "looked",
    "note",
    "notice",
    "overruled",
    "own",
    "page_note",
    "pick",
    "posted",
    "posting",
    "readback",
    "resolve",
    "review",
    "shift",
    "snooze",
    "telling",
    "verdict",
]
KEYS = [
    "action",
    "activity",
    "add",
    "as",
    "at",
    "by",
    "change",
    "changed",
    "channel",
    "code",
    "codes",
    "confidence",
    "confidential",
    "done",
    "due",
    "email",
    "end",
    "ended",
    "engaged",
    "failed",
    "first",
    "id",
    "if_then",
    "issue",
    "key",
    "keys",
    "kind",
    "later",
    "marker",
    "name",
    "new",
    "next_steps",
    "noise",
    "number",
    "of",
    "over",
    "pages",
    "places",
    "posture",
    "project",
    "read",
    "related",
    "result",
    "role",
    "run",
    "seen",
    "sent",
    "shift",
    "slack",
    "source",
    "start",
    "state",
    "summary",
    "thread",
    "tried",
    "ts",
    "typed",
    "until",
    "updated_at",
    "verdict",
    "verdicts",
    "words",
    "zoom",
]
TIMES = st.sampled_from(["2026-11-23T14:00:00+00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-23"])
ODD = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TIMES
ODD |= st.text(max_size=3) | st.sampled_from(["\ud800", "\x1b[31m", "queued", "done", SUBJECT, "update"])
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["place", "key", "result", "number", "url", "action", "who", "by"]), ODD)
)
VALUES = st.recursive(
    ODD, lambda each: st.lists(each, max_size=2) | st.dictionaries(st.sampled_from(KEYS), each), max_leaves=4
)
EVENTS = st.fixed_dictionaries(
    {
        "uid": st.uuids().map(lambda uid: uid.hex),
        "at": st.sampled_from([(NOW - timedelta(minutes=n)).isoformat() for n in range(3)]),
        "kind": st.sampled_from(KINDS),
        "subject": st.just(SUBJECT),
        "text": st.sampled_from(["", "text", NOTICE.said]),
        "data": st.dictionaries(st.sampled_from(KEYS), VALUES | ROWS, max_size=4),
    }
)


def let_in(lines: Sequence[dict[str, Any]]) -> list[Event]:
    """Those of some events that an import takes."""
    found = []
    for line in lines:
        try:
            found.append(read_event(json.dumps(line).encode()))
        except ValueError:
            continue
    return found


@settings(deadline=None)
@given(st.lists(EVENTS, max_size=4))
def test_whatever_is_let_in_breaks_no_fold(lines: list[dict[str, Any]]) -> None:
    every, since = let_in(lines), NOW - timedelta(days=3)
    (
        accepting.begun(every, Handed(SUBJECT, Person("PANA001", "Ana Ferreira"), NOW)),
        accepting.acceptance(every, SUBJECT),
    )
    answered.left(every, since), answered.acted_on(every, "PANA001"), answered.accepted_shifts(every)
    attention.acked(every), backlog.picks(every), improvements.tried(every, SUBJECT)
    improvements.carried(every, lambda moment: True)
    for comment in (comments.Comment("text"), comments.Comment("text", key="key")):
        comments.begin(SUBJECT, comment, comments.begun(every, SUBJECT, comment), NOW)
    comments.unsaid(every, SUBJECT, since)
    events.notes(every), events.shifts(every), events.focus(every, NOW)
    for kind in KINDS:
        flight.flying(flight.unended(every, kind, SUBJECT), NOW)
    posting.queued(every, since), posting.addressed(every, SUBJECT), posting.reason(every, SUBJECT, ["E1"])
    posting.is_posted(every, SUBJECT), posting.typed_since(every, SUBJECT, NOW), posting.in_flight(every, SUBJECT, NOW)
    posting.overruled(every, NOW), posting.begun_runs(every, SUBJECT)
    reviews.past(every, NOW), reviews.judged(reviews.reviews(every)), reviews.needing(every)
    reviews.ended(reviews.unended(every, since), "ana", NOW)
    said.called_noise(every), said.typed_late(every, SUBJECT)
    for step in said.joined([SUBJECT], said.said(every)).next_steps:
        assert step.by is None or step.by.astimezone(UTC) - timedelta(days=30)
    telling.alike(every, NOTICE), telling.in_doubt(every, NOTICE, "slack")
    for begun in telling.same(every, NOTICE):
        telling.sending(begun, "slack", NOW)
