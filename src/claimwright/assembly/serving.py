"""The parts of a server, each a process: begun, watched, begun again where lost, and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from claimwright.foundation import clock

from .supervision import end_with

# A part that has lived so long begins to count anew.
_STEADY_SECONDS = 60.0
_MOST_LOSSES = 8
_LONGEST_WAIT = 30.0
# How long parts may take to end what is under way.
_ENDING_SECONDS = 40.0


@dataclass
class Part:
    """A part: its name, and the words of its command behind `claimwright`."""

    name: str
    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    losses: int = 0
    due: float = 0.0


def supervise(parts: Sequence[Part], *, notify: Callable[[str], None]) -> str | None:
    """Keep the parts alive until an interrupt or end signal, then end them and wait for what is under way.

    Returns the name of a part that was lost again and again, for which the others were ended; None otherwise.
    """
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        while not stop.is_set():
            for part in parts:
                if not _kept_alive(part, notify):
                    return part.name
            stop.wait(0.2)
    finally:
        _end(parts, notify)
        for number, handler in before.items():
            signal.signal(number, handler)
    return None


def _kept_alive(part: Part, notify: Callable[[str], None]) -> bool:
    """Begin the part where it is due; False where it is hopeless."""
    now = clock.seconds()
    if part.process is not None:
        status = part.process.poll()
        if status is None:
            return True
        part.process = None
        part.losses = part.losses + 1 if now - part.began < _STEADY_SECONDS else 1
        if part.losses > _MOST_LOSSES:
            return False
        wait = min(_LONGEST_WAIT, 0.5 * 2 ** (part.losses - 1))
        part.due = now + wait
        notify(f"{part.name} ended with status {status}; it is begun again in {wait:.0f} s")
    if now >= part.due:
        part.began = now
        # A session of its own: an interrupt at the terminal comes through us, once. On Linux the kernel ends
        # it with us. Nothing here has threads, which a call before the start must not meet.
        part.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "claimwright.apps.cli.main", *part.words],
            start_new_session=True,
            preexec_fn=partial(end_with, os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - see above
        )
    return True


def _end(parts: Sequence[Part], notify: Callable[[str], None]) -> None:
    living = [(part, part.process) for part in parts if part.process is not None]
    for _, process in living:
        process.terminate()
    until = clock.seconds() + _ENDING_SECONDS
    for part, process in living:
        try:
            process.wait(max(0.1, until - clock.seconds()))
        except subprocess.TimeoutExpired:
            notify(f"{part.name} does not end; it is killed, and what it did not finish is done again")
            process.kill()
            process.wait()
