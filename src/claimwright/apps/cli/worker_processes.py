"""The processes of `claimwright run`: crashes are reported; if the run cannot continue, status 2."""

from __future__ import annotations

from claimwright.assembly.errors import WorkerLostError
from claimwright.assembly.supervision import Supervised
from claimwright.assembly.supervision import supervised as watched

from .terminal import err, fail

# Only `main` passes this to its commands: then the process is ours and may be forked.
OWN_PROCESS = object()


def supervised(restarts: int, workers: int = 1) -> Supervised | None:
    """As in `assembly.supervision`. Ends the command if a worker crashes repeatedly."""
    try:
        return watched(restarts, workers, notify=lambda text: err.print(text, soft_wrap=True, markup=False))
    except WorkerLostError as problem:
        fail(str(problem))
