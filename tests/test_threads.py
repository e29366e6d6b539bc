"""Requests side by side: in order, several at once, never too many, and never in the way of leaving."""

import subprocess
import sys
import threading
import time
from threading import Barrier, Event, Lock

import pytest

from secops_oncall.clients import gitlab_api, pagerduty_api
from secops_oncall.threads import WORKERS, each, is_aside, start


def test_a_call_runs_at_once_and_hands_over_what_it_answered() -> None:
    begun, may_end = Event(), Event()

    def call() -> str:
        begun.set()
        assert may_end.wait(5)
        return "answer"

    future = start(call)
    assert begun.wait(5)
    assert not future.done()
    may_end.set()
    assert future.result(5) == "answer"


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_what_a_call_raises_is_raised_where_the_result_is_asked_for(error: BaseException) -> None:
    def call() -> None:
        raise error

    future = start(call)
    with pytest.raises(type(error)):
        future.result(5)
    with pytest.raises(type(error)):
        each(lambda _: call(), [1])


def test_answers_come_in_the_items_order_whoever_is_first() -> None:
    def call(place: int) -> int:
        time.sleep(0.02 * (3 - place))
        return place * 10

    assert each(call, iter(range(4))) == [0, 10, 20, 30]


def test_no_items_are_no_answers() -> None:
    assert each(lambda item: item, []) == []


def test_as_many_run_at_once_as_the_services_are_asked() -> None:
    assert WORKERS == pagerduty_api.AT_ONCE + gitlab_api.AT_ONCE
    together = Barrier(WORKERS)
    assert each(lambda item: together.wait(5) >= 0, range(WORKERS)) == [True] * WORKERS


def test_there_are_never_more_than_the_services_are_asked_at_once_and_all_get_their_turn() -> None:
    lock, running, most = Lock(), 0, 0

    def call(item: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1
        return item

    assert each(call, range(5 * WORKERS)) == list(range(5 * WORKERS))
    assert 1 < most <= WORKERS


def test_of_several_failures_the_first_items_is_raised_and_the_others_were_still_asked() -> None:
    asked: list[int] = []

    def call(item: int) -> None:
        asked.append(item)
        if item:
            raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 1"):
        each(call, range(3 * WORKERS))
    deadline = time.monotonic() + 5
    while len(asked) < 3 * WORKERS and time.monotonic() < deadline:
        time.sleep(0.005)
    assert sorted(asked) == list(range(3 * WORKERS))


def test_a_call_may_ask_for_others() -> None:
    assert each(lambda item: sum(each(lambda more: item * more, range(3))), range(WORKERS)) == [
        3 * item for item in range(WORKERS)
    ]


def test_what_is_begun_aside_is_so_with_all_that_it_asks_in_turn_and_nothing_else_is() -> None:
    def asked() -> list[bool]:
        return [is_aside(), start(is_aside).result(), *each(lambda _: is_aside(), range(2))]

    assert start(asked, aside=True).result() == [True] * 4
    assert start(asked).result() == [False] * 4
    assert not is_aside()


def test_every_thread_is_a_daemon() -> None:
    assert start(lambda: threading.current_thread().daemon).result(5)
    assert each(lambda _: threading.current_thread().daemon, range(3)) == [True] * 3


def test_leaving_waits_for_nothing() -> None:
    """What is still on its way when the engineer presses Ctrl-C must not keep the shell from them."""
    code = "import time; from secops_oncall.threads import start; start(lambda: time.sleep(60)); raise SystemExit(7)"
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], timeout=30, check=False)
    assert ended.returncode == 7
    assert time.monotonic() - begun < 20
