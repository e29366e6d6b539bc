"""The banner names what waits for me, in time or not at all, and never what this command has just acked."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from secops_oncall.domain.pages import Page
from secops_oncall.errors import RemoteError
from secops_oncall.ports import PageQuery
from secops_oncall.workflows.banner import GRACE, Banner
from tests.fakes import ME, NOW, FakePagerDuty, a_page


class Memory:
    """What is kept, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def get(self, key: str, *, read: Callable[[Any], Any]) -> Any:
        return read(self.kept[key]) if key in self.kept else None

    def put(self, key: str, value: Any) -> None:
        self.kept[key] = value


class Slow(FakePagerDuty):
    """A PagerDuty that takes its time."""

    def pages(self, query: PageQuery) -> list[Page]:
        time.sleep(3 * GRACE)
        return super().pages(query)


def pagerduty(kind: type[FakePagerDuty] = FakePagerDuty) -> FakePagerDuty:
    first = a_page("Q1FIRST0001", minutes=9, assigned_to=(ME.person,), number=7, title="First")
    second = a_page("Q1SECOND001", minutes=20, assigned_to=(ME.person,), number=6, title="Second")
    return kind(pages=[first, second])


def test_it_names_the_most_urgent_and_the_time_left() -> None:
    banner = Banner(pagerduty(), Memory(), 15, NOW)
    assert banner.line([]) == "unacked: 7 First, manager in 6 min, and 1 more page: oncall ack"


def test_what_this_command_acked_is_left_out() -> None:
    banner = Banner(pagerduty(), Memory(), 15, NOW)
    assert banner.line(["Q1FIRST0001"]) == "unacked: 6 Second, manager paged 5 min ago: oncall ack"
    assert Banner(pagerduty(), Memory(), 15, NOW).line(["Q1FIRST0001", "Q1SECOND001"]) is None


def test_a_slow_answer_is_dropped_for_what_was_seen_last_with_its_age() -> None:
    memory = Memory()
    Banner(pagerduty(), memory, 15, NOW - timedelta(minutes=2)).line([])
    began = time.monotonic()
    line = Banner(pagerduty(Slow), memory, 15, NOW).line([])
    assert line == "unacked: 7 First, manager in 6 min, and 1 more page (as of 2 min ago): oncall ack"
    assert time.monotonic() - began < 2 * GRACE


def test_with_pagerduty_down_and_nothing_kept_it_says_nothing() -> None:
    service = pagerduty()
    service.failing["pages"] = RemoteError("PagerDuty is down", "wait")
    assert Banner(service, Memory(), 15, NOW).line([]) is None
