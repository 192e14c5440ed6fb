"""Overlapping work: the next item is prepared, or the last one written, while the current one is used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Queue, SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Measured: two threads do 1.7 times the work of one, because most of it runs without the interpreter lock.
# A third thread mostly waits for that lock, and each thread holds a block in memory.
WORKERS = 2


class _End:
    pass


def ahead(items: Iterable[T], *, depth: int = 1) -> Iterator[T]:
    """Yield the items in order. A thread prepares up to `depth` items before they are requested.

    An exception of the source is raised in place of its item. If the consumer stops early, the thread stops
    too.
    """
    made: SimpleQueue[T | BaseException | _End] = SimpleQueue()
    # A slot is acquired before an item is prepared, so that there are never more items than slots.
    places = threading.Semaphore(depth)
    stopped = threading.Event()

    def work() -> None:
        source = iter(items)
        while True:
            places.acquire()
            if stopped.is_set():
                return
            try:
                item: T | BaseException | _End = next(source, _END)
            except BaseException as problem:  # noqa: BLE001 - handed to the consumer, who raises it
                item = problem
            made.put(item)
            if isinstance(item, BaseException | _End):
                return
            del item

    threading.Thread(target=work, name="ahead", daemon=True).start()
    try:
        while True:
            item = made.get()
            if isinstance(item, _End):
                return
            if isinstance(item, BaseException):
                raise item
            places.release()
            yield item
            del item
    finally:
        stopped.set()
        places.release()


_END = _End()


def spread(work: Callable[[T], R], items: Iterable[T], *, workers: int = WORKERS) -> Iterator[R]:
    """Yield the result of `work` for each item, in the order of the items, computed by several threads.

    Items are read one at a time, by any free thread. At most one item more than there are workers is read
    before its result is consumed, so that a thread does not wait for a slower one. An exception of `work` or
    of the source is raised in place of the result. If the consumer stops early, the threads stop too.
    """
    source = iter(items)
    drawing = threading.Lock()
    places = threading.Semaphore(workers + 1)
    ended = threading.Event()
    drawn: SimpleQueue[Future[R] | _End] = SimpleQueue()

    def draw() -> tuple[T, Future[R]] | None:
        places.acquire()
        with drawing:
            if ended.is_set():
                return None
            result: Future[R] = Future()
            try:
                item = next(source, _END)
            except BaseException as problem:  # noqa: BLE001 - handed to the consumer, who raises it
                result.set_exception(problem)
                drawn.put(result)
                item = _END
            if isinstance(item, _End):
                ended.set()
                drawn.put(_END)
                return None
            drawn.put(result)
            return item, result

    def run() -> None:
        while (taken := draw()) is not None:
            item, result = taken
            try:
                made = work(item)
            except BaseException as problem:  # noqa: BLE001 - handed to the consumer, who raises it
                result.set_exception(problem)
            else:
                result.set_result(made)
                del made
            del item, result, taken
        # Wake the other threads that wait for a slot, so that they see the end.
        places.release()

    for number in range(workers):
        threading.Thread(target=run, name=f"spread-{number}", daemon=True).start()
    try:
        while True:
            result = drawn.get()
            if isinstance(result, _End):
                return
            made = result.result()
            del result
            places.release()
            yield made
            del made
    finally:
        ended.set()
        places.release()


class Relay(Generic[T]):
    """A value that is passed from one task to the next in a fixed order, in whatever threads the tasks run.

    A turn is created for each task as its item is read; this sets the order. The work of a turn waits until
    the turn before it has passed the value on.
    """

    def __init__(self, first: T) -> None:
        self._next: Future[T] = Future()
        self._next.set_result(first)

    def leg(self) -> Leg[T]:
        """The turn of the next task."""
        before, self._next = self._next, Future()
        return Leg(before, self._next)


class Leg(Generic[T]):
    """One task's turn with the shared value."""

    def __init__(self, before: Future[T], after: Future[T]) -> None:
        self._before = before
        self._after = after

    def run(self, work: Callable[[T], tuple[R, T]]) -> R:
        """Run the work that needs the value. `work` returns its result and the value to pass on.

        If it fails, the value is passed on unchanged, so that later turns do not wait forever.
        """
        value = self._before.result()
        try:
            result, value = work(value)
        finally:
            self._after.set_result(value)
        return result

    def guarded(self, work: Callable[[], R]) -> R:
        """Run work that comes before the turn. If it fails, the value is passed on unchanged."""
        try:
            return work()
        except BaseException:
            self.run(lambda value: (None, value))
            raise


class Behind(Generic[T]):
    """Writes items in a background thread, in order, while the next item is prepared. A context manager.

    At most `depth` items wait; when the queue is full, `put` blocks. An exception of the function is raised
    by the next `put`, or at the end. Items that are still waiting are then dropped, also if the body raises.
    """

    def __init__(self, function: Callable[[T], object], *, depth: int = 1) -> None:
        self._function = function
        self._waiting: Queue[T | _End] = Queue(depth)
        self._problem: BaseException | None = None
        self._dropping = False
        self._thread = threading.Thread(target=self._work, name="behind", daemon=True)

    def __enter__(self) -> Behind[T]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until everything is written.

        Raises:
            BaseException: whatever the function raised, unless the body raised first.
        """
        self._dropping = self._dropping or kind is not None
        self._waiting.put(_END)
        self._thread.join()
        if kind is None:
            self._raise()

    def put(self, item: T) -> None:
        """Add an item to the queue.

        Raises:
            BaseException: whatever the function raised for an earlier item.
        """
        self._raise()
        self._waiting.put(item)

    def wait(self) -> None:
        """Wait until everything so far is written.

        Raises:
            BaseException: whatever the function raised for one of the items.
        """
        self._waiting.join()
        self._raise()

    def _raise(self) -> None:
        if self._problem is not None:
            raise self._problem

    def _work(self) -> None:
        while True:
            item = self._waiting.get()
            if isinstance(item, _End):
                return
            if not self._dropping:
                try:
                    self._function(item)
                except BaseException as problem:  # noqa: BLE001 - handed to the caller of `put`, who raises it
                    self._problem, self._dropping = problem, True
            del item
            self._waiting.task_done()
