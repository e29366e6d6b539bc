"""Running independent requests side by side, in threads that never keep the process from leaving."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextvars import ContextVar, copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
S = TypeVar("S")
Work = tuple[Future[T], Callable[[], T]]

WORKERS = 12  # the sum of what the two services are asked at once: 4 + 8
_ASIDE: ContextVar[bool] = ContextVar("aside", default=False)


def start(call: Callable[[], T], *, aside: bool = False) -> Future[T]:
    """Begin a call in a daemon thread; `.result()` waits for it and raises what it raised.

    An ordinary pool joins its threads at exit, so that Ctrl-C waits for requests that nobody wants any more.
    How many requests run at once is the transport's business: it has a limit for each service, and lets a command's
    own requests go before those of a call that runs `aside`, with all that it begins.
    """
    future: Future[T] = Future()
    _begin(_run, future, call, aside=aside)
    return future


def is_aside() -> bool:
    """Whether this thread does something that no command waits for."""
    return _ASIDE.get()


def each(call: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """What the call answers for every item, in the items' order, several at once."""
    queue: SimpleQueue[Work[T]] = SimpleQueue()
    futures: list[Future[T]] = []
    for item in items:
        futures.append(Future())
        queue.put((futures[-1], lambda item=item: call(item)))  # type: ignore[misc]
    for _ in range(min(WORKERS, len(futures))):
        _begin(_drain, queue)
    return [future.result() for future in futures]


def _begin(work: Callable[..., None], *given: Any, aside: bool = False) -> None:
    context = copy_context()
    if aside:
        context.run(_ASIDE.set, True)
    Thread(target=context.run, args=(work, *given), daemon=True).start()


def _drain(queue: "SimpleQueue[Work[T]]") -> None:
    while True:
        try:
            future, call = queue.get_nowait()
        except Empty:
            return
        _run(future, call)


def _run(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - handed on to whoever asks for the result
        future.set_exception(error)
