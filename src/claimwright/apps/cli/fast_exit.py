"""The end of a command: everything is tidied up, and then the process is over.

The interpreter would first take apart all that was loaded, which the machine takes back anyway: up to half a
second, a sixth of a small check.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """Have the process end with the status of the `SystemExit` that leaves this, once all is tidied up.

    For the program alone, which does nothing afterwards. With no number for a status it ends as usual.
    """
    statuses: list[int] = []
    # What is registered first is called last.
    atexit.register(_leave, statuses)
    try:
        yield
    except SystemExit as leaving:
        if isinstance(leaving.code, int):
            statuses.append(leaving.code)
        raise


def _leave(statuses: list[int]) -> None:
    if not statuses:
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            # Closed where nobody is left to tell.
            if not stream.closed:
                stream.flush()
    except OSError:
        # The usual end says so.
        return
    os._exit(statuses[0])
