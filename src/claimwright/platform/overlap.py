"""Work one step ahead: the next item is made in a thread while the present one is used."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Full, Queue
from typing import TypeVar

T = TypeVar("T")


class _End:
    pass


def ahead(items: Iterable[T], *, depth: int = 1) -> Iterator[T]:
    """The items in order, up to `depth` of them made before they are asked for.

    An exception of the source is raised where its item would have come. A consumer that stops early
    stops the thread as well.
    """
    queue: Queue[T | BaseException | _End] = Queue(maxsize=depth)
    stopped = threading.Event()

    def put(item: T | BaseException | _End) -> bool:
        while not stopped.is_set():
            try:
                queue.put(item, timeout=0.1)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as problem:  # noqa: BLE001 - handed to the consumer, who raises it
            put(problem)
        else:
            put(_End())

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = queue.get()
            if isinstance(item, _End):
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
