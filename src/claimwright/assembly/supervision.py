"""A program that goes on in processes of its own, and in another one when a signal has ended one of them.

A fork before anything large is imported costs a millisecond or two, so every run is supervised, and whoever
starts it need not be there when a claim kills its worker. Where a fork is not safe, since threads run that it
would not have, or where there is none, the command goes on as it is, and ends with its worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .errors import WorkerLostError

# What people and terminals send; by any other signal a process is ended over what it does.
_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
# What the watching process passes on to those that work, as SIGTERM. They never see an interrupt themselves:
# Polars takes it for its own, and a query under way would fail where the chunk is to end.
_PASSED_ON = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1  # prctl(2)
# Who ends a whole group tells the workers as well; they get so long to notice.
_NOTICE_SECONDS = 1.0
# How often a worker that waits for another looks.
_LOOK_SECONDS = 0.05
# Libraries that begin threads of which Python knows nothing, or use frameworks that do not survive a fork.
_BEGIN_THREADS = ("duckdb", "numpy", "polars", "pyarrow")

# Shared memory begins with the number of the call and up to which worker it goes; then comes a row for each
# worker: a chunk was finished; requests to stop that were heard; is at work.
_TURN_BYTES, _WANTED, _HEAD = 4, 4, 5
_PROGRESSED, _HEARD, _BUSY, _ROW = 0, 1, 2, 3


class Supervised:
    """What the processes that work tell each other and the one that watches, in memory that all have.

    Attributes:
        place: which of the workers this process is; 0 is the one that speaks for all.
        workers: how many there are.
    """

    def __init__(self, workers: int = 1) -> None:
        self.place, self.workers = 0, workers
        self._answered = 0
        self._shared = mmap.mmap(-1, _HEAD + _ROW * workers)

    def progressed(self) -> None:
        """Something was finished: what ends this process has not kept everything from going on."""
        self._shared[self._at(_PROGRESSED)] = 1

    def asked_to_stop(self) -> None:
        """A request to stop was noticed, and need not be passed on."""
        heard = self._at(_HEARD)
        self._shared[heard] = min(self._shared[heard] + 1, 255)

    @property
    def requests(self) -> int:
        """How many requests to stop this worker has noticed."""
        return self.requests_of(self.place)

    def call(self, others: int) -> None:
        """There is work, or there is again, for so many others: those look."""
        self._shared[_WANTED] = others
        self._shared[:_TURN_BYTES] = ((self._turn + 1) % 256**_TURN_BYTES).to_bytes(_TURN_BYTES, "little")

    def called(self, stop: threading.Event) -> bool:
        """Wait, idle, until there may be work; False where `stop` is set instead."""
        self._shared[self._at(_BUSY)] = 0
        while (turn := self._turn) == self._answered or self._shared[_WANTED] < self.place:
            self._answered = turn
            if stop.wait(_LOOK_SECONDS):
                return False
        self._answered = turn
        self._shared[self._at(_BUSY)] = 1
        return not stop.is_set()

    def await_others(self) -> None:
        """Return when no other worker is at work."""
        others = set(range(self.workers)) - {self.place}
        while any(self._shared[self._at(_BUSY, each)] for each in others):
            threading.Event().wait(_LOOK_SECONDS)

    def begun(self, place: int) -> None:
        """Of this worker nothing is told yet."""
        first = self._at(0, place)
        self._shared[first : first + _ROW] = bytes(_ROW)

    def has_progressed(self, place: int) -> bool:
        """Whether this worker finished anything."""
        return bool(self._shared[self._at(_PROGRESSED, place)])

    def requests_of(self, place: int) -> int:
        """How many requests to stop this worker has noticed."""
        return self._shared[self._at(_HEARD, place)]

    @property
    def _turn(self) -> int:
        return int.from_bytes(self._shared[:_TURN_BYTES], "little")

    def _at(self, what: int, place: int | None = None) -> int:
        return _HEAD + _ROW * (self.place if place is None else place) + what


def supervised(restarts: int, workers: int = 1, *, notify: Callable[[str], None]) -> Supervised | None:
    """Return in so many processes, and in another whenever a signal that nobody sends on purpose ended one.

    The caller's process stays behind: it says of each signal, passes requests to stop on to all, and when
    the first worker has ended has the others end, and ends as that did. `notify` is told of every worker
    that was lost. One that was lost in a row so many times without progress is done without, but for the
    first. None where this process can't be forked: it is the only one, and nobody watches it.

    Raises:
        WorkerLostError: in the caller's process, when the first worker was begun again so many times.
    """
    if not hasattr(os, "fork") or not _has_one_thread():
        return None
    told = Supervised(workers)
    watch = _Watch(told)
    lost = [0] * workers
    for place in range(workers):
        if watch.begin(place):
            return told
    while True:
        place, status = watch.wait()
        lost[place] = 1 if told.has_progressed(place) else lost[place] + 1
        told.begun(place)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if not number or number in _ASKED or watch.requests:
            if place:
                # It has said itself why, or was asked to end; the others do what it leaves.
                continue
            watch.end_others()
            if number:
                _end_by(watch.asked or number)
            # Nothing of this process is to be tidied up: it has only waited.
            os._exit(os.waitstatus_to_exitcode(status))
        who = "the worker process" if workers == 1 else f"worker {place + 1} of {workers}"
        row = _named(number) + (f", {lost[place]} in a row" if lost[place] > 1 else "")
        if lost[place] <= restarts:
            notify(f"{who} was ended by {row}; a new process continues")
            if watch.begin(place):
                return told
        elif place:
            notify(f"{who} was ended by {row}, with no chunk committed since then; the others continue")
        else:
            watch.end_others()
            raise WorkerLostError(
                f"{who} was ended by {row}, with no chunk committed since then. See "
                "`claimwright runs show`. Correct the cause, then: claimwright run."
            )


def _has_one_thread() -> bool:
    """Whether a fork has all of this process: threads, of which Python may know nothing, it has not."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        # Not Linux.
        return threading.active_count() == 1 and not any(name in sys.modules for name in _BEGIN_THREADS)


def _tells_of_parents() -> bool:
    """Whether the machine can tell a process that its parent has ended."""
    return sys.platform == "linux"


def end_with(parent: int, number: signal.Signals) -> None:
    """Have the machine send this process a signal when the process that began it ends. Nothing off Linux."""
    if _tells_of_parents():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


class _Watch:
    """Waits for processes, and passes on to them what this one is asked and they have not heard."""

    def __init__(self, told: Supervised) -> None:
        self._told, self._children = told, dict[int, int]()
        self.requests, self.asked = 0, 0
        self._before = {each: signal.signal(each, self._asked) for each in _PASSED_ON}
        # Nothing is ever written: it ends when this process does, and workers notice by that, off Linux.
        self._lives_while_read, self._lives_while_held = os.pipe()

    def begin(self, place: int) -> bool:
        """Begin a worker. True in its own process."""
        # What is buffered would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        # A request to stop must find the worker on the list, and in the worker the meaning that it had.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
        parent, child = os.getpid(), os.fork()
        if child:
            self._children[child] = place
        else:
            for each, handler in self._before.items():
                signal.signal(each, handler)
            self._told.place = place
            before = {*before, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if child:
            if self.requests:
                # Asked between two processes: this one was not to begin.
                _tell(child, signal.SIGTERM)
            return False
        self._end_with_watch(parent)
        return True

    def wait(self) -> tuple[int, int]:
        """The place of the next worker that ends, and the status that `os.waitpid` has for it."""
        while True:
            child, status = os.wait()
            # Whoever began us may have had children of their own before.
            if child in self._children:
                return self._children.pop(child), status

    def end_others(self) -> None:
        """Have the workers that are left end as if they were asked to stop, and wait for that."""
        self.requests = max(self.requests, 1)
        self._pass_on()
        while self._children:
            self.wait()

    def _end_with_watch(self, parent: int) -> None:
        """The worker does not outlive the process that watches it."""
        os.close(self._lives_while_held)
        if _tells_of_parents():
            os.close(self._lives_while_read)
            end_with(parent, signal.SIGKILL)
        else:
            threading.Thread(target=self._end_with_pipe, name="ends-with-its-watch", daemon=True).start()

    def _end_with_pipe(self) -> None:
        os.read(self._lives_while_read, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        self.requests, self.asked = self.requests + 1, number
        # Of an interrupt they don't hear, and by a second request whoever hears it ends.
        waited = 0.0 if number == signal.SIGTERM and self.requests == 1 else _NOTICE_SECONDS
        while waited < _NOTICE_SECONDS and self._unheard():
            threading.Event().wait(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
        self._pass_on()

    def _unheard(self) -> list[int]:
        """The processes that have not heard of every request."""
        return [
            child
            for child, place in list(self._children.items())
            if self._told.requests_of(place) < self.requests
        ]

    def _pass_on(self) -> None:
        for child in self._unheard():
            _tell(child, signal.SIGTERM)


def _tell(child: int, number: int) -> None:
    # It may have ended just now.
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)


def _named(number: int) -> str:
    return {each.value: each.name for each in signal.Signals}.get(number, f"signal {number}")


def _end_by(number: int) -> NoReturn:
    """End this process by a signal, as the one that it has watched."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)
