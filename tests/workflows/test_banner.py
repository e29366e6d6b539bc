"""The banner names what waits for me, in time or not at all, and never what this command has just acked."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall import threads
from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, PageQuery
from secops_oncall.domain.people import Me, OnCall
from secops_oncall.errors import RemoteError
from secops_oncall.workflows.banner import GRACE, Banner, Unacked, said, settle
from tests.fakes import MANAGER, ME, NOW, FakeMemory, FakePagerDuty, a_page

ROOM = 140  # columns


class Slow(FakePagerDuty):
    """A PagerDuty that takes its time."""

    def pages(self, query: PageQuery) -> list[Page]:
        time.sleep(25 * GRACE)
        return super().pages(query)


def pagerduty(kind: type[FakePagerDuty] = FakePagerDuty) -> FakePagerDuty:
    first = a_page("Q1FIRST0001", minutes=9, assigned_to=(ME.person,), number=7, title="First")
    second = a_page("Q1SECOND001", minutes=20, assigned_to=(ME.person,), number=6, title="Second")
    return kind(pages=[first, second])


def banner(
    service: FakePagerDuty | None = None,
    memory: FakeMemory | None = None,
    *,
    at: timedelta = timedelta(0),
    listed: Sequence[Page] | None = None,
    **results: Result,
) -> Banner:
    """One that was asked for at a time before NOW, by a command with outcomes."""
    found = Banner(service or pagerduty(), memory or FakeMemory(), 15, MANAGER, NOW - at, listed)
    found.settle([Outcome(id, result) for id, result in results.items()])
    return found


def test_it_names_the_most_urgent_and_the_time_left() -> None:
    assert banner().line(NOW, ROOM) == "unacked: 7 First, manager in 6 min, and 1 more page: oncall ack"


@pytest.mark.parametrize("result", [Result.DONE, Result.ALREADY, Result.FAILED, Result.UNKNOWN])
def test_what_this_command_tells_of_is_left_out(result: Result) -> None:
    assert banner(Q1FIRST0001=result).line(NOW, ROOM) == "unacked: 6 Second, manager paged 5 min ago: oncall ack"
    assert banner(Q1FIRST0001=result, Q1SECOND001=result).line(NOW, ROOM) is None


@pytest.mark.parametrize("result", [Result.REFUSED, Result.PLANNED])
def test_what_it_left_as_it_was_still_waits(result: Result) -> None:
    assert "unacked: 7 First" in (banner(Q1FIRST0001=result).line(NOW, ROOM) or "")


def test_a_slow_answer_is_dropped_for_what_was_seen_last_with_its_age() -> None:
    memory = FakeMemory()
    banner(memory=memory, at=timedelta(minutes=2)).line(NOW - timedelta(minutes=2), ROOM)
    began = time.monotonic()
    line = banner(pagerduty(Slow), memory).line(NOW, ROOM)
    assert line == "unacked: 7 First, manager in 6 min, and 1 more page (as of 2 min ago): oncall ack"
    assert time.monotonic() - began < 20 * GRACE


def test_what_was_acked_is_not_remembered_as_waiting_and_what_failed_is() -> None:
    memory = FakeMemory()
    banner(memory=memory, Q1FIRST0001=Result.FAILED, Q1SECOND001=Result.DONE).line(NOW, ROOM)
    assert banner(pagerduty(Slow), memory).line(NOW, ROOM) == "unacked: 7 First, manager in 6 min: oncall ack"


@pytest.mark.parametrize("result", [Result.DONE, Result.ALREADY])
def test_what_a_command_acked_no_later_one_calls_unacked_from_memory(result: Result) -> None:
    memory = FakeMemory()
    banner(memory=memory, at=timedelta(minutes=1)).line(NOW, ROOM)
    settle(memory, [Outcome("Q1FIRST0001", result), Outcome("Q1SECOND001", Result.REFUSED)], NOW)
    line = banner(pagerduty(Slow), memory).line(NOW, ROOM)
    assert line == "unacked: 6 Second, manager paged 5 min ago (as of 1 min ago): oncall ack"


def test_a_command_that_began_before_another_one_acked_takes_its_word_and_one_that_began_later_doesn_t() -> None:
    memory = FakeMemory()
    slow, later = banner(memory=memory, at=timedelta(seconds=9)), banner(memory=memory, at=timedelta(seconds=-9))
    settle(memory, [Outcome("Q1FIRST0001", Result.DONE)], NOW)
    assert "unacked: 6 Second" in (slow.line(NOW, ROOM) or "")
    assert "unacked: 7 First" in (later.line(NOW + timedelta(seconds=9), ROOM) or "")


def test_what_was_acked_is_remembered_for_a_day() -> None:
    memory = FakeMemory()
    for days in (0, 2):
        settle(memory, [Outcome(f"Q{days}", Result.DONE)], NOW + timedelta(days=days))
    assert list(memory.kept["banner settled"]) == ["Q2"]


def test_only_the_list_is_asked_aside_and_never_who_i_am() -> None:
    asked = dict[str, bool]()

    class Watched(FakePagerDuty):
        def me(self) -> Me:
            asked["me"] = threads.is_aside()
            return super().me()

        def pages(self, query: PageQuery) -> list[Page]:
            asked["pages"] = threads.is_aside()
            return super().pages(query)

    banner(pagerduty(Watched)).line(NOW, ROOM)
    assert asked == {"me": False, "pages": True}


@pytest.mark.parametrize(
    ("room", "minutes", "line"),
    [
        (
            100,
            0,
            "unacked: 4117 A title of some length A title of so…, manager in 11 min, and 2 more pages: oncall ack",
        ),
        (78, 0, "unacked: 4117 A title of som…, manager in 11 min, and 2 more pages: oncall ack"),
        (70, 0, "unacked: 4117 A title of some…, manager in 11 min, 2 more: oncall ack"),
        (58, 0, "unacked: 4117, manager in 11 min, 2 more: oncall ack"),
        (64, 3, "unacked: 4117, manager in 11 min, 2 more (3 min ago): oncall ack"),
        (58, 3, "unacked: 4117, manager in 11 min (3 min ago): oncall ack"),
        (46, 3, "unacked: 4117, manager in 11 min: oncall ack"),
        (20, 3, "unacked: 4117, mana…"),
    ],
)
def test_it_is_one_line_however_narrow_and_the_time_left_goes_last(room: int, minutes: int, line: str) -> None:
    seen = NOW - timedelta(minutes=minutes)
    page = Unacked("Q1", 4117, "A title of some length " * 9, NOW + timedelta(minutes=11), seen, "manager")
    found = said([page] * 3, NOW, room)
    assert len(found) <= room
    assert found == line


def test_with_pagerduty_down_and_nothing_kept_it_says_nothing() -> None:
    service = pagerduty()
    service.failing["pages"] = RemoteError("PagerDuty is down", "wait")
    assert banner(service).line(NOW, ROOM) is None


def test_pages_that_the_command_has_listed_itself_are_not_asked_for_again() -> None:
    service, memory = pagerduty(), FakeMemory()
    listed = service.pages(PageQuery())
    service.failing["pages"] = RemoteError("PagerDuty is down", "wait")
    heard = banner(service, memory, listed=listed, Q1FIRST0001=Result.DONE)
    assert heard.line(NOW, ROOM) == "unacked: 6 Second, manager paged 5 min ago: oncall ack"
    assert banner(service, memory).line(NOW, ROOM) == heard.line(NOW, ROOM)


def test_a_list_that_lay_before_a_picker_for_a_while_is_told_with_its_age() -> None:
    assert "(as of 4 min ago)" in (banner(at=timedelta(minutes=4)).line(NOW, ROOM) or "")
    assert "as of" not in (banner(at=timedelta(seconds=20)).line(NOW, ROOM) or "")


def unsure(kind: type[FakePagerDuty] = FakePagerDuty) -> FakePagerDuty:
    """A page that doesn't say when the next level is paged, on a policy that waits 30 minutes."""
    known: dict[str, Any] = {"assigned_to": (ME.person,), "policy_id": "PSECRSP", "assigned_at": NOW}
    service = kind(pages=[a_page("Q1FIRST0001", minutes=9, number=7, title="First", **known)])
    service.policies = {"PSECRSP": Levels((timedelta(minutes=30),) * 2, 0, (OnCall(ME.person, None, None, level=1),))}
    return service


def test_the_time_left_is_that_of_the_page_s_policy() -> None:
    assert banner(unsure()).line(NOW, ROOM) == "unacked: 7 First, manager in 30 min: oncall ack"


def test_a_policy_that_takes_too_long_leaves_the_configured_delay() -> None:
    class SlowPolicy(FakePagerDuty):
        def levels(self, policy: str, since: datetime, until: datetime) -> Levels:
            time.sleep(3 * GRACE)
            return super().levels(policy, since, until)

    assert banner(unsure(SlowPolicy)).line(NOW, ROOM) == "unacked: 7 First, next level in 6 min: oncall ack"


def test_a_page_that_a_later_level_has_is_told_with_when_it_came_to_it() -> None:
    late = a_page("Q1LATE0001", minutes=40, number=8, title="Late", escalated_at=NOW - timedelta(minutes=9))
    theirs = replace(late, pages_manager=True)
    assert banner(listed=[theirs]).line(NOW, ROOM) == "unacked: 8 Late, manager paged 9 min ago: oncall ack"
    assert banner(listed=[late]).line(NOW, ROOM) == "unacked: 8 Late, last level paged 9 min ago: oncall ack"


def test_who_waits_for_the_pages_is_told_why_they_don_t_come() -> None:
    assert [page.number for page in banner(Q1FIRST0001=Result.DONE).waiting(5)] == [6]
    with pytest.raises(RemoteError, match=r"not answered within 0\.05 s"):
        banner(pagerduty(Slow)).waiting(0.05)
