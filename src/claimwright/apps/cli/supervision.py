"""A command that goes on in a process of its own, and in another one when a signal has ended that.

A fork before anything large is imported costs a millisecond or two, so every run is supervised, and whoever
starts it need not be there when a claim kills its worker. Linux only: elsewhere a fork is not safe with the
libraries that follow, or there is none; there the command goes on as it is, and ends with its worker.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .terminal import err, fail

# What people and terminals send; by any other signal a process is ended over what it does.
_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
_PR_SET_PDEATHSIG = 1  # prctl(2)
# A terminal, and who ends a whole group, tell the worker as well; it gets so long to notice.
_NOTICE_SECONDS = 0.2

# What `main` hands to its commands, and nobody else: the process is theirs, and may be forked.
OWN_PROCESS = object()


class Supervised:
    """What the process that works tells the one that watches it, in memory that both have."""

    def __init__(self) -> None:
        # First the chunks that were finished, as no more than a mark; then the requests to stop.
        self._shared = mmap.mmap(-1, 2)

    def progressed(self) -> None:
        """Something was finished: what ends this process has not kept everything from going on."""
        self._shared[0] = 1

    def asked_to_stop(self) -> None:
        """A request to stop was noticed, and need not be passed on."""
        self._shared[1] = min(self._shared[1] + 1, 255)

    def begun(self) -> None:
        """Nothing is told yet."""
        self._shared[0] = self._shared[1] = 0

    @property
    def has_progressed(self) -> bool:
        """Whether anything was finished."""
        return bool(self._shared[0])

    @property
    def requests(self) -> int:
        """How many requests to stop were noticed."""
        return self._shared[1]


def supervised(restarts: int) -> Supervised:
    """Return in a process of its own, and in another whenever a signal that nobody sends on purpose ended it.

    The caller's process stays behind: it says of each signal, passes requests to stop on, and ends as the
    last process did, or with status 2 where so many were begun again and lost in a row without progress.
    """
    told = Supervised()
    if sys.platform != "linux" or not _has_one_thread():
        return told
    ended = 0
    watch = _Watch(told)
    while True:
        # What is buffered would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        told.begun()
        parent, child = os.getpid(), os.fork()
        if not child:
            watch.left()
            end_with(parent, signal.SIGKILL)
            return told
        status = watch.wait(child)
        if not os.WIFSIGNALED(status):
            # Nothing of this process is to be tidied up: it has only waited.
            os._exit(os.waitstatus_to_exitcode(status))
        number = os.WTERMSIG(status)
        if number in _ASKED or watch.requests:
            _end_by(number)
        ended = 1 if told.has_progressed else ended + 1
        row = _named(number) + (f", {ended} in a row" if ended > 1 else "")
        if ended > restarts:
            fail(
                f"the worker process was ended by {row}, and no chunk was done in between. See "
                "`claimwright runs show`. Mend the cause, then: claimwright run."
            )
        err.print(f"the worker process was ended by {row}; another one goes on", soft_wrap=True, markup=False)


def _has_one_thread() -> bool:
    """Whether a fork has all of this process: threads, of which Python may know nothing, it has not."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def end_with(parent: int, number: signal.Signals) -> None:
    """Have the machine send this process a signal when the process that began it ends. Nothing off Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


class _Watch:
    """Waits for a process, and passes on to it what this one is asked and the other has not heard."""

    def __init__(self, told: Supervised) -> None:
        self._told, self._child, self.requests = told, 0, 0
        self._before = {each: signal.signal(each, self._asked) for each in (signal.SIGINT, signal.SIGTERM)}

    def left(self) -> None:
        """This is the other process: signals mean again what they meant."""
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def wait(self, child: int) -> int:
        """The status that `os.waitpid` has for it."""
        self._child = child
        if self.requests:
            # Asked between two processes: this one was not to begin.
            os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        self._child = 0
        return status

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        self.requests += 1
        if not self._child:
            return
        threading.Event().wait(_NOTICE_SECONDS)
        if self._told.requests < self.requests:
            os.kill(self._child, number)


def _named(number: int) -> str:
    return {each.value: each.name for each in signal.Signals}.get(number, f"signal {number}")


def _end_by(number: int) -> NoReturn:
    """End this process by a signal, as the one that it has watched."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)
