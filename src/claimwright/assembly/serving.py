"""Supervises the parts of a server, each a process: started, watched, restarted if lost, stopped together."""

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

# After running this long, a part's count of losses is reset.
_STEADY_SECONDS = 60.0
_MOST_LOSSES = 8
_LONGEST_WAIT = 30.0
# How long parts may take to finish their current work.
_ENDING_SECONDS = 40.0


@dataclass
class Part:
    """A part: its name, and the arguments of its `claimwright` command.

    `inherits` are open files that its process gets, under the same numbers.
    """

    name: str
    words: Sequence[str]
    inherits: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    losses: int = 0
    due: float = 0.0


def supervise(
    parts: Sequence[Part], *, notify: Callable[[str], None], stopping: Callable[[], object] | None = None
) -> str | None:
    """Keep the parts running until SIGINT or SIGTERM, then stop them and wait for their current work.

    `stopping` is called before they are stopped, to close what they inherit.

    Returns the name of a part that was lost repeatedly, because of which the others were stopped; otherwise
    None.
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
        if stopping is not None:
            stopping()
        _end(parts, notify)
        for number, handler in before.items():
            signal.signal(number, handler)
    return None


def _kept_alive(part: Part, notify: Callable[[str], None]) -> bool:
    """Start the part if it is due. False if it was lost too often."""
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
        notify(f"{part.name} ended with status {status}; it is restarted in {wait:.0f} s")
    if now >= part.due:
        part.began = now
        # A separate session, so that an interrupt at the terminal reaches it once, through us. On Linux, the
        # kernel ends it with us. This process has no threads, so code before the exec is safe.
        part.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "claimwright.apps.cli.main", *part.words],
            start_new_session=True,
            pass_fds=part.inherits,
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
            notify(f"{part.name} does not stop; it is killed, and its unfinished work will be repeated")
            process.kill()
            process.wait()
