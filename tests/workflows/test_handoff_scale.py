"""A hand-off of many incidents: all of them complete, and how often PagerDuty is asked for that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any, cast

import pytest

from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.issues import IssueNote, LinkedIssue
from secops_oncall.ports import PagerDuty
from secops_oncall.workflows.handoff import compose
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, an_issue
from tests.workflows.test_handoff import BOARD, TURNS, acked, resolved, with_places

A_MINUTE = 960  # requests that PagerDuty answers


class Counted:
    """A service in memory that counts what it is asked."""

    def __init__(self, service: object) -> None:
        self.asked: list[str] = []
        self._service, self._lock = service, Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._service, name)

        def call(*args: Any) -> Any:
            if name != "me":  # from the cache
                with self._lock:
                    self.asked.append(name)
            return method(*args)

        return call


def handed(count: int) -> tuple[Handoff, list[str]]:
    """A hand-off of so many incidents, and what PagerDuty was asked.

    A third of the pages is resolved; each has an issue with a note and a link.
    """
    pages, issues, notes, links = [], [], {}, {}
    for number in range(count):
        id, ref = f"Q1MANY{number:05}", f"acme/operations#{number + 1}"
        page = resolved(id, minutes=60) if number % 3 == 2 else acked(id, assigned_to=(ME.person,))
        pages.append(replace(page, number=number))
        issues.append(an_issue(ref, id))
        notes[ref] = [IssueNote(number, NOW - timedelta(minutes=9), "ben", "seen", internal=True, system=False)]
        links[ref] = [LinkedIssue("acme/infra#7", "Rotate", "https://x", "opened", False, ())]
    pagerduty = Counted(FakePagerDuty(pages, turns=TURNS))
    gitlab = FakeGitLab(issues, notes=notes, links=links, boards=[BOARD])
    found = compose(cast(PagerDuty, pagerduty), gitlab, FakeJournal(), with_places(), NOW)
    assert found.problems == []
    return found.handoff, pagerduty.asked


def complete(handoff: Handoff) -> int:
    """How many incidents have all that is known of them."""
    return sum(
        bool(each.owner and each.issue and each.pages and each.related) and len(each.timeline) >= 3
        for each in handoff.incidents
    )


@pytest.mark.parametrize("count", [20, 100])
def test_pagerduty_is_asked_three_times_for_an_open_page_and_four_times_for_a_resolved_one(count: int) -> None:
    handoff, asked = handed(count)
    done = count // 3
    assert complete(handoff) == len(handoff.pages) == count
    assert len(asked) <= 3 * (count - done) + 4 * done + 5
    assert len(asked) < A_MINUTE / 2
