"""The processes of `claimwright run`: a lost worker is said in words; what can't go on ends with status 2."""

from __future__ import annotations

from claimwright.assembly.errors import WorkerLostError
from claimwright.assembly.supervision import Supervised
from claimwright.assembly.supervision import supervised as watched

from .terminal import err, fail

# What `main` hands to its commands, and nobody else: the process is theirs, and may be forked.
OWN_PROCESS = object()


def supervised(restarts: int, workers: int = 1) -> Supervised | None:
    """As in `assembly.supervision`. Ends the command where a worker is lost again and again."""
    try:
        return watched(restarts, workers, notify=lambda text: err.print(text, soft_wrap=True, markup=False))
    except WorkerLostError as problem:
        fail(str(problem))
