"""Threads for short calls: results, errors and context come back as if the function were called at once."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from claimwright.apps.api.threads import Threads

WORD: ContextVar[str] = ContextVar("word")


def test_a_call_returns_and_raises_what_its_function_does_with_the_context_of_the_caller() -> None:
    async def asked() -> None:
        threads = Threads(2)
        WORD.set("heard")
        assert await threads.call(lambda given: (given, WORD.get()), 7) == (7, "heard")
        with pytest.raises(ZeroDivisionError):
            await threads.call(lambda given: given / 0, 1)
        with pytest.raises(RuntimeError, match="StopIteration"):
            await threads.call(next, iter(()))

    asyncio.run(asked())


def test_no_more_threads_run_than_there_may_be_and_each_call_is_made() -> None:
    running, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2)

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait(20)
        with lock:
            running -= 1
        return number

    async def asked() -> list[int]:
        threads = Threads(2)
        return await asyncio.gather(*(threads.call(work, each) for each in range(20)))

    assert asyncio.run(asked()) == list(range(20))
    assert most == 2


def test_a_call_that_nobody_waits_for_is_brought_to_its_end() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work(_: int) -> None:
        begun.set()
        may_end.wait(20)
        ended.set()

    async def asked() -> None:
        threads = Threads(1)
        call = threads.call(work, 1)
        while not begun.is_set():
            await asyncio.sleep(0.01)
        call.cancel()
        may_end.set()
        # The one thread takes the next call.
        assert await threads.call(lambda given: given, 2) == 2

    asyncio.run(asked())
    assert ended.is_set()
