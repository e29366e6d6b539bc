"""The banner names what waits for me, in time or not at all, and never what this command has just acked."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, PageQuery
from secops_oncall.domain.people import OnCall
from secops_oncall.errors import RemoteError
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


def banner(
    service: FakePagerDuty | None = None,
    memory: Memory | None = None,
    *,
    at: timedelta = timedelta(0),
    listed: Sequence[Page] | None = None,
    **results: Result,
) -> Banner:
    """One that was asked for at a time before NOW, by a command with outcomes."""
    found = Banner(service or pagerduty(), memory or Memory(), 15, NOW - at, listed)
    found.settle([Outcome(id, result) for id, result in results.items()])
    return found


def test_it_names_the_most_urgent_and_the_time_left() -> None:
    assert banner().line(NOW) == "unacked: 7 First, manager in 6 min, and 1 more page: oncall ack"


@pytest.mark.parametrize("result", [Result.DONE, Result.ALREADY, Result.FAILED, Result.UNKNOWN])
def test_what_this_command_tells_of_is_left_out(result: Result) -> None:
    assert banner(Q1FIRST0001=result).line(NOW) == "unacked: 6 Second, manager paged 5 min ago: oncall ack"
    assert banner(Q1FIRST0001=result, Q1SECOND001=result).line(NOW) is None


@pytest.mark.parametrize("result", [Result.REFUSED, Result.PLANNED])
def test_what_it_left_as_it_was_still_waits(result: Result) -> None:
    assert "unacked: 7 First" in (banner(Q1FIRST0001=result).line(NOW) or "")


def test_a_slow_answer_is_dropped_for_what_was_seen_last_with_its_age() -> None:
    memory = Memory()
    banner(memory=memory, at=timedelta(minutes=2)).line(NOW - timedelta(minutes=2))
    began = time.monotonic()
    line = banner(pagerduty(Slow), memory).line(NOW)
    assert line == "unacked: 7 First, manager in 6 min, and 1 more page (as of 2 min ago): oncall ack"
    assert time.monotonic() - began < 2 * GRACE


def test_what_was_acked_is_not_remembered_as_waiting_and_what_failed_is() -> None:
    memory = Memory()
    banner(memory=memory, Q1FIRST0001=Result.FAILED, Q1SECOND001=Result.DONE).line(NOW)
    assert banner(pagerduty(Slow), memory).line(NOW) == "unacked: 7 First, manager in 6 min: oncall ack"


def test_with_pagerduty_down_and_nothing_kept_it_says_nothing() -> None:
    service = pagerduty()
    service.failing["pages"] = RemoteError("PagerDuty is down", "wait")
    assert banner(service).line(NOW) is None


def test_pages_that_the_command_has_listed_itself_are_not_asked_for_again() -> None:
    service, memory = pagerduty(), Memory()
    listed = service.pages(PageQuery())
    service.failing["pages"] = RemoteError("PagerDuty is down", "wait")
    heard = banner(service, memory, listed=listed, Q1FIRST0001=Result.DONE)
    assert heard.line(NOW) == "unacked: 6 Second, manager paged 5 min ago: oncall ack"
    assert banner(service, memory).line(NOW) == heard.line(NOW)


def test_a_list_that_lay_before_a_picker_for_a_while_is_told_with_its_age() -> None:
    assert "(as of 4 min ago)" in (banner(at=timedelta(minutes=4)).line(NOW) or "")
    assert "as of" not in (banner(at=timedelta(seconds=20)).line(NOW) or "")


def unsure(kind: type[FakePagerDuty] = FakePagerDuty) -> FakePagerDuty:
    """A page that doesn't say when the next level is paged, on a policy that waits 30 minutes."""
    known: dict[str, Any] = {"assigned_to": (ME.person,), "policy_id": "PSECRSP", "assigned_at": NOW}
    service = kind(pages=[a_page("Q1FIRST0001", minutes=9, number=7, title="First", **known)])
    service.policies = {"PSECRSP": Levels((timedelta(minutes=30),) * 2, 0, (OnCall(ME.person, None, None, level=1),))}
    return service


def test_the_time_left_is_that_of_the_page_s_policy() -> None:
    assert banner(unsure()).line(NOW) == "unacked: 7 First, manager in 30 min: oncall ack"


def test_a_policy_that_takes_too_long_leaves_the_configured_delay() -> None:
    class SlowPolicy(FakePagerDuty):
        def levels(self, policy: str, since: datetime, until: datetime) -> Levels:
            time.sleep(3 * GRACE)
            return super().levels(policy, since, until)

    assert banner(unsure(SlowPolicy)).line(NOW) == "unacked: 7 First, manager in 6 min: oncall ack"


def test_a_page_that_a_later_level_has_is_told_with_when_it_came_to_it() -> None:
    late = a_page("Q1LATE0001", minutes=40, number=8, title="Late", escalated_at=NOW - timedelta(minutes=9))
    assert banner(listed=[late]).line(NOW) == "unacked: 8 Late, manager paged 9 min ago: oncall ack"


def test_who_waits_for_the_pages_is_told_why_they_don_t_come() -> None:
    assert [page.number for page in banner(Q1FIRST0001=Result.DONE).waiting(5)] == [6]
    with pytest.raises(RemoteError, match=r"not answered within 0\.05 s"):
        banner(pagerduty(Slow)).waiting(0.05)
