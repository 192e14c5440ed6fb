"""Runs a program in worker processes, and replaces a worker that a signal has killed.

A fork before anything large is imported costs a millisecond or two, so every run is supervised, and no person
needs to be there when a claim crashes its worker. If a fork is not safe, because other threads are running,
or is not available, the command runs in its own process and ends if that process is killed.
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

# Signals that people and terminals send. Any other signal means that the process crashed or was killed.
_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
# Signals that the supervisor forwards to the workers as SIGTERM. Workers never get SIGINT directly: Polars
# handles it itself, and a running query would fail although the chunk should finish.
_PASSED_ON = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1  # prctl(2)
# A signal to the whole process group also reaches the workers; they get this time to notice it.
_NOTICE_SECONDS = 1.0
# How often a worker that waits for another one checks.
_LOOK_SECONDS = 0.05
# Libraries that start threads unknown to Python, or use frameworks that do not survive a fork.
_BEGIN_THREADS = ("duckdb", "numpy", "polars", "pyarrow")

# Layout of the shared memory: the number of the last call, and up to which worker it applies; then one row
# per worker: has finished a chunk; number of stop requests noticed; is working.
_TURN_BYTES, _WANTED, _HEAD = 4, 4, 5
_PROGRESSED, _HEARD, _BUSY, _ROW = 0, 1, 2, 3


class Supervised:
    """State that the workers and the supervisor share, in shared memory.

    Attributes:
        place: the number of this worker; 0 is the first one, which coordinates and reports.
        workers: the number of workers.
    """

    def __init__(self, workers: int = 1) -> None:
        self.place, self.workers = 0, workers
        self._answered = 0
        self._shared = mmap.mmap(-1, _HEAD + _ROW * workers)

    def progressed(self) -> None:
        """Record that work was finished, so that a later crash of this worker counts as one with progress."""
        self._shared[self._at(_PROGRESSED)] = 1

    def asked_to_stop(self) -> None:
        """Record that a stop request was noticed, so that it is not forwarded."""
        heard = self._at(_HEARD)
        self._shared[heard] = min(self._shared[heard] + 1, 255)

    @property
    def requests(self) -> int:
        """How many stop requests this worker has noticed."""
        return self.requests_of(self.place)

    def call(self, others: int) -> None:
        """Call a number of other workers, because there is work."""
        self._shared[_WANTED] = others
        self._shared[:_TURN_BYTES] = ((self._turn + 1) % 256**_TURN_BYTES).to_bytes(_TURN_BYTES, "little")

    def called(self, stop: threading.Event) -> bool:
        """Wait idle until there may be work. False if `stop` is set instead."""
        self._shared[self._at(_BUSY)] = 0
        while (turn := self._turn) == self._answered or self._shared[_WANTED] < self.place:
            self._answered = turn
            if stop.wait(_LOOK_SECONDS):
                return False
        self._answered = turn
        self._shared[self._at(_BUSY)] = 1
        return not stop.is_set()

    def await_others(self) -> None:
        """Wait until no other worker is working."""
        others = set(range(self.workers)) - {self.place}
        while any(self._shared[self._at(_BUSY, each)] for each in others):
            threading.Event().wait(_LOOK_SECONDS)

    def begun(self, place: int) -> None:
        """Reset the state of this worker."""
        first = self._at(0, place)
        self._shared[first : first + _ROW] = bytes(_ROW)

    def has_progressed(self, place: int) -> bool:
        """Whether this worker has finished any work."""
        return bool(self._shared[self._at(_PROGRESSED, place)])

    def requests_of(self, place: int) -> int:
        """How many stop requests this worker has noticed."""
        return self._shared[self._at(_HEARD, place)]

    @property
    def _turn(self) -> int:
        return int.from_bytes(self._shared[:_TURN_BYTES], "little")

    def _at(self, what: int, place: int | None = None) -> int:
        return _HEAD + _ROW * (self.place if place is None else place) + what


def supervised(restarts: int, workers: int = 1, *, notify: Callable[[str], None]) -> Supervised | None:
    """Fork worker processes and return in each of them; replace a worker that a crash signal has ended.

    The caller's process becomes the supervisor: it forwards stop requests to all workers; when the first
    worker has ended, it stops the others and ends with the same status. `notify` gets a message for each lost
    worker. A worker that is lost too many times in a row without progress is not replaced, except the first.
    Returns None if this process can't be forked: it is then the only process, without supervision.

    Raises:
        WorkerLostError: in the supervisor, if the first worker was lost too many times in a row.
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
                # It has reported the reason itself, or was asked to end; the others do the remaining work.
                continue
            watch.end_others()
            if number:
                _end_by(watch.asked or number)
            # This process needs no cleanup: it has only waited.
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
    """Whether a fork is safe: a forked process does not have the other threads, some of them unknown to
    Python.
    """
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        # Not Linux.
        return threading.active_count() == 1 and not any(name in sys.modules for name in _BEGIN_THREADS)


def _tells_of_parents() -> bool:
    """Whether the system can signal a process when its parent ends."""
    return sys.platform == "linux"


def end_with(parent: int, number: signal.Signals) -> None:
    """Ask the kernel to signal this process when its parent ends.

    Does nothing on systems other than Linux.
    """
    if _tells_of_parents():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


class _Watch:
    """Waits for the workers, and forwards stop requests that they have not noticed."""

    def __init__(self, told: Supervised) -> None:
        self._told, self._children = told, dict[int, int]()
        self.requests, self.asked = 0, 0
        self._before = {each: signal.signal(each, self._asked) for each in _PASSED_ON}
        # Nothing is ever written: the pipe closes when this process ends; other systems than Linux notice by
        # that.
        self._lives_while_read, self._lives_while_held = os.pipe()

    def begin(self, place: int) -> bool:
        """Start a worker. True in the worker's process."""
        # Otherwise both processes would write the buffered output.
        sys.stdout.flush()
        sys.stderr.flush()
        # Signals are blocked until the worker is on the list, and until the worker has restored its signal
        # handlers.
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
                # The stop request came between two starts: this worker must not start.
                _tell(child, signal.SIGTERM)
            return False
        self._end_with_watch(parent)
        return True

    def wait(self) -> tuple[int, int]:
        """Wait for a worker to end. Returns its number and its status from `os.waitpid`."""
        while True:
            child, status = os.wait()
            # Ignore children that this process had before.
            if child in self._children:
                return self._children.pop(child), status

    def end_others(self) -> None:
        """Stop the remaining workers as by a stop request, and wait for them."""
        self.requests = max(self.requests, 1)
        self._pass_on()
        while self._children:
            self.wait()

    def _end_with_watch(self, parent: int) -> None:
        """Make sure that the worker does not outlive its supervisor."""
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
        # Workers do not get SIGINT, and a second stop request would kill a worker that noticed the first.
        waited = 0.0 if number == signal.SIGTERM and self.requests == 1 else _NOTICE_SECONDS
        while waited < _NOTICE_SECONDS and self._unheard():
            threading.Event().wait(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
        self._pass_on()

    def _unheard(self) -> list[int]:
        """The workers that have not noticed every stop request."""
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
    """End this process with the signal that ended the worker."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)
