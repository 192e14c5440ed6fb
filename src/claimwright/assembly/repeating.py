"""Work that a process repeats beside its own, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeated(
    seconds: float, work: Callable[[], None], name: str, wait: Callable[[threading.Event, float], bool]
) -> Iterator[None]:
    """Work every so many seconds in a thread until the context ends; never if it is 0."""
    if not seconds:
        yield
        return
    ended = threading.Event()

    def repeat() -> None:
        while not wait(ended, seconds):
            work()

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
