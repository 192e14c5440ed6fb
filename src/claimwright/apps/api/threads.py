"""Threads for short calls that wait for the database, one after another.

A call costs a third of what it costs in the threads that FastAPI shares among routes: nothing is asked of the
event loop before it begins, and nobody is waited for at its end.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
A = TypeVar("A")


class Threads:
    """Up to `most` threads, begun as they are needed; they end with the process."""

    def __init__(self, most: int) -> None:
        self._most, self._begun = most, 0
        self._idle = threading.Semaphore(0)
        self._waiting: SimpleQueue[_Call] = SimpleQueue()

    def call(self, function: Callable[[A], T], argument: A) -> asyncio.Future[T]:
        """What a function returns, called in a thread with the context of the caller.

        A call that is not waited for any more is brought to its end all the same.
        """
        call = _Call(function, argument)
        self._waiting.put(call)
        # Of the event loop alone: nobody else counts.
        if not self._idle.acquire(blocking=False) and self._begun < self._most:
            self._begun += 1
            threading.Thread(target=self._work, name=f"reading-{self._begun}", daemon=True).start()
        return call.future

    def _work(self) -> None:
        while True:
            self._waiting.get().run()
            self._idle.release()


class _Call:
    """A function that is called in another thread, and its result in this event loop."""

    def __init__(self, function: Callable[[Any], Any], argument: Any) -> None:
        self._function, self._argument = function, argument
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self._loop.create_future()

    def run(self) -> None:
        result: Any = None
        problem: BaseException | None = None
        try:
            result = self._context.run(self._function, self._argument)
        except BaseException as raised:  # noqa: BLE001 - told to who called
            problem = raised
        try:
            self._loop.call_soon_threadsafe(self._tell, result, problem)
        except RuntimeError:
            # The event loop has ended: nobody waits.
            return

    def _tell(self, result: Any, problem: BaseException | None) -> None:
        if self.future.done():
            return
        if isinstance(problem, StopIteration):
            # No coroutine can raise it.
            self.future.set_exception(RuntimeError("a function raised StopIteration"))
        elif problem is not None:
            self.future.set_exception(problem)
        else:
            self.future.set_result(result)
