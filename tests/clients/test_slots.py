"""Slots: so many requests at once, and those that are asked aside last."""

import time
from concurrent.futures import Future

from secops_oncall import threads
from secops_oncall.clients.slots import HEAD_START, Slots

ENOUGH = 5.0  # seconds: more than any of this takes


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def waiting(slots: Slots, *, aside: bool = False) -> "Future[bool]":
    """Somebody who asks for a slot, and still waits a moment later."""
    asked = threads.start(lambda: slots.take(ENOUGH, aside=aside))
    time.sleep(0.05)
    assert not asked.done()
    return asked


def test_there_are_as_many_as_the_limit_and_one_that_is_given_back_is_taken_again() -> None:
    slots = Slots(2)
    assert slots.take(0)
    assert slots.take(0)
    assert not slots.take(0.01)
    slots.give()
    assert slots.take(0)


def test_whoever_waits_is_let_in_when_one_comes_free() -> None:
    slots = Slots(1)
    slots.take(0)
    asked = waiting(slots)
    slots.give()
    assert asked.result(ENOUGH)


def test_what_is_asked_aside_takes_none_while_a_command_s_own_may_still_begin() -> None:
    clock = Clock()
    slots = Slots(4, clock)
    clock.now += HEAD_START - 0.01
    assert slots.take(0)
    clock.now += HEAD_START - 0.01
    assert not slots.take(0, aside=True)
    clock.now += 0.02
    assert slots.take(0, aside=True)
    assert slots.take(0, aside=True)


def test_what_is_asked_aside_goes_after_everything_that_waits() -> None:
    clock = Clock()
    slots = Slots(1, clock)
    slots.take(0)
    aside, own = waiting(slots, aside=True), waiting(slots)
    clock.now += 1
    slots.give()
    assert own.result(ENOUGH)
    assert not aside.done()
    clock.now += 1
    slots.give()
    clock.now += HEAD_START
    assert aside.result(ENOUGH)


def test_what_is_asked_aside_takes_none_that_the_next_of_a_command_s_own_may_want() -> None:
    clock = Clock()
    slots = Slots(4, clock)
    for _ in range(4):
        slots.take(0)
    clock.now += 1
    slots.give()
    assert not slots.take(0, aside=True)
    clock.now += HEAD_START
    assert slots.take(0, aside=True)
    slots.give(aside=True)
    assert slots.take(0, aside=True), "what was asked aside is followed by nothing"


def test_who_gave_up_waiting_keeps_nobody_back() -> None:
    clock = Clock()
    slots = Slots(1, clock)
    slots.take(0)
    assert not slots.take(-1)
    slots.give()
    clock.now += 1
    assert slots.take(0, aside=True)
