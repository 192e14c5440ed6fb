"""Work that a process repeats beside its own, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from claimwright.foundation.errors import ClaimwrightError

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller


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


def for_each_tenant(
    callers: Callable[[], Iterable[Caller]],
    work: Callable[[Caller], None],
    notify: Callable[[str], None],
    failed: str,
) -> None:
    """Work for each tenant. `notify` gets what failed, begun with `failed`; the other tenants' work goes on.

    `callers` is called each time, because tenants come and go.
    """
    import psycopg

    try:
        for caller in callers():
            try:
                work(caller)
            except ClaimwrightError as problem:
                notify(f"{failed}: {type(problem).__name__}.")
    except psycopg.Error as problem:
        notify(f"{failed}: the database does not answer ({type(problem).__name__}).")
