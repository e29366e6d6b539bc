"""Running independent requests side by side, in threads that never keep the process from leaving."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread, local
from typing import Any, TypeVar

T = TypeVar("T")
S = TypeVar("S")
Work = tuple[Future[T], Callable[[], T]]

WORKERS = 12  # the sum of what the two services are asked at once: 4 + 8

_here = local()
_running: list[Sequence["Future[Any]"]] = []  # what every call of `each` that is not aside waits for


def start(call: Callable[[], T], *, aside: bool = False) -> Future[T]:
    """Begin a call in a daemon thread; `.result()` waits for it and raises what it raised.

    An ordinary pool joins its threads at exit, so that Ctrl-C waits for requests that nobody wants any more.
    How many requests run at once is the transport's business: it has a limit for each service. What is asked `aside`
    (and all that it asks in turn) gives way there to everything else.
    """
    future: Future[T] = Future()
    Thread(target=_run, args=(future, call, aside or is_aside()), daemon=True).start()
    return future


def is_aside() -> bool:
    """Whether the present thread was begun aside: the command does without it where it comes late."""
    return getattr(_here, "aside", False)


def each(call: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """What the call answers for every item, in the items' order, several at once."""
    queue: SimpleQueue[Work[T]] = SimpleQueue()
    futures: list[Future[T]] = []
    for item in items:
        futures.append(Future())
        queue.put((futures[-1], lambda item=item: call(item)))  # type: ignore[misc]
    for _ in range(min(WORKERS, len(futures))):
        Thread(target=_drain, args=(queue, is_aside()), daemon=True).start()
    with _counted(futures):
        return [future.result() for future in futures]


@contextmanager
def _counted(futures: "Sequence[Future[Any]]") -> Iterator[None]:
    if is_aside():
        yield
        return
    _running.append(futures)
    try:
        yield
    finally:
        _running[:] = [each for each in _running if each is not futures]


def parts() -> tuple[int, int]:
    """How many parts of the largest piece of work that is being done are done, and how many it has; (0, 0) for none."""
    largest: Sequence[Future[Any]] = max(list(_running), key=len, default=())
    return sum(future.done() for future in largest), len(largest)


def _drain(queue: "SimpleQueue[Work[T]]", aside: bool) -> None:
    while True:
        try:
            future, call = queue.get_nowait()
        except Empty:
            return
        _run(future, call, aside)


def _run(future: Future[T], call: Callable[[], T], aside: bool) -> None:
    _here.aside = aside
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - handed on to whoever asks for the result
        future.set_exception(error)
