"""Work that overlaps: the next item made, or the last one put away, while the present one is used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Queue, SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Measured: two threads do 1.7 times the work of one, since most of it is done without the interpreter's
# lock; a third mostly waits for that lock, and each holds a block in memory.
WORKERS = 2


class _End:
    pass


def ahead(items: Iterable[T], *, depth: int = 1) -> Iterator[T]:
    """The items in order, at most `depth` of them made, or being made, before they are asked for.

    An exception of the source is raised where its item would have come. A consumer that stops early
    stops the thread as well.
    """
    made: SimpleQueue[T | BaseException | _End] = SimpleQueue()
    # A place is taken before an item is made, so that no more items than places ever exist.
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
    """What `work` makes of each item, in the order of the items, several at a time in threads.

    Items are drawn one after the other, by whichever thread is free; at most one more than there are
    workers are drawn whose results have not been taken, so that a thread need not wait for its neighbour
    whose item takes longer. What goes wrong with an item, or with drawing
    it, is raised where its result would have come. A consumer that stops early stops the threads.
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
        # Whoever else waits for a place is to see that there is nothing left.
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
    """A value that is handed from one piece of work to the next in their order, whatever threads they run in.

    A leg is made for each piece while the pieces are drawn, which sets the order. The work of a leg waits
    until that of the leg before has handed the value on.
    """

    def __init__(self, first: T) -> None:
        self._next: Future[T] = Future()
        self._next.set_result(first)

    def leg(self) -> Leg[T]:
        """The part of the next piece of work."""
        before, self._next = self._next, Future()
        return Leg(before, self._next)


class Leg(Generic[T]):
    """One piece of work's turn with the value of a relay."""

    def __init__(self, before: Future[T], after: Future[T]) -> None:
        self._before = before
        self._after = after

    def run(self, work: Callable[[T], tuple[R, T]]) -> R:
        """Do what needs the value: `work` returns its result and the value to hand on.

        Where it fails, the value is handed on as it was, so that nobody waits for ever.
        """
        value = self._before.result()
        try:
            result, value = work(value)
        finally:
            self._after.set_result(value)
        return result

    def guarded(self, work: Callable[[], R]) -> R:
        """Do what comes before the turn; where it fails, the value is handed on as it was."""
        try:
            return work()
        except BaseException:
            self.run(lambda value: (None, value))
            raise


class Behind(Generic[T]):
    """Items put away in a thread, in order, while the next is made; a context manager.

    At most `depth` items wait: `put` then waits as well. What the function raises is raised by the next
    `put`, or at the end; items that still waited are dropped, as they are where the body itself raises.
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
        """Wait until everything is put away.

        Raises:
            BaseException: whatever the function raised, unless the body raised first.
        """
        self._dropping = self._dropping or kind is not None
        self._waiting.put(_END)
        self._thread.join()
        if kind is None:
            self._raise()

    def put(self, item: T) -> None:
        """Hand an item over.

        Raises:
            BaseException: whatever the function raised for an item before.
        """
        self._raise()
        self._waiting.put(item)

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
                except BaseException as problem:  # noqa: BLE001 - handed to whoever puts, who raises it
                    self._problem, self._dropping = problem, True
            del item
