"""Slots: never more at once than there are, and a command's own requests go before what runs aside."""

import threading
import time
from collections.abc import Callable

import pytest

from secops_oncall.clients.slots import LULL, Slots
from secops_oncall.threads import start

CALM = 0.2  # seconds; long enough for any machine to begin what begins together


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_there_are_so_many_and_who_waits_too_long_gets_none() -> None:
    slots = Slots(2)
    assert [slots.acquire(1), slots.acquire(1), slots.acquire(0.02), slots.acquire(0)] == [True, True, False, False]
    slots.release()
    assert slots.acquire(1)


def test_who_waits_gets_the_one_that_is_given_back() -> None:
    slots = Slots(1)
    assert slots.acquire(1)
    waiting = start(lambda: slots.acquire(5))
    slots.release()
    assert waiting.result(5)
    assert not slots.acquire(0.02)


@pytest.mark.parametrize("limit", [1, 4])
def test_what_begins_together_goes_before_what_runs_aside_although_that_came_first(limit: int) -> None:
    slots, order, may_end = Slots(limit, CALM), [], threading.Event()

    def ask(name: str, *, hold: bool = False) -> None:
        assert slots.acquire(5)
        order.append(name)
        if hold:
            may_end.wait(5)
        slots.release()

    aside = start(lambda: ask("aside"), aside=True)
    own = [start(lambda: ask("own", hold=True)) for _ in range(limit)]
    until(lambda: len(order) == limit)
    time.sleep(2 * CALM)
    assert order == ["own"] * limit, "all slots are taken"
    last = start(lambda: ask("own"))
    may_end.set()
    for one in (*own, last, aside):
        one.result(5)
    assert order == ["own"] * (limit + 1) + ["aside"]


def test_what_runs_aside_takes_what_is_left_over_after_a_lull() -> None:
    slots = Slots(2, CALM)
    assert slots.acquire(1)
    began = time.monotonic()
    assert start(lambda: slots.acquire(5), aside=True).result(5)
    assert time.monotonic() - began >= CALM * 0.9
    assert not slots.acquire(0.02), "and it counts as any other"


def test_what_runs_aside_with_nothing_to_run_beside_waits_for_the_lull_only() -> None:
    slots, began = Slots(1), time.monotonic()
    assert start(lambda: slots.acquire(5), aside=True).result(5)
    assert time.monotonic() - began < 5
    assert LULL < 0.1


def test_what_runs_aside_gives_up_too() -> None:
    slots = Slots(1)
    assert slots.acquire(1)
    assert not start(lambda: slots.acquire(0.05), aside=True).result(5)
