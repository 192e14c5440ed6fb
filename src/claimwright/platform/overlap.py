"""Work one step ahead: the next item is made in a thread while the present one is used."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


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
