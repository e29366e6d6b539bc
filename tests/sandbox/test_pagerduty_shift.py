"""The practice shift's pages, as the cast describes them, whenever it is begun."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import ENTRY, INCIDENT, SCHEDULE
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.store import Document

MOMENTS = {
    "a Monday afternoon": datetime(2026, 11, 23, 14, 30, tzinfo=UTC),
    "just after midnight on a Monday": datetime(2026, 11, 23, 0, 1, 7, 250_000, tzinfo=UTC),
    "a Sunday": datetime(2026, 11, 29, 5, 59, tzinfo=UTC),
}

Told = tuple[datetime, dict[str, Document], dict[str, list[Document]]]


@pytest.fixture(params=list(MOMENTS.values()), ids=list(MOMENTS))
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Told:
    """The moment, every incident, and its log with the oldest entry first."""
    now: datetime = request.param
    with Sandbox(tmp_path, clock=lambda: now).store.state() as state:
        incidents = {each["id"]: each for each in state.all(INCIDENT)}
        logs = {key: sorted(state.all(ENTRY, key), key=lambda entry: str(entry["id"])) for key in incidents}
    return now.replace(microsecond=0), incidents, logs


def ago(now: datetime, minutes: int) -> str:
    return iso(now - timedelta(minutes=minutes))


def status(page: cast.Page) -> str:
    return "resolved" if page.resolved_by else "acknowledged" if page.acked_by else "triggered"


def user(login: str) -> str:
    return cast.PEOPLE[login].pagerduty


def test_every_page_stands_where_the_cast_says(told: Told) -> None:
    now, incidents, _ = told
    assert set(incidents) == {page.id for page in cast.PAGES}
    for page in cast.PAGES:
        incident = incidents[page.id]
        assert incident["status"] == status(page)
        assert incident["created"] == ago(now, page.minutes)
        assigned = [] if page.resolved_by else [user(page.assigned)]
        assert [each["user"] for each in incident["assigned"]] == assigned
        acks = [] if page.resolved_by else [(user(login), ago(now, minutes)) for login, minutes in page.acked_by]
        assert [(each["user"], each["at"]) for each in incident["acks"]] == acks


def test_its_log_tells_the_same_story(told: Told) -> None:
    now, _, logs = told
    for page in cast.PAGES:
        log = logs[page.id]
        assert (log[0]["kind"], log[0]["at"]) == ("trigger", ago(now, page.minutes))
        acks = [(entry["agent"]["id"], entry["at"]) for entry in log if entry["kind"] == "acknowledge"]
        assert acks == [(user(login), ago(now, minutes)) for login, minutes in page.acked_by]
        escalated = [entry["at"] for entry in log if entry["kind"] == "escalate"]
        assert escalated == ([ago(now, page.minutes - cast.ESCALATION_MINUTES)] if page.level == 2 else [])
        resolved = [(entry["agent"], entry["at"]) for entry in log if entry["kind"] == "resolve"]
        assert len(resolved) == bool(page.resolved_by)
        if page.resolved_by:
            who, minutes = page.resolved_by
            assert (resolved[0][0]["id"], resolved[0][1]) == (
                user(who) if who in cast.PEOPLE else who,
                ago(now, minutes),
            )


def test_what_is_pending_is_the_escalation_of_the_unacked_and_the_end_of_the_snooze(told: Told) -> None:
    now, incidents, _ = told
    pending: dict[str, Any] = {key: each["pending"] for key, each in incidents.items() if each["pending"]}
    assert set(pending) == {"Q1CANARYTOKEN01", "Q1IMPOSSIBLE002", "Q1SNOOZEDVPN007"}
    assert pending["Q1CANARYTOKEN01"] == {"type": "escalate", "at": iso(now + timedelta(minutes=11))}
    assert pending["Q1IMPOSSIBLE002"] == {"type": "escalate", "at": iso(now + timedelta(minutes=8))}
    assert pending["Q1SNOOZEDVPN007"]["type"] == "unacknowledge"
    assert datetime.fromisoformat(pending["Q1SNOOZEDVPN007"]["at"]) > now


@pytest.mark.parametrize("day", [28, 29])  # a Saturday, when the weekend began on Friday, and a Sunday
def test_all_weekends_of_the_rota_begin_at_the_same_time(tmp_path: Path, day: int) -> None:
    now = datetime(2026, 11, day, 5, tzinfo=UTC)
    with Sandbox(tmp_path, clock=lambda: now).store.state() as state:
        schedule: Any = state.get(SCHEDULE, "PSENGIN")
    turns = [(datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"])) for each in schedule["turns"]]
    weekends = [start for start, end in turns if end - start == timedelta(hours=48)]
    assert {each - start for start, each in pairwise(weekends)} == {timedelta(weeks=1)}
    assert now - timedelta(hours=17) in weekends
